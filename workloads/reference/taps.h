// Which input element each window of a convolution or a pooling looks at, in any number of spatial dimensions.
#pragma once

#include <vector>

#include "workloads/graph/node_view.h"

namespace spinvp::workloads::reference {

inline constexpr std::size_t outside = static_cast<std::size_t>(-1);

struct Taps {
  std::size_t positions, window;        // of the output, of the kernel
  std::size_t inputs;                   // spatial elements of the input
  std::vector<std::size_t> inputs_at;   // [position][tap]: spatial element of the input, or `outside`
  std::vector<std::size_t> outputs_at;  // [input][tap]: the position that looks at this element through this tap, or `outside`
};

// Input [images][channels][space], output [images][..][positions]; reads strides, dilations, pads, auto_pad.
Taps taps_of(const NodeView& view, const Shape& input, const Shape& output, const std::vector<std::int64_t>& kernel);

}  // namespace spinvp::workloads::reference
