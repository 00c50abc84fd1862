#include "models/npu/sparse_product.h"

#include <bit>
#include <cmath>
#include <numeric>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace spinvp::npu {

namespace {

std::uint32_t magnitude(float value) { return std::bit_cast<std::uint32_t>(value) & 0x7fffffffu; }

void kept_fmaf(const KeptTerms& kept, const float* terms, std::size_t stride, float* sums, std::size_t width) {
  for (std::size_t t = 0; t < kept.values.size(); ++t) {
    const float* row = terms + kept.places[t] * stride;
    for (std::size_t j = 0; j < width; ++j) sums[j] = std::fmaf(kept.values[t], row[j], sums[j]);
  }
}

#if defined(__x86_64__)

// Vectors * 8 sums stay in registers while the kept terms run.
template <std::size_t Vectors>
__attribute__((target("avx2,fma"))) inline void stretch_avx2(const KeptTerms& kept, const float* terms, std::size_t stride, float* sums) {
  __m256 total[Vectors];
#pragma GCC unroll 8
  for (std::size_t v = 0; v < Vectors; ++v) total[v] = _mm256_loadu_ps(sums + 8 * v);
  for (std::size_t t = 0; t < kept.values.size(); ++t) {
    const __m256 value = _mm256_set1_ps(kept.values[t]);
    const float* row = terms + kept.places[t] * stride;
#pragma GCC unroll 8
    for (std::size_t v = 0; v < Vectors; ++v) total[v] = _mm256_fmadd_ps(value, _mm256_loadu_ps(row + 8 * v), total[v]);
  }
#pragma GCC unroll 8
  for (std::size_t v = 0; v < Vectors; ++v) _mm256_storeu_ps(sums + 8 * v, total[v]);
}

__attribute__((target("avx2,fma"))) void kept_avx2(const KeptTerms& kept, const float* terms, std::size_t stride, float* sums, std::size_t width) {
  std::size_t j = 0;
  for (; j + 64 <= width; j += 64) stretch_avx2<8>(kept, terms + j, stride, sums + j);
  for (; j < width; j += 16) stretch_avx2<2>(kept, terms + j, stride, sums + j);
}

template <std::size_t Vectors>
__attribute__((target("avx512f"))) inline void stretch_avx512(const KeptTerms& kept, const float* terms, std::size_t stride, float* sums) {
  __m512 total[Vectors];
#pragma GCC unroll 8
  for (std::size_t v = 0; v < Vectors; ++v) total[v] = _mm512_loadu_ps(sums + 16 * v);
  for (std::size_t t = 0; t < kept.values.size(); ++t) {
    const __m512 value = _mm512_set1_ps(kept.values[t]);
    const float* row = terms + kept.places[t] * stride;
#pragma GCC unroll 8
    for (std::size_t v = 0; v < Vectors; ++v) total[v] = _mm512_fmadd_ps(value, _mm512_loadu_ps(row + 16 * v), total[v]);
  }
#pragma GCC unroll 8
  for (std::size_t v = 0; v < Vectors; ++v) _mm512_storeu_ps(sums + 16 * v, total[v]);
}

__attribute__((target("avx512f"))) void kept_avx512(const KeptTerms& kept, const float* terms, std::size_t stride, float* sums, std::size_t width) {
  std::size_t j = 0;
  for (; j + 128 <= width; j += 128) stretch_avx512<8>(kept, terms + j, stride, sums + j);
  for (; j < width; j += 16) stretch_avx512<1>(kept, terms + j, stride, sums + j);
}

#endif

}  // namespace

std::uint64_t SparsePattern::comparisons(std::uint64_t k) const {
  if (dense()) return 0;
  const auto of = [&](std::uint64_t here) {
    const std::uint64_t n = std::min(keep, here);
    return n * here - n * (n + 1) / 2;
  };
  return k / group * of(group) + of(k % group);
}

std::uint64_t SparsePattern::whole_groups(std::uint64_t unit) const { return std::lcm(unit, group); }

std::uint64_t SparsePattern::whole_folds(std::uint64_t rows) const { return std::lcm(rows, keep) / keep * group; }

void keep_largest(const SparsePattern& pattern, const float* column, std::size_t depth, KeptTerms& kept) {
  kept.values.clear();
  kept.places.clear();
  for (std::size_t first = 0; first < depth; first += pattern.group) {
    const std::size_t count = std::min<std::size_t>(pattern.group, depth - first);
    // As many as are kept of those that come before an element in the order of magnitudes: then it is not.
    for (std::size_t i = 0; i < count; ++i) {
      const std::uint32_t mine = magnitude(column[first + i]);
      std::size_t before = 0;
      for (std::size_t other = 0; other < i; ++other) before += magnitude(column[first + other]) >= mine ? 1 : 0;
      for (std::size_t other = i + 1; other < count; ++other) before += magnitude(column[first + other]) > mine ? 1 : 0;
      if (before >= pattern.keep) continue;
      kept.values.push_back(column[first + i]);
      kept.places.push_back(static_cast<std::uint32_t>(first + i));
    }
  }
}

void run_kept_chain(const KeptTerms& kept, const float* terms, std::size_t stride, float* sums, std::size_t width, ChainUnit unit) {
  const std::size_t padded = padded_width(width);
  switch (unit) {
#if defined(__x86_64__)
    case ChainUnit::avx512: kept_avx512(kept, terms, stride, sums, padded); break;
    case ChainUnit::avx2: kept_avx2(kept, terms, stride, sums, padded); break;
#endif
    default: kept_fmaf(kept, terms, stride, sums, padded); break;
  }
}

}  // namespace spinvp::npu
