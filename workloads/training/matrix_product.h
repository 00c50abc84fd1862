// The one sum behind every layer: a matrix product whose order of additions and roundings is fixed by an ArithmeticPolicy.
#pragma once

#include <cstddef>
#include <span>

#include "workloads/training/arithmetic_policy.h"

namespace spinvp::workloads {

struct ProductShape {
  std::size_t rows, columns, depth;  // A is rows x depth, B depth x columns, C rows x columns; all row by row
};

// C = A B, C[m][n] = sum over k ascending. Vectorised over n, never over k: the host's SIMD width cannot change a bit, and a host
// without fused multiply-add calls fmaf, which rounds the same way.
void matrix_product(const ArithmeticPolicy& policy, ProductShape shape, std::span<const float> a, std::span<const float> b, std::span<float> c);

// `batches` products of one shape, whose matrices lie one behind the other. All outputs are formed at once, so it is their whole number that shares out
// the lanes.
void batched_product(const ArithmeticPolicy& policy, std::size_t batches, ProductShape shape, std::span<const float> a, std::span<const float> b,
                     std::span<float> c);

}  // namespace spinvp::workloads
