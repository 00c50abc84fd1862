// The fast engine: values by HostValues, steps by the published closed forms of the SOT family (step_counts.h).
#pragma once

#include "models/pim/arithmetic.h"
#include "models/pim/host_values.h"

namespace spinvp::pim {

class HostArithmetic : public ArithmeticEngine {
 public:
  // Formats of more than 32 bits do not fit the store's words.
  explicit HostArithmetic(const FloatArithmetic& arithmetic = {}, VectorWidth widest = VectorWidth::avx512);
  Work execute(ArithmeticOperation operation, SubarrayStore& store, const LaneRange& range, const WordOperands& words) override;

 private:
  FloatFormat format_;
  HostValues values_;
};

}  // namespace spinvp::pim
