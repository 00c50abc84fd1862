// Convolution: input [images, channels, ...], weights [filters, channels / group, window...], bias [filters].
#include "workloads/graph/operator_rules.h"
#include "workloads/graph/operators/windows.h"
#include "workloads/graph/shape.h"

namespace spinvp::workloads {
namespace {

std::vector<std::int64_t> window_of(const NodeView& view) { return {view.shape(1).begin() + 2, view.shape(1).end()}; }

std::vector<TensorType> infer(const NodeView& view) {
  const Shape &input = view.shape(0), &weights = view.shape(1);
  view.require(input.size() >= 3 && weights.size() == input.size(), "input " + text_of(input) + " and weights " + text_of(weights) +
                                                                        " disagree, both need images or filters, channels and at least one spatial extent");
  const auto window = window_of(view);
  const auto stated = view.wholes("kernel_shape");
  view.require(stated.empty() || stated == window, "kernel_shape " + text_of(stated) + " disagrees with weights " + text_of(weights));
  const std::int64_t group = view.whole("group", 1), filters = weights[0];
  view.require(group >= 1 && input[1] % group == 0 && filters % group == 0 && weights[1] == input[1] / group,
               "input " + text_of(input) + " and weights " + text_of(weights) + " disagree for " + std::to_string(group) + " group(s): weights need " +
                   "channels / group in their second extent, and channels and filters must divide by group");
  if (view.has(2)) view.require(view.shape(2) == Shape{filters}, "bias " + text_of(view.shape(2)) + " disagrees with " + std::to_string(filters) + " filters");
  Shape output = {input[0], filters};
  for (const std::int64_t extent : window_outputs(view, window, convolution_rounding(view))) output.push_back(extent);
  return {{view.element(0), output}};
}

std::vector<MatrixProduct> products(const NodeView& view) {
  const Shape output = infer(view)[0].shape, &weights = view.shape(1);
  const auto group = static_cast<std::uint64_t>(view.whole("group", 1));
  const std::uint64_t filters = static_cast<std::uint64_t>(output[1]) / group;
  Shape positions = output;
  positions[1] = 1;
  return {{group, elements(positions), filters, elements(weights) / static_cast<std::uint64_t>(weights[0])}};
}

}  // namespace

const std::vector<OperatorRules>& convolution_operators() {
  static const std::vector<OperatorRules> rules = {
      // output_size is ours: scale_sim rounds the output as that tool's topologies mean it.
      {.name = "Conv",
       .inputs = {2, 3},
       .attributes = {"auto_pad", "dilations", "group", "kernel_shape", "output_size", "pads", "strides"},
       .infer = infer,
       .products = products,
       .weights = 0b110},
  };
  return rules;
}

}  // namespace spinvp::workloads
