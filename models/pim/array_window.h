// The lane-major window onto the arrays: word w of lane c of subarray s is the 4 bytes (little-endian) at s * lanes * words * 4 + c * words * 4 + 4 w.
//
// Copies bytes between a bus payload and the word planes, and counts what the arrays do for it: a row step reaches all columns, so the bytes of one access
// that lie in the same rows of a subarray share their 8 row steps each; the cells driven are the bits of the access.
#pragma once

#include <span>
#include <vector>

#include "models/pim/subarray_store.h"

namespace spinvp::pim {

class ArrayWindow {
 public:
  explicit ArrayWindow(SubarrayStore& store) : store_(store) {}
  // Both within the window (offset + bytes.size() <= Geometry::window_bytes()).
  void read(std::uint64_t offset, std::span<std::uint8_t> bytes) const;
  // Returns how many cells flip.
  std::uint64_t write(std::uint64_t offset, std::span<const std::uint8_t> bytes);

 private:
  SubarrayStore& store_;
};

// Row steps of one bus access, given run by run in ascending order.
class WindowRows {
 public:
  explicit WindowRows(const Geometry& geometry) : geometry_(geometry), touched_(std::size_t{geometry.words} * 4, false) {}
  void add(std::uint64_t offset, std::uint64_t length);
  // Row steps so far, one subarray after the other.
  [[nodiscard]] std::uint64_t rows() const { return rows_; }
  [[nodiscard]] std::uint64_t cells() const { return cells_; }

 private:
  const Geometry geometry_;
  std::vector<bool> touched_;  // bytes of a lane, in the present subarray
  std::uint64_t subarray_ = ~std::uint64_t{0}, rows_ = 0, cells_ = 0;
};

}  // namespace spinvp::pim
