#include <array>

#include "workloads/graph/operator_rules.h"
#include "workloads/graph/shape.h"
#include "workloads/import/yaml_layer.h"

namespace spinvp::workloads {
namespace {

Shape shape_in(const GraphBuilder& builder, const YamlLayer& layer, std::size_t least_rank) {
  layer.need_inputs(1);
  Shape shape = builder.shape(layer.inputs[0]);
  if (shape.size() < least_rank) layer.refuse("its input is " + text_of(shape) + ", at least " + std::to_string(least_rank) + " dimensions are needed");
  return shape;
}

TensorId table_named(YamlLayer& layer, const char* setting, const Parameters& parameters) {
  const auto found = parameters(layer.text(setting));
  if (!found) layer.refuse(std::string("'") + setting + "' must name an embedding or a parameter layer above");
  return *found;
}

// kernel, stride, pad as ONNX has them: begins and ends alike.
Attributes window(YamlLayer& layer, std::size_t dimensions, bool stride_is_kernel) {
  Attributes attributes;
  const auto kernel = layer.wholes("kernel", dimensions);
  attributes.set("kernel_shape", kernel);
  attributes.set("strides", layer.has("stride") || !stride_is_kernel ? layer.wholes("stride", dimensions, 1) : kernel);
  auto pads = layer.wholes("pad", dimensions, 0);
  pads.insert(pads.end(), pads.begin(), pads.end());
  attributes.set("pads", pads);
  return attributes;
}

// filters, kernel, stride, pad, dilation, groups, bias.
TensorId conv(GraphBuilder& builder, YamlLayer& layer, const Parameters&) {
  const Shape input = shape_in(builder, layer, 3);
  const std::size_t dimensions = input.size() - 2;
  Attributes attributes = window(layer, dimensions, false);
  const std::int64_t filters = layer.whole("filters"), groups = layer.whole("groups", 1);
  if (filters < 1 || groups < 1) layer.refuse("filters and groups must be at least 1");
  attributes.set("dilations", layer.wholes("dilation", dimensions, 1));
  attributes.set("group", groups);
  Shape weights = {filters, input[1] / groups};
  for (const std::int64_t k : layer.wholes("kernel", dimensions)) weights.push_back(k);
  std::vector<TensorId> inputs = {layer.inputs[0], builder.parameter(layer.name + ".weight", weights)};
  if (layer.flag("bias", true)) inputs.push_back(builder.parameter(layer.name + ".bias", {filters}));
  return builder.node(layer.name, "Conv", inputs, std::move(attributes));
}

// features, bias; weights: an embedding whose table is used turned round (tied weights). The last extent becomes `features`.
TensorId linear(GraphBuilder& builder, YamlLayer& layer, const Parameters& parameters) {
  const Shape input = shape_in(builder, layer, 1);
  TensorId weight{};
  std::int64_t features = 0;
  if (layer.has("weights")) {
    const TensorId table = table_named(layer, "weights", parameters);
    features = builder.shape(table).at(0);
    Attributes turned;
    turned.set("perm", std::vector<std::int64_t>{1, 0});
    weight = builder.node(layer.name + ".turned", "Transpose", {table}, std::move(turned));
  } else {
    features = layer.whole("features");
    weight = builder.parameter(layer.name + ".weight", {input.back(), features});
  }
  const bool biased = layer.flag("bias", true);
  if (input.size() == 2) {
    std::vector<TensorId> inputs = {layer.inputs[0], weight};
    if (biased) inputs.push_back(builder.parameter(layer.name + ".bias", {features}));
    return builder.node(layer.name, "Gemm", inputs);
  }
  const TensorId product = builder.node(layer.name, "MatMul", {layer.inputs[0], weight});
  if (!biased) return product;
  return builder.node(layer.name + ".sum", "Add", {product, builder.parameter(layer.name + ".bias", {features})});
}

// turned: the second operand's last two extents are swapped first.
TensorId matmul(GraphBuilder& builder, YamlLayer& layer, const Parameters&) {
  layer.need_inputs(2);
  TensorId right = layer.inputs[1];
  if (layer.flag("turned", false)) {
    std::vector<std::int64_t> order;
    for (std::size_t d = 0; d < builder.shape(right).size(); ++d) order.push_back(static_cast<std::int64_t>(d));
    if (order.size() < 2) layer.refuse("its second input must have at least two dimensions");
    std::swap(order[order.size() - 1], order[order.size() - 2]);
    Attributes turned;
    turned.set("perm", order);
    right = builder.node(layer.name + ".turned", "Transpose", {right}, std::move(turned));
  }
  return builder.node(layer.name, "MatMul", {layer.inputs[0], right});
}

// rows, width: a table, of which the input chooses rows. Its parameter has the layer's name, for `weights` of a linear layer.
TensorId embedding(GraphBuilder& builder, YamlLayer& layer, const Parameters&) {
  (void)shape_in(builder, layer, 0);
  const TensorId table = builder.parameter(layer.name + ".table", {layer.whole("rows"), layer.whole("width")});
  return builder.node(layer.name, "Gather", {table, layer.inputs[0]});
}

// table: an embedding layer above, whose table serves another input as well.
TensorId lookup(GraphBuilder& builder, YamlLayer& layer, const Parameters& parameters) {
  layer.need_inputs(1);
  return builder.node(layer.name, "Gather", {table_named(layer, "table", parameters), layer.inputs[0]});
}

// shape: a tensor that is learned as it is.
TensorId parameter(GraphBuilder& builder, YamlLayer& layer, const Parameters&) { return builder.parameter(layer.name, layer.shape("shape")); }

TensorId batch_norm(GraphBuilder& builder, YamlLayer& layer, const Parameters&) {
  const std::int64_t channels = shape_in(builder, layer, 2)[1];
  std::vector<TensorId> inputs = {layer.inputs[0]};
  for (const char* part : {".scale", ".shift", ".mean", ".variance"}) inputs.push_back(builder.parameter(layer.name + part, {channels}));
  return builder.node(layer.name, "BatchNormalization", inputs);
}

TensorId layer_norm(GraphBuilder& builder, YamlLayer& layer, const Parameters&) {
  const std::int64_t width = shape_in(builder, layer, 1).back();
  return builder.node(layer.name, "LayerNormalization",
                      {layer.inputs[0], builder.parameter(layer.name + ".scale", {width}), builder.parameter(layer.name + ".shift", {width})});
}

// kernel, stride (kernel if not given), pad, ceil.
TensorId pool(GraphBuilder& builder, YamlLayer& layer, const char* type) {
  Attributes attributes = window(layer, shape_in(builder, layer, 3).size() - 2, true);
  attributes.set("ceil_mode", std::int64_t{layer.flag("ceil", false)});
  return builder.node(layer.name, type, {layer.inputs[0]}, std::move(attributes));
}
TensorId max_pool(GraphBuilder& builder, YamlLayer& layer, const Parameters&) { return pool(builder, layer, "MaxPool"); }
TensorId average_pool(GraphBuilder& builder, YamlLayer& layer, const Parameters&) { return pool(builder, layer, "AveragePool"); }

TensorId scalar(GraphBuilder& builder, const std::string& name, double value) { return builder.constant(name, {{builder.element, {}}, {}, {value}}); }

// by: a factor.
TensorId scale(GraphBuilder& builder, YamlLayer& layer, const Parameters&) {
  layer.need_inputs(1);
  return builder.node(layer.name, "Mul", {layer.inputs[0], scalar(builder, layer.name + ".factor", layer.real("by"))});
}

// least, most.
TensorId clip(GraphBuilder& builder, YamlLayer& layer, const Parameters&) {
  layer.need_inputs(1);
  return builder.node(
      layer.name, "Clip",
      {layer.inputs[0], scalar(builder, layer.name + ".least", layer.real("least")), scalar(builder, layer.name + ".most", layer.real("most"))});
}

// axis, at: one slice of the input, without that axis.
TensorId pick(GraphBuilder& builder, YamlLayer& layer, const Parameters&) {
  layer.need_inputs(1);
  Attributes attributes;
  attributes.set("axis", layer.whole("axis"));
  return builder.node(layer.name, "Gather", {layer.inputs[0], builder.constant(layer.name + ".at", whole_values(ElementType::int64, {}, {layer.whole("at")}))},
                      std::move(attributes));
}

// Of square matrices n x n, what stands below the diagonal: n (n - 1) / 2 values in a row.
TensorId below_diagonal(GraphBuilder& builder, YamlLayer& layer, const Parameters&) {
  const Shape input = shape_in(builder, layer, 2);
  const std::int64_t n = input.back();
  if (n != input[input.size() - 2] || n < 2 || n > 4096) layer.refuse("its input is " + text_of(input) + ", square matrices of 2 to 4096 rows are needed");
  std::vector<std::int64_t> places;
  for (std::int64_t row = 1; row < n; ++row)
    for (std::int64_t column = 0; column < row; ++column) places.push_back(row * n + column);
  Attributes flat, last;
  Shape shape(input.begin(), input.end() - 2);
  shape.push_back(n * n);
  last.set("axis", static_cast<std::int64_t>(shape.size()) - 1);
  flat.set("shape", shape);
  const TensorId rows = builder.node(layer.name + ".flat", "Reshape", {layer.inputs[0]}, std::move(flat));
  const auto count = static_cast<std::int64_t>(places.size());
  return builder.node(layer.name, "Gather", {rows, builder.constant(layer.name + ".places", whole_values(ElementType::int64, {count}, std::move(places)))},
                      std::move(last));
}

struct Row {
  const char* name;
  YamlKind build;
};
constexpr std::array kinds = {Row{"average_pool", average_pool},
                              Row{"batch_norm", batch_norm},
                              Row{"below_diagonal", below_diagonal},
                              Row{"clip", clip},
                              Row{"conv", conv},
                              Row{"embedding", embedding},
                              Row{"layer_norm", layer_norm},
                              Row{"linear", linear},
                              Row{"lookup", lookup},
                              Row{"matmul", matmul},
                              Row{"max_pool", max_pool},
                              Row{"parameter", parameter},
                              Row{"pick", pick},
                              Row{"scale", scale}};

}  // namespace

YamlKind find_yaml_kind(const std::string& name) {
  for (const Row& row : kinds)
    if (name == row.name) return row.build;
  return nullptr;
}

std::vector<std::string> yaml_kind_names() {
  std::vector<std::string> names;
  for (const Row& row : kinds) names.emplace_back(row.name);
  return names;
}

}  // namespace spinvp::workloads
