// Compressed weights (models/abi/npu_weights.h) on their way into scratch: which bytes a block of b needs, what rebuilding costs, and the values.
//
// A block is rebuilt rows by rows: the bases of its rows and the groups that hold its elements are read; `rebuild_lanes` elements leave the unit a cycle, while the stream comes, and the rebuilt rows go to scratch
// while the next ones are read. So a portion of a block takes the longest of its stream, its rebuilding and the write of the portion before. An element of a piece that has coefficients costs a shift and an addition of
// 16 bits for each of the rank's terms.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <tl/expected.hpp>

#include "models/abi/npu_weights.h"
#include "models/npu/numbers.h"
#include "models/npu/refusal.h"
#include "models/npu/tensor.h"
#include "models/technology/logic.h"

namespace spinvp::npu {

// The header of compressed weights that are to be `tensor`, one image of rows of units that are single elements. BAD_SHAPE: it is not of that shape, or has numbers that are not allowed.
tl::expected<spinvp_npu_weights, Refusal> check_weights(std::span<const std::uint8_t> header, const Tensor& tensor);

class WeightRebuild {
 public:
  WeightRebuild(const spinvp_npu_weights& weights, std::uint64_t address, Format format) : weights_(weights), address_(address), format_(format) {}

  // What is read for the elements `units` of `rows`: their bases, then their groups, row by row.
  [[nodiscard]] std::vector<Piece> pieces(Range rows, Range units) const;
  // Shifts (and as many additions) to rebuild them: whole groups.
  [[nodiscard]] std::uint64_t shifts(Range rows, Range units) const;
  // From the bytes that `pieces` name: the elements, row by row, in the format.
  [[nodiscard]] std::vector<std::uint8_t> rebuilt(Range rows, Range units, std::span<const std::uint8_t> bytes) const;

 private:
  spinvp_npu_weights weights_;
  std::uint64_t address_;
  Format format_;
  [[nodiscard]] Range groups_of(Range units) const;
};

// A shift and an addition, of 16 bits each; a shift is counted as an addition.
technology::PricedEnergy shift_and_add(const technology::LogicEnergies& table);

}  // namespace spinvp::npu
