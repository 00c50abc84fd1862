// What the device's energies are and where they come from, and how the work of a command becomes counts of events.
#include "models/pim/pim_controller.h"
#include "models/technology/write_error.h"

namespace spinvp::pim {

using namespace core;

void PimController::declare_energy() {
  const StepCounts longest = engine_.arithmetic->steps(ArithmeticOperation::multiply_accumulate, std::nullopt);
  const Periphery around = periphery_of(config_, timing_, (longest.reads + longest.writes + longest.searches + longest.nors + longest.inits) / 2);
  const std::string boundary = "; boundary: " + timing_.boundary;
  // By CellEvent.
  static constexpr const char* activities[cell_event_kinds] = {"pim read", "pim write", "pim write", "pim search",   "pim nor",
                                                               "pim nor",  "pim init",  "pim init",  "pim periphery"};
  for (std::size_t i = 0; i < cell_event_kinds; ++i) {
    const auto event = static_cast<CellEvent>(i);
    const std::string& source = timing_.energy_sources[i];
    // An event without energy is counted all the same.
    events_.cells[i] = declare_event(name_of(event), activities[i], timing_.of(event),
                                     (source.empty() ? "assumed: no energy of its own in the set " + timing_.name : source) + boundary);
  }
  const auto periphery = [&](const char* event, PeripheryFigure figure, double factor) {
    return declare_event(event, "pim periphery", Energy::from_si(figure.value * factor), figure.source);
  };
  events_.buffer_word = periphery("buffer_word", around.buffer_word, 1);
  events_.transfer_bit = periphery("transfer_bit", around.transfer_bit, 1);
  events_.transfer_hop = periphery("transfer_hop_bit", around.transfer_hop, 1);
  events_.command = periphery("command", around.command, 1);
  const double arrays = around.array_leakage.value, buffer = around.buffer_leakage.value + around.controller_leakage.value;
  declare_static(Power::from_si(arrays + buffer), Power::from_si(arrays + buffer), Power::from_si(0.1 * arrays), Power(),
                 std::string(around.array_leakage.source) + "; operand buffer " + around.buffer_leakage.source + "; controllers " +
                     around.controller_leakage.source + "; retention: a tenth of the arrays' (assumed), buffer and stores off; off: cells are non-volatile");
  set_area(Area::from_si(around.area.value), around.area.source);
  for (const Constant& constant : timing_.sources)
    simulation().energy.add_constant({std::string(name()) + "." + constant.name, constant.value, constant.unit, constant.source});
  const Constant endurance = endurance_of(config_);
  simulation().energy.add_constant({std::string(name()) + "." + endurance.name, endurance.value, endurance.unit, endurance.source});
  simulation().energy.add_constant({std::string(name()) + ".subarrays_writing_at_once", static_cast<double>(writers_), "",
                                    "derived: floor(peak_write_current / (lanes x cell write current))"});
  if (!config_.write_failure_from_device) return;
  simulation().energy.add_constant({std::string(name()) + ".write_failure", config_.write_failure_rate(), "",
                                    "derived: models/technology/write_error.h from the row write time, faults.overdrive and the constants below"});
  for (const Constant& constant : technology::MagneticSwitching().constants())
    simulation().energy.add_constant({std::string(name()) + ".switching_" + constant.name, constant.value, constant.unit, constant.source});
}

void PimController::spend(const Work& work, SimTime from, SimTime to, Job& job) {
  for (std::size_t i = 0; i < cell_event_kinds; ++i)
    if (work.events.counts[i] != 0) simulation().energy.spend_over(events_.cells[i], work.events.counts[i], job.region, from, to, &job.record.tally);
  step_reads_.set(step_reads_.get() + work.steps.reads);
  step_writes_.set(step_writes_.get() + work.steps.writes);
  step_searches_.set(step_searches_.get() + work.steps.searches);
  step_nors_.set(step_nors_.get() + work.steps.nors + work.steps.inits);
}

}  // namespace spinvp::pim
