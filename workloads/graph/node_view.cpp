#include "workloads/graph/node_view.h"

#include "workloads/graph/shape.h"

namespace spinvp::workloads {

const Tensor& NodeView::input(std::size_t i) const {
  if (!has(i)) refuse("input " + std::to_string(i) + " is missing, it is needed");
  return graph_.tensor(*node_.inputs[i]);
}

Values NodeView::values(std::size_t i) const {
  const Tensor& tensor = input(i);
  if (auto values = values_of(tensor)) return *std::move(values);
  refuse("the values of input '" + printable(tensor.name) + "' (" + std::string(name_of(tensor.type.element)) + ' ' + text_of(tensor.type.shape) +
         ") are not known at import, a constant is needed");
}

std::vector<std::int64_t> NodeView::whole_values(std::size_t i) const {
  Values known = values(i);
  if (is_floating(known.type.element)) refuse("input '" + printable(input(i).name) + "' holds reals, whole numbers are needed");
  return std::move(known.whole);
}

namespace {

template <typename T>
const T* attribute(const NodeView& view, std::string_view name, const char* kind) {
  const Attribute* found = view.node().attributes.find(name);
  if (found == nullptr) return nullptr;
  if (const T* value = std::get_if<T>(found)) return value;
  view.refuse("attribute '" + printable(name) + "' must be " + kind);
}

}  // namespace

std::int64_t NodeView::whole(std::string_view name, std::int64_t otherwise) const {
  const auto* value = attribute<std::int64_t>(*this, name, "a whole number");
  return value == nullptr ? otherwise : *value;
}

double NodeView::real(std::string_view name, double otherwise) const {
  const Attribute* found = node_.attributes.find(name);
  if (found != nullptr && std::holds_alternative<std::int64_t>(*found)) return static_cast<double>(std::get<std::int64_t>(*found));
  const auto* value = attribute<double>(*this, name, "a number");
  return value == nullptr ? otherwise : *value;
}

std::string NodeView::text(std::string_view name, const std::string& otherwise) const {
  const auto* value = attribute<std::string>(*this, name, "a text");
  return value == nullptr ? otherwise : *value;
}

std::vector<std::int64_t> NodeView::wholes(std::string_view name) const {
  const auto* value = attribute<std::vector<std::int64_t>>(*this, name, "a list of whole numbers");
  return value == nullptr ? std::vector<std::int64_t>{} : *value;
}

std::size_t NodeView::axis(std::int64_t axis, std::int64_t rank) const {
  if (axis < -rank || axis >= rank)
    refuse("axis " + std::to_string(axis) + " of a tensor of " + std::to_string(rank) + " dimensions, allowed are " + std::to_string(-rank) + " to " +
           std::to_string(rank - 1));
  return static_cast<std::size_t>(axis < 0 ? axis + rank : axis);
}

std::optional<std::vector<std::int64_t>> NodeView::setting(std::string_view name, std::size_t i) const {
  if (has_attribute(name)) return wholes(name);
  if (has(i)) return whole_values(i);
  return std::nullopt;
}

Shape NodeView::grown(const Shape& a, const Shape& b) const {
  if (auto shape = broadcast(a, b)) return *std::move(shape);
  refuse("shapes " + text_of(a) + " and " + text_of(b) + " disagree, extents must be equal or 1");
}

}  // namespace spinvp::workloads
