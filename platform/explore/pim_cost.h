// What an operation costs in a regime: time from row steps that follow each other, energy from what happens to the cells of one lane.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "models/core/energy.h"
#include "platform/explore/pim_counts.h"

namespace spinvp::platform {

struct OperationCost {
  OperationCounts counts;
  std::string regime, boundary;
  double latency_ns = 0;
  double energy_pj = 0;            // of one lane
  std::optional<double> area_um2;  // cells of one lane; nothing where their number is not published
  std::vector<core::Constant> constants;
};

std::vector<std::string> regime_names();
std::string default_regime();

OperationCost price(const OperationCounts& counts, const pim::LogicFamily& family, const std::string& regime);

// Nothing where the family publishes no count for the operation. `scalar`: see executed_counts().
std::optional<OperationCost> cost_of(const pim::LogicFamily& family, const PimOperation& operation, const std::string& regime, CountsKind kind,
                                     std::optional<std::uint64_t> scalar = std::nullopt);

}  // namespace spinvp::platform
