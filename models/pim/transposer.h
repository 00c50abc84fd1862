// The transposing buffers: moves words between a compact image of memory (operand_box.h) and the lanes of a word plane.
//
// Prepared once per command and used once per step: for every subarray a list of runs of lanes that take one word (constant), neighbouring
// words (contiguous), words at a distance (strided), or the same as lanes before them (repeated: an outer dimension with stride zero).
// `words_into` is what the buffer of a subarray must be sent: a constant run is one word with a lane mask, a repeated run none, any other its length.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "models/pim/subarray_store.h"

namespace spinvp::pim {

class Transposer {
 public:
  // Lane first_lane + i has the index of a box with these extents (slowest first); its word of the image is the sum of index * stride (in words).
  Transposer(const Geometry& geometry, std::uint64_t first_lane, std::span<const std::uint32_t> extents, std::span<const std::int64_t> word_strides);

  // Subarrays touched, ascending.
  [[nodiscard]] std::size_t parts() const { return ranges_.size(); }
  [[nodiscard]] const LaneRange& range(std::size_t part) const { return ranges_[part]; }
  [[nodiscard]] std::uint64_t words_into(std::size_t part) const { return words_[part]; }

  // plane[lane] = image[offset(lane)] for all lanes of the part; plane is the whole word plane of its subarray.
  void gather(std::size_t part, const std::uint32_t* image, std::span<std::uint32_t> plane) const;
  // image[offset(lane)] = plane[lane], lanes ascending.
  void scatter(std::size_t part, std::span<const std::uint32_t> plane, std::uint32_t* image) const;

 private:
  enum class Kind : std::uint32_t { constant, contiguous, strided, repeated };
  struct Run {
    std::uint32_t lane, length;
    Kind kind;
    std::int32_t period;  // repeated: how many lanes back
    std::int64_t offset;  // in words of the image, of its first lane
    std::int64_t stride;
  };
  std::vector<Run> runs_;
  std::vector<std::size_t> first_run_;  // of each part, and one behind the last
  std::vector<LaneRange> ranges_;
  std::vector<std::uint64_t> words_;
};

}  // namespace spinvp::pim
