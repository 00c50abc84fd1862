// Normalisations and softmax.
#include "workloads/graph/shape.h"
#include "workloads/training/gradient_rules.h"

namespace spinvp::workloads {
namespace {

// dx, dscale and dbias come from one node; those that nobody wants are left out.
void give_three(GradientContext& c, const char* type, const std::vector<TensorId>& inputs, Attributes attributes) {
  std::uint32_t outputs = 0;
  for (std::size_t i = 0; i < 3; ++i)
    if (i < c.node().inputs.size() && c.wants(i)) outputs |= 1u << i;
  const auto gradients = c.emit_some(type, inputs, std::move(attributes), outputs);
  for (std::size_t i = 0, next = 0; i < 3; ++i)
    if ((outputs >> i & 1) != 0) c.give(i, gradients[next++]);
}

// Of BatchNormalizationTraining: outputs 1 and 2 are mean and 1 / standard deviation.
void batch(GradientContext& c) { give_three(c, "BatchNormalizationGradient", {c.dy(), c.input(0), c.input(1), c.output(1), c.output(2)}, {}); }

void layer(GradientContext& c) {
  const Shape x = c.input_shape(0);
  const std::size_t axis = c.view().axis(c.view().whole("axis", -1), static_cast<std::int64_t>(x.size()));
  const Shape tail(x.begin() + static_cast<std::ptrdiff_t>(axis), x.end());
  for (std::size_t i = 1; i < c.node().inputs.size(); ++i)
    if (c.view().has(i))
      c.view().require(c.input_shape(i) == tail, "input " + std::to_string(i) + " is " + text_of(c.input_shape(i)) + ", training needs " + text_of(tail));
  Attributes attributes;
  attributes.set("axis", static_cast<std::int64_t>(axis));
  give_three(c, "LayerNormalizationGradient", {c.dy(), c.input(0), c.input(1), c.output(1), c.output(2)}, std::move(attributes));
}

// Before opset 13 the axes from `axis` on are one: then the gradient is that of rows.
bool is_flattened(const NodeView& view) { return view.opset() != 0 && view.opset() < 13; }

void softmax(GradientContext& c) {
  const Shape shape = c.output_shape(0);
  const std::size_t axis = c.view().axis(c.view().whole("axis", is_flattened(c.view()) ? 1 : -1), static_cast<std::int64_t>(shape.size()));
  Attributes attributes;
  if (!is_flattened(c.view())) {
    attributes.set("axis", static_cast<std::int64_t>(axis));
    c.give(0, c.emit("SoftmaxGradient", {c.dy(), c.output(0)}, std::move(attributes)));
    return;
  }
  const Shape tail(shape.begin() + static_cast<std::ptrdiff_t>(axis), shape.end());
  const auto columns = static_cast<std::int64_t>(elements(tail));
  const Shape rows = {static_cast<std::int64_t>(elements(shape)) / columns, columns};
  attributes.set("axis", std::int64_t{1});
  c.give(0, c.reshaped(c.emit("SoftmaxGradient", {c.reshaped(c.dy(), rows), c.reshaped(c.output(0), rows)}, std::move(attributes)), shape));
}

// y = x - log(sum exp x): dx = dy - exp(y) sum(dy).
void log_softmax(GradientContext& c) {
  const Shape shape = c.output_shape(0);
  const auto rank = static_cast<std::int64_t>(shape.size());
  const std::size_t axis = c.view().axis(c.view().whole("axis", is_flattened(c.view()) ? 1 : -1), rank);
  c.view().require(!is_flattened(c.view()) || static_cast<std::int64_t>(axis) == rank - 1, "training needs the last axis before opset 13");
  Attributes attributes;
  attributes.set("axes", std::vector<std::int64_t>{static_cast<std::int64_t>(axis)});
  const TensorId sum = c.emit("ReduceSum", {c.dy()}, std::move(attributes));
  c.give(0, c.emit("Sub", {c.dy(), c.emit("Mul", {c.emit("Exp", {c.output(0)}), sum})}));
}

}  // namespace

const std::vector<GradientRule>& normalisation_gradients() {
  static const std::vector<GradientRule> rules = {
      {"BatchNormalizationTraining", batch}, {"LayerNormalization", layer}, {"LogSoftmax", log_softmax}, {"Softmax", softmax}};
  return rules;
}

}  // namespace spinvp::workloads
