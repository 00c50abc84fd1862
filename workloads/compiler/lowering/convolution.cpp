// Convolutions and their gradients, one command each. One spatial extent is an image of one row.
#include "workloads/compiler/lowering.h"
#include "workloads/graph/operators/windows.h"
#include "workloads/graph/shape.h"

namespace spinvp::workloads::compiler {
namespace {

// Rank 3 becomes rank 4; nothing else has commands.
Shape as_image(const NodeView& node, Shape shape) {
  node.require(shape.size() == 3 || shape.size() == 4, "a tensor of " + std::to_string(shape.size()) + " dimensions, the NPU has convolutions of 3 and 4");
  if (shape.size() == 3) shape.insert(shape.begin() + 2, 1);
  return shape;
}

spinvp_npu_descriptor describe(Emitter& emit, std::uint32_t operation, Format format, const Shape& input, const Shape& weights, const Shape& output) {
  const NodeView& node = emit.node;
  const Shape x = as_image(node, input), w = as_image(node, weights), y = as_image(node, output);
  std::vector<Window> windows = windows_of(node, input, {weights.begin() + 2, weights.end()});
  if (windows.size() == 1) windows.insert(windows.begin(), Window{1, 1, 1, 0});
  spinvp_npu_descriptor d{};
  d.operation = operation;
  d.format = number_of_reals(node, format);
  d.batch = narrow(node, x[0]);
  d.in_channels = narrow(node, x[1]);
  d.in_h = narrow(node, x[2]);
  d.in_w = narrow(node, x[3]);
  d.out_channels = narrow(node, y[1]);
  d.out_h = narrow(node, y[2]);
  d.out_w = narrow(node, y[3]);
  d.kernel_h = narrow(node, w[2]);
  d.kernel_w = narrow(node, w[3]);
  const std::int64_t groups = x[1] / w[1];
  for (const Window& window : windows)
    node.require(window.stride < 65536 && window.pad < 65536 && window.dilation < 256 && window.pad < window.dilation * (window.kernel - 1) + 1,
                 "the NPU convolves with strides below 65536, dilations below 256 and pads smaller than the dilated window");
  node.require(groups < 65536, std::to_string(groups) + " groups, the NPU convolves in fewer than 65536");
  d.stride_h = static_cast<std::uint16_t>(windows[0].stride);
  d.stride_w = static_cast<std::uint16_t>(windows[1].stride);
  d.pad_top = static_cast<std::uint16_t>(windows[0].pad);
  d.pad_left = static_cast<std::uint16_t>(windows[1].pad);
  d.dilation_h = static_cast<std::uint8_t>(windows[0].dilation);
  d.dilation_w = static_cast<std::uint8_t>(windows[1].dilation);
  d.groups = static_cast<std::uint16_t>(groups);
  return d;
}

void forward(Emitter& emit) {
  const Format format = emit.output_format();
  const View x = emit.dense(emit.input(0), format), w = emit.dense(emit.input(1), format), y = emit.output();
  const spinvp_npu_descriptor d = describe(emit, SPINVP_NPU_CONV_FORWARD, format, x.shape, w.shape, y.shape);
  std::vector<Operand> operands = {Emitter::reads(&spinvp_npu_descriptor::a, x), Emitter::reads(&spinvp_npu_descriptor::b, w),
                                   Emitter::writes(&spinvp_npu_descriptor::c, y)};
  std::optional<Program> epilogue;
  if (emit.has(2)) {
    const View bias = emit.input(2);
    if (emit.format(bias) == format) {
      operands.push_back(Emitter::reads(&spinvp_npu_descriptor::bias, emit.dense(bias)));
    } else {
      epilogue.emplace();
      epilogue->extent = {d.batch, d.out_channels, std::int64_t{d.out_h} * d.out_w};
      epilogue->reduced = {false, false, false};
      epilogue->inputs.push_back({bias.buffer, emit.format(bias), bias.offset, {0, bias.stride[0], 0}});
      epilogue->results = {epilogue->steps.add(Value::input(0), Value::input(1))};
    }
  }
  emit.emit(d, std::move(operands), std::move(epilogue));
}

void data_gradient(Emitter& emit) {
  const Format format = emit.output_format();
  const View dy = emit.dense(emit.input(0), format), w = emit.dense(emit.input(1), format), dx = emit.output();
  emit.emit(describe(emit, SPINVP_NPU_CONV_DATA_GRADIENT, format, dx.shape, w.shape, dy.shape),
            {Emitter::reads(&spinvp_npu_descriptor::a, dy), Emitter::reads(&spinvp_npu_descriptor::b, w), Emitter::writes(&spinvp_npu_descriptor::c, dx)});
}

void weight_gradient(Emitter& emit) {
  const Format format = emit.output_format();
  const View x = emit.dense(emit.input(0), format), dy = emit.dense(emit.input(1), format), dw = emit.output();
  emit.emit(describe(emit, SPINVP_NPU_CONV_WEIGHT_GRADIENT, format, x.shape, dw.shape, dy.shape),
            {Emitter::reads(&spinvp_npu_descriptor::a, x), Emitter::reads(&spinvp_npu_descriptor::b, dy), Emitter::writes(&spinvp_npu_descriptor::c, dw)});
}

}  // namespace

const std::vector<LoweringRow>& convolution_lowerings() {
  static const std::vector<LoweringRow> rows = {{"Conv", forward}, {"ConvDataGradient", data_gradient}, {"ConvWeightGradient", weight_gradient}};
  return rows;
}

}  // namespace spinvp::workloads::compiler
