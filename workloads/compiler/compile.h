// The compiler: a graph becomes a program of NPU kernels.
//
//   lowering    each node's kernels, operands as views (lowering.h)
//   fusion      element-wise chains in one kernel (fusion.h)
//   placement   addresses: in place, on chip, in DRAM (placement.h)
//   emission    commands and map programs (emission.h)
// Kernels stay in the graph's order. Numbers do not depend on fusion, placement or the machine: every node's result is rounded to its tensor's type when the node is done.
#pragma once

#include "models/core/error.h"
#include "workloads/compiler/compiled_program.h"
#include "workloads/compiler/machine.h"
#include "workloads/graph/graph.h"
#include "workloads/training/training_graph.h"

namespace spinvp::workloads::compiler {

// A tensor that lives from step to step, and its new value.
struct Stored {
  TensorId stored, new_value;
};

// What is computed beside the graph's outputs.
struct CompileRequest {
  std::vector<Stored> replacements = {};
  std::optional<TensorId> loss = {};
  std::vector<TensorId> kept = {};  // more that can be read after a step: gradients, for tests
  bool training = false;
};

// The network does not fit into DRAM.
class DramTooSmall : public core::InputError {
 public:
  using core::InputError::InputError;
};

// Throws core::InputError: a node whose operator has no kernels, a type that the machine does not have, a job or a network that is too large.
CompiledProgram compile(const Graph& graph, const Machine& machine, const CompileOptions& options = {}, const CompileRequest& request = {});

// A training step. With `keep_gradients` those of all weights can be read after it (CompiledProgram::kept).
CompiledProgram compile(const TrainingGraph& training, const Machine& machine, const CompileOptions& options = {}, bool keep_gradients = false);

}  // namespace spinvp::workloads::compiler
