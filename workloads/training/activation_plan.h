// Which results of the forward pass are kept for the backward pass.
//
// A forward pass cut into segments keeps what crosses a cut, and everything of the last segment, which is still there when the backward pass begins; the rest is recomputed segment by
// segment (Chen et al., "Training deep nets with sublinear memory cost", arXiv:1604.06174). Most bytes at once: what is kept, and what the largest recomputed segment brings back.
#pragma once

#include <cstdint>
#include <set>
#include <vector>

#include "workloads/training/forward_pass.h"

namespace spinvp::workloads {

struct ActivationPlan {
  std::vector<bool> kept;  // by tensor
  std::uint64_t segments = 1;
  std::uint64_t peak_bytes = 0;
};

// Keeps everything.
ActivationPlan stash_plan(const ForwardPass& pass);
// `needed`: what the backward pass reads where everything is kept. As few segments as stay within `budget`; where none does, those that need least.
ActivationPlan recompute_plan(const ForwardPass& pass, const std::set<TensorId>& needed, std::uint64_t budget);

// The tensor whose memory it is: a view has that of its operand.
TensorId storage_of(const Graph& graph, TensorId tensor);
// Of those tensors that nodes make, each storage once.
std::uint64_t storage_bytes(const Graph& graph, const std::set<TensorId>& tensors);

}  // namespace spinvp::workloads
