#include "workloads/graph/operator_rules.h"

#include <algorithm>

#include "workloads/graph/shape.h"

namespace spinvp::workloads {
namespace {

constexpr const std::vector<OperatorRules>& (*families[])() = {
    constant_operators,
    convolution_operators,
    elementwise_operators,
    matrix_operators,
    movement_operators,
    normalisation_operators,
    pooling_operators,
    reduction_operators,
    shape_operators,
    gradient_operators,
    activation_gradient_operators,
    training_operators,
};

// Outputs take the broadcast shape of the inputs where that exists, otherwise the first input's.
std::vector<TensorType> as_elementwise(const NodeView& view) {
  TensorType type;
  for (std::size_t i = view.inputs(); i-- > 0;)
    if (view.has(i)) type = view.input(i).type;
  Shape grown = type.shape;
  for (std::size_t i = 0; i < view.inputs(); ++i)
    if (view.has(i)) {
      auto both = broadcast(grown, view.shape(i));
      if (!both) return std::vector<TensorType>(view.outputs(), type);
      grown = *std::move(both);
    }
  return std::vector<TensorType>(view.outputs(), {type.element, grown});
}

}  // namespace

const OperatorRules* find_operator(std::string_view name) {
  for (const auto family : families)
    for (const OperatorRules& rules : family())
      if (rules.name == name) return &rules;
  return nullptr;
}

std::vector<std::string> operator_names() {
  std::vector<std::string> names;
  for (const auto family : families)
    for (const OperatorRules& rules : family())
      if (!rules.of_training) names.emplace_back(rules.name);
  std::sort(names.begin(), names.end());
  return names;
}

const OperatorRules& unknown_operator() {
  static const OperatorRules rules{.name = "unknown", .inputs = {0, 0}, .infer = as_elementwise};
  return rules;
}

}  // namespace spinvp::workloads
