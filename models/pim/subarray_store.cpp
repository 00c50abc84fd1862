#include "models/pim/subarray_store.h"

#include <new>

namespace spinvp::pim {

// calloc: the host hands out zero pages as they are first touched, a vector would write them all.
SubarrayStore::SubarrayStore(Geometry geometry)
    : geometry_(geometry), cells_(static_cast<std::uint32_t*>(std::calloc(geometry.total_lanes() * geometry.all_words(), sizeof(std::uint32_t)))) {
  if (cells_ == nullptr) throw std::bad_alloc();
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
