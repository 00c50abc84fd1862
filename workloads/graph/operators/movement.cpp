// Operators that move elements and compute nothing. On constants they are evaluated by listing, for each element of the result, the place that it comes from.
#include <algorithm>
#include <limits>

#include "workloads/graph/operator_rules.h"
#include "workloads/graph/operators/movement.h"
#include "workloads/graph/shape.h"

namespace spinvp::workloads {
namespace {

using Evaluated = std::optional<std::vector<Values>>;

// The places of a block of `shape` in a tensor, whose element (0, ..., 0) stands at `first` and whose index along dimension d moves by `steps[d]`.
std::vector<std::size_t> block_places(const Shape& shape, std::int64_t first, const std::vector<std::int64_t>& steps) {
  std::vector<std::size_t> places;
  std::vector<std::int64_t> at(shape.size(), 0);
  for (std::uint64_t count = elements(shape); count > 0; --count) {
    std::int64_t place = first;
    for (std::size_t d = 0; d < shape.size(); ++d) place += at[d] * steps[d];
    places.push_back(static_cast<std::size_t>(place));
    for (std::size_t d = shape.size(); d-- > 0;) {
      if (++at[d] < shape[d]) break;
      at[d] = 0;
    }
  }
  return places;
}

std::vector<std::int64_t> strides_of(const Shape& shape) {
  std::vector<std::int64_t> strides(shape.size(), 1);
  for (std::size_t d = shape.size(); d-- > 1;) strides[d - 1] = strides[d] * shape[d];
  return strides;
}

// ---- Concat
std::size_t concat_axis(const NodeView& view) {
  view.require(view.has_attribute("axis"), "attribute 'axis' is missing, it is needed");
  return view.axis(view.whole("axis", 0), view.rank(0));
}

std::vector<TensorType> infer_concat(const NodeView& view) {
  const std::size_t axis = concat_axis(view);
  Shape shape = view.shape(0);
  for (std::size_t i = 1; i < view.inputs(); ++i) {
    Shape other = view.shape(i);
    view.require(other.size() == shape.size(), "inputs " + text_of(shape) + " and " + text_of(other) + " disagree in their number of dimensions");
    view.require(!__builtin_add_overflow(shape[axis], other[axis], &shape[axis]), "its extents overflow 64 bits");
    other[axis] = shape[axis];
    view.require(other == shape, "inputs " + text_of(view.shape(0)) + " and " + text_of(view.shape(i)) + " disagree beside axis " + std::to_string(axis));
  }
  return {{view.element(0), shape}};
}

Evaluated evaluate_concat(const NodeView& view) {
  const TensorType type = infer_concat(view)[0];
  const std::size_t axis = concat_axis(view);
  // All inputs one behind the other, then the places: blocks of each input along the axes before.
  Values all{type, {}, {}};
  std::vector<std::size_t> starts, lengths;
  std::size_t rows = 1;
  for (std::size_t d = 0; d < axis; ++d) rows *= static_cast<std::size_t>(type.shape[d]);
  for (std::size_t i = 0; i < view.inputs(); ++i) {
    const Values part = view.values(i);
    view.require(part.type.element == type.element, "its inputs have different element types");
    starts.push_back(all.size());
    lengths.push_back(rows == 0 ? 0 : part.size() / rows);
    all.real.insert(all.real.end(), part.real.begin(), part.real.end());
    all.whole.insert(all.whole.end(), part.whole.begin(), part.whole.end());
  }
  std::vector<std::size_t> places;
  for (std::size_t row = 0; row < rows; ++row)
    for (std::size_t i = 0; i < starts.size(); ++i)
      for (std::size_t j = 0; j < lengths[i]; ++j) places.push_back(starts[i] + row * lengths[i] + j);
  return std::vector{all.picked(places, type.shape)};
}

// ---- Split: sizes are an attribute before opset 13, then an input; from 18 on a number of parts may stand for them.
std::vector<TensorType> infer_split(const NodeView& view) {
  const std::size_t axis = view.axis(view.whole("axis", 0), view.rank(0));
  const std::int64_t extent = view.shape(0)[axis];
  const auto parts = static_cast<std::int64_t>(view.outputs());
  auto sizes = view.setting("split", 1).value_or(std::vector<std::int64_t>{});
  if (sizes.empty()) {
    const std::int64_t stated = view.whole("num_outputs", parts);
    view.require(stated == parts && parts >= 1, "num_outputs is " + std::to_string(stated) + ", the node has " + std::to_string(parts) + " outputs");
    view.require(view.has_attribute("num_outputs") || extent % parts == 0,
                 std::to_string(extent) + " does not divide into " + std::to_string(parts) + " equal parts, sizes are needed");
    // The last part is smaller where it does not divide.
    const std::int64_t size = (extent + parts - 1) / parts;
    for (std::int64_t i = 0; i < parts; ++i) sizes.push_back(std::clamp<std::int64_t>(extent - i * size, 0, size));
  }
  std::int64_t sum = 0;
  for (const std::int64_t size : sizes) {
    view.require(size >= 0 && size <= extent, "a part of " + std::to_string(size) + " along an extent of " + std::to_string(extent));
    sum += size;
  }
  view.require(sum == extent && sizes.size() == view.outputs(), "its parts do not add up to the extent of " + std::to_string(extent) + ", one for each output");
  std::vector<TensorType> types;
  for (const std::int64_t size : sizes) {
    Shape shape = view.shape(0);
    shape[axis] = size;
    types.push_back({view.element(0), shape});
  }
  return types;
}

Evaluated evaluate_split(const NodeView& view) {
  const Values input = view.values(0);
  const std::size_t axis = view.axis(view.whole("axis", 0), view.rank(0));
  const auto strides = strides_of(input.type.shape);
  std::vector<Values> parts;
  std::int64_t start = 0;
  for (const TensorType& type : infer_split(view)) {
    parts.push_back(input.picked(block_places(type.shape, start * strides[axis], strides), type.shape));
    start += type.shape[axis];
  }
  return parts;
}

// ---- Slice: bounds are attributes before opset 10, then inputs (slice_axes).
struct Cut {
  Shape shape;
  std::int64_t first = 0;
  std::vector<std::int64_t> steps;
};

Cut cut_of(const NodeView& view) {
  Cut cut{view.shape(0), 0, strides_of(view.shape(0))};
  const auto strides = cut.steps;
  for (const SliceAxis& along : slice_axes(view)) {
    const std::size_t d = along.axis;
    cut.shape[d] = along.count;
    cut.first += std::max<std::int64_t>(along.start, 0) * strides[d];
    cut.steps[d] = along.count > 1 ? strides[d] * along.step : 0;  // one element needs no step, however large
  }
  return cut;
}

std::vector<TensorType> infer_slice(const NodeView& view) { return {{view.element(0), cut_of(view).shape}}; }

Evaluated evaluate_slice(const NodeView& view) {
  const Cut cut = cut_of(view);
  return std::vector{view.values(0).picked(block_places(cut.shape, cut.first, cut.steps), cut.shape)};
}

// ---- Gather
std::vector<TensorType> infer_gather(const NodeView& view) {
  const std::size_t axis = view.axis(view.whole("axis", 0), view.rank(0));
  const Shape &data = view.shape(0), &indices = view.shape(1);
  Shape shape(data.begin(), data.begin() + static_cast<std::ptrdiff_t>(axis));
  shape.insert(shape.end(), indices.begin(), indices.end());
  shape.insert(shape.end(), data.begin() + static_cast<std::ptrdiff_t>(axis) + 1, data.end());
  return {{view.element(0), shape}};
}

Evaluated evaluate_gather(const NodeView& view) {
  const Values data = view.values(0);
  const auto indices = view.whole_values(1);
  const TensorType type = infer_gather(view)[0];
  if (elements(type.shape) > most_folded) return std::nullopt;
  const std::size_t axis = view.axis(view.whole("axis", 0), view.rank(0));
  const std::int64_t extent = data.type.shape[axis];
  std::size_t before = 1, after = 1;
  for (std::size_t d = 0; d < axis; ++d) before *= static_cast<std::size_t>(data.type.shape[d]);
  for (std::size_t d = axis + 1; d < data.type.shape.size(); ++d) after *= static_cast<std::size_t>(data.type.shape[d]);
  std::vector<std::size_t> places;
  for (std::size_t row = 0; row < before; ++row)
    for (const std::int64_t i : indices) {
      view.require(i >= -extent && i < extent, "index " + std::to_string(i) + " into an extent of " + std::to_string(extent));
      for (std::size_t j = 0; j < after; ++j)
        places.push_back((row * static_cast<std::size_t>(extent) + static_cast<std::size_t>(i < 0 ? i + extent : i)) * after + j);
    }
  return std::vector{data.picked(places, type.shape)};
}

// ---- Transpose
std::vector<std::int64_t> permutation(const NodeView& view) {
  auto order = view.wholes("perm");
  if (order.empty())
    for (std::int64_t d = view.rank(0); d-- > 0;) order.push_back(d);
  auto sorted = order;
  std::sort(sorted.begin(), sorted.end());
  bool whole = sorted.size() == view.shape(0).size();
  for (std::size_t d = 0; whole && d < sorted.size(); ++d) whole = sorted[d] == static_cast<std::int64_t>(d);
  view.require(whole, "perm " + text_of(order) + " is no order of " + std::to_string(view.rank(0)) + " dimensions");
  return order;
}

std::vector<TensorType> infer_transpose(const NodeView& view) {
  Shape shape;
  for (const std::int64_t d : permutation(view)) shape.push_back(view.shape(0)[static_cast<std::size_t>(d)]);
  return {{view.element(0), shape}};
}

Evaluated evaluate_transpose(const NodeView& view) {
  const auto strides = strides_of(view.shape(0));
  const Shape shape = infer_transpose(view)[0].shape;
  std::vector<std::int64_t> steps;
  for (const std::int64_t d : permutation(view)) steps.push_back(strides[static_cast<std::size_t>(d)]);
  return std::vector{view.values(0).picked(block_places(shape, 0, steps), shape)};
}

// ---- Pad: pads are an attribute before opset 11, then an input; axes came with opset 18.
std::vector<TensorType> infer_pad(const NodeView& view) {
  const auto pads = view.setting("pads", 1);
  view.require(pads.has_value(), "pads are missing, they are needed");
  auto axes = view.has(3) ? view.whole_values(3) : std::vector<std::int64_t>{};
  if (axes.empty())
    for (std::int64_t d = 0; d < view.rank(0); ++d) axes.push_back(d);
  view.require(pads->size() == 2 * axes.size(),
               std::to_string(pads->size()) + " pads, " + std::to_string(2 * axes.size()) + " are needed: all begins, then all ends");
  Shape shape = view.shape(0);
  for (std::size_t i = 0; i < axes.size(); ++i) {
    std::int64_t& extent = shape[view.axis(axes[i], view.rank(0))];
    for (const std::int64_t pad : {(*pads)[i], (*pads)[i + axes.size()]})
      view.require(!__builtin_add_overflow(extent, pad, &extent) && extent >= 0, "a pad of " + std::to_string(pad) + " leaves no tensor");
  }
  return {{view.element(0), shape}};
}

// ---- Expand
std::vector<TensorType> infer_expand(const NodeView& view) { return {{view.element(0), view.grown(view.shape(0), view.whole_values(1))}}; }

Evaluated evaluate_expand(const NodeView& view) {
  const Shape from = view.shape(0), shape = infer_expand(view)[0].shape;
  const auto count = checked_elements(shape);
  if (!count || *count > most_folded) return std::nullopt;
  const auto strides = strides_of(from);
  std::vector<std::int64_t> steps(shape.size(), 0);
  for (std::size_t d = 0; d < from.size(); ++d)
    if (from[from.size() - 1 - d] != 1) steps[steps.size() - 1 - d] = strides[strides.size() - 1 - d];
  return std::vector{view.values(0).picked(block_places(shape, 0, steps), shape)};
}

}  // namespace

std::vector<SliceAxis> slice_axes(const NodeView& view) {
  const auto starts = view.setting("starts", 1), ends = view.setting("ends", 2);
  view.require(starts && ends && starts->size() == ends->size(), "starts and ends are needed, as many of one as of the other");
  auto axes = view.setting("axes", 3).value_or(std::vector<std::int64_t>{});
  auto steps = view.setting("steps", 4).value_or(std::vector<std::int64_t>{});
  if (axes.empty())
    for (std::size_t i = 0; i < starts->size(); ++i) axes.push_back(static_cast<std::int64_t>(i));
  if (steps.empty()) steps.assign(starts->size(), 1);
  view.require(axes.size() == starts->size() && steps.size() == starts->size(), "axes and steps are needed for every start");
  std::vector<SliceAxis> cuts;
  for (std::size_t i = 0; i < axes.size(); ++i) {
    const std::size_t d = view.axis(axes[i], view.rank(0));
    const std::int64_t extent = view.shape(0)[d], step = steps[i];
    view.require(step != 0 && step > -(1ll << 40), "a step of " + std::to_string(step) + " is not allowed");
    // Bounds count from the end where they are negative, and are moved into the tensor.
    const auto bound = [&](std::int64_t at, std::int64_t least, std::int64_t last) {
      return std::clamp(at < 0 ? std::max(at, -extent - 1) + extent : at, least, last);
    };
    const std::int64_t start = step > 0 ? bound((*starts)[i], 0, extent) : bound((*starts)[i], -1, extent - 1);
    // For a backward step, an end before the first element means that the first is taken.
    const std::int64_t end = step > 0 ? bound((*ends)[i], 0, extent) : ((*ends)[i] < -extent ? -1 : bound((*ends)[i], -1, extent - 1));
    const std::int64_t span = step > 0 ? end - start : start - end, size = step > 0 ? step : -step;
    cuts.push_back({d, start, step, span <= 0 ? 0 : (span - 1) / size + 1});
  }
  return cuts;
}

const std::vector<OperatorRules>& movement_operators() {
  static const std::vector<OperatorRules> rules = {
      {.name = "Concat", .inputs = {1, 0}, .attributes = {"axis"}, .infer = infer_concat, .evaluate = evaluate_concat},
      {.name = "Expand", .inputs = {2, 2}, .infer = infer_expand, .evaluate = evaluate_expand, .settings = 0b10, .first_opset = 8},
      {.name = "Gather",
       .inputs = {2, 2},
       .attributes = {"axis"},
       .infer = infer_gather,
       .evaluate = evaluate_gather,
       .weights = 0b1,
       .moves = Moves::what_it_takes},
      {.name = "Pad", .inputs = {1, 4}, .attributes = {"mode", "pads", "value"}, .infer = infer_pad, .settings = 0b1110},
      {.name = "Slice",
       .inputs = {1, 5},
       .attributes = {"axes", "ends", "starts"},
       .infer = infer_slice,
       .evaluate = evaluate_slice,
       .settings = 0b11110,
       .moves = Moves::what_it_takes},
      {.name = "Split",
       .inputs = {1, 2},
       .attributes = {"axis", "num_outputs", "split"},
       .infer = infer_split,
       .evaluate = evaluate_split,
       .settings = 0b10,
       .moves = Moves::what_it_takes},
      {.name = "Transpose", .attributes = {"perm"}, .infer = infer_transpose, .evaluate = evaluate_transpose},
  };
  return rules;
}

}  // namespace spinvp::workloads
