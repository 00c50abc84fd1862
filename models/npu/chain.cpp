#include "models/npu/chain.h"

#include <algorithm>
#include <cmath>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace spinvp::npu {

namespace {

// Of k at a time: what of b belongs to a few columns stays in the nearest caches while all rows pass.
constexpr std::size_t depth_block = 256;

void chain_fmaf(const ChainBlock& c) {
  for (std::size_t i = 0; i < c.rows; ++i) {
    float* sums = c.sums + i * c.sums_stride;
    for (std::size_t k = 0; k < c.depth; ++k) {
      const float a = c.a[i * c.a_row_stride + k * c.a_k_stride];
      const float* b = c.b + k * c.b_stride;
      for (std::size_t j = 0; j < c.columns; ++j) sums[j] = std::fmaf(a, b[j], sums[j]);
    }
  }
}

#if defined(__x86_64__)

// Rows x (Vectors * 8) sums stay in registers while k runs.
template <std::size_t Rows, std::size_t Vectors>
__attribute__((target("avx2,fma"))) inline void tile_avx2(const ChainBlock& c, std::size_t i, std::size_t j, std::size_t k_first, std::size_t k_last) {
  __m256 sums[Rows][Vectors];
  // Unrolled by hand, or the compiler takes the sums to memory at each step.
#pragma GCC unroll 8
  for (std::size_t r = 0; r < Rows; ++r)
#pragma GCC unroll 8
    for (std::size_t v = 0; v < Vectors; ++v) sums[r][v] = _mm256_loadu_ps(c.sums + (i + r) * c.sums_stride + j + 8 * v);
  const float* a = c.a + i * c.a_row_stride + k_first * c.a_k_stride;
  const float* b = c.b + k_first * c.b_stride + j;
  for (std::size_t k = k_first; k < k_last; ++k, a += c.a_k_stride, b += c.b_stride) {
    __m256 columns[Vectors];
#pragma GCC unroll 8
    for (std::size_t v = 0; v < Vectors; ++v) columns[v] = _mm256_loadu_ps(b + 8 * v);
#pragma GCC unroll 8
    for (std::size_t r = 0; r < Rows; ++r) {
      const __m256 row = _mm256_broadcast_ss(a + r * c.a_row_stride);
#pragma GCC unroll 8
      for (std::size_t v = 0; v < Vectors; ++v) sums[r][v] = _mm256_fmadd_ps(row, columns[v], sums[r][v]);
    }
  }
#pragma GCC unroll 8
  for (std::size_t r = 0; r < Rows; ++r)
#pragma GCC unroll 8
    for (std::size_t v = 0; v < Vectors; ++v) _mm256_storeu_ps(c.sums + (i + r) * c.sums_stride + j + 8 * v, sums[r][v]);
}

__attribute__((target("avx2,fma"))) void chain_avx2(const ChainBlock& c) {
  for (std::size_t k = 0; k < c.depth; k += depth_block) {
    const std::size_t k_last = std::min(c.depth, k + depth_block);
    for (std::size_t j = 0; j < c.columns; j += 16) {
      std::size_t i = 0;
      for (; i + 6 <= c.rows; i += 6) tile_avx2<6, 2>(c, i, j, k, k_last);
      switch (c.rows - i) {
        case 5: tile_avx2<5, 2>(c, i, j, k, k_last); break;
        case 4: tile_avx2<4, 2>(c, i, j, k, k_last); break;
        case 3: tile_avx2<3, 2>(c, i, j, k, k_last); break;
        case 2: tile_avx2<2, 2>(c, i, j, k, k_last); break;
        case 1: tile_avx2<1, 2>(c, i, j, k, k_last); break;
        default: break;
      }
    }
  }
}

template <std::size_t Rows, std::size_t Vectors>
__attribute__((target("avx512f"))) inline void tile_avx512(const ChainBlock& c, std::size_t i, std::size_t j, std::size_t k_first, std::size_t k_last) {
  __m512 sums[Rows][Vectors];
  for (std::size_t r = 0; r < Rows; ++r)
    for (std::size_t v = 0; v < Vectors; ++v) sums[r][v] = _mm512_loadu_ps(c.sums + (i + r) * c.sums_stride + j + 16 * v);
  const float* a = c.a + i * c.a_row_stride + k_first * c.a_k_stride;
  const float* b = c.b + k_first * c.b_stride + j;
  for (std::size_t k = k_first; k < k_last; ++k, a += c.a_k_stride, b += c.b_stride) {
    __m512 columns[Vectors];
    for (std::size_t v = 0; v < Vectors; ++v) columns[v] = _mm512_loadu_ps(b + 16 * v);
    for (std::size_t r = 0; r < Rows; ++r) {
      const __m512 row = _mm512_set1_ps(a[r * c.a_row_stride]);
      for (std::size_t v = 0; v < Vectors; ++v) sums[r][v] = _mm512_fmadd_ps(row, columns[v], sums[r][v]);
    }
  }
  for (std::size_t r = 0; r < Rows; ++r)
    for (std::size_t v = 0; v < Vectors; ++v) _mm512_storeu_ps(c.sums + (i + r) * c.sums_stride + j + 16 * v, sums[r][v]);
}

template <std::size_t Vectors>
__attribute__((target("avx512f"))) inline void columns_avx512(const ChainBlock& c, std::size_t j, std::size_t k, std::size_t k_last) {
  std::size_t i = 0;
  for (; i + 8 <= c.rows; i += 8) tile_avx512<8, Vectors>(c, i, j, k, k_last);
  if (i + 4 <= c.rows) {
    tile_avx512<4, Vectors>(c, i, j, k, k_last);
    i += 4;
  }
  switch (c.rows - i) {
    case 3: tile_avx512<3, Vectors>(c, i, j, k, k_last); break;
    case 2: tile_avx512<2, Vectors>(c, i, j, k, k_last); break;
    case 1: tile_avx512<1, Vectors>(c, i, j, k, k_last); break;
    default: break;
  }
}

__attribute__((target("avx512f"))) void chain_avx512(const ChainBlock& c) {
  for (std::size_t k = 0; k < c.depth; k += depth_block) {
    const std::size_t k_last = std::min(c.depth, k + depth_block);
    std::size_t j = 0;
    for (; j + 48 <= c.columns; j += 48) columns_avx512<3>(c, j, k, k_last);
    if (j + 32 <= c.columns) {
      columns_avx512<2>(c, j, k, k_last);
      j += 32;
    }
    if (j < c.columns) columns_avx512<1>(c, j, k, k_last);
  }
}

#endif

}  // namespace

const char* name_of(ChainUnit unit) {
  switch (unit) {
    case ChainUnit::avx2: return "avx2";
    case ChainUnit::avx512: return "avx512";
    default: return "fmaf";
  }
}

bool has_chain_unit(ChainUnit unit) {
#if defined(__x86_64__)
  if (unit == ChainUnit::avx512) return __builtin_cpu_supports("avx512f");
  if (unit == ChainUnit::avx2) return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#endif
  return unit == ChainUnit::fmaf;
}

ChainUnit best_chain_unit() {
  for (const ChainUnit unit : {ChainUnit::avx512, ChainUnit::avx2})
    if (has_chain_unit(unit)) return unit;
  return ChainUnit::fmaf;
}

void run_chain(const ChainBlock& block, ChainUnit unit) {
  ChainBlock padded = block;
  padded.columns = padded_width(block.columns);
  switch (unit) {
#if defined(__x86_64__)
    case ChainUnit::avx512: chain_avx512(padded); break;
    case ChainUnit::avx2: chain_avx2(padded); break;
#endif
    default: chain_fmaf(padded); break;
  }
}

}  // namespace spinvp::npu
