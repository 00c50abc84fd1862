#include "workloads/reference/training_run.h"

namespace spinvp::workloads {

template <typename T>
TrainingRun<T>::TrainingRun(const TrainingGraph& training, std::uint32_t seed) : training_(training), interpreter_(training.graph) {
  for (const StoredTensor& stored : training.stored) {
    const std::vector<float> start = start_values(training, stored, seed);
    interpreter_.set(stored.tensor, {start.begin(), start.end()});
  }
}

template <typename T>
T TrainingRun<T>::gradients() {
  for (const StepScalar& scalar : training_.scalars) interpreter_.set(scalar.tensor, {static_cast<T>(value_at(training_, scalar, steps_))});
  if (!precision_.empty()) interpreter_.set_bits(precision_at(precision_, steps_));
  for (const TensorId mask : training_.masks) {
    const std::vector<float> values = mask_at(training_.options.dropout, static_cast<std::uint64_t>(training_.graph.tensor(mask).type.shape[0]), steps_);
    interpreter_.set(mask, {values.begin(), values.end()});
  }
  interpreter_.run();
  return interpreter_.real(training_.loss)[0];
}

template <typename T>
T TrainingRun<T>::step() {
  const T loss = gradients();
  for (const Replacement& replacement : training_.replacements) interpreter_.replace(replacement.stored, replacement.value);
  ++steps_;
  return loss;
}

template class TrainingRun<float>;
template class TrainingRun<double>;

}  // namespace spinvp::workloads
