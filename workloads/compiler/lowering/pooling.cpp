// Pooling over windows and its gradients, one command each.
#include "workloads/compiler/lowering.h"
#include "workloads/graph/operators/windows.h"
#include "workloads/graph/shape.h"

namespace spinvp::workloads::compiler {
namespace {

Shape as_image(const NodeView& node, Shape shape) {
  node.require(shape.size() == 3 || shape.size() == 4, "a tensor of " + std::to_string(shape.size()) + " dimensions, the NPU pools 3 and 4");
  if (shape.size() == 3) shape.insert(shape.begin() + 2, 1);
  return shape;
}

spinvp_npu_descriptor describe(Emitter& emit, std::uint32_t operation, Format format, const Shape& large, const Shape& small) {
  const NodeView& node = emit.node;
  const Shape x = as_image(node, large), y = as_image(node, small);
  std::vector<Window> windows = windows_of(node, large, node.wholes("kernel_shape"));
  if (windows.size() == 1) windows.insert(windows.begin(), Window{1, 1, 1, 0});
  for (const Window& w : windows)
    node.require(w.dilation == 1 && w.stride < 65536 && w.pad < 65536, "the NPU pools without dilation, with strides and pads below 65536");
  // A mean has no winner to remember.
  const bool average = operation == SPINVP_NPU_AVERAGEPOOL_FORWARD || operation == SPINVP_NPU_AVERAGEPOOL_BACKWARD;
  node.require(average || windows[0].kernel * windows[1].kernel <= 256, "a window of more than 256 elements, the NPU finds the largest of up to 256");
  spinvp_npu_descriptor d{};
  d.operation = operation;
  d.format = number_of_reals(node, format);
  d.batch = narrow(node, x[0]);
  d.in_channels = narrow(node, x[1]);
  d.in_h = narrow(node, x[2]);
  d.in_w = narrow(node, x[3]);
  d.out_channels = d.in_channels;
  d.out_h = narrow(node, y[2]);
  d.out_w = narrow(node, y[3]);
  d.kernel_h = narrow(node, windows[0].kernel);
  d.kernel_w = narrow(node, windows[1].kernel);
  d.stride_h = static_cast<std::uint16_t>(windows[0].stride);
  d.stride_w = static_cast<std::uint16_t>(windows[1].stride);
  d.pad_top = static_cast<std::uint16_t>(windows[0].pad);
  d.pad_left = static_cast<std::uint16_t>(windows[1].pad);
  if (average && node.whole("count_include_pad", 0) != 0) d.flags |= SPINVP_NPU_COUNT_PADDING;
  return d;
}

// Winners are places in their window; ONNX's places in the whole input have no command.
void maximum(Emitter& emit) {
  emit.node.require(!emit.wants(1) || emit.node.whole("winners", 0) != 0,
                    "its output 1, the places of the maxima, has no kernel on the NPU, allowed is output 0");
  const Format format = emit.output_format();
  const View x = emit.dense(emit.input(0), format), y = emit.output();
  const View winners = emit.wants(1) ? emit.output(1, Format::bytes) : emit.temporary(Format::bytes, y.shape);
  emit.emit(
      describe(emit, SPINVP_NPU_MAXPOOL_FORWARD, format, x.shape, y.shape),
      {Emitter::reads(&spinvp_npu_descriptor::a, x), Emitter::writes(&spinvp_npu_descriptor::c, y), Emitter::writes(&spinvp_npu_descriptor::aux, winners)});
}
void maximum_gradient(Emitter& emit) {
  const Format format = emit.output_format();
  const View dy = emit.dense(emit.input(0), format), winners = emit.input(1), dx = emit.output();
  emit.emit(
      describe(emit, SPINVP_NPU_MAXPOOL_BACKWARD, format, dx.shape, dy.shape),
      {Emitter::reads(&spinvp_npu_descriptor::a, dy), Emitter::reads(&spinvp_npu_descriptor::aux, winners), Emitter::writes(&spinvp_npu_descriptor::c, dx)});
}
void average(Emitter& emit) {
  const Format format = emit.output_format();
  const View x = emit.dense(emit.input(0), format), y = emit.output();
  emit.emit(describe(emit, SPINVP_NPU_AVERAGEPOOL_FORWARD, format, x.shape, y.shape),
            {Emitter::reads(&spinvp_npu_descriptor::a, x), Emitter::writes(&spinvp_npu_descriptor::c, y)});
}
void average_gradient(Emitter& emit) {
  const Format format = emit.output_format();
  const View dy = emit.dense(emit.input(0), format), dx = emit.output();
  emit.emit(describe(emit, SPINVP_NPU_AVERAGEPOOL_BACKWARD, format, dx.shape, dy.shape),
            {Emitter::reads(&spinvp_npu_descriptor::a, dy), Emitter::writes(&spinvp_npu_descriptor::c, dx)});
}

}  // namespace

const std::vector<LoweringRow>& pooling_lowerings() {
  static const std::vector<LoweringRow> rows = {
      {"AveragePool", average}, {"AveragePoolGradient", average_gradient}, {"MaxPool", maximum}, {"MaxPoolGradient", maximum_gradient}};
  return rows;
}

}  // namespace spinvp::workloads::compiler
