// What a systolic array asks of the memory at its edges while it works on matrix products, from the fold law (models/npu/fold_law.h).
//
// Elements enter and leave with the skew of the array: row r takes its stream r cycles behind row 0, column c likewise. Of a fold that uses `rows` x `columns` of the array:
//   output stationary   in: rows + columns streams of K      at most min(rows, K) + min(columns, K) elements a cycle    out: rows results a column, one a cycle   min(rows, columns)
//   weight stationary   in: preload of rows x columns, a row a cycle: columns; then rows streams of M: min(rows, M)     out: M results a column                   min(columns, M)
//   input stationary    in: the same with inputs in the array and N streamed: columns; min(rows, N)                     out: N results a column                   min(columns, N)
// `exact` folds load and stream one after the other (the larger counts); of `pipelined` ones the next is loaded while this one streams (both count, where there is a next one).
// Means are all bytes over all cycles. Partial sums of folds that follow each other along K (weight and input stationary) are fp32, go to the NPU's accumulators and back, and stand apart.
//
// A design study's simpler forms, rd <= b f (H + W) and wr <= b f W, are what this gives where the product fills the array.
#pragma once

#include <cstdint>

#include "models/npu/fold_law.h"

namespace spinvp::platform {

struct ArrayDemand {
  std::uint64_t cycles = 0;
  std::uint64_t read_bytes = 0, written_bytes = 0;  // operands that enter, results that leave for good
  std::uint64_t sum_bytes = 0;                      // partial sums, each way
  std::uint64_t peak_read = 0, peak_written = 0;    // bytes in one cycle
  [[nodiscard]] double mean_read() const { return cycles == 0 ? 0 : static_cast<double>(read_bytes) / static_cast<double>(cycles); }
  [[nodiscard]] double mean_written() const { return cycles == 0 ? 0 : static_cast<double>(written_bytes) / static_cast<double>(cycles); }
  // One after the other.
  ArrayDemand& operator+=(const ArrayDemand& next);
};

// Of `products` products alike, of elements of `width` bytes.
ArrayDemand array_demand(npu::Dataflow dataflow, npu::ArrayShape array, npu::FoldCost cost, npu::ProductShape product, std::uint64_t products,
                         std::uint64_t width);

}  // namespace spinvp::platform
