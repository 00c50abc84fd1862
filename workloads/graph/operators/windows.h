// Sliding windows: what convolution and pooling share.
#pragma once

#include <vector>

#include "workloads/graph/node_view.h"

namespace spinvp::workloads {

enum class Rounding {
  floor,      // ONNX: a window that would pass the end is left out
  ceil,       // ONNX's ceil_mode: it is taken, unless it would start behind the input and its left padding
  scale_sim,  // SCALE-Sim: ceil((extent - kernel + stride) / stride), whatever the stride
};

// Output extents of windows of `kernel` over the spatial extents of input 0 (all but the first two). Reads the attributes strides, dilations, pads and auto_pad and refuses what does
// not fit: out = floor((extent + pads - dilation (kernel - 1) - 1) / stride) + 1.
Shape window_outputs(const NodeView& view, const std::vector<std::int64_t>& kernel, Rounding rounding);
// Over the spatial extents of `input`, for gradients, which have the input's shape as a setting.
Shape window_outputs(const NodeView& view, const Shape& input, const std::vector<std::int64_t>& kernel, Rounding rounding);
// What the attributes say of one spatial dimension, after window_outputs found nothing wrong with them. Pads at the end follow from the output's extent.
struct Window {
  std::int64_t kernel, stride, dilation, pad;
};
std::vector<Window> windows_of(const NodeView& view, const Shape& input, const std::vector<std::int64_t>& kernel);
// The rounding that a convolution's attribute output_size asks for, or a pooling's ceil_mode.
Rounding convolution_rounding(const NodeView& view);
Rounding pooling_rounding(const NodeView& view);

}  // namespace spinvp::workloads
