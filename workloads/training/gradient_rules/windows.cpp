// Pooling over windows.
#include "workloads/training/gradient_rules.h"

namespace spinvp::workloads {
namespace {

// Output 1 of MaxPool: the winners (training_graph.cpp asks for them).
void maximum(GradientContext& c) { c.give(0, c.emit("MaxPoolGradient", {c.dy(), c.output(1)}, c.attributes_with("input_shape", c.input_shape(0)))); }
void average(GradientContext& c) { c.give(0, c.emit("AveragePoolGradient", {c.dy()}, c.attributes_with("input_shape", c.input_shape(0)))); }

}  // namespace

const std::vector<GradientRule>& window_gradients() {
  static const std::vector<GradientRule> rules = {{"AveragePool", average}, {"MaxPool", maximum}};
  return rules;
}

}  // namespace spinvp::workloads
