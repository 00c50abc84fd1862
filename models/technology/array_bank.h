// A bank: mats of subarrays, and the H-tree of repeated wires that joins them. What the search of array_model.cpp tries organisations with.
#pragma once

#include "models/technology/array_model.h"
#include "models/technology/array_subarray.h"

namespace spinvp::technology {

// Subarrays around their predecoders.
struct ArrayMat {
  Footprint footprint;
  double predecode = 0;                                // s
  double predecode_energy = 0, predecode_leakage = 0;  // J, W
  double predecode_area = 0;                           // m^2
};
ArrayMat design_mat(const ArrayCircuits& circuits, const Subarray& subarray, const ArrayOrganisation& organisation, bool small_drivers);

// SI units. Tree: the H-tree.
struct ArrayBank {
  Footprint footprint;
  double tree_in = 0, tree_out = 0;  // delays
  double tree_read_energy = 0, tree_write_energy = 0, tree_leakage = 0;
  double read_latency = 0, write_latency = 0, read_energy = 0, write_energy = 0, leakage = 0;
};

// Wires enter at the middle of the left edge. At each level of the tree the bundle splits to both halves of what is left, across first: either both halves take part in an
// access, and each gets half of the data bits, or one address bit chooses between them. A wire runs to the middle of its half. Repeaters drive one way: a data bit has a wire in
// and a wire out; an access uses one of them. `plain`: one wire for both, and branches are free.
ArrayBank design_bank(const RepeatedWire& wire, const Subarray& subarray, const ArrayMat& mat, const ArrayOrganisation& organisation, unsigned address_bits,
                      unsigned word_bits, double bus_activity, bool plain);

unsigned log2_of(std::uint64_t power_of_two);

}  // namespace spinvp::technology
