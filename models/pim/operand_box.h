// A box of words in memory, as LOAD, STORE and DOT name it: which bytes it touches, in which bursts they travel, and where they lie in a compact image of them.
//
// A box is a base address and dimensions (extent, stride in bytes; a stride may be zero or negative). Its plan sorts the dimensions by stride and merges
// those whose steps touch or overlap into one contiguous run; the rest are rows of such runs. A zero stride names no further word, so distinct words
// travel once. (Two row dimensions that overlap each other are not merged: their common words travel twice, and are charged twice.)
// The image holds the runs one behind the other; every dimension keeps a stride within it.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace spinvp::pim {

struct Dimension {
  std::uint32_t extent = 1;
  std::int64_t stride = 0;  // bytes, a multiple of 4
};

// From first to last, both included; empty where last < first, as it is at first.
struct Span {
  std::uint64_t first = 1, last = 0;
  [[nodiscard]] bool meets(const Span& other) const { return first <= other.last && other.first <= last && first <= last && other.first <= other.last; }
};
// The bytes from the lowest to the highest word of a box; nullopt if some address leaves the 64-bit space.
std::optional<Span> span_of_box(std::uint64_t address, std::span<const Dimension> dimensions);

struct BoxPlan {
  std::uint64_t low = 0;                   // lowest address touched
  std::uint64_t run_bytes = 4;             // length of a contiguous run
  std::vector<Dimension> rows;             // of runs: strides positive and larger than run_bytes; the longest dimension first
  std::uint64_t bytes = 4;                 // of the image: what travels
  std::int64_t origin = 0;                 // word of the image at index zero of all dimensions
  std::vector<std::int64_t> word_strides;  // in the image, of each dimension as it was given
};

// nullopt if some address leaves the 64-bit space. Product of extents at most 2^40.
std::optional<BoxPlan> plan_box(std::uint64_t address, std::span<const Dimension> dimensions);

// One bus transfer: `rows` runs of `row_bytes`, starts `stride` apart; it begins at byte `at` of the image.
struct BoxPiece {
  std::uint64_t address, at, row_bytes, stride, rows;
};
// Calls use(BoxPiece) for each; false from it stops. Returns whether all were used. `displacement` is added to each address.
template <typename Use>
bool for_each_piece(const BoxPlan& plan, std::int64_t displacement, Use&& use) {
  const Dimension inner = plan.rows.empty() ? Dimension{1, 0} : plan.rows.front();
  const std::uint64_t piece_bytes = plan.run_bytes * inner.extent;
  std::vector<std::uint32_t> digit(plan.rows.size(), 0);
  std::uint64_t offset = 0, at = 0;
  while (true) {
    if (!use(
            BoxPiece{plan.low + static_cast<std::uint64_t>(displacement) + offset, at, plan.run_bytes, static_cast<std::uint64_t>(inner.stride), inner.extent}))
      return false;
    at += piece_bytes;
    std::size_t d = 1;
    for (; d < plan.rows.size(); ++d) {
      offset += static_cast<std::uint64_t>(plan.rows[d].stride);
      if (++digit[d] < plan.rows[d].extent) break;
      offset -= static_cast<std::uint64_t>(plan.rows[d].stride) * plan.rows[d].extent;
      digit[d] = 0;
    }
    if (d >= plan.rows.size()) return true;
  }
}

}  // namespace spinvp::pim
