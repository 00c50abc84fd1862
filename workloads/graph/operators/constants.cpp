// Operators that make a tensor out of settings. Constant has none here: the importer turns it into a tensor with values.
#include "workloads/graph/operator_rules.h"
#include "workloads/graph/shape.h"

namespace spinvp::workloads {
namespace {

using Evaluated = std::optional<std::vector<Values>>;

// The filling value is an importer's business as well (attributes value_type, whole_value, real_value); 0.0f where there is none.
std::vector<TensorType> infer_filled(const NodeView& view) {
  const auto element = element_type_named(view.text("value_type", "float32"));
  view.require(element.has_value(), "its value has a type that is not supported");
  return {{*element, view.whole_values(0)}};
}

Evaluated evaluate_filled(const NodeView& view) {
  const TensorType type = infer_filled(view)[0];
  const auto count = checked_elements(type.shape);
  if (!count || *count > most_folded || !is_computable(type.element)) return std::nullopt;
  if (is_floating(type.element)) return std::vector{Values{type, {}, std::vector<double>(*count, view.real("real_value", 0))}};
  return std::vector{whole_values(type.element, type.shape, std::vector<std::int64_t>(*count, view.whole("whole_value", 0)))};
}

struct Span {
  std::int64_t start, step, count;
};

Span span_of(const NodeView& view) {
  std::int64_t bounds[3];
  for (std::size_t i = 0; i < 3; ++i) {
    const auto values = view.whole_values(i);
    view.require(values.size() == 1 && values[0] > -(1ll << 40) && values[0] < (1ll << 40), "start, limit and delta must be one number each, below 2^40");
    bounds[i] = values[0];
  }
  const auto [start, limit, delta] = bounds;
  view.require(delta != 0, "a delta of 0 is not allowed");
  const std::int64_t span = delta > 0 ? limit - start : start - limit, step = delta > 0 ? delta : -delta;
  return {start, delta, span <= 0 ? 0 : (span - 1) / step + 1};
}

std::vector<TensorType> infer_range(const NodeView& view) { return {{view.element(0), {span_of(view).count}}}; }

Evaluated evaluate_range(const NodeView& view) {
  const Span span = span_of(view);
  if (static_cast<std::uint64_t>(span.count) > most_folded) return std::nullopt;
  std::vector<std::int64_t> values;
  for (std::int64_t i = 0; i < span.count; ++i) values.push_back(span.start + i * span.step);
  return std::vector{whole_values(view.element(0), {span.count}, std::move(values))};
}

}  // namespace

const std::vector<OperatorRules>& constant_operators() {
  static const std::vector<OperatorRules> rules = {
      {.name = "ConstantOfShape",
       .attributes = {"real_value", "value_type", "whole_value"},
       .infer = infer_filled,
       .evaluate = evaluate_filled,
       .settings = 0b1,
       .first_opset = 9},
      {.name = "Range", .inputs = {3, 3}, .infer = infer_range, .evaluate = evaluate_range, .settings = 0b111, .first_opset = 11},
  };
  return rules;
}

}  // namespace spinvp::workloads
