// Gradients of element-wise operators, as graph/operators/activation_gradients.cpp defines them.
#include <limits>

#include "workloads/compiler/lowering.h"

namespace spinvp::workloads::compiler {
namespace {

using Formula = Value (*)(Emitter&, Pass&, Value dy);

template <Formula formula>
void gradient(Emitter& emit) {
  Pass pass(emit, emit.output_shape());
  const Value dy = pass.operand(0);
  pass.write(formula(emit, pass, dy), emit.output());
  pass.done();
}

float real(const Emitter& emit, const char* name, double otherwise) { return static_cast<float>(emit.node.real(name, otherwise)); }
Value zero(Pass& p) { return p.e.constant(0); }
Value unity(Pass& p) { return p.e.constant(1); }
Value square(Pass& p, Value x) { return p.e.multiply(x, x); }
Value at_least(Pass& p, Value a, Value b) { return p.e.maximum(p.e.greater(a, b), p.e.equal(a, b)); }
// 0 < t and t < 1
Value inside(Pass& p, Value t) { return p.e.multiply(p.e.greater(t, zero(p)), p.e.greater(unity(p), t)); }

Value absolute(Emitter&, Pass& p, Value dy) {
  const Value x = p.operand(1);
  return p.e.multiply(dy, p.e.subtract(p.e.greater(x, zero(p)), p.e.greater(zero(p), x)));
}
Value clip(Emitter& emit, Pass& p, Value dy) {
  constexpr double infinite = std::numeric_limits<double>::infinity();
  const Value x = p.operand(1), low = p.e.constant(real(emit, "low", -infinite)), high = p.e.constant(real(emit, "high", infinite));
  return p.e.select(p.e.multiply(at_least(p, x, low), at_least(p, high, x)), dy, zero(p));
}
Value elu(Emitter& emit, Pass& p, Value dy) {
  const Value x = p.operand(1);
  return p.e.select(x, dy, p.e.multiply(dy, p.e.multiply(p.e.constant(real(emit, "alpha", 1)), p.e.exponential(x))));
}
// exp(0 - (t * t))
Value bell(Pass& p, Value t) { return p.e.exponential(p.e.subtract(zero(p), square(p, t))); }
Value error_function(Emitter&, Pass& p, Value dy) {
  const Value x = p.operand(1);
  return p.e.multiply(dy, p.e.multiply(p.e.constant(1.1283792f), bell(p, x)));
}
Value gelu(Emitter& emit, Pass& p, Value dy) {
  Expression& e = p.e;
  const Value x = p.operand(1);
  if (emit.node.text("approximate", "none") == "tanh") {
    const Value u = e.add(x, e.multiply(e.constant(0.044715f), e.multiply(square(p, x), x)));
    const Value t = e.tangent(e.multiply(e.constant(0.79788456f), u));
    const Value slope = e.multiply(e.constant(0.79788456f), e.add(unity(p), e.multiply(e.constant(0.134145f), square(p, x))));
    const Value left = e.multiply(e.add(t, unity(p)), e.constant(0.5f));
    const Value right = e.multiply(e.multiply(e.multiply(x, e.constant(0.5f)), e.subtract(unity(p), square(p, t))), slope);
    return e.multiply(dy, e.add(left, right));
  }
  const Value t = e.multiply(x, e.constant(0.70710678f));
  const Value cdf = e.multiply(e.add(e.error_function(t), unity(p)), e.constant(0.5f));
  const Value pdf = e.multiply(bell(p, t), e.constant(0.3989423f));
  return e.multiply(dy, e.add(cdf, e.multiply(x, pdf)));
}
Value hard_sigmoid(Emitter& emit, Pass& p, Value dy) {
  const Value alpha = p.e.constant(real(emit, "alpha", 0.2));
  const Value t = p.e.add(p.e.multiply(p.operand(1), alpha), p.e.constant(real(emit, "beta", 0.5)));
  return p.e.select(inside(p, t), p.e.multiply(dy, alpha), zero(p));
}
Value hard_swish(Emitter&, Pass& p, Value dy) {
  Expression& e = p.e;
  const Value s = e.multiply(p.operand(1), e.constant(1.0f / 6.0f)), t = e.add(s, e.constant(0.5f));
  const Value bounded = e.maximum(zero(p), e.minimum(unity(p), t));
  return e.multiply(dy, e.add(bounded, e.select(inside(p, t), s, zero(p))));
}
Value leaky_relu(Emitter& emit, Pass& p, Value dy) { return p.e.select(p.operand(1), dy, p.e.multiply(dy, p.e.constant(real(emit, "alpha", 0.01)))); }
template <bool largest>
Value winner(Emitter& emit, Pass& p, Value dy) {
  const Value a = p.operand(1), b = p.operand(2);
  const Value wins = largest ? p.e.greater(a, b) : p.e.greater(b, a);
  return p.e.select(emit.node.whole("ties", 0) != 0 ? p.e.maximum(wins, p.e.equal(a, b)) : wins, dy, zero(p));
}
Value power(Emitter& emit, Pass& p, Value dy) {
  const double exponent = emit.node.real("exponent", 1);
  return p.e.multiply(p.e.multiply(dy, p.e.constant(static_cast<float>(exponent))), power_of(p.e, p.operand(1), static_cast<float>(exponent - 1)));
}
Value relu(Emitter&, Pass& p, Value dy) { return p.e.select(p.operand(1), dy, zero(p)); }
Value sigmoid(Emitter&, Pass& p, Value dy) {
  const Value y = p.operand(1);
  return p.e.multiply(p.e.multiply(dy, y), p.e.subtract(unity(p), y));
}
Value softplus(Emitter&, Pass& p, Value dy) {
  Expression& e = p.e;
  return e.multiply(dy, e.divide(unity(p), e.add(unity(p), e.exponential(e.subtract(zero(p), p.operand(1))))));
}
Value square_root(Emitter&, Pass& p, Value dy) { return p.e.divide(p.e.multiply(dy, p.e.constant(0.5f)), p.operand(1)); }
Value tangent(Emitter&, Pass& p, Value dy) { return p.e.multiply(dy, p.e.subtract(unity(p), square(p, p.operand(1)))); }

}  // namespace

const std::vector<LoweringRow>& activation_gradient_lowerings() {
  static const std::vector<LoweringRow> rows = {
      {"AbsGradient", gradient<absolute>},
      {"ClipGradient", gradient<clip>},
      {"EluGradient", gradient<elu>},
      {"ErfGradient", gradient<error_function>},
      {"GeluGradient", gradient<gelu>},
      {"HardSigmoidGradient", gradient<hard_sigmoid>},
      {"HardSwishGradient", gradient<hard_swish>},
      {"LeakyReluGradient", gradient<leaky_relu>},
      {"MaxGradient", gradient<winner<true>>},
      {"MinGradient", gradient<winner<false>>},
      {"PowGradient", gradient<power>},
      {"ReluGradient", gradient<relu>},
      {"SigmoidGradient", gradient<sigmoid>},
      {"SoftplusGradient", gradient<softplus>},
      {"SqrtGradient", gradient<square_root>},
      {"TanhGradient", gradient<tangent>},
  };
  return rows;
}

}  // namespace spinvp::workloads::compiler
