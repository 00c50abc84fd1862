// Reductions over axes. The axes were an attribute and became an input: at opset 13 for ReduceSum, at 18 for the others.
#include "workloads/graph/operator_rules.h"
#include "workloads/graph/shape.h"

namespace spinvp::workloads {
namespace {

std::vector<TensorType> infer(const NodeView& view) {
  const Shape& input = view.shape(0);
  const bool keep = view.whole("keepdims", 1) != 0;
  const auto axes = view.setting("axes", 1).value_or(std::vector<std::int64_t>{});
  std::vector<bool> reduced(input.size(), axes.empty() && view.whole("noop_with_empty_axes", 0) == 0);
  for (const std::int64_t axis : axes) reduced[view.axis(axis, view.rank(0))] = true;
  Shape output;
  for (std::size_t d = 0; d < input.size(); ++d)
    if (!reduced[d] || keep) output.push_back(reduced[d] ? 1 : input[d]);
  return {{view.element(0), output}};
}

// The product of a shape's extents: the only reduction that shape arithmetic uses.
std::optional<std::vector<Values>> evaluate_product(const NodeView& view) {
  const Values input = view.values(0);
  const auto type = infer(view)[0];
  if (is_floating(input.type.element) || elements(type.shape) != 1) return std::nullopt;
  std::int64_t product = 1;
  for (const std::int64_t v : input.whole) view.require(!__builtin_mul_overflow(product, v, &product), "its product overflows 64 bits");
  return std::vector{whole_values(type.element, type.shape, {product})};
}

OperatorRules reduction(std::string_view name) {
  return {.name = name, .inputs = {1, 2}, .attributes = {"axes", "keepdims", "noop_with_empty_axes"}, .infer = infer, .settings = 0b10};
}

}  // namespace

const std::vector<OperatorRules>& reduction_operators() {
  static const std::vector<OperatorRules> rules = [] {
    std::vector<OperatorRules> all = {reduction("ReduceMax"), reduction("ReduceMean"), reduction("ReduceMin"), reduction("ReduceProd"), reduction("ReduceSum")};
    all[3].evaluate = evaluate_product;
    return all;
  }();
  return rules;
}

}  // namespace spinvp::workloads
