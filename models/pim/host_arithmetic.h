// The fast engine: values by the host's IEEE 754 arithmetic, steps by the published closed forms of the SOT family (step_counts.h).
//
// The values are the same on every host: no contraction, NaN results canonical, the host's rounding mode set for the loop and put back after it.
// Loops are compiled for AVX2 as well and chosen at construction; the results do not depend on the choice.
#pragma once

#include "models/pim/arithmetic.h"

namespace spinvp::pim {

class HostArithmetic : public ArithmeticEngine {
 public:
  // `wide`: use the widest vectors that the host has (false: the portable loop; same bits).
  explicit HostArithmetic(Rounding rounding = Rounding::nearest_even, FloatFormat counts = fp32, bool wide = true);
  Work execute(ArithmeticOperation operation, SubarrayStore& store, const LaneRange& range, const WordOperands& words) override;

 private:
  using Loop = void (*)(std::uint32_t* destination, const std::uint32_t* a, const std::uint32_t* b, std::size_t count);
  struct Entry {
    Loop loop;
    StepCounts steps, cells;  // latency, and cells of one lane
  };
  int mode_;  // of fesetround
  Entry entries_[4];
};

}  // namespace spinvp::pim
