#include "models/pim/subarray_store.h"

#include <bit>
#include <cstring>
#include <new>

#include "models/pim/wear.h"

namespace spinvp::pim {

// calloc: the host hands out zero pages as they are first touched, a vector would write them all.
SubarrayStore::SubarrayStore(Geometry geometry)
    : geometry_(geometry), cells_(static_cast<std::uint32_t*>(std::calloc(geometry.total_lanes() * geometry.all_words(), sizeof(std::uint32_t)))) {
  if (cells_ == nullptr) throw std::bad_alloc();
}

namespace {

std::uint64_t flips_portable(const std::uint32_t* a, const std::uint32_t* b, std::size_t count) {
  std::uint64_t flips = 0;
  for (std::size_t i = 0; i < count; ++i) flips += static_cast<std::uint64_t>(__builtin_popcount(a[i] ^ b[i]));
  return flips;
}
#if defined(__x86_64__)
__attribute__((target("popcnt"))) std::uint64_t flips_popcnt(const std::uint32_t* a, const std::uint32_t* b, std::size_t count) {
  std::uint64_t flips = 0;
  std::size_t i = 0;
  for (; i + 2 <= count; i += 2) {
    std::uint64_t x, y;
    std::memcpy(&x, a + i, sizeof x);
    std::memcpy(&y, b + i, sizeof y);
    flips += static_cast<std::uint64_t>(__builtin_popcountll(x ^ y));
  }
  if (i < count) flips += static_cast<std::uint64_t>(__builtin_popcount(a[i] ^ b[i]));
  return flips;
}
const auto flips_between = __builtin_cpu_supports("popcnt") ? flips_popcnt : flips_portable;
#else
const auto flips_between = flips_portable;
#endif

}  // namespace

std::uint64_t SubarrayStore::write(const LaneRange& range, std::uint32_t word, std::span<const std::uint32_t> words) {
  if (wear_ != nullptr) wear_->word_written(range.subarray, word);
  const auto to = lanes(range, word);
  const std::uint64_t flips = flips_between(to.data(), words.data(), to.size());
  std::memmove(to.data(), words.data(), to.size_bytes());
  return flips;
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
