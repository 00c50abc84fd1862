// Cycles per instruction class: the whole of the hart's timing, apart from what the bus adds.
//
// Cycles of a run of instructions = sum of their class costs + branch_taken for each conditional branch that is taken + load_use for each load whose result the
// next instruction reads + trap for each trap or interrupt taken + the waiting that the bus and the caches report. Unless cache.h is put to use, the instruction
// cache is taken as perfect; results are taken to be forwarded: a cost is what an instruction adds to a single-issue in-order pipeline.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

#include "models/riscv/operations.h"

namespace spinvp::riscv {

struct CycleTable {
  // assumed: a single-issue in-order core of five or six stages with a pipelined multiplier and floating-point unit and an iterative divider, in the
  // order of TimingClass; of the size that public RV64GC cores of this kind document.
  std::array<std::uint16_t, timing_classes> of_class = {
      1,   // alu
      1,   // branch, not taken
      2,   // jump
      2,   // load
      1,   // store
      3,   // multiply
      20,  // divide
      2,   // float_add
      2,   // float_multiply
      2,   // float_fused
      20,  // float_divide
      24,  // float_sqrt
      2,   // float_convert
      1,   // float_move
      3,   // csr
      5,   // atomic
      3,   // fence
      3,   // system
  };
  std::uint16_t branch_taken = 2;  // in addition to `branch`
  // Between a load and the next instruction, if that reads what was loaded. 0: the cost of `load` holds an average of it. To split it: load 1, load_use 1 or more.
  std::uint16_t load_use = 0;
  std::uint16_t trap = 5;  // from the trapping instruction, which costs nothing itself, to the first of the handler

  static constexpr std::uint16_t highest = 1000, highest_load_use = 20;
  [[nodiscard]] std::uint16_t operator[](TimingClass c) const { return of_class[static_cast<std::size_t>(c)]; }
  // Every class costs 1 to `highest` cycles: block sums must fit 16 bits, and instruction counts of a slice are bounded by its cycles. So does a trap: else a
  // handler whose first instruction traps would stand still in time and no limit would end it.
  [[nodiscard]] CycleTable clamped() const {
    CycleTable t = *this;
    for (auto& c : t.of_class) c = std::clamp<std::uint16_t>(c, 1, highest);
    t.branch_taken = std::min(t.branch_taken, highest);
    t.load_use = std::min(t.load_use, highest_load_use);
    t.trap = std::clamp<std::uint16_t>(t.trap, 1, highest);
    return t;
  }
};

inline constexpr std::array<std::string_view, timing_classes> timing_class_names = {
    "alu",         "branch",       "jump",       "load",          "store",      "multiply", "divide", "float_add", "float_multiply",
    "float_fused", "float_divide", "float_sqrt", "float_convert", "float_move", "csr",      "atomic", "fence",     "system"};
inline constexpr std::array<std::string_view, energy_classes> energy_class_names = {"simple", "memory", "multiply_divide", "float"};

}  // namespace spinvp::riscv
