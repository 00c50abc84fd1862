#include "workloads/training/matrix_product.h"

#include <algorithm>
#include <vector>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace spinvp::workloads {
namespace {

// Outputs formed side by side: eight registers of eight floats, so that the latency of one addition hides behind the others.
constexpr std::size_t tile = 64;

// sums[n] = sum over k of a[k] * b[k][n], n = 0 .. tile - 1.
using Chain = void (*)(const float* a, const float* b, std::size_t terms, float* sums);

void chain_fused(const float* a, const float* b, std::size_t terms, float* sums) {
  std::fill_n(sums, tile, 0.0f);
  for (std::size_t k = 0; k < terms; ++k)
    for (std::size_t n = 0; n < tile; ++n) sums[n] = __builtin_fmaf(a[k], b[k * tile + n], sums[n]);
}

// The product is rounded, then the sum: the project is compiled with -ffp-contract=off.
void chain_two_roundings(const float* a, const float* b, std::size_t terms, float* sums) {
  std::fill_n(sums, tile, 0.0f);
  for (std::size_t k = 0; k < terms; ++k)
    for (std::size_t n = 0; n < tile; ++n) sums[n] = sums[n] + a[k] * b[k * tile + n];
}

#if defined(__x86_64__)
// The same two chains with their sums held in registers, for hosts that have AVX2 and FMA: four times as fast, the same bits
// (tests/unit/workloads/test_matrix_product.cpp compares them with std::fma term by term).
constexpr std::size_t wide = 8;
constexpr std::size_t registers = tile / wide;

[[gnu::target("avx2,fma")]] void chain_fused_wide(const float* a, const float* b, std::size_t terms, float* sums) {
  __m256 total[registers];
#pragma GCC unroll 8
  for (std::size_t i = 0; i < registers; ++i) total[i] = _mm256_setzero_ps();
  for (std::size_t k = 0; k < terms; ++k) {
    const __m256 factor = _mm256_set1_ps(a[k]);
#pragma GCC unroll 8
    for (std::size_t i = 0; i < registers; ++i) total[i] = _mm256_fmadd_ps(factor, _mm256_loadu_ps(b + k * tile + i * wide), total[i]);
  }
#pragma GCC unroll 8
  for (std::size_t i = 0; i < registers; ++i) _mm256_storeu_ps(sums + i * wide, total[i]);
}

[[gnu::target("avx2,fma")]] void chain_two_roundings_wide(const float* a, const float* b, std::size_t terms, float* sums) {
  __m256 total[registers];
#pragma GCC unroll 8
  for (std::size_t i = 0; i < registers; ++i) total[i] = _mm256_setzero_ps();
  for (std::size_t k = 0; k < terms; ++k) {
    const __m256 factor = _mm256_set1_ps(a[k]);
#pragma GCC unroll 8
    for (std::size_t i = 0; i < registers; ++i) {
      const __m256 product = _mm256_mul_ps(factor, _mm256_loadu_ps(b + k * tile + i * wide));
      total[i] = _mm256_add_ps(total[i], product);
    }
  }
#pragma GCC unroll 8
  for (std::size_t i = 0; i < registers; ++i) _mm256_storeu_ps(sums + i * wide, total[i]);
}

bool host_is_wide() { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"); }
#endif

Chain chain_for(ArithmeticPolicy::Accumulation accumulation) {
  const bool fused = accumulation == ArithmeticPolicy::Accumulation::fused;
#if defined(__x86_64__)
  if (host_is_wide()) return fused ? chain_fused_wide : chain_two_roundings_wide;
#endif
  return fused ? chain_fused : chain_two_roundings;
}

// group_depth terms are one chain; the chains are added up in ascending order.
void product_in_groups(Chain sum_of, std::size_t group_depth, ProductShape shape, std::span<const float> a, std::span<const float> b, std::span<float> c) {
  // `tile` columns of B at a time, copied side by side and padded with zeros: padded sums are computed and dropped.
  std::vector<float> packed(shape.depth * tile);
  alignas(64) float sums[tile];
  alignas(64) float partial[tile];
  for (std::size_t first = 0; first < shape.columns; first += tile) {
    const std::size_t width = std::min(tile, shape.columns - first);
    for (std::size_t k = 0; k < shape.depth; ++k)
      for (std::size_t n = 0; n < width; ++n) packed[k * tile + n] = b[k * shape.columns + first + n];

    for (std::size_t m = 0; m < shape.rows; ++m) {
      const float* row = a.data() + m * shape.depth;
      sum_of(row, packed.data(), std::min(group_depth, shape.depth), sums);
      for (std::size_t start = group_depth; start < shape.depth; start += group_depth) {
        sum_of(row + start, packed.data() + start * tile, std::min(group_depth, shape.depth - start), partial);
        for (std::size_t n = 0; n < tile; ++n) sums[n] = sums[n] + partial[n];
      }
      std::copy_n(sums, width, c.data() + m * shape.columns + first);
    }
  }
}

}  // namespace

void matrix_product(const ArithmeticPolicy& policy, ProductShape shape, std::span<const float> a, std::span<const float> b, std::span<float> c) {
  batched_product(policy, 1, shape, a, b, c);
}

void batched_product(const ArithmeticPolicy& policy, std::size_t batches, ProductShape shape, std::span<const float> a, std::span<const float> b,
                     std::span<float> c) {
  const Chain sum_of = chain_for(policy.accumulation);
  const std::size_t group_depth = std::max<std::size_t>(1, policy.group_depth(batches * shape.rows * shape.columns, shape.depth));
  const std::size_t size_a = shape.rows * shape.depth, size_b = shape.depth * shape.columns, size_c = shape.rows * shape.columns;
  for (std::size_t batch = 0; batch < batches; ++batch)
    product_in_groups(sum_of, group_depth, shape, a.subspan(batch * size_a, size_a), b.subspan(batch * size_b, size_b), c.subspan(batch * size_c, size_c));
}

}  // namespace spinvp::workloads
