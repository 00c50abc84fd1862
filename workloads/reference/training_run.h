// Training steps of a training graph on the host, with the reference interpreter.
#pragma once

#include <cstdint>
#include <vector>

#include "workloads/reference/interpreter.h"
#include "workloads/training/precision_schedule.h"
#include "workloads/training/training_graph.h"

namespace spinvp::workloads {

template <typename T>
class TrainingRun {
 public:
  // Stored tensors at their start. The training graph must stay.
  TrainingRun(const TrainingGraph& training, std::uint32_t seed);

  // Bits of the products' operands by step, from the first step on.
  void set_precision(std::vector<spinvp_program_precision> rows) { precision_ = std::move(rows); }

  // Inputs and labels (or the target) are set here before a step.
  [[nodiscard]] Interpreter<T>& values() { return interpreter_; }
  // Forward, backward and update; the loss before the update.
  T step();
  // Forward and backward: stored tensors keep their values, nothing counts as a step.
  T gradients();

 private:
  const TrainingGraph& training_;
  Interpreter<T> interpreter_;
  std::vector<spinvp_program_precision> precision_;
  std::uint64_t steps_ = 0;
};

extern template class TrainingRun<float>;
extern template class TrainingRun<double>;

}  // namespace spinvp::workloads
