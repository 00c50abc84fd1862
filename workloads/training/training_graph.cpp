#include "workloads/training/training_graph.h"

#include <bit>
#include <cmath>

#include "models/core/error.h"
#include "workloads/training/activation_plan.h"
#include "workloads/training/backward_pass.h"
#include "workloads/training/forward_pass.h"

namespace spinvp::workloads {
namespace {

void check(const std::string& source, const TrainingOptions& options) {
  const auto need = [&](bool holds, const std::string& what) {
    if (!holds) throw core::InputError(source + ": training: " + what);
  };
  const auto in_unit = [](double value) { return value >= 0 && value < 1; };
  need(std::isfinite(options.rate) && options.rate >= 0, "the rate must be at least 0");
  need(in_unit(options.momentum) && in_unit(options.beta1) && in_unit(options.beta2), "momentum, beta1 and beta2 must lie in 0 to 1, without 1");
  need(std::isfinite(options.epsilon) && options.epsilon > 0, "epsilon must be above 0");
  const RegularDropout& dropout = options.dropout;
  need(!dropout.any() || (dropout.period >= 2 && dropout.period <= 255), "the period of dropout must be 2 to 255");
  need(dropout.tile >= 1 && dropout.tile <= 32768 && std::has_single_bit(dropout.tile), "the tiles of dropout must be a power of two up to 32768");
  need(std::isfinite(options.loss_scale) && options.loss_scale > 0, "the loss scale must be above 0");
}

BackwardPass with_plan(ForwardPass forward, const ActivationPlan& plan) {
  BackwardPass backward = make_backward_pass(std::move(forward), plan);
  backward.training.stashed_bytes = storage_bytes(backward.training.graph, backward.read);
  backward.training.segments = plan.segments;
  mark_dropped(backward.training.graph, backward.training.options.dropout, backward.training.masks);
  return backward;
}

}  // namespace

TrainingGraph make_training_graph(const Graph& inference, const TrainingOptions& options) {
  check(inference.source, options);
  const ForwardPass forward = make_forward_pass(inference, options);
  BackwardPass kept = with_plan(forward, stash_plan(forward));
  const bool fits = kept.training.stashed_bytes <= options.activation_bytes;
  if (options.activations == Activations::stash || (options.activations == Activations::automatic && fits)) return std::move(kept.training);
  const std::uint64_t budget = options.activations == Activations::automatic ? options.activation_bytes : 0;
  return with_plan(forward, recompute_plan(forward, kept.read, budget)).training;
}

float value_at(const TrainingGraph& training, const StepScalar& scalar, std::uint64_t step) {
  const TrainingOptions& options = training.options;
  double value = scalar.kind == StepScalar::Kind::rate ? options.rate : options.epsilon;
  if (options.optimiser == Optimiser::adam) {
    // b^t by squaring: libm's pow gives other bits on other machines.
    const auto power = [](double base, std::uint64_t exponent) {
      double result = 1;
      for (; exponent != 0; exponent >>= 1, base *= base)
        if ((exponent & 1) != 0) result *= base;
      return result;
    };
    const double second = std::sqrt(1 - power(options.beta2, step + 1));
    value *= scalar.kind == StepScalar::Kind::rate ? second / (1 - power(options.beta1, step + 1)) : second;
  }
  return static_cast<float>(value);
}

}  // namespace spinvp::workloads
