// How a matrix job is cut into tiles, and where the tiles lie in the scratch region.
//
// The job is a grid of output tiles of m x n, each summed over k in one or several chunks; a step is one chunk of one tile. The operands of a step are two blocks: rows of A
// and columns of B, over the chunk. Blocks pass through slots of the scratch region: two slots are a double buffer, as many slots as there are blocks keep the
// operand resident. Tiles are whole folds of the array where possible; where scratch is short they shrink. Rules:
//   - output stationary: sums live in the array, so k is chunked only for tiles of one fold; it then is, to let loads run ahead of the array
//   - weight / input stationary: sums live in accumulators of `accumulator_bytes`; chunks of k are whole folds, so that the fold law stays exact
//   - blocks aim at `tile_bytes`: smaller ones overlap better, larger ones need fewer and longer bursts
//   - the loop order (m or n outside) and what stays resident are those with the least traffic to and from the operands' own memory
#pragma once

#include <cstdint>
#include <optional>

#include "models/core/units.h"
#include "models/npu/fold_law.h"
#include "models/npu/job.h"

namespace spinvp::npu {

struct PlanLimits {
  ArrayShape array;
  Dataflow dataflow = Dataflow::output_stationary;
  std::uint64_t scratch_bytes = 8 << 20;
  std::uint64_t tile_bytes = 64 << 10;
  std::uint64_t accumulator_bytes = 4 << 20;
  bool a_in_place = false, b_in_place = false, c_in_place = false;  // already in the on-chip memory
};

// Steps beyond which a job counts as not fitting: it would take the simulator hours.
inline constexpr std::uint64_t most_steps = std::uint64_t{1} << 22;

struct Slots {
  std::uint64_t count = 0, bytes = 0;  // bytes of one; count 0: in place
  std::uint64_t offset = 0;            // of the first, from the start of the scratch region
  [[nodiscard]] std::uint64_t at(std::uint64_t slot) const { return offset + slot * bytes; }
};

struct Step {
  std::uint64_t tile_m = 0, tile_n = 0, chunk = 0;  // indices
  std::uint64_t tile = 0;                           // in order of execution
  Range m, n, k;
  bool first_chunk = false, last_chunk = false;
};

struct Plan {
  ProductShape shape;
  ProductShape tile;  // extents of a full tile and chunk
  bool n_outside = false;
  Slots a, b, c;
  std::uint64_t scratch_used = 0;

  [[nodiscard]] std::uint64_t tiles_m() const { return core::divide_up(shape.m, tile.m); }
  [[nodiscard]] std::uint64_t tiles_n() const { return core::divide_up(shape.n, tile.n); }
  [[nodiscard]] std::uint64_t chunks() const { return core::divide_up(shape.k, tile.k); }
  [[nodiscard]] std::uint64_t tiles() const { return tiles_m() * tiles_n(); }
  [[nodiscard]] std::uint64_t steps() const { return tiles() * chunks(); }
  [[nodiscard]] Step step(std::uint64_t index) const;
  [[nodiscard]] std::uint64_t a_block(const Step& step) const { return step.tile_m * chunks() + step.chunk; }
  [[nodiscard]] std::uint64_t b_block(const Step& step) const { return step.tile_n * chunks() + step.chunk; }
};

// Nothing if not even one tile fits, or only so small ones that there would be more than most_steps.
std::optional<Plan> plan(const MatrixJob& job, const PlanLimits& limits);

// One pass of the array: what it reads and how long it computes.
struct Fold {
  Range m, n, k;
  std::uint64_t block = 0;  // of sums within the tile
  std::uint64_t cycles = 0;
  bool first = false, last = false;  // of this block's sum over all k
};

// Calls use(fold) for each fold of a step, in order.
template <typename Use>
void for_each_fold(const Plan& plan, const PlanLimits& limits, const Step& step, Use&& use) {
  const std::uint64_t r = limits.array.rows, c = limits.array.columns;
  const auto cut = [](Range range, std::uint64_t first, std::uint64_t size) { return Range{first, first + size < range.last ? first + size : range.last}; };
  std::uint64_t block = 0;
  switch (limits.dataflow) {
    case Dataflow::output_stationary:
      for (std::uint64_t m = step.m.first; m < step.m.last; m += r)
        for (std::uint64_t n = step.n.first; n < step.n.last; n += c, ++block)
          // Filling and draining the array is charged once, with the last chunk.
          if (!use(Fold{cut(step.m, m, r), cut(step.n, n, c), step.k, block, step.k.size() + (step.last_chunk ? r + c - 2 : 0), step.first_chunk,
                        step.last_chunk}))
            return;
      break;
    case Dataflow::weight_stationary:
      for (std::uint64_t n = step.n.first; n < step.n.last; n += c, ++block)
        for (std::uint64_t k = step.k.first; k < step.k.last; k += r)
          if (!use(Fold{step.m, cut(step.n, n, c), cut(step.k, k, r), block, 2 * r + c + step.m.size() - 2, k == 0, k + r >= plan.shape.k})) return;
      break;
    case Dataflow::input_stationary:
      for (std::uint64_t m = step.m.first; m < step.m.last; m += c, ++block)
        for (std::uint64_t k = step.k.first; k < step.k.last; k += r)
          if (!use(Fold{cut(step.m, m, c), step.n, cut(step.k, k, r), block, 2 * r + c + step.n.size() - 2, k == 0, k + r >= plan.shape.k})) return;
      break;
  }
}

}  // namespace spinvp::npu
