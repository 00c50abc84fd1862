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

}  // namespace spinvp::workloads
