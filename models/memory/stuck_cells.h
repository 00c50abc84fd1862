// Cells that keep one value whatever is written: a fixed map that follows from the seed.
//
// Cells are numbered word by word; the gaps between stuck ones are geometric, the value of each is a coin.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace spinvp::memory {

struct StuckBit {
  std::uint64_t cell;  // word x bits a word + position
  bool value;
};

class StuckCells {
 public:
  StuckCells(std::uint64_t words, unsigned bits, double share, std::uint64_t seed);
  [[nodiscard]] std::size_t size() const { return cells_.size(); }
  [[nodiscard]] bool empty() const { return cells_.empty(); }
  // Those of words [first, end), ascending.
  [[nodiscard]] std::span<const StuckBit> of(std::uint64_t first, std::uint64_t end) const;
  // Of one cell; null if it works.
  [[nodiscard]] const StuckBit* at(std::uint64_t word, unsigned position) const;

 private:
  unsigned bits_;
  std::vector<StuckBit> cells_;
};

}  // namespace spinvp::memory
