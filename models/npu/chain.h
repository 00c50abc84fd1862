// The arithmetic of the array on the host: many chains of fused multiply-adds at once.
//
// sums[i][j] = fma(a[i][k], b[k][j], sums[i][j]) for ascending k: vectorised over j, never over k, and every step one rounding. So the result does not
// depend on the width of the host's vectors, on its having a fused multiply-add at all (fmaf rounds the same way), or on how a caller cuts i, j and k.
#pragma once

#include <cstddef>

namespace spinvp::npu {

// b's rows and sums' rows hold a multiple of this many floats; what lies beyond the wanted columns is computed and ignored.
inline constexpr std::size_t chain_width = 16;
constexpr std::size_t padded_width(std::size_t columns) { return (columns + chain_width - 1) / chain_width * chain_width; }
// A row stride for b that holds `columns` and is an odd number of cache lines, so that a column of lines does not fall on few cache sets.
constexpr std::size_t padded_stride(std::size_t columns) {
  const std::size_t lines = padded_width(columns) / chain_width;
  return (lines | 1) * chain_width;
}

struct ChainBlock {
  float* sums = nullptr;
  std::size_t sums_stride = 0;
  const float* a = nullptr;
  std::size_t a_row_stride = 0, a_k_stride = 0;
  const float* b = nullptr;
  std::size_t b_stride = 0;
  std::size_t rows = 0, columns = 0, depth = 0;
};

enum class ChainUnit { fmaf, avx2, avx512 };
const char* name_of(ChainUnit unit);
// The widest that this host has.
ChainUnit best_chain_unit();
bool has_chain_unit(ChainUnit unit);

void run_chain(const ChainBlock& block, ChainUnit unit);

}  // namespace spinvp::npu
