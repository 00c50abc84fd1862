// The second half of a training graph: gradients from the loss back to the weights, and the weights' updates.
#pragma once

#include <set>

#include "workloads/training/activation_plan.h"
#include "workloads/training/forward_pass.h"

namespace spinvp::workloads {

struct BackwardPass {
  TrainingGraph training;
  std::set<TensorId> read;  // results of the forward pass that it reads
};

BackwardPass make_backward_pass(ForwardPass forward, const ActivationPlan& plan);

}  // namespace spinvp::workloads
