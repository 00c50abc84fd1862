// The elements of a stored tensor of reals as floats, and bfloat16.
#pragma once

#include <vector>

#include "workloads/graph/tensor.h"

namespace spinvp::workloads {

// To nearest even; a NaN becomes 0x7fc0 (models/abi/npu.h).
float rounded_to_bfloat16(float value);

// Of a tensor with values: float32, bfloat16, or float64 rounded. Nothing is cut off at most_folded elements.
std::vector<float> floats_of(const Tensor& tensor);

}  // namespace spinvp::workloads
