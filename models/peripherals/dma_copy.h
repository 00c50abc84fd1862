// What a DMA descriptor asks for, without SystemC: whether it can be done, and in which pieces.
//
// A piece is what one read and one write move: as many whole rows as fit a burst, or a part of one row that is longer. Pieces follow each other in ascending order.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "models/abi/dma.h"

namespace spinvp::peripherals {

// The most bytes of one descriptor.
inline constexpr std::uint64_t longest_copy = std::uint64_t{1} << 30;

// What is wrong with the descriptor and what is allowed; empty if it can be done.
std::string problem_of(const spinvp_dma_descriptor& descriptor);

struct CopyPiece {
  std::uint64_t first_row = 0, rows = 0;  // rows touched
  std::uint64_t offset = 0;               // of the piece in its (only) row, if it is a part of one
  std::uint64_t row_bytes = 0;            // moved in each of the rows
  [[nodiscard]] std::uint64_t bytes() const { return rows * row_bytes; }
};

class CopyPlan {
 public:
  // `burst`: most bytes of a piece.
  CopyPlan(const spinvp_dma_descriptor& descriptor, std::uint64_t burst) : descriptor_(descriptor), burst_(burst) {}
  // The next piece, nothing at the end.
  std::optional<CopyPiece> next();

 private:
  const spinvp_dma_descriptor& descriptor_;
  std::uint64_t burst_, row_ = 0, offset_ = 0;
};

// Whether rows at this stride go up without overlap: then many of them are one strided burst, otherwise each is a burst of its own.
inline bool is_one_burst(std::int64_t stride, std::uint64_t row_bytes) { return stride > 0 && static_cast<std::uint64_t>(stride) >= row_bytes; }

}  // namespace spinvp::peripherals
