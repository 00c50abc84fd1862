// The first half of a training graph: the network's nodes as training runs them, and the loss.
#pragma once

#include <vector>

#include "workloads/training/training_graph.h"

namespace spinvp::workloads {

struct ForwardPass {
  TrainingGraph training;
  std::vector<NodeId> nodes;  // of the network, in order; casts of inputs and the loss are none of them
  std::vector<bool> differs;  // by tensor: whether a weight moves it, so that it has a gradient
  TensorId loss_gradient{};   // by `training.result`, of that tensor's type
};

// Everything but weights' masters, optimisers and gradients. Throws InputError where the network cannot be trained.
ForwardPass make_forward_pass(const Graph& inference, const TrainingOptions& options);

}  // namespace spinvp::workloads
