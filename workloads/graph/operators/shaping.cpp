// Views: the same elements in another shape or type, and the shape itself as a tensor.
#include <algorithm>

#include "workloads/graph/operator_rules.h"
#include "workloads/graph/shape.h"

namespace spinvp::workloads {
namespace {

using Evaluated = std::optional<std::vector<Values>>;

// ---- Reshape: -1 takes what is left, 0 keeps the extent at its place (unless allowzero).
std::vector<TensorType> infer_reshape(const NodeView& view) {
  const Shape& input = view.shape(0);
  Shape shape = view.has_attribute("shape") ? view.wholes("shape") : view.whole_values(1);
  const std::string asked = text_of(shape);
  std::int64_t* rest = nullptr;
  std::uint64_t known = 1;
  for (std::size_t d = 0; d < shape.size(); ++d) {
    if (shape[d] == 0 && view.whole("allowzero", 0) == 0) {
      view.require(d < input.size(), "shape " + asked + " keeps an extent that " + text_of(input) + " does not have");
      shape[d] = input[d];
    }
    view.require(shape[d] >= -1 && !(shape[d] == -1 && rest != nullptr), "shape " + asked + " is not allowed, one extent may be -1");
    if (shape[d] == -1) {
      rest = &shape[d];
      continue;
    }
    const auto product = checked_product(known, static_cast<std::uint64_t>(shape[d]), most_elements);
    view.require(product.has_value(), "shape " + asked + " is too large");
    known = *product;
  }
  const std::uint64_t count = elements(input);
  if (rest != nullptr) {
    view.require(known != 0 && count % known == 0, text_of(input) + " does not fit into shape " + asked);
    *rest = static_cast<std::int64_t>(count / known);
  }
  view.require(elements(shape) == count, text_of(input) + " does not fit into shape " + asked);
  return {{view.element(0), shape}};
}

std::vector<TensorType> infer_flatten(const NodeView& view) {
  const std::int64_t axis = view.whole("axis", 1), rank = view.rank(0);
  view.require(axis >= -rank && axis <= rank, "axis " + std::to_string(axis) + " of a tensor of " + std::to_string(rank) + " dimensions");
  const auto at = view.shape(0).begin() + static_cast<std::ptrdiff_t>(axis < 0 ? axis + rank : axis);
  return {
      {view.element(0), {static_cast<std::int64_t>(elements({view.shape(0).begin(), at})), static_cast<std::int64_t>(elements({at, view.shape(0).end()}))}}};
}

// ---- Squeeze and Unsqueeze: axes are an attribute before opset 13, then an input.
std::vector<TensorType> infer_squeeze(const NodeView& view) {
  const auto axes = view.setting("axes", 1);
  std::vector<bool> goes(view.shape(0).size(), false);
  for (std::size_t d = 0; d < goes.size(); ++d) goes[d] = !axes && view.shape(0)[d] == 1;
  for (const std::int64_t axis : axes.value_or(std::vector<std::int64_t>{})) {
    const std::size_t d = view.axis(axis, view.rank(0));
    view.require(view.shape(0)[d] == 1, "axis " + std::to_string(axis) + " of " + text_of(view.shape(0)) + " is not 1");
    goes[d] = true;
  }
  Shape shape;
  for (std::size_t d = 0; d < goes.size(); ++d)
    if (!goes[d]) shape.push_back(view.shape(0)[d]);
  return {{view.element(0), shape}};
}

std::vector<TensorType> infer_unsqueeze(const NodeView& view) {
  const auto axes = view.setting("axes", 1);
  view.require(axes.has_value(), "axes are missing, they are needed");
  view.require(axes->size() <= 64, "more than 64 axes");
  const std::int64_t rank = view.rank(0) + static_cast<std::int64_t>(axes->size());
  std::vector<bool> comes(static_cast<std::size_t>(rank), false);
  for (const std::int64_t axis : *axes) {
    const std::size_t d = view.axis(axis, rank);
    view.require(!comes[d], "axis " + std::to_string(axis) + " stands twice in axes");
    comes[d] = true;
  }
  Shape shape;
  auto next = view.shape(0).begin();
  for (const bool is_new : comes) shape.push_back(is_new ? 1 : *next++);
  return {{view.element(0), shape}};
}

template <std::vector<TensorType> (*infer)(const NodeView&)>
Evaluated reshaped(const NodeView& view) {
  return std::vector{view.values(0).reshaped(infer(view)[0].shape)};
}

// ---- Identity and Cast
std::vector<TensorType> infer_identity(const NodeView& view) { return {view.input(0).type}; }

std::vector<TensorType> infer_cast(const NodeView& view) {
  const std::string to = view.text("to", "");
  const auto element = element_type_named(to);
  view.require(element.has_value(), "a cast to '" + printable(to) + "' is not supported");
  return {{*element, view.shape(0)}};
}

Evaluated evaluate_cast(const NodeView& view) {
  const Values from = view.values(0);
  const TensorType type = infer_cast(view)[0];
  if (!is_computable(type.element)) return std::nullopt;
  Values to{type, {}, {}};
  // Whole numbers of a narrower type wrap when they are stored; reals are cut towards zero and must fit.
  for (const std::int64_t v : from.whole) {
    if (is_floating(type.element))
      to.real.push_back(static_cast<double>(v));
    else
      to.whole.push_back(type.element == ElementType::boolean ? static_cast<std::int64_t>(v != 0) : v);
  }
  for (const double v : from.real) {
    if (is_floating(type.element)) {
      to.real.push_back(v);
      continue;
    }
    if (!(v > -9e18 && v < 9e18)) return std::nullopt;
    to.whole.push_back(type.element == ElementType::boolean ? static_cast<std::int64_t>(v != 0) : static_cast<std::int64_t>(v));
  }
  return std::vector{std::move(to)};
}

// ---- Shape and Size. From opset 15 on a part of the shape can be asked for.
std::pair<std::int64_t, std::int64_t> range_of(const NodeView& view) {
  const std::int64_t rank = view.rank(0);
  const auto bound = [&](std::int64_t at) { return std::clamp<std::int64_t>(at < 0 ? std::max(at, -rank) + rank : at, 0, rank); };
  const std::int64_t start = bound(view.whole("start", 0)), end = bound(view.whole("end", rank));
  return {start, std::max(start, end)};
}

std::vector<TensorType> infer_shape(const NodeView& view) {
  const auto [start, end] = range_of(view);
  return {{ElementType::int64, {end - start}}};
}

Evaluated evaluate_shape(const NodeView& view) {
  const auto [start, end] = range_of(view);
  return std::vector{whole_values(ElementType::int64, {end - start}, {view.shape(0).begin() + start, view.shape(0).begin() + end})};
}

std::vector<TensorType> infer_size(const NodeView&) { return {{ElementType::int64, {}}}; }

Evaluated evaluate_size(const NodeView& view) {
  return std::vector{whole_values(ElementType::int64, {}, {static_cast<std::int64_t>(elements(view.shape(0)))})};
}

}  // namespace

const std::vector<OperatorRules>& shape_operators() {
  static const std::vector<OperatorRules> rules = {
      {.name = "Cast", .attributes = {"saturate", "to"}, .infer = infer_cast, .evaluate = evaluate_cast},
      {.name = "Flatten", .attributes = {"axis"}, .infer = infer_flatten, .evaluate = reshaped<infer_flatten>, .moves = Moves::nothing},
      {.name = "Identity", .infer = infer_identity, .evaluate = reshaped<infer_identity>, .moves = Moves::nothing},
      // The attribute `shape` is ours: in our YAML the shape is no tensor.
      {.name = "Reshape",
       .inputs = {1, 2},
       .attributes = {"allowzero", "shape"},
       .infer = infer_reshape,
       .evaluate = reshaped<infer_reshape>,
       .settings = 0b10,
       .moves = Moves::nothing},
      {.name = "Shape", .attributes = {"end", "start"}, .infer = infer_shape, .evaluate = evaluate_shape, .moves = Moves::nothing, .needs_values = false},
      {.name = "Size", .infer = infer_size, .evaluate = evaluate_size, .moves = Moves::nothing, .needs_values = false},
      {.name = "Squeeze",
       .inputs = {1, 2},
       .attributes = {"axes"},
       .infer = infer_squeeze,
       .evaluate = reshaped<infer_squeeze>,
       .settings = 0b10,
       .moves = Moves::nothing},
      {.name = "Unsqueeze",
       .inputs = {1, 2},
       .attributes = {"axes"},
       .infer = infer_unsqueeze,
       .evaluate = reshaped<infer_unsqueeze>,
       .settings = 0b10,
       .moves = Moves::nothing},
  };
  return rules;
}

}  // namespace spinvp::workloads
