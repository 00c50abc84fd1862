// Operators that treat each element alone: of one tensor, of two with broadcasting, comparisons, selection.
#include <array>
#include <cmath>
#include <limits>

#include "workloads/graph/operator_rules.h"
#include "workloads/graph/shape.h"

namespace spinvp::workloads {
namespace {

std::vector<TensorType> same(const NodeView& view) { return {view.input(0).type}; }

// Constants stay float32 in mixed precision: beside bfloat16 the result is bfloat16.
ElementType common_element(const NodeView& view, std::size_t first) {
  for (std::size_t i = first; i < view.inputs(); ++i)
    if (view.element(i) == ElementType::bfloat16) return ElementType::bfloat16;
  return view.element(first);
}

std::vector<TensorType> grown(const NodeView& view) { return {{common_element(view, 0), view.grown(view.shape(0), view.shape(1))}}; }

std::vector<TensorType> compared(const NodeView& view) { return {{ElementType::boolean, view.grown(view.shape(0), view.shape(1))}}; }

std::vector<TensorType> several(const NodeView& view) {
  Shape shape = view.shape(0);
  for (std::size_t i = 1; i < view.inputs(); ++i) shape = view.grown(shape, view.shape(i));
  return {{common_element(view, 0), shape}};
}

std::vector<TensorType> selected(const NodeView& view) {
  return {{common_element(view, 1), view.grown(view.grown(view.shape(0), view.shape(1)), view.shape(2))}};
}

std::vector<TensorType> dropout(const NodeView& view) {
  // The mask took the input's type before opset 10.
  return {view.input(0).type, {view.opset() != 0 && view.opset() < 10 ? view.element(0) : ElementType::boolean, view.shape(0)}};
}

// For each element of `shape`, where it stands in a tensor that was grown to it.
std::vector<std::size_t> places_in(const Shape& from, const Shape& shape) {
  std::vector<std::size_t> places(elements(shape), 0);
  for (std::size_t at = 0; at < places.size(); ++at) {
    std::size_t rest = at, stride = 1;
    for (std::size_t d = 0; d < shape.size(); ++d) {
      const auto extent = static_cast<std::size_t>(shape[shape.size() - 1 - d]);
      const std::size_t along = rest % extent;
      rest /= extent;
      if (d >= from.size()) continue;
      const auto own = static_cast<std::size_t>(from[from.size() - 1 - d]);
      if (own != 1) places[at] += along * stride;
      stride *= own;
    }
  }
  return places;
}

using Evaluated = std::optional<std::vector<Values>>;

// What C leaves undefined is refused.
using WholeFunction = bool (*)(std::int64_t, std::int64_t, std::int64_t&);  // false: overflow or division by zero
using RealFunction = double (*)(double, double);

template <WholeFunction whole, RealFunction real>
Evaluated binary(const NodeView& view) {
  const Shape shape = view.grown(view.shape(0), view.shape(1));
  if (elements(shape) > most_folded || view.element(0) != view.element(1)) return std::nullopt;
  const Values a = view.values(0).picked(places_in(view.shape(0), shape), shape), b = view.values(1).picked(places_in(view.shape(1), shape), shape);
  Values result{{view.element(0), shape}, {}, {}};
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (is_floating(a.type.element)) {
      result.real.push_back(real(a.real[i], b.real[i]));
      continue;
    }
    std::int64_t value = 0;
    view.require(whole(a.whole[i], b.whole[i], value),
                 "shape arithmetic of " + std::to_string(a.whole[i]) + " and " + std::to_string(b.whole[i]) + " overflows 64 bits or divides by zero");
    result.whole.push_back(value);
  }
  return std::vector{std::move(result)};
}

bool add_whole(std::int64_t a, std::int64_t b, std::int64_t& to) { return !__builtin_add_overflow(a, b, &to); }
bool sub_whole(std::int64_t a, std::int64_t b, std::int64_t& to) { return !__builtin_sub_overflow(a, b, &to); }
bool mul_whole(std::int64_t a, std::int64_t b, std::int64_t& to) { return !__builtin_mul_overflow(a, b, &to); }
// Rounds towards zero.
bool div_whole(std::int64_t a, std::int64_t b, std::int64_t& to) {
  if (b == 0 || (b == -1 && a == std::numeric_limits<std::int64_t>::min())) return false;
  to = a / b;
  return true;
}
double add_real(double a, double b) { return a + b; }
double sub_real(double a, double b) { return a - b; }
double mul_real(double a, double b) { return a * b; }
double div_real(double a, double b) { return a / b; }

Evaluated square_root(const NodeView& view) {
  if (!is_floating(view.element(0))) return std::nullopt;
  Values result = view.values(0);
  for (double& v : result.real) v = std::sqrt(v);
  return std::vector{std::move(result)};
}

Evaluated negated(const NodeView& view) {
  Values result = view.values(0);
  for (double& v : result.real) v = -v;
  for (std::int64_t& v : result.whole) view.require(sub_whole(0, v, v), "shape arithmetic overflows 64 bits");
  return std::vector{std::move(result)};
}

template <double (*function)(double)>
Evaluated rounded(const NodeView& view) {
  Values result = view.values(0);
  for (double& v : result.real) v = function(v);
  return std::vector{std::move(result)};
}
double floor_of(double v) { return std::floor(v); }
double ceil_of(double v) { return std::ceil(v); }

Evaluated equal(const NodeView& view) {
  const Shape shape = view.grown(view.shape(0), view.shape(1));
  if (elements(shape) > most_folded || is_floating(view.element(0)) || is_floating(view.element(1))) return std::nullopt;
  const Values a = view.values(0).picked(places_in(view.shape(0), shape), shape), b = view.values(1).picked(places_in(view.shape(1), shape), shape);
  Values result{{ElementType::boolean, shape}, {}, {}};
  for (std::size_t i = 0; i < a.size(); ++i) result.whole.push_back(a.whole[i] == b.whole[i] ? 1 : 0);
  return std::vector{std::move(result)};
}

Evaluated where(const NodeView& view) {
  const TensorType type = selected(view)[0];
  if (elements(type.shape) > most_folded || view.element(1) != view.element(2) || is_floating(type.element) || is_floating(view.element(0)))
    return std::nullopt;
  const auto operand = [&](std::size_t i) { return view.values(i).picked(places_in(view.shape(i), type.shape), type.shape); };
  const Values condition = operand(0), yes = operand(1), no = operand(2);
  Values result{type, {}, {}};
  for (std::size_t i = 0; i < condition.size(); ++i) result.whole.push_back(condition.whole[i] != 0 ? yes.whole[i] : no.whole[i]);
  return std::vector{std::move(result)};
}

OperatorRules unary(std::string_view name, std::vector<std::string_view> attributes = {}, decltype(OperatorRules::evaluate) evaluate = nullptr) {
  return {.name = name, .attributes = std::move(attributes), .infer = same, .evaluate = evaluate};
}
OperatorRules two(std::string_view name, decltype(OperatorRules::evaluate) evaluate = nullptr) {
  return {.name = name, .inputs = {2, 2}, .infer = grown, .evaluate = evaluate};
}
OperatorRules comparison(std::string_view name, decltype(OperatorRules::evaluate) evaluate = nullptr) {
  return {.name = name, .inputs = {2, 2}, .infer = compared, .evaluate = evaluate};
}

}  // namespace

