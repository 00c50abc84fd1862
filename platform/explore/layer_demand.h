// What a layer of a compiled network needs beside itself: the bytes of everything that its kernels touch (its working set), and what its products ask of the array's edges.
//
// A row is a layer in a phase: forward, backward, update. Every tensor that a row touches counts once, with as much of it as the row's kernels touch (rows of a table that are looked up), in one class:
//   inputs      read and made by others in the same phase, or the network's own
//   weights     parameters, running statistics, constants
//   outputs     made here; `kept` is the part that the backward pass reads again
//   stash       forward results that a row of the backward pass reads
//   gradients   of weights
//   states      optimiser moments, master copies
// Layers without a name of their own share a row (all `Relu` of a block): a run of kernels with others of its phase between it and the next has a working set of its own, and the row shows the largest.
// What renews a weight or a state in its place takes no other bytes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/npu/npu_config.h"
#include "platform/explore/array_demand.h"
#include "workloads/compiler/compiled_program.h"
#include "workloads/training/training_graph.h"

namespace spinvp::platform {

struct WorkingSet {
  std::uint64_t inputs = 0, weights = 0, outputs = 0, stash = 0, gradients = 0, states = 0;
  std::uint64_t kept = 0;
  [[nodiscard]] std::uint64_t bytes() const { return inputs + weights + outputs + stash + gradients + states; }
};

struct LayerDemand {
  std::string name = {};
  workloads::Phase phase = workloads::Phase::forward;
  WorkingSet working = {};
  ArrayDemand array = {};  // all zero: no product
};

// The whole network with everything in place at once, as the compiler lays it out.
struct NetworkDemand {
  std::uint64_t resident_bytes = 0;  // all of it: what follows, and the network's inputs and results
  std::uint64_t weight_bytes = 0, state_bytes = 0;
  std::uint64_t temporary_bytes = 0;  // activations and gradients, those that live at the same time
  std::uint64_t stash_bytes = 0;      // of them, what the forward pass leaves to the backward pass
};

struct DemandAnswer {
  std::vector<LayerDemand> layers = {};  // in the order of their first kernels
  NetworkDemand network = {};
};

// `program`: compiled without memory on chip, so that each tensor has one place. `training`: null for an inference.
DemandAnswer layer_demand(const workloads::compiler::CompiledProgram& program, const workloads::TrainingGraph* training, const npu::NpuConfig& npu);

}  // namespace spinvp::platform
