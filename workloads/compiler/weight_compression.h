// Compresses weights to the form that the NPU rebuilds on their way to the array (models/abi/npu_weights.h): a sparse matrix of powers of two times a small basis, for each row.
//
// By alternating least squares, from the first `rank` unit vectors as basis: coefficients for the basis, the basis for the coefficients, first with real numbers, then with coefficients and basis as they are
// stored; the stored pair with the least error is taken. In each group the pieces with the largest norm keep their coefficients (of equals the first). The network is not trained again, as SmartExchange does: the error is
// that of the values as they are. Everything is double arithmetic in a fixed order: same weights, same bytes.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "models/abi/npu_weights.h"

namespace spinvp::workloads::compiler {

struct WeightCompression {
  std::uint32_t slice = 0, rank = 3;  // slice 0: nothing is compressed
  std::uint32_t kept = 2, group = 4;
  std::uint32_t coefficient_bits = 4;
  [[nodiscard]] bool any() const { return slice != 0; }
  [[nodiscard]] spinvp_npu_weights of(std::uint64_t rows, std::uint64_t units) const {
    return {static_cast<std::uint32_t>(rows), static_cast<std::uint32_t>(units), slice, rank, kept, group, coefficient_bits, 0};
  }
};

struct CompressedWeights {
  std::vector<std::uint8_t> bytes;  // header and all
  std::vector<float> values;        // what they are rebuilt to, in fp32
  double difference = 0, norm = 0;  // sums of squares: of what they are off, and of the weights
};

// `weights`: rows x units finite numbers.
CompressedWeights compress(const spinvp_npu_weights& form, std::span<const float> weights);

// The header alone, padded: all that a run without values needs.
std::vector<std::uint8_t> header_of(const spinvp_npu_weights& form);

}  // namespace spinvp::workloads::compiler
