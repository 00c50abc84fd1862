// Operators that move elements: the gradient moves back; what was left out gets zeros.
#include <algorithm>

#include "workloads/graph/operators/movement.h"
#include "workloads/graph/shape.h"
#include "workloads/training/gradient_rules.h"

namespace spinvp::workloads {
namespace {

using Wholes = std::vector<std::int64_t>;

TensorId sliced(GradientContext& c, TensorId tensor, const Wholes& axes, const Wholes& starts, const Wholes& ends) {
  Attributes attributes;
  attributes.set("axes", axes);
  attributes.set("starts", starts);
  attributes.set("ends", ends);
  return c.emit("Slice", {tensor}, std::move(attributes));
}

TensorId padded(GradientContext& c, TensorId tensor, const Wholes& before, const Wholes& after) {
  Wholes pads = before;
  pads.insert(pads.end(), after.begin(), after.end());
  if (std::all_of(pads.begin(), pads.end(), [](std::int64_t pad) { return pad == 0; })) return tensor;
  Attributes attributes;
  attributes.set("pads", pads);
  return c.emit("Pad", {tensor}, std::move(attributes));
}

// `tensor` at `start` along an axis of `extent`.
TensorId placed(GradientContext& c, TensorId tensor, std::size_t axis, std::int64_t start, std::int64_t extent) {
  const Shape shape = c.shape(tensor);
  Wholes before(shape.size(), 0), after(shape.size(), 0);
  before[axis] = start;
  after[axis] = extent - start - shape[axis];
  return padded(c, tensor, before, after);
}

void concat(GradientContext& c) {
  const std::size_t axis = c.view().axis(c.view().whole("axis", 0), static_cast<std::int64_t>(c.output_shape(0).size()));
  std::int64_t start = 0;
  for (std::size_t i = 0; i < c.node().inputs.size(); ++i) {
    const std::int64_t extent = c.input_shape(i)[axis];
    if (c.wants(i)) c.give(i, sliced(c, c.dy(), {static_cast<std::int64_t>(axis)}, {start}, {start + extent}));
    start += extent;
  }
}

void split(GradientContext& c) {
  const Shape whole = c.input_shape(0);
  const std::size_t axis = c.view().axis(c.view().whole("axis", 0), static_cast<std::int64_t>(whole.size()));
  std::vector<TensorId> parts;
  c.view().require(std::all_of(c.node().outputs.begin(), c.node().outputs.end(), [](const auto& output) { return output.has_value(); }),
                   "an output is left out, which training does not support");
  for (std::size_t i = 0; i < c.node().outputs.size(); ++i)
    if (c.gradient(i)) parts.push_back(*c.gradient(i));
  if (parts.size() == c.node().outputs.size()) {
    Attributes attributes;
    attributes.set("axis", static_cast<std::int64_t>(axis));
    c.give(0, c.emit("Concat", parts, std::move(attributes)));
    return;
  }
  std::int64_t start = 0;
  std::optional<TensorId> sum;
  for (std::size_t i = 0; i < c.node().outputs.size(); ++i) {
    if (c.gradient(i)) {
      const TensorId part = placed(c, *c.gradient(i), axis, start, whole[axis]);
      sum = sum ? c.emit("Add", {*sum, part}) : part;
    }
    start += c.output_shape(i)[axis];
  }
  c.give(0, *sum);
}

void slice(GradientContext& c) {
  const Shape whole = c.input_shape(0);
  TensorId gradient = c.dy();
  Wholes before(whole.size(), 0), after(whole.size(), 0);
  for (const SliceAxis& cut : slice_axes(c.view())) {
    const std::size_t d = cut.axis;
    if (cut.step == 1) {
      before[d] = cut.start;
      after[d] = whole[d] - cut.start - cut.count;
      continue;
    }
    Wholes places;
    for (std::int64_t i = 0; i < cut.count; ++i) places.push_back(cut.start + i * cut.step);
    gradient = c.scattered(gradient, d, places, whole[d]);
  }
  c.give(0, padded(c, gradient, before, after));
}

void pad(GradientContext& c) {
  const Shape whole = c.input_shape(0);
  const NodeView view = c.view();
  view.require(view.text("mode", "constant") == "constant",
               "mode '" + printable(view.text("mode", "")) + "' is not supported in training, allowed is constant");
  Wholes pads = *view.setting("pads", 1), axes = view.has(3) ? view.whole_values(3) : Wholes{};
  if (axes.empty())
    for (std::size_t d = 0; d < whole.size(); ++d) axes.push_back(static_cast<std::int64_t>(d));
  Wholes starts, ends, kept_axes, before(whole.size(), 0), after(whole.size(), 0);
  // Pads below zero cut: there zeros come back.
  for (std::size_t i = 0; i < axes.size(); ++i) {
    const std::size_t d = view.axis(axes[i], static_cast<std::int64_t>(whole.size()));
    const std::int64_t first = pads[i], last = pads[i + axes.size()], result = whole[d] + first + last;
    if (first > 0 || last > 0) {
      kept_axes.push_back(static_cast<std::int64_t>(d));
      starts.push_back(std::max<std::int64_t>(first, 0));
      ends.push_back(result - std::max<std::int64_t>(last, 0));
    }
    before[d] = std::max<std::int64_t>(-first, 0);
    after[d] = std::max<std::int64_t>(-last, 0);
  }
  const TensorId inner = kept_axes.empty() ? c.dy() : sliced(c, c.dy(), kept_axes, starts, ends);
  c.give(0, padded(c, inner, before, after));
}

void gather(GradientContext& c) {
  const Shape data = c.input_shape(0), indices = c.input_shape(1);
  const std::size_t axis = c.view().axis(c.view().whole("axis", 0), static_cast<std::int64_t>(data.size()));
  if (axis == 0) {
    Attributes attributes;
    attributes.set("rows", data[0]);
    c.give(0, c.emit("GatherGradient", {c.dy(), c.input(1)}, std::move(attributes)));
    return;
  }
  // Along another axis: for the slices that constant indices name.
  Wholes places = c.view().whole_values(1);
  for (std::int64_t& place : places) place = place < 0 ? place + data[axis] : place;
  Shape flat = data;
  flat[axis] = static_cast<std::int64_t>(places.size());
  const TensorId dy = c.reshaped(c.dy(), flat);
  c.give(0, places.size() == 1 ? placed(c, dy, axis, places[0], data[axis]) : c.scattered(dy, axis, places, data[axis]));
}

}  // namespace

const std::vector<GradientRule>& movement_gradients() {
  static const std::vector<GradientRule> rules = {{"Concat", concat}, {"Gather", gather}, {"Pad", pad}, {"Slice", slice}, {"Split", split}};
  return rules;
}

}  // namespace spinvp::workloads
