// The arithmetic of the arrays behind one interface: values, steps and cell events of operations on word planes.
//
// Two kinds of engine stand behind it. StepEngine runs the micro-program of a logic family on the rows, step by step. FastEngine computes the values with the host's
// arithmetic and takes the steps from the same programs. Both leave the same bits in the destination and return the same steps; events that depend on values
// (flips, cells of masked writes) are exact in the first and estimated from samples in the second. An engine changes no word but the destination and no lane
// outside the range (logic_faults.h says what faults do beside that); the logic's own work rows lie outside the store.
#pragma once

#include <optional>

#include "models/pim/float_format.h"
#include "models/pim/subarray_store.h"
#include "models/pim/work.h"

namespace spinvp::pim {

using ArithmeticOperation = FloatOperation;

// Word indices; they may be equal to one another. Work words (SubarrayStore::work_word) are allowed. Numbers of less than 32 bits lie right-aligned.
struct WordOperands {
  std::uint32_t destination = 0, source_a = 0, source_b = 0;
};

class ArithmeticEngine {
 public:
  virtual ~ArithmeticEngine() = default;
  // Computes in the lanes of one subarray. `scalar`: all lanes of source_b hold this number, and the multiplication skips its zero bits.
  virtual Work execute(ArithmeticOperation operation, SubarrayStore& store, const LaneRange& range, const WordOperands& words,
                       std::optional<std::uint32_t> scalar = std::nullopt) = 0;
  // destination = source_a, a number of `from`, as one of `to`.
  virtual Work convert(FloatFormat from, FloatFormat to, SubarrayStore& store, const LaneRange& range, const WordOperands& words) = 0;
  // Lockstep steps of an execution, without executing it.
  [[nodiscard]] virtual StepCounts steps(ArithmeticOperation operation, std::optional<std::uint32_t> scalar) const = 0;
  virtual void describe_state(core::StateArchive&) {}
};

}  // namespace spinvp::pim
