#include "platform/measure/measurement.h"

#include <algorithm>
#include <map>

#include "models/core/component.h"
#include "platform/measure/power_trace.h"

namespace spinvp::platform {

namespace {

std::size_t phase_index(const core::Regions& regions, core::RegionId region) {
  const std::string phase = regions.phase(region);
  const auto found = std::find(phase_names.begin(), phase_names.end() - 1, phase);
  return static_cast<std::size_t>(found - phase_names.begin());
}

ComponentMeasure measure_component(const core::Simulation& simulation, core::ComponentId id, const core::Component* component) {
  const core::EnergyAccount& energy = simulation.energy;
  ComponentMeasure measure;
  measure.name = energy.component_name(id);
  measure.type = energy.component_type(id);
  const core::EnergyAccount::Cut cut = energy.by_component(id);
  measure.dynamic_j = cut.dynamic_j;
  measure.static_j = cut.static_j;
  for (core::RegionId region = 0; region < simulation.regions.count(); ++region)
    measure.phase_j[phase_index(simulation.regions, region)] += energy.by_component_and_region(id, region).total_j();
  if (component == nullptr) return measure;
  if (component->has_area()) measure.area_mm2 = component->area().si() * 1e6;
  measure.busy_s = component->busy().seconds();
  for (const core::Counter& counter : component->counters()) measure.counters.emplace_back(counter.name, counter.value);
  return measure;
}

KernelMeasure measure_kernel(const core::Simulation& simulation, const core::KernelRecord& record) {
  KernelMeasure kernel{record.name,
                       record.unit,
                       {},
                       simulation.regions.phase(record.region),
                       record.start.seconds(),
                       record.end.seconds(),
                       record.macs,
                       record.compute_cycles,
                       record.stall_cycles,
                       record.tally};
  if (record.region != core::no_region) kernel.layer = simulation.regions.name(record.region);
  return kernel;
}

}  // namespace

std::optional<std::uint64_t> ComponentMeasure::counter(const std::string& counter_name) const {
  for (const auto& [known, value] : counters)
    if (known == counter_name) return value;
  return std::nullopt;
}

Measurement measure(core::Simulation& simulation, std::vector<HartMeasure> harts, core::SimTime end) {
  simulation.regions.close_all(end);
  simulation.energy.settle(end);

  Measurement m;
  m.exit = simulation.exit();
  m.simulated_s = end.seconds();
  m.harts = std::move(harts);
  m.activities = simulation.energy.by_activity();
  m.constants = simulation.energy.constants();
  m.warnings = simulation.warnings();
  m.loss = simulation.training.loss;
  if (simulation.training.accuracy >= 0) m.accuracy = simulation.training.accuracy;

  std::map<std::uint32_t, const core::Component*> by_id;
  for (const core::Component* component : simulation.components) by_id[component->id().index] = component;
  for (std::uint32_t i = 0; i < simulation.energy.components(); ++i) {
    const auto found = by_id.find(i);
    m.components.push_back(measure_component(simulation, {i}, found == by_id.end() ? nullptr : found->second));
    if (const auto& area = m.components.back().area_mm2) m.totals.area_mm2 = m.totals.area_mm2.value_or(0) + *area;
  }
  for (core::RegionId region = 0; region < simulation.regions.count(); ++region) {
    const RegionMeasure r{simulation.regions.path(region), simulation.regions.time(region).seconds(), simulation.energy.by_region(region)};
    Measurement::Phase& phase = m.phases[phase_index(simulation.regions, region)];
    phase.time_s += r.time_s;
    phase.energy_j += r.energy_j;
    m.regions.push_back(r);
  }
  for (const core::KernelRecord& record : simulation.kernels) m.kernels.push_back(measure_kernel(simulation, record));

  m.totals.energy_j = simulation.energy.total();
  m.totals.average_w = m.simulated_s > 0 ? m.totals.energy_j / m.simulated_s : 0;
  m.totals.energy_delay_js = m.totals.energy_j * m.simulated_s;
  m.totals.peak_w = std::max(PowerTrace(simulation.energy, end).peak_w(), m.totals.average_w);
  return m;
}

}  // namespace spinvp::platform
