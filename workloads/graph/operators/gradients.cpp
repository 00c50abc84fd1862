// Gradients of convolution, pooling, softmax, normalisation and Gather, as a training step has them (training/training_graph.h makes them; no file may name them).
// dy is the gradient of the loss by the operator's result; shapes that the operands do not tell are attributes.
// Of several outputs those that nobody wants are left out.
#include <array>

#include "workloads/graph/operator_rules.h"
#include "workloads/graph/operators/windows.h"
#include "workloads/graph/shape.h"

namespace spinvp::workloads {
namespace {

using Names = std::vector<std::string_view>;

Names with(Names names, Names more) {
  names.insert(names.end(), more.begin(), more.end());
  return names;
}

const Names convolution_attributes = {"auto_pad", "dilations", "group", "kernel_shape", "output_size", "pads", "strides"};
const Names maximum_attributes = {"auto_pad", "ceil_mode", "dilations", "kernel_shape", "pads", "storage_order", "strides", "winners"};
const Names average_attributes = {"auto_pad", "ceil_mode", "count_include_pad", "dilations", "kernel_shape", "pads", "strides"};

void require_shape(const NodeView& view, std::size_t input, const Shape& shape) {
  view.require(view.shape(input) == shape, "input " + std::to_string(input) + " is " + text_of(view.shape(input)) + ", " + text_of(shape) + " is needed");
}

// ---- Convolution of x by w, which gave y. Products as the NPU forms them (models/abi/npu.h): a data gradient multiplies zeros between strides.
struct Convolution {
  Shape x, w, y;
  [[nodiscard]] std::uint64_t groups() const { return static_cast<std::uint64_t>(x[1] / w[1]); }
  [[nodiscard]] std::uint64_t positions(const Shape& shape) const { return elements(shape) / static_cast<std::uint64_t>(shape[1]); }
  [[nodiscard]] std::uint64_t window() const { return elements({w.begin() + 2, w.end()}); }
};

Convolution checked(const NodeView& view, Convolution c) {
  const bool ranks = c.x.size() >= 3 && c.w.size() == c.x.size() && c.y.size() == c.x.size();
  view.require(ranks, "x " + text_of(c.x) + ", w " + text_of(c.w) + " and dy " + text_of(c.y) + " need the same number of dimensions, three at least");
  const std::int64_t group = view.whole("group", 1);
  view.require(group >= 1 && c.w[1] >= 1 && c.w[1] * group == c.x[1] && c.w[0] % group == 0,
               "x " + text_of(c.x) + " and w " + text_of(c.w) + " disagree for " + std::to_string(group) + " group(s)");
  Shape expected = {c.x[0], c.w[0]};
  for (const std::int64_t extent : window_outputs(view, c.x, {c.w.begin() + 2, c.w.end()}, convolution_rounding(view))) expected.push_back(extent);
  view.require(c.y == expected, "dy is " + text_of(c.y) + ", " + text_of(expected) + " is needed");
  return c;
}

Convolution of_data(const NodeView& view) { return checked(view, {view.wholes("input_shape"), view.shape(1), view.shape(0)}); }
Convolution of_weight(const NodeView& view) { return checked(view, {view.shape(0), view.wholes("weight_shape"), view.shape(1)}); }

std::vector<TensorType> infer_data(const NodeView& view) { return {{view.element(0), of_data(view).x}}; }
std::vector<TensorType> infer_weight(const NodeView& view) { return {{view.element(1), of_weight(view).w}}; }

std::vector<MatrixProduct> products_data(const NodeView& view) {
  const Convolution c = of_data(view);
  return {{c.groups(), c.positions(c.x), static_cast<std::uint64_t>(c.w[1]), static_cast<std::uint64_t>(c.w[0]) / c.groups() * c.window()}};
}
std::vector<MatrixProduct> products_weight(const NodeView& view) {
  const Convolution c = of_weight(view);
  return {{c.groups(), static_cast<std::uint64_t>(c.w[0]) / c.groups(), static_cast<std::uint64_t>(c.w[1]) * c.window(), c.positions(c.y)}};
}

// ---- Pooling: dy, and where the maxima were.
std::vector<TensorType> infer_pooling(const NodeView& view) {
  const Shape x = view.wholes("input_shape");
  const auto window = view.wholes("kernel_shape");
  view.require(x.size() >= 3 && window.size() + 2 == x.size(),
               "input_shape " + text_of(x) + " and kernel_shape " + text_of(window) + " disagree, one window extent for each spatial extent is needed");
  Shape y = {x[0], x[1]};
  for (const std::int64_t extent : window_outputs(view, x, window, pooling_rounding(view))) y.push_back(extent);
  for (std::size_t i = 0; i < view.inputs(); ++i) require_shape(view, i, y);
  return {{view.element(0), x}};
}

// ---- Softmax: dp, p.
std::vector<TensorType> infer_softmax(const NodeView& view) {
  require_shape(view, 1, view.shape(0));
  (void)view.axis(view.whole("axis", -1), view.rank(0));
  return {view.input(0).type};
}

// ---- Normalisation: dy, x, scale, mean, 1 / standard deviation -> dx, dscale, dbias. Sums over what shares a scale.
std::vector<TensorType> infer_batch(const NodeView& view) {
  view.require(view.rank(0) >= 2, "dy " + text_of(view.shape(0)) + ", images and channels are needed");
  require_shape(view, 1, view.shape(0));
  const Shape channels = {view.shape(0)[1]};
  for (std::size_t i = 2; i < 5; ++i) require_shape(view, i, channels);
  return {view.input(0).type, {view.element(0), channels}, {view.element(0), channels}};
}

std::vector<TensorType> infer_layer(const NodeView& view) {
  require_shape(view, 1, view.shape(0));
  const std::size_t axis = view.axis(view.whole("axis", -1), view.rank(0));
  Shape statistics = view.shape(0);
  const Shape tail(statistics.begin() + static_cast<std::ptrdiff_t>(axis), statistics.end());
  for (std::size_t d = axis; d < statistics.size(); ++d) statistics[d] = 1;
  require_shape(view, 2, tail);
  require_shape(view, 3, statistics);
  require_shape(view, 4, statistics);
  return {view.input(0).type, {view.element(0), tail}, {view.element(0), tail}};
}

// ---- Gather along axis 0: the rows of dy are added up where they came from.
std::vector<TensorType> infer_gather(const NodeView& view) {
  const Shape &dy = view.shape(0), &indices = view.shape(1);
  const std::int64_t rows = view.whole("rows", 0);
  view.require(rows >= 1, "rows is " + std::to_string(rows) + ", at least 1 is needed");
  const auto split = static_cast<std::ptrdiff_t>(indices.size());
  view.require(dy.size() >= indices.size() && Shape(dy.begin(), dy.begin() + split) == indices,
               "dy " + text_of(dy) + " does not begin with the extents of its indices " + text_of(indices));
  Shape shape = {rows};
  shape.insert(shape.end(), dy.begin() + split, dy.end());
  return {{view.element(0), shape}};
}

}  // namespace

const std::vector<OperatorRules>& gradient_operators() {
  static const std::vector<OperatorRules> rules = {
      {.name = "AveragePoolGradient", .attributes = with(average_attributes, {"input_shape"}), .infer = infer_pooling, .of_training = true},
      {.name = "BatchNormalizationGradient", .inputs = {5, 5}, .attributes = {}, .infer = infer_batch, .of_training = true},
      {.name = "ConvDataGradient",
       .inputs = {2, 2},
       .attributes = with(convolution_attributes, {"input_shape"}),
       .infer = infer_data,
       .products = products_data,
       .of_training = true},
      {.name = "ConvWeightGradient",
       .inputs = {2, 2},
       .attributes = with(convolution_attributes, {"weight_shape"}),
       .infer = infer_weight,
       .products = products_weight,
       .of_training = true},
      {.name = "GatherGradient", .inputs = {2, 2}, .attributes = {"rows"}, .infer = infer_gather, .of_training = true},
      {.name = "LayerNormalizationGradient", .inputs = {5, 5}, .attributes = {"axis"}, .infer = infer_layer, .of_training = true},
      {.name = "MaxPoolGradient", .inputs = {2, 2}, .attributes = with(maximum_attributes, {"input_shape"}), .infer = infer_pooling, .of_training = true},
      {.name = "SoftmaxGradient", .inputs = {2, 2}, .attributes = {"axis"}, .infer = infer_softmax, .of_training = true},
  };
  return rules;
}

}  // namespace spinvp::workloads
