// Operators that treat each element alone. What was repeated to fit is summed.
#include <cmath>
#include <limits>

#include "workloads/graph/shape.h"
#include "workloads/training/gradient_rules.h"

namespace spinvp::workloads {
namespace {

void give_summed(GradientContext& c, std::size_t i, TensorId gradient) { c.give(i, c.summed_to(gradient, c.input_shape(i))); }

// ---- Of one tensor: an operator of its own, of dy and x or y, with the forward node's attributes.
void by_input(GradientContext& c, const char* type) { c.give(0, c.emit(type, {c.dy(), c.input(0)}, c.node().attributes)); }
void by_output(GradientContext& c, const char* type) { c.give(0, c.emit(type, {c.dy(), c.output(0)}, c.node().attributes)); }

void absolute(GradientContext& c) { by_input(c, "AbsGradient"); }
void elu(GradientContext& c) { by_input(c, "EluGradient"); }
void erf(GradientContext& c) { by_input(c, "ErfGradient"); }
void gelu(GradientContext& c) { by_input(c, "GeluGradient"); }
void hard_sigmoid(GradientContext& c) { by_input(c, "HardSigmoidGradient"); }
void hard_swish(GradientContext& c) { by_input(c, "HardSwishGradient"); }
void leaky_relu(GradientContext& c) { by_input(c, "LeakyReluGradient"); }
void softplus(GradientContext& c) { by_input(c, "SoftplusGradient"); }
void relu(GradientContext& c) { by_output(c, "ReluGradient"); }
void sigmoid(GradientContext& c) { by_output(c, "SigmoidGradient"); }
void square_root(GradientContext& c) { by_output(c, "SqrtGradient"); }
void tanh(GradientContext& c) { by_output(c, "TanhGradient"); }

void exponential(GradientContext& c) { c.give(0, c.emit("Mul", {c.dy(), c.output(0)})); }
void logarithm(GradientContext& c) { c.give(0, c.emit("Div", {c.dy(), c.input(0)})); }
void negated(GradientContext& c) { c.give(0, c.emit("Neg", {c.dy()})); }
void reciprocal(GradientContext& c) {
  const TensorId y = c.output(0);
  c.give(0, c.emit("Neg", {c.emit("Mul", {c.dy(), c.emit("Mul", {y, y})})}));
}

void clip(GradientContext& c) {
  Attributes attributes;
  const char* const names[] = {"min", "max"};
  for (std::size_t i = 0; i < 2; ++i) {
    const NodeView view = c.view();
    if (view.has_attribute(names[i]))
      attributes.set(i == 0 ? "low" : "high", view.real(names[i], 0));
    else if (view.has(i + 1)) {
      const Values bound = view.values(i + 1);
      view.require(bound.real.size() == 1, "its bounds must be one real number each");
      attributes.set(i == 0 ? "low" : "high", bound.real[0]);
    }
  }
  c.give(0, c.emit("ClipGradient", {c.dy(), c.input(0)}, std::move(attributes)));
}

// ---- Of two tensors
void add(GradientContext& c) {
  for (std::size_t i = 0; i < 2; ++i)
    if (c.wants(i)) give_summed(c, i, c.dy());
}

void subtract(GradientContext& c) {
  if (c.wants(0)) give_summed(c, 0, c.dy());
  if (c.wants(1)) c.give(1, c.emit("Neg", {c.summed_to(c.dy(), c.input_shape(1))}));
}

void multiply(GradientContext& c) {
  for (std::size_t i = 0; i < 2; ++i)
    if (c.wants(i)) give_summed(c, i, c.emit("Mul", {c.dy(), c.input(1 - i)}));
}

// y = a / b: dy / b, and -(dy * y) / b.
void divide(GradientContext& c) {
  const TensorId b = c.input(1);
  if (c.wants(0)) give_summed(c, 0, c.emit("Div", {c.dy(), b}));
  if (c.wants(1)) c.give(1, c.emit("Neg", {c.summed_to(c.emit("Div", {c.emit("Mul", {c.dy(), c.output(0)}), b}), c.input_shape(1))}));
}

void power(GradientContext& c) {
  const NodeView view = c.view();
  if (c.wants(1)) view.refuse("the gradient of an exponent is not supported, allowed are constant exponents");
  const Values exponent = view.values(1);
  view.require(exponent.size() == 1, "its exponent is " + text_of(view.shape(1)) + ", training needs one number");
  Attributes attributes;
  attributes.set("exponent", exponent.real.empty() ? static_cast<double>(exponent.whole[0]) : exponent.real[0]);
  c.give(0, c.emit("PowGradient", {c.dy(), c.input(0)}, std::move(attributes)));
}

// A chain of choices between the largest so far and the next: the earlier of equal ones takes the gradient.
void extreme(GradientContext& c, const char* forward, const char* backward) {
  const std::size_t count = c.node().inputs.size();
  std::vector<TensorId> so_far = {c.input(0)};
  for (std::size_t i = 1; i + 1 < count; ++i) so_far.push_back(c.emit(forward, {so_far.back(), c.input(i)}));
  TensorId gradient = c.dy();
  for (std::size_t i = count; i-- > 1;) {
    if (c.wants(i)) give_summed(c, i, c.emit(backward, {gradient, c.input(i), so_far[i - 1]}));
    Attributes ties;
    ties.set("ties", std::int64_t{1});
    gradient = c.summed_to(c.emit(backward, {gradient, so_far[i - 1], c.input(i)}, std::move(ties)), c.shape(so_far[i - 1]));
  }
  if (c.wants(0)) c.give(0, gradient);
}
void maximum(GradientContext& c) { extreme(c, "Max", "MaxGradient"); }
void minimum(GradientContext& c) { extreme(c, "Min", "MinGradient"); }

// x where it is above 0, otherwise x * slope.
void parametric_relu(GradientContext& c) {
  const TensorId zero = c.constant(0.0), above = c.emit("Greater", {c.input(0), zero});
  if (c.wants(0)) c.give(0, c.emit("Where", {above, c.dy(), c.emit("Mul", {c.dy(), c.input(1)})}));
  if (c.wants(1)) give_summed(c, 1, c.emit("Where", {above, zero, c.emit("Mul", {c.dy(), c.input(0)})}));
}

void where(GradientContext& c) {
  const TensorId condition = c.input(0), zero = c.constant(0.0);
  if (c.wants(1)) give_summed(c, 1, c.emit("Where", {condition, c.dy(), zero}));
  if (c.wants(2)) give_summed(c, 2, c.emit("Where", {condition, zero, c.dy()}));
}

}  // namespace

const std::vector<GradientRule>& elementwise_gradients() {
  static const std::vector<GradientRule> rules = {
      {"Abs", absolute},
      {"Add", add},
      {"Ceil", nullptr},
      {"Clip", clip},
      {"Div", divide},
      {"Elu", elu},
      {"Erf", erf},
      {"Exp", exponential},
      {"Floor", nullptr},
      {"Gelu", gelu},
      {"HardSigmoid", hard_sigmoid},
      {"HardSwish", hard_swish},
      {"LeakyRelu", leaky_relu},
      {"Log", logarithm},
      {"Max", maximum},
      {"Min", minimum},
      {"Mul", multiply},
      {"Neg", negated},
      {"PRelu", parametric_relu},
      {"Pow", power},
      {"Reciprocal", reciprocal},
      {"Relu", relu},
      {"Sigmoid", sigmoid},
      {"Softplus", softplus},
      {"Sqrt", square_root},
      {"Sub", subtract},
      {"Tanh", tanh},
      {"Where", where},
  };
  return rules;
}

}  // namespace spinvp::workloads
