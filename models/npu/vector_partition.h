// How a job of the vector unit is divided among the cores of an NPU: each takes a run of neighbouring chunks, as many as the others or one less.
//
// Chunks are those of one core, so bytes, cycles and values are the same however many there are; only what stays in the unit during a job (short inputs of a map or a reduction) is read by each core.
// One core takes all of
//   scatter-add, bias gradient, softmax cross-entropy   a row, a channel's sum, the loss is a chain over all chunks
//   a reduction's box of outputs                        its sums are chains over the reduced points: boxes are divided, not what is summed
//   jobs that write where they read                     but for element-wise ones, and maps, that write an element where they read that very element: what a chunk reads would depend on who is ahead
#pragma once

#include <memory>
#include <vector>

#include "models/npu/stream_kernel.h"

namespace spinvp::npu {

// One for each core at work, the first ones; `cores` at most.
std::vector<std::unique_ptr<StreamKernel>> stream_kernels(const VectorJob& job, const VectorUnit& unit, std::uint64_t cores);

// How often `cores` read input `input` of a map or a reduction: once, or each core at work for itself.
std::vector<std::uint64_t> reads_of_inputs(const VectorJob& job, const VectorUnit& unit, std::uint64_t cores);

}  // namespace spinvp::npu
