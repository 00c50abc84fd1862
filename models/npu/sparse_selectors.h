// What the selectors of N:M sparsity cost (sparse_product.h): energies from the table of logic energies, and the area of one element's part of them.
//
//   comparison   of two magnitudes, at the edge of the array: an integer subtraction of their width
//   selection    of a's partner of a kept value: ceil(log2 reach) levels of multiplexers of the value's width, each taken as an integer adder of that width (an upper bound: a multiplexer of
//                a bit has fewer gates than an adder of one)
//   index        of a kept value: ceil(log2 reach) bits more that enter the array with it
// `reach` is the largest M that the hardware has been built for, whatever pattern a product has.
#pragma once

#include <cstdint>
#include <string>

#include "models/core/simulation.h"

namespace spinvp::npu {

struct SparseEvents {
  core::EventId comparison_fp32, comparison_bf16, selection_fp32, selection_bf16, index;
};

// Bits of a place among `reach`.
unsigned index_bits(std::uint64_t reach);

// Declares them where there are selectors (reach above 0).
SparseEvents declare_sparse_energy(core::Simulation& simulation, core::ComponentId id, const std::string& node, std::uint64_t reach);

}  // namespace spinvp::npu
