#include "platform/explore/pim_cost.h"

#include <fmt/format.h>

#include "models/pim/device_timing.h"

namespace spinvp::platform {

namespace {

using pim::CellEvent;
using technology::PimTechnology;

constexpr technology::PimArrayShape shape{.rows = subarray_rows, .columns = 1024};

core::Energy energy_of(const PimTechnology& technology, CellEvent event) { return technology.energy[static_cast<unsigned>(event)]; }

// What is charged of a closed form; see the header.
LaneEvents charged(const OperationCounts& counts, const PimTechnology& technology) {
  LaneEvents events = counts.events;
  if (events.flips_known) return events;
  const bool charges_cycles = energy_of(technology, CellEvent::nor_cell) == energy_of(technology, CellEvent::init_cell);
  const double set = events[CellEvent::init_cell] + counts.set_cells;
  if (!charges_cycles) events[CellEvent::init_cell] = set;
  events[CellEvent::write_flip] = events[CellEvent::write_cell] / 2;
  events[CellEvent::nor_flip] = events[CellEvent::nor_cell] / 2;
  events[CellEvent::init_flip] = set / 2;
  return events;
}

double picojoules(const LaneEvents& events, const PimTechnology& technology) {
  double joules = 0;
  for (std::size_t i = 0; i < events.counts.size(); ++i) {
    const double lanes = static_cast<CellEvent>(i) == CellEvent::row_step ? shape.columns : 1;
    joules += events.counts[i] * technology.energy[i].si() / lanes;
  }
  return joules * 1e12;
}

// The energies of single events stand before the rest of the constants.
std::vector<core::Constant> constants_of(const PimTechnology& technology) {
  std::vector<core::Constant> constants;
  for (std::size_t i = 0; i < technology.energy.size(); ++i)
    if (technology.energy[i].si() != 0)
      constants.push_back(
          {fmt::format("{}_energy", pim::name_of(static_cast<CellEvent>(i))), technology.energy[i].si() * 1e15, "fJ", technology.energy_sources[i]});
  constants.insert(constants.end(), technology.constants.begin(), technology.constants.end());
  return constants;
}

}  // namespace

OperationCost price(const OperationCounts& counts, const PimTechnology& technology) {
  OperationCost cost;
  cost.counts = counts;
  cost.regime = technology.regime;
  cost.boundary = technology::name_of(technology.boundary);
  const pim::DeviceTiming timing = pim::DeviceTiming::of(technology);
  cost.latency_ns = static_cast<double>(timing.time_of(counts.steps).ps()) / 1000;
  cost.leakage_pj = technology.static_power.si() * cost.latency_ns * 1e-9 / shape.columns * 1e12;
  cost.energy_pj = picojoules(charged(counts, technology), technology) + cost.leakage_pj;
  if (const auto cells = counts.cells_of_a_lane()) {
    cost.cell_area_um2 = *cells * technology.cell_area.si() * 1e12;
    cost.array_area_um2 = *cells * technology.array_area.si() * 1e12 / (static_cast<double>(shape.rows) * shape.columns);
  }
  cost.constants = constants_of(technology);
  return cost;
}

std::optional<OperationCost> cost_of(const pim::LogicFamily& family, const PimOperation& operation, const std::string& regime, CountsKind kind,
                                     std::optional<std::uint64_t> scalar, const technology::PimPhysics& physics) {
  const PimTechnology technology = technology::pim_technology(family.cell, regime, shape, physics);
  if (kind == CountsKind::microprogram) return price(executed_counts(family, operation, scalar), technology);
  const auto counts = published_counts(family, operation);
  return counts ? std::optional(price(*counts, technology)) : std::nullopt;
}

}  // namespace spinvp::platform
