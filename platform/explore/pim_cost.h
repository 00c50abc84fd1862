// What an operation costs in a regime: time from row steps that follow each other, energy from what happens to the cells of one lane.
//
// A row step's own energy and the leakage of the subarray are shared by its 1024 lanes, which all work. Closed forms say less than a run, so of them is assumed:
//   - half of the cells that are written or set flip;
//   - cells set by initialisations within the counted steps are charged as set, but where the regime charges a cycle (a set costs what a NOR does): their cycle
//     is counted already;
//   - a search compares an exponent, one row a bit.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "models/core/energy.h"
#include "models/technology/pim_array.h"
#include "platform/explore/pim_counts.h"

namespace spinvp::platform {

struct OperationCost {
  OperationCounts counts;
  std::string regime, boundary;
  double latency_ns = 0;
  double energy_pj = 0;   // of one lane, with
  double leakage_pj = 0;  // its share of what the subarray leaks meanwhile
  // Of the cells of one lane, bare and with their share of the subarray's circuits; nothing where their number is not published.
  std::optional<double> cell_area_um2, array_area_um2;
  std::vector<core::Constant> constants;
};

inline constexpr const char* default_regime = "array";

OperationCost price(const OperationCounts& counts, const technology::PimTechnology& technology);

// Nothing where the family publishes no count for the operation. `scalar`: see executed_counts().
std::optional<OperationCost> cost_of(const pim::LogicFamily& family, const PimOperation& operation, const std::string& regime, CountsKind kind,
                                     std::optional<std::uint64_t> scalar = std::nullopt, const technology::PimPhysics& physics = {});

}  // namespace spinvp::platform
