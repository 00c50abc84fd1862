// Element by element: one map a node, whose expression is the operator's definition, step by step. Chains of them become one kernel later (fusion.h).
#include <cmath>

#include "workloads/compiler/lowering.h"

namespace spinvp::workloads::compiler {
namespace {

// The expression of the result in terms of the operands.
using Formula = Value (*)(Emitter&, Pass&);

template <Formula formula>
void elementwise(Emitter& emit) {
  Pass pass(emit, emit.output_shape());
  const Value result = formula(emit, pass);
  pass.write(result, emit.output());
  pass.done();
}

float real(const Emitter& emit, const char* name, double otherwise) { return static_cast<float>(emit.node.real(name, otherwise)); }

// ---- of one operand
template <Value (Expression::*step)(Value)>
Value one(Emitter&, Pass& p) {
  return (p.e.*step)(p.operand(0));
}
Value ceiling(Emitter&, Pass& p) { return p.e.negate(p.e.floor(p.e.negate(p.operand(0)))); }
Value elu(Emitter& emit, Pass& p) {
  const Value x = p.operand(0);
  return p.e.select(x, x, p.e.multiply(p.e.constant(real(emit, "alpha", 1)), p.e.subtract(p.e.exponential(x), p.e.constant(1))));
}
Value gelu(Emitter& emit, Pass& p) {
  Expression& e = p.e;
  const Value x = p.operand(0), half = e.multiply(x, e.constant(0.5f));
  if (emit.node.text("approximate", "none") == "tanh") {
    const Value cube = e.multiply(e.multiply(x, x), x);
    const Value u = e.multiply(e.constant(0.79788456f), e.add(x, e.multiply(e.constant(0.044715f), cube)));
    return e.multiply(half, e.add(e.tangent(u), e.constant(1)));
  }
  return e.multiply(half, e.add(e.error_function(e.multiply(x, e.constant(0.70710678f))), e.constant(1)));
}
// max(0, min(1, t))
Value between_0_and_1(Expression& e, Value t) { return e.maximum(e.constant(0), e.minimum(e.constant(1), t)); }
Value hard_sigmoid(Emitter& emit, Pass& p) {
  Expression& e = p.e;
  return between_0_and_1(e, e.add(e.multiply(p.operand(0), e.constant(real(emit, "alpha", 0.2))), e.constant(real(emit, "beta", 0.5))));
}
Value hard_swish(Emitter&, Pass& p) {
  Expression& e = p.e;
  const Value x = p.operand(0);
  return e.multiply(x, between_0_and_1(e, e.add(e.multiply(x, e.constant(1.0f / 6.0f)), e.constant(0.5f))));
}
Value leaky_relu(Emitter& emit, Pass& p) {
  const Value x = p.operand(0);
  return p.e.select(x, x, p.e.multiply(x, p.e.constant(real(emit, "alpha", 0.01))));
}
Value logical_not(Emitter&, Pass& p) { return p.e.equal(p.operand(0), p.e.constant(0)); }
Value reciprocal(Emitter&, Pass& p) { return p.e.divide(p.e.constant(1), p.operand(0)); }
Value relu(Emitter&, Pass& p) { return p.e.maximum(p.operand(0), p.e.constant(0)); }
Value sigmoid(Emitter&, Pass& p) {
  Expression& e = p.e;
  return e.divide(e.constant(1), e.add(e.constant(1), e.exponential(e.subtract(e.constant(0), p.operand(0)))));
}
Value softplus(Emitter&, Pass& p) { return p.e.logarithm(p.e.add(p.e.constant(1), p.e.exponential(p.operand(0)))); }

// Bounds are inputs since opset 11.
Value clip(Emitter& emit, Pass& p) {
  Value x = p.operand(0);
  if (emit.has(1))
    x = p.e.maximum(x, p.operand(1));
  else if (emit.node.has_attribute("min"))
    x = p.e.maximum(x, p.e.constant(real(emit, "min", 0)));
  if (emit.has(2))
    x = p.e.minimum(x, p.operand(2));
  else if (emit.node.has_attribute("max"))
    x = p.e.minimum(x, p.e.constant(real(emit, "max", 0)));
  return x;
}

// Whole numbers, truth values and floats are floats in registers; what changes the type is how the result is stored. A truth value is 1 or 0.
Value cast(Emitter& emit, Pass& p) {
  const Value x = p.operand(0);
  const ElementType to = emit.node.node().outputs.empty() ? ElementType::float32 : *element_type_named(emit.node.text("to", ""));
  return to == ElementType::boolean ? p.e.equal(p.e.equal(x, p.e.constant(0)), p.e.constant(0)) : x;
}
void lower_cast(Emitter& emit) {
  const ElementType to = *element_type_named(emit.node.text("to", ""));
  const bool alike = emit.format(emit.input(0)) == emit.output_format() && (to != ElementType::boolean || emit.node.element(0) == ElementType::boolean);
  if (alike)
    emit.alias(0, emit.input(0));
  else
    elementwise<cast>(emit);
}

// ---- of several, with broadcasting
template <Value (Expression::*step)(Value, Value)>
Value two(Emitter&, Pass& p) {
  const Value a = p.operand(0);
  return (p.e.*step)(a, p.operand(1));
}
// A division of whole numbers rounds towards zero: the store does that.
Value less(Emitter&, Pass& p) {
  const Value a = p.operand(0);
  return p.e.greater(p.operand(1), a);
}
Value logical_or(Emitter&, Pass& p) {
  const Value a = p.operand(0);
  return p.e.maximum(a, p.operand(1));
}
template <Value (Expression::*step)(Value, Value)>
Value several(Emitter& emit, Pass& p) {
  Value result = p.operand(0);
  for (std::size_t i = 1; i < emit.node.inputs(); ++i) result = (p.e.*step)(result, p.operand(i));
  return result;
}
Value parametric_relu(Emitter&, Pass& p) {
  const Value x = p.operand(0);
  return p.e.select(x, x, p.e.multiply(x, p.operand(1)));
}
Value power(Emitter& emit, Pass& p) {
  const Value x = p.operand(0);
  if (const auto exponent = emit.scalar(1)) return power_of(p.e, x, *exponent);
  return p.e.exponential(p.e.multiply(p.operand(1), p.e.logarithm(x)));
}
Value where(Emitter&, Pass& p) {
  const Value condition = p.operand(0), yes = p.operand(1);
  return p.e.select(condition, yes, p.operand(2));
}

}  // namespace

Value power_of(Expression& e, Value x, float exponent) {
  if (exponent == 0.0f) return e.constant(1);
  if (exponent == 1.0f) return x;
  if (exponent == 2.0f) return e.multiply(x, x);
  if (exponent == 3.0f) return e.multiply(e.multiply(x, x), x);
  if (exponent == 0.5f) return e.square_root(x);
  return e.exponential(e.multiply(e.constant(exponent), e.logarithm(x)));
}

const std::vector<LoweringRow>& elementwise_lowerings() {
  using E = Expression;
  static const std::vector<LoweringRow> rows = {
      {"Abs", elementwise<one<&E::absolute>>},
      {"Add", elementwise<two<&E::add>>},
      {"And", elementwise<two<&E::multiply>>},
      {"Cast", lower_cast},
      {"Ceil", elementwise<ceiling>},
      {"Clip", elementwise<clip>},
      {"Div", elementwise<two<&E::divide>>},
      {"Elu", elementwise<elu>},
      {"Equal", elementwise<two<&E::equal>>},
      {"Erf", elementwise<one<&E::error_function>>},
      {"Exp", elementwise<one<&E::exponential>>},
      {"Floor", elementwise<one<&E::floor>>},
      {"Gelu", elementwise<gelu>},
      {"Greater", elementwise<two<&E::greater>>},
      {"HardSigmoid", elementwise<hard_sigmoid>},
      {"HardSwish", elementwise<hard_swish>},
      {"LeakyRelu", elementwise<leaky_relu>},
      {"Less", elementwise<less>},
      {"Log", elementwise<one<&E::logarithm>>},
      {"Max", elementwise<several<&E::maximum>>},
      {"Min", elementwise<several<&E::minimum>>},
      {"Mul", elementwise<two<&E::multiply>>},
      {"Neg", elementwise<one<&E::negate>>},
      {"Not", elementwise<logical_not>},
      {"Or", elementwise<logical_or>},
      {"PRelu", elementwise<parametric_relu>},
      {"Pow", elementwise<power>},
      {"Reciprocal", elementwise<reciprocal>},
      {"Relu", elementwise<relu>},
      {"Sigmoid", elementwise<sigmoid>},
      {"Softplus", elementwise<softplus>},
      {"Sqrt", elementwise<one<&E::square_root>>},
      {"Sub", elementwise<two<&E::subtract>>},
      {"Tanh", elementwise<one<&E::tangent>>},
      {"Where", elementwise<where>},
  };
  return rows;
}

}  // namespace spinvp::workloads::compiler