const std::vector<OperatorRules>& elementwise_operators() {
  static const std::vector<OperatorRules> rules = {
      unary("Abs"),
      unary("Ceil", {}, rounded<ceil_of>),
      unary("Elu", {"alpha"}),
      unary("Erf"),
      unary("Exp"),
      unary("Floor", {}, rounded<floor_of>),
      unary("Gelu", {"approximate"}),
      unary("HardSigmoid", {"alpha", "beta"}),
      unary("HardSwish"),
      unary("LeakyRelu", {"alpha"}),
      unary("Log"),
      unary("Neg", {}, negated),
      unary("Not"),
      unary("Reciprocal"),
      unary("Relu"),
      unary("Sigmoid"),
      unary("Softplus"),
      unary("Sqrt", {}, square_root),
      unary("Tanh"),
      two("Add", binary<add_whole, add_real>),
      two("Div", binary<div_whole, div_real>),
      two("Mul", binary<mul_whole, mul_real>),
      two("Pow"),
      two("Sub", binary<sub_whole, sub_real>),
      comparison("And"),
      comparison("Equal", equal),
      comparison("Greater"),
      comparison("Less"),
      comparison("Or"),
      {.name = "Max", .inputs = {1, 0}, .infer = several},
      {.name = "Min", .inputs = {1, 0}, .infer = several},
      {.name = "PRelu", .inputs = {2, 2}, .infer = grown, .weights = 0b10},
      {.name = "Where", .inputs = {3, 3}, .infer = selected, .evaluate = where, .first_opset = 9},
      // Bounds were attributes before opset 11.
      {.name = "Clip", .inputs = {1, 3}, .attributes = {"max", "min"}, .infer = same, .settings = 0b110},
      // At inference Dropout passes its input on. Its ratio was an attribute before opset 12.
      {.name = "Dropout", .inputs = {1, 3}, .attributes = {"ratio", "seed"}, .infer = dropout, .settings = 0b110, .moves = Moves::nothing},
  };
  return rules;
}

}  // namespace spinvp::workloads
