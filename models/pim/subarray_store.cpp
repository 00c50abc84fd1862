#include "models/pim/subarray_store.h"

#include <bit>
#include <new>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "models/pim/vector_width.h"
#include "models/pim/wear.h"

namespace spinvp::pim {

// calloc: the host hands out zero pages as they are first touched, a vector would write them all.
SubarrayStore::SubarrayStore(Geometry geometry)
    : geometry_(geometry), cells_(static_cast<std::uint32_t*>(std::calloc(geometry.total_lanes() * geometry.all_words(), sizeof(std::uint32_t)))) {
  if (cells_ == nullptr) throw std::bad_alloc();
}

namespace {

// to = from, counting the bits that change. The ranges are equal or do not overlap. `attribute`: what the loop is compiled for.
#define SPINVP_REPLACE(suffix, attribute)                                                                     \
  attribute std::uint64_t replace_##suffix(std::uint32_t* to, const std::uint32_t* from, std::size_t count) { \
    std::uint64_t flips = 0;                                                                                  \
    for (std::size_t i = 0; i < count; ++i) {                                                                 \
      const std::uint32_t word = from[i];                                                                     \
      flips += static_cast<std::uint64_t>(__builtin_popcount(to[i] ^ word));                                  \
      to[i] = word;                                                                                           \
    }                                                                                                         \
    return flips;                                                                                             \
  }

SPINVP_REPLACE(portable, )
#if defined(__x86_64__)
SPINVP_REPLACE(popcnt, __attribute__((target("avx2,popcnt"))))
// Sixteen words a step, their bits counted within each.
__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vpopcntdq"))) std::uint64_t replace_avx512(std::uint32_t* to, const std::uint32_t* from,
                                                                                                           std::size_t count) {
  __m512i sums = _mm512_setzero_si512();
  std::size_t i = 0;
  for (; i + 16 <= count; i += 16) {
    const __m512i words = _mm512_loadu_si512(from + i);
    sums = _mm512_add_epi64(sums, _mm512_popcnt_epi64(_mm512_xor_si512(_mm512_loadu_si512(to + i), words)));
    _mm512_storeu_si512(to + i, words);
  }
  alignas(64) std::uint64_t parts[8];
  _mm512_store_si512(parts, sums);
  std::uint64_t flips = replace_popcnt(to + i, from + i, count - i);
  for (const std::uint64_t part : parts) flips += part;
  return flips;
}
#endif

using Replace = std::uint64_t (*)(std::uint32_t*, const std::uint32_t*, std::size_t);
Replace choose_replace() {
#if defined(__x86_64__)
  if (widest_vectors() == VectorWidth::avx512) return replace_avx512;
  if (widest_vectors() == VectorWidth::avx2) return replace_popcnt;
#endif
  return replace_portable;
}
const Replace replace_words = choose_replace();

}  // namespace

std::uint64_t SubarrayStore::write(const LaneRange& range, std::uint32_t word, std::span<const std::uint32_t> words) {
  if (wear_ != nullptr) wear_->word_written(range.subarray, word);
  const auto to = lanes(range, word);
  return replace_words(to.data(), words.data(), to.size());
}

std::uint64_t SubarrayStore::fill(const LaneRange& range, std::uint32_t word, std::uint32_t value) {
  if (wear_ != nullptr) wear_->word_written(range.subarray, word);
  std::uint64_t flips = 0;
  for (std::uint32_t& cell : lanes(range, word)) {
    flips += static_cast<std::uint64_t>(std::popcount(cell ^ value));
    cell = value;
  }
  return flips;
}

void SubarrayStore::read_row(std::uint32_t subarray, std::uint32_t row, std::span<std::uint64_t> bits) const {
  const auto words = plane(subarray, row / 32);
  const unsigned shift = row % 32;
  for (std::size_t i = 0; i < bits.size(); ++i) bits[i] = 0;
  for (std::size_t c = 0; c < words.size(); ++c) bits[c / 64] |= std::uint64_t{(words[c] >> shift) & 1u} << (c % 64);
}

void SubarrayStore::write_row(std::uint32_t subarray, std::uint32_t row, std::span<const std::uint64_t> bits) {
  const auto words = plane(subarray, row / 32);
  const unsigned shift = row % 32;
  for (std::size_t c = 0; c < words.size(); ++c) {
    const auto bit = static_cast<std::uint32_t>((bits[c / 64] >> (c % 64)) & 1u);
    words[c] = (words[c] & ~(1u << shift)) | (bit << shift);
  }
}

void SubarrayStore::describe_state(core::StateArchive& archive) {
  archive.raw("cells", cells_.get(), geometry_.total_lanes() * geometry_.all_words() * sizeof(std::uint32_t));
}

}  // namespace spinvp::pim
