#include "workloads/training/gradient_rules.h"

#include <algorithm>
#include <numeric>

#include "workloads/graph/shape.h"

namespace spinvp::workloads {
namespace {

constexpr const std::vector<GradientRule>& (*families[])() = {elementwise_gradients, movement_gradients, normalisation_gradients,
                                                              product_gradients,     shape_gradients,    window_gradients};

}  // namespace

const GradientRule* find_gradient_rule(std::string_view name) {
  for (const auto family : families)
    for (const GradientRule& rule : family())
      if (rule.name == name) return &rule;
  return nullptr;
}

std::vector<std::string> differentiable_operators() {
  std::vector<std::string> names;
  for (const auto family : families)
    for (const GradientRule& rule : family())
      if (rule.apply != nullptr) names.emplace_back(rule.name);
  std::sort(names.begin(), names.end());
  return names;
}

Shape GradientContext::output_shape(std::size_t i) const { return shape(*node().outputs[i]); }

TensorId GradientContext::reshaped(TensorId tensor, const Shape& to) {
  if (shape(tensor) == to) return tensor;
  Attributes attributes;
  attributes.set("shape", to);
  return emit("Reshape", {tensor}, std::move(attributes));
}

TensorId GradientContext::summed_to(TensorId tensor, const Shape& to) {
  const Shape from = shape(tensor);
  const std::size_t before = from.size() - to.size();
  std::vector<std::int64_t> axes;
  for (std::size_t d = 0; d < from.size(); ++d)
    if (d < before || (to[d - before] == 1 && from[d] != 1)) axes.push_back(static_cast<std::int64_t>(d));
  if (axes.empty()) return tensor;
  Attributes attributes;
  attributes.set("axes", axes);
  attributes.set("keepdims", std::int64_t{1});
  return reshaped(emit("ReduceSum", {tensor}, std::move(attributes)), to);
}

TensorId GradientContext::expanded(TensorId tensor, const Shape& to) {
  if (shape(tensor) == to) return tensor;
  return emit("Expand", {tensor, constant(to)});
}

TensorId GradientContext::transposed(TensorId tensor, const std::vector<std::int64_t>& order) {
  if (std::is_sorted(order.begin(), order.end())) return tensor;
  Attributes attributes;
  attributes.set("perm", order);
  return emit("Transpose", {tensor}, std::move(attributes));
}

TensorId GradientContext::scattered(TensorId tensor, std::size_t axis, const std::vector<std::int64_t>& places, std::int64_t extent) {
  // Rows are what GatherGradient adds up: the axis comes first, and goes back.
  std::vector<std::int64_t> there(shape(tensor).size()), back(there.size());
  std::iota(there.begin(), there.end(), 0);
  std::rotate(there.begin(), there.begin() + static_cast<std::ptrdiff_t>(axis), there.begin() + static_cast<std::ptrdiff_t>(axis) + 1);
  for (std::size_t d = 0; d < there.size(); ++d) back[static_cast<std::size_t>(there[d])] = static_cast<std::int64_t>(d);
  Attributes attributes;
  attributes.set("rows", extent);
  return transposed(emit("GatherGradient", {transposed(tensor, there), constant(places)}, std::move(attributes)), back);
}

Attributes GradientContext::attributes_with(const std::string& name, Attribute value) const {
  Attributes attributes = node().attributes;
  attributes.set(name, std::move(value));
  return attributes;
}

}  // namespace spinvp::workloads
