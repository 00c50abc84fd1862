#include "models/peripherals/dma_copy.h"

#include <algorithm>

#include <fmt/format.h>

namespace spinvp::peripherals {

namespace {

// Whether all rows lie inside the 64-bit address space.
bool inside(std::uint64_t base, std::int64_t stride, const spinvp_dma_descriptor& d) {
  const __int128 last = static_cast<__int128>(base) + static_cast<__int128>(stride) * (d.rows - 1);
  const __int128 lowest = std::min<__int128>(base, last), highest = std::max<__int128>(base, last) + d.row_bytes;
  return lowest >= 0 && highest <= static_cast<__int128>(1) << 64;
}

}  // namespace

std::string problem_of(const spinvp_dma_descriptor& d) {
  if (d.rows == 0 || d.row_bytes == 0) return fmt::format("{} rows of {} bytes: both are at least 1", d.rows, d.row_bytes);
  if (std::uint64_t{d.rows} * d.row_bytes > longest_copy) return fmt::format("{} rows of {} bytes: at most 1 GiB in one descriptor", d.rows, d.row_bytes);
  if ((d.flags & ~SPINVP_DMA_INTERRUPT) != 0) return fmt::format("flags {:#x}: only {:#x} is known", d.flags, SPINVP_DMA_INTERRUPT);
  if (!inside(d.source, d.source_stride, d)) return fmt::format("source {:#x} with stride {} leaves the address space", d.source, d.source_stride);
  if (!inside(d.destination, d.destination_stride, d))
    return fmt::format("destination {:#x} with stride {} leaves the address space", d.destination, d.destination_stride);
  return {};
}

std::optional<CopyPiece> CopyPlan::next() {
  if (row_ >= descriptor_.rows) return std::nullopt;
  const std::uint64_t row_bytes = descriptor_.row_bytes;
  if (row_bytes <= burst_) {
    const CopyPiece piece{row_, std::min(burst_ / row_bytes, descriptor_.rows - row_), 0, row_bytes};
    row_ += piece.rows;
    return piece;
  }
  const CopyPiece piece{row_, 1, offset_, std::min(burst_, row_bytes - offset_)};
  offset_ += piece.row_bytes;
  if (offset_ == row_bytes) {
    offset_ = 0;
    ++row_;
  }
  return piece;
}

}  // namespace spinvp::peripherals
