// Pooling over windows, and over all of space.
#include "workloads/graph/operator_rules.h"
#include "workloads/graph/operators/windows.h"
#include "workloads/graph/shape.h"

namespace spinvp::workloads {
namespace {

std::vector<TensorType> infer_windows(const NodeView& view) {
  const Shape& input = view.shape(0);
  const auto window = view.wholes("kernel_shape");
  view.require(input.size() >= 3 && window.size() + 2 == input.size(),
               "input " + text_of(input) + " and kernel_shape " + text_of(window) + " disagree, one window extent for each spatial extent is needed");
  Shape output = {input[0], input[1]};
  for (const std::int64_t extent : window_outputs(view, window, pooling_rounding(view))) output.push_back(extent);
  // MaxPool may give the places of the maxima as well: in the whole input as ONNX has them, or (`winners`, in training) in their window, ky * kernel_w + kx.
  return {{view.element(0), output}, {view.whole("winners", 0) != 0 ? ElementType::uint8 : ElementType::int64, output}};
}

std::vector<TensorType> infer_average(const NodeView& view) { return {infer_windows(view)[0]}; }

std::vector<TensorType> infer_global(const NodeView& view) {
  Shape output = view.shape(0);
  view.require(output.size() >= 3, "input " + text_of(output) + ", images, channels and at least one spatial extent are needed");
  for (std::size_t d = 2; d < output.size(); ++d) output[d] = 1;
  return {{view.element(0), output}};
}

}  // namespace

const std::vector<OperatorRules>& pooling_operators() {
  static const std::vector<OperatorRules> rules = {
      {.name = "AveragePool",
       .attributes = {"auto_pad", "ceil_mode", "count_include_pad", "dilations", "kernel_shape", "pads", "strides"},
       .infer = infer_average},
      {.name = "GlobalAveragePool", .infer = infer_global},
      {.name = "GlobalMaxPool", .infer = infer_global},
      {.name = "MaxPool",
       .attributes = {"auto_pad", "ceil_mode", "dilations", "kernel_shape", "pads", "storage_order", "strides", "winners"},
       .infer = infer_windows},
  };
  return rules;
}

}  // namespace spinvp::workloads
