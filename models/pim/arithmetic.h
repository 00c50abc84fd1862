// The arithmetic of the arrays behind one interface: values, steps and driven cells of fp32 operations on word planes.
//
// Two kinds of engine stand behind it. A fast one computes the values with the host's arithmetic and takes the steps from closed forms
// (HostArithmetic); a step-by-step one runs the micro-program of a logic family on the rows of the store. Both must leave the same bits in the destination
// and return the same steps. An engine may use the store's work words; it changes no other word but the destination, and no lane outside the range.
#pragma once

#include "models/pim/step_counts.h"
#include "models/pim/subarray_store.h"

namespace spinvp::pim {

using ArithmeticOperation = FloatOperation;

// Word indices; they may be equal to one another. Work words (SubarrayStore::work_word) are allowed.
struct WordOperands {
  std::uint32_t destination = 0, source_a = 0, source_b = 0;
};

class ArithmeticEngine {
 public:
  virtual ~ArithmeticEngine() = default;
  // Computes in the lanes of one subarray. The Work returned holds the latency in lockstep steps and the cells driven in all lanes of the range. fp32,
  // subnormals kept; a NaN result is 0x7fc00000 whatever the operands' payloads.
  virtual Work execute(ArithmeticOperation operation, SubarrayStore& store, const LaneRange& range, const WordOperands& words) = 0;
};

}  // namespace spinvp::pim
