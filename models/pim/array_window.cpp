#include "models/pim/array_window.h"

#include <algorithm>
#include <bit>

namespace spinvp::pim {

namespace {

// Calls use(reference to the word, first byte in it, position in the access, bytes) for each word that the access touches.
template <typename Store, typename Use>
void for_each_word(Store& store, std::uint64_t offset, std::uint64_t length, Use&& use) {
  const Geometry& g = store.geometry();
  for (std::uint64_t done = 0; done < length;) {
    const std::uint64_t at = offset + done, word = at / 4, within = at % 4, flat_lane = word / g.words;
    const std::uint64_t bytes = std::min<std::uint64_t>(4 - within, length - done);
    use(store.plane(static_cast<std::uint32_t>(flat_lane / g.lanes), static_cast<std::uint32_t>(word % g.words))[flat_lane % g.lanes], within, done, bytes);
    done += bytes;
  }
}

}  // namespace

void ArrayWindow::read(std::uint64_t offset, std::span<std::uint8_t> bytes) const {
  for_each_word(static_cast<const SubarrayStore&>(store_), offset, bytes.size(),
                [&](const std::uint32_t& word, std::uint64_t within, std::uint64_t at, std::uint64_t n) {
                  for (std::uint64_t i = 0; i < n; ++i) bytes[at + i] = static_cast<std::uint8_t>(word >> (8 * (within + i)));
                });
}

std::uint64_t ArrayWindow::write(std::uint64_t offset, std::span<const std::uint8_t> bytes) {
  std::uint64_t flips = 0;
  for_each_word(store_, offset, bytes.size(), [&](std::uint32_t& word, std::uint64_t within, std::uint64_t at, std::uint64_t n) {
    const std::uint32_t before = word;
    for (std::uint64_t i = 0; i < n; ++i) {
      const auto shift = static_cast<unsigned>(8 * (within + i));
      word = (word & ~(0xffu << shift)) | (std::uint32_t{bytes[at + i]} << shift);
    }
    flips += static_cast<std::uint64_t>(std::popcount(before ^ word));
  });
  return flips;
}

void WindowRows::add(std::uint64_t offset, std::uint64_t length) {
  cells_ += 8 * length;
  const std::uint64_t lane_bytes = touched_.size(), subarray_bytes = lane_bytes * geometry_.lanes;
  while (length > 0) {
    const std::uint64_t subarray = offset / subarray_bytes, here = std::min(length, subarray_bytes - offset % subarray_bytes);
    if (subarray != subarray_) {
      subarray_ = subarray;
      std::fill(touched_.begin(), touched_.end(), false);
    }
    for (std::uint64_t i = 0; i < std::min(here, lane_bytes); ++i) {
      const std::uint64_t byte = (offset + i) % lane_bytes;
      if (touched_[byte]) continue;
      touched_[byte] = true;
      rows_ += 8;
    }
    offset += here;
    length -= here;
  }
}

}  // namespace spinvp::pim
