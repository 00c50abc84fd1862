// Views, copies and reductions: the gradient goes back into the shape that it came from.
#include <algorithm>

#include "workloads/graph/shape.h"
#include "workloads/training/gradient_rules.h"

namespace spinvp::workloads {
namespace {

void view(GradientContext& c) { c.give(0, c.reshaped(c.dy(), c.input_shape(0))); }
void pass(GradientContext& c) { c.give(0, c.dy()); }

void transpose(GradientContext& c) {
  auto order = c.view().wholes("perm");
  const std::size_t rank = c.input_shape(0).size();
  if (order.empty())
    for (std::size_t d = rank; d-- > 0;) order.push_back(static_cast<std::int64_t>(d));
  std::vector<std::int64_t> back(rank);
  for (std::size_t d = 0; d < rank; ++d) back[static_cast<std::size_t>(order[d])] = static_cast<std::int64_t>(d);
  c.give(0, c.transposed(c.dy(), back));
}

void expand(GradientContext& c) { c.give(0, c.summed_to(c.dy(), c.input_shape(0))); }

// The sum's gradient, repeated along what was summed.
void spread(GradientContext& c, TensorId gradient) {
  const Shape from = c.input_shape(0);
  const auto axes = c.view().setting("axes", 1).value_or(std::vector<std::int64_t>{});
  Shape kept = from;
  for (std::size_t d = 0; d < from.size(); ++d) {
    const auto is_d = [&](std::int64_t axis) { return c.view().axis(axis, static_cast<std::int64_t>(from.size())) == d; };
    if (axes.empty() ? c.view().whole("noop_with_empty_axes", 0) == 0 : std::any_of(axes.begin(), axes.end(), is_d)) kept[d] = 1;
  }
  c.give(0, c.expanded(c.reshaped(gradient, kept), from));
}

void sum(GradientContext& c) { spread(c, c.dy()); }

TensorId mean_of(GradientContext& c) {
  const std::uint64_t count = elements(c.input_shape(0)) / elements(c.output_shape(0));
  return c.emit("Mul", {c.dy(), c.constant(1.0 / static_cast<double>(count))});
}
void mean(GradientContext& c) { spread(c, mean_of(c)); }
void global_average(GradientContext& c) { c.give(0, c.expanded(mean_of(c), c.input_shape(0))); }

}  // namespace

const std::vector<GradientRule>& shape_gradients() {
  static const std::vector<GradientRule> rules = {
      {"Cast", pass},     {"Dropout", pass},    {"Expand", expand},       {"Flatten", view},   {"GlobalAveragePool", global_average},
      {"Identity", pass}, {"ReduceMean", mean}, {"ReduceSum", sum},       {"Reshape", view},   {"Shape", nullptr},
      {"Size", nullptr},  {"Squeeze", view},    {"Transpose", transpose}, {"Unsqueeze", view},
  };
  return rules;
}

}  // namespace spinvp::workloads
