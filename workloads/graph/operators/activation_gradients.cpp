// Gradients of element-wise operators: dx = dy * f'(x), written with x or with the result y, whichever is cheaper. Arithmetic is fp32, each operation rounded, in the order written:
//   AbsGradient(dy, x)             dy * ((x > 0 ? 1 : 0) - (0 > x ? 1 : 0))
//   ClipGradient(dy, x)            low <= x and x <= high ? dy : 0; attributes low, high, infinite where they are left out
//   EluGradient(dy, x)             x > 0 ? dy : dy * (alpha * exp(x))
//   ErfGradient(dy, x)             dy * (1.1283792 * exp(0 - (x * x)))
//   GeluGradient(dy, x)            t = x * 0.70710678; cdf = (erf(t) + 1) * 0.5; pdf = exp(0 - (t * t)) * 0.3989423; dy * (cdf + (x * pdf))
//     approximate = "tanh"         t = tanh(0.79788456 * (x + (0.044715 * ((x * x) * x)))); slope = 0.79788456 * (1 + (0.134145 * (x * x)));
//                                  dy * (((t + 1) * 0.5) + (((x * 0.5) * (1 - (t * t))) * slope))
//   HardSigmoidGradient(dy, x)     t = (x * alpha) + beta; 0 < t and t < 1 ? dy * alpha : 0
//   HardSwishGradient(dy, x)       s = x * (1/6); t = s + 0.5; dy * (max(0, min(1, t)) + (0 < t and t < 1 ? s : 0))
//   LeakyReluGradient(dy, x)       x > 0 ? dy : dy * alpha
//   MaxGradient(dy, a, b)          a > b ? dy : 0, what reaches a; MinGradient: a < b ? dy : 0. With the attribute ties = 1 equal values pass dy as well
//   PowGradient(dy, x)             (dy * exponent) * x^(exponent - 1), the power as Pow forms it: 1 for 0, x for 1, x*x, (x*x)*x, sqrt, otherwise exp(e * log(x))
//   ReluGradient(dy, y)            y > 0 ? dy : 0
//   SigmoidGradient(dy, y)         (dy * y) * (1 - y)
//   SoftplusGradient(dy, x)        dy * (1 / (1 + exp(0 - x)))
//   SqrtGradient(dy, y)            (dy * 0.5) / y
//   TanhGradient(dy, y)            dy * (1 - (y * y))
// All operands have the shape of dy, but a and b, which may repeat along it.
#include "workloads/graph/operator_rules.h"
#include "workloads/graph/shape.h"

namespace spinvp::workloads {
namespace {

std::vector<TensorType> infer(const NodeView& view) {
  for (std::size_t i = 1; i < view.inputs(); ++i)
    view.require(broadcast(view.shape(i), view.shape(0)) == view.shape(0),
                 "input " + std::to_string(i) + " is " + text_of(view.shape(i)) + ", the shape of dy is needed: " + text_of(view.shape(0)));
  return {view.input(0).type};
}

OperatorRules gradient(std::string_view name, std::vector<std::string_view> attributes = {}, std::size_t inputs = 2) {
  return {.name = name, .inputs = {inputs, inputs}, .attributes = std::move(attributes), .infer = infer, .of_training = true};
}

}  // namespace

const std::vector<OperatorRules>& activation_gradient_operators() {
  static const std::vector<OperatorRules> rules = {
      gradient("AbsGradient"),
      gradient("ClipGradient", {"high", "low"}),
      gradient("EluGradient", {"alpha"}),
      gradient("ErfGradient"),
      gradient("GeluGradient", {"approximate"}),
      gradient("HardSigmoidGradient", {"alpha", "beta"}),
      gradient("HardSwishGradient"),
      gradient("LeakyReluGradient", {"alpha"}),
      gradient("MaxGradient", {"ties"}, 3),
      gradient("MinGradient", {"ties"}, 3),
      gradient("PowGradient", {"exponent"}),
      gradient("ReluGradient"),
      gradient("SigmoidGradient"),
      gradient("SoftplusGradient"),
      gradient("SqrtGradient"),
      gradient("TanhGradient"),
  };
  return rules;
}

}  // namespace spinvp::workloads
