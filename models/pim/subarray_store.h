// The bits of the arrays: every subarray is `rows` x `lanes` cells, a lane's 32-bit words lie bit-serial down its column.
//
// Kept as word planes [subarray][word][lane] of uint32: bit b of plane(s, w)[c] is the cell at row 32 w + b, column c of subarray s. Host arithmetic
// takes a plane as a vector; a bit-serial engine takes rows with read_row/write_row or transposes 32 x 32 blocks. Above the addressable words lie
// `work_words` planes for the logic's work rows: no command can name them, the window does not show them. Cells are non-volatile: nothing here
// is cleared by reset or power-off. Memory of the host is taken as cells are touched.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <span>

#include "models/core/state.h"

namespace spinvp::pim {

struct Geometry {
  std::uint32_t subarrays = 64, lanes = 1024, words = 32, work_words = 4;
  [[nodiscard]] constexpr std::uint64_t total_lanes() const { return std::uint64_t{subarrays} * lanes; }
  [[nodiscard]] constexpr std::uint64_t all_words() const { return words + work_words; }
  [[nodiscard]] constexpr std::uint64_t cells() const { return total_lanes() * all_words() * 32; }
  // Bytes of the lane-major window.
  [[nodiscard]] constexpr std::uint64_t window_bytes() const { return total_lanes() * words * 4; }
};

// Lanes [first, first + count) of one subarray.
struct LaneRange {
  std::uint32_t subarray = 0, first = 0, count = 0;
};

class Wear;

class SubarrayStore {
 public:
  explicit SubarrayStore(Geometry geometry);

  [[nodiscard]] const Geometry& geometry() const { return geometry_; }
  // The word index of a work row group.
  [[nodiscard]] std::uint32_t work_word(std::uint32_t index) const { return geometry_.words + index; }

  [[nodiscard]] std::span<std::uint32_t> plane(std::uint32_t subarray, std::uint32_t word) { return {cells_.get() + at(subarray, word), geometry_.lanes}; }
  [[nodiscard]] std::span<const std::uint32_t> plane(std::uint32_t subarray, std::uint32_t word) const {
    return {cells_.get() + at(subarray, word), geometry_.lanes};
  }
  [[nodiscard]] std::span<std::uint32_t> lanes(const LaneRange& range, std::uint32_t word) {
    return plane(range.subarray, word).subspan(range.first, range.count);
  }

  // Counts the writes below; null: nobody does. It outlives the store's use.
  void set_wear(Wear* wear) { wear_ = wear; }
  // Writes words into lanes and returns how many cells flip. `words` are the lanes themselves or lie elsewhere.
  std::uint64_t write(const LaneRange& range, std::uint32_t word, std::span<const std::uint32_t> words);
  std::uint64_t fill(const LaneRange& range, std::uint32_t word, std::uint32_t value);

  [[nodiscard]] bool bit(std::uint32_t subarray, std::uint32_t row, std::uint32_t column) const {
    return ((plane(subarray, row / 32)[column] >> (row % 32)) & 1u) != 0;
  }
  // A row as packed bits, column 64 i + j at bit j of element i.
  void read_row(std::uint32_t subarray, std::uint32_t row, std::span<std::uint64_t> bits) const;
  void write_row(std::uint32_t subarray, std::uint32_t row, std::span<const std::uint64_t> bits);

  void describe_state(core::StateArchive& archive);

 private:
  struct Free {
    void operator()(std::uint32_t* p) const { std::free(p); }
  };
  Geometry geometry_;
  Wear* wear_ = nullptr;
  std::unique_ptr<std::uint32_t[], Free> cells_;
  [[nodiscard]] std::size_t at(std::uint32_t subarray, std::uint32_t word) const {
    return (std::size_t{subarray} * geometry_.all_words() + word) * geometry_.lanes;
  }
};

// Calls use(LaneRange, index of its first lane within the command) for each subarray that the flat lanes [first, first + count) touch, in ascending order.
template <typename Use>
void for_each_subarray(const Geometry& geometry, std::uint64_t first, std::uint64_t count, Use&& use) {
  for (std::uint64_t done = 0; done < count;) {
    const std::uint64_t flat = first + done, within = flat % geometry.lanes;
    const std::uint64_t take = count - done < geometry.lanes - within ? count - done : geometry.lanes - within;
    use(LaneRange{static_cast<std::uint32_t>(flat / geometry.lanes), static_cast<std::uint32_t>(within), static_cast<std::uint32_t>(take)}, done);
    done += take;
  }
}
// How many subarrays these lanes touch.
[[nodiscard]] constexpr std::uint64_t subarrays_of(const Geometry& geometry, std::uint64_t first, std::uint64_t count) {
  return count == 0 ? 0 : (first + count - 1) / geometry.lanes - first / geometry.lanes + 1;
}

}  // namespace spinvp::pim
