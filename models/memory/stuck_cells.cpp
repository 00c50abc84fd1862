#include "models/memory/stuck_cells.h"

#include <algorithm>

#include "models/core/fault_clock.h"
#include "models/core/random_bits.h"

namespace spinvp::memory {

StuckCells::StuckCells(std::uint64_t words, unsigned bits, double share, std::uint64_t seed) : bits_(bits) {
  core::FaultClock gaps(share, seed);
  const std::uint64_t values = core::random_bits(seed, 1);
  gaps.pass(words * bits, [&](std::uint64_t cell) { cells_.push_back({cell, (core::random_bits(values, cells_.size()) & 1u) != 0}); });
}

std::span<const StuckBit> StuckCells::of(std::uint64_t first, std::uint64_t end) const {
  const auto from = std::ranges::lower_bound(cells_, first * bits_, {}, &StuckBit::cell);
  const auto to = std::ranges::lower_bound(from, cells_.end(), end * bits_, {}, &StuckBit::cell);
  return {from, to};
}

const StuckBit* StuckCells::at(std::uint64_t word, unsigned position) const {
  const auto found = std::ranges::lower_bound(cells_, word * bits_ + position, {}, &StuckBit::cell);
  return found != cells_.end() && found->cell == word * bits_ + position ? &*found : nullptr;
}

}  // namespace spinvp::memory
