// How a matrix job is divided among the cores of an NPU.
//
// A part is a box of a job's outputs: some of its products, of the rows m and of the columns n of each. k is never cut: each output is one core's chain over ascending k, so that the bits of results
// depend neither on the number of cores nor on the partition. With it a sum over the batch (a weight gradient) stays in one core, and is divided by what it computes, not by what it sums.
//
//   batch     images of a convolution, products of a batched GEMM, rows m of a single one (a sample is a row). A weight gradient, which sums over the images, is divided as `auto` does
//   channels  columns n: output channels of the forward pass, input channels of the data gradient, those times the kernel's taps of the weight gradient. Of a convolution in groups whole groups,
//             or equal parts of each
//   rows      rows m, wherever they lie: (image, row, column) positions of the output, output channels of the weight gradient
//   auto      of all grids of products x m x n with at most as many parts as there are cores the one with the least predicted time; of equal ones the one with the fewest cycles, then with the fewest
//             bytes, then with the fewest parts. Parts are whole folds, as even as those allow; cores may stay idle
// The predicted time of a grid is the longest of
//   cycles of the longest part, by the fold law
//   its bytes through the core's port, and all parts' bytes through the on-chip memory's, at `bytes_per_cycle` each: A once for each part of n, B for each of m (and of the products where they share
//   it), C once. What lies elsewhere passes a core's port three times (read, to scratch, from there) and the on-chip memory's twice; what lies on chip, once
// A partition that is named uses every core and gives each the same; what does not divide is refused.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "models/npu/fold_law.h"
#include "models/npu/job.h"

namespace spinvp::npu {

enum class Partition { automatic, batch, channels, rows };
// "auto", "batch", "channels" or "rows".
Partition partition_of(std::string_view name);
const char* name_of(Partition partition);
inline constexpr std::uint64_t most_cores = 16;

struct CoreSetup {
  std::uint64_t cores = 1;
  Partition partition = Partition::automatic;
  ArrayShape array;  // of each
  Dataflow dataflow = Dataflow::output_stationary;
  FoldCost fold_cost = FoldCost::exact;
  std::uint64_t bytes_per_cycle = 0;  // of a core's port, and of the on-chip memory's; 0: memory is never late
};

// What a partition sees of a job.
struct Divisible {
  ProductShape shape;  // of one product
  std::uint64_t products = 1;
  std::uint64_t images = 0;  // that m consists of; 0: m is no batch of images
  bool grouped = false;      // products are groups of channels
  bool sums_batch = false;   // k runs over the batch
  bool b_shared = false;
  std::uint64_t a_bytes = 0, b_bytes = 0, c_bytes = 0;
  bool a_on_chip = false, b_on_chip = false, c_on_chip = false;
};
Divisible divisible(const MatrixJob& job, bool a_on_chip, bool b_on_chip, bool c_on_chip);

struct Part {
  Range products, m, n;
  friend bool operator==(const Part&, const Part&) = default;
};

// One for each core at work, the first ones; the message says what does not divide.
tl::expected<std::vector<Part>, std::string> divide(const Divisible& job, const CoreSetup& setup);
// Cycles of the longest part, by the fold law.
std::uint64_t cycles_of(const std::vector<Part>& parts, std::uint64_t k, const CoreSetup& setup);

// The part as a job of its own.
MatrixJob part_of(const MatrixJob& job, const Part& part);

// A core's share of the scratch region, which those at work on a job divide among them.
constexpr std::uint64_t scratch_share(std::uint64_t bytes, std::uint64_t parts) { return parts == 1 ? bytes : bytes / parts / 64 * 64; }

}  // namespace spinvp::npu
