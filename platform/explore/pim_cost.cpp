#include "platform/explore/pim_cost.h"

namespace spinvp::platform {

std::vector<std::string> regime_names() { return {"bare"}; }
std::string default_regime() { return "bare"; }

OperationCost price(const OperationCounts& counts, const pim::LogicFamily&, const std::string& regime) {
  OperationCost cost;
  cost.counts = counts;
  cost.regime = regime;
  return cost;
}

std::optional<OperationCost> cost_of(const pim::LogicFamily& family, const PimOperation& operation, const std::string& regime, CountsKind kind,
                                     std::optional<std::uint64_t> scalar) {
  if (kind == CountsKind::microprogram) return price(executed_counts(family, operation, scalar), family, regime);
  const auto counts = published_counts(family, operation);
  return counts ? std::optional(price(*counts, family, regime)) : std::nullopt;
}

}  // namespace spinvp::platform
