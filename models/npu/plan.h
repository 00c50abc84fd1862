// How a matrix job is cut into tiles, and where the tiles lie in the scratch region and in the operand buffer.
//
// Each product is a grid of output tiles of m x n, each summed over k in one or several chunks; a step is one chunk of one tile, or all of several small products.
// The operands of a step are two blocks: rows of A and columns of B, over the chunk. On their way they stop twice:
//   scratch          (on-chip memory) in slots: two slots are a double buffer, as many slots as there are blocks keep the operand resident. Operands in place need none
//   operand buffer   (in the NPU) blocks that it holds are not read from the on-chip memory again; it takes the next step's blocks while the array works on this one's,
//                    and gives up the least recently used. Blocks that do not fit are not held: they stream past, once for each fold that needs them
// Tiles are whole folds of the array where possible; where scratch is short they shrink. Rules:
//   - output stationary: sums live in the array. k is chunked for tiles of one fold where the operand buffer asks for it, or there would be few steps, to let loads run ahead of the
//     array. Chunks of tiles of several folds leave their sums in accumulators of `accumulator_bytes` for the next one: the array works on one fold while its columns pass the last
//     one's R sums down and the next one's in, beside the work and one a cycle, so that chunks of at least 2 R hide it. Filling and draining is charged once a fold, as ever
//   - weight / input stationary: sums live in accumulators of `accumulator_bytes`; chunks of k are whole folds, so that the fold law stays exact
//   - where narrow multiplications let a processing element take G terms of a sum at once (flexible_macs.h), all of this holds for k / G: a group that a chunk cuts counts with the
//     chunk in which it begins, and a fold of weight or input stationary holds R G values of k
//   - blocks aim at `tile_bytes`, or a 64th of the job if that is more: smaller ones overlap better, larger ones need fewer and longer bursts and bound the host's work
//   - the tile's shape, the loop order (m or n outside) and what stays resident are those with the least traffic, a byte from the operands' own memory counting as four between
//     on-chip memory and operand buffer, and a step as what passes there meanwhile
//   - the inner loop turns round at its ends, so that what it touched last is used first; where scratch cannot keep all it passes, it goes over groups of tiles that scratch keeps,
//     and the outer loop starts again for each
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
  FoldCost fold_cost = FoldCost::exact;
  std::uint64_t scratch_bytes = 8 << 20;
  std::uint64_t tile_bytes = 64 << 10;
  std::uint64_t accumulator_bytes = 4 << 20;
  std::uint64_t buffer_bytes = 4 << 20;                             // the operand buffer; 0: none
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
  Range products, m, n, k;
  bool first_chunk = false, last_chunk = false;
};

struct Plan {
  ProductShape shape;
  std::uint64_t products = 1;
  ProductShape tile;                // extents of a full tile and chunk
  std::uint64_t tile_products = 1;  // more than one only where the tile is a whole product
  bool n_outside = false;
  std::uint64_t group = 1;              // tiles that the inner loop goes over before the outer one moves on
  bool hold_a = false, hold_b = false;  // in the operand buffer
  bool b_shared = false;
  std::uint64_t terms = 1;  // of a sum that a processing element takes at once
  SparsePattern sparse;     // of b: chunks are whole groups
  DropPattern drop;
  Slots a, b, c;
  std::uint64_t scratch_used = 0;

  [[nodiscard]] std::uint64_t tiles_m() const { return core::divide_up(shape.m, tile.m); }
  [[nodiscard]] std::uint64_t tiles_n() const { return core::divide_up(shape.n, tile.n); }
  [[nodiscard]] std::uint64_t chunks() const { return core::divide_up(shape.k, tile.k); }
  [[nodiscard]] std::uint64_t tiles() const { return core::divide_up(products, tile_products) * tiles_m() * tiles_n(); }
  [[nodiscard]] std::uint64_t steps() const { return tiles() * chunks(); }
  [[nodiscard]] Step step(std::uint64_t index) const;
  [[nodiscard]] std::uint64_t a_block(const Step& step) const { return (step.products.first * tiles_m() + step.tile_m) * chunks() + step.chunk; }
  [[nodiscard]] std::uint64_t b_block(const Step& step) const {
    return ((b_shared ? 0 : step.products.first) * tiles_n() + step.tile_n) * chunks() + step.chunk;
  }
  // Of the block of a step: of B one product's where all share it.
  [[nodiscard]] Range a_products(const Step& step) const { return step.products; }
  [[nodiscard]] Range b_products(const Step& step) const { return b_shared ? Range{0, 1} : step.products; }
};

// Nothing if not even one tile fits, or only so small ones that there would be more than most_steps.
std::optional<Plan> plan(const MatrixJob& job, const PlanLimits& limits);

// What the array does in a step.
struct StepWork {
  std::uint64_t folds = 0, cycles = 0;
  std::uint64_t blocks = 0;                      // of the array's size or less that the step's outputs are made of, one after the other
  std::uint64_t a_passes = 0, b_passes = 0;      // how often each element of the step's operands enters the array
  std::uint64_t a_elements = 0, b_elements = 0;  // that enter it
  std::uint64_t sums_exchanged = 0;              // output stationary: that leave the array for the accumulators, or come back from there
  std::uint64_t macs = 0;
  std::uint64_t comparisons = 0;  // of the selectors of a sparse b
};
StepWork work_of(const Plan& plan, const PlanLimits& limits, const Step& step);

}  // namespace spinvp::npu
