// The bytes that memory holds before the run, as models/abi/program.h lays them out: start values, map programs, the table of kernels, names, and what feeds the inputs.
//
// Weights and inputs lie where the compiler put them; the rest follows behind its last byte. Of a phantom program only the program itself is laid out, and feeds have room without bytes.
#pragma once

#include <functional>

#include "workloads/compiler/compiled_program.h"
#include "workloads/compiler/machine.h"
#include "workloads/datasets/network_inputs.h"
#include "workloads/training/precision_schedule.h"
#include "workloads/training/training_graph.h"

namespace spinvp::workloads::compiler {

// Elements of a stored tensor before the first step; nothing: the values that the graph's tensor has.
using StartValues = std::function<std::optional<std::vector<float>>(TensorId)>;

struct RunPlan {
  std::uint64_t steps = 1;
  std::uint32_t batch = 1;
  std::vector<Feed> feeds = {};  // of inputs; an input without one keeps what memory holds
  StartValues start = {};
  PrecisionSchedule precision = {};
};

struct Image {
  std::uint64_t address = 0;
  std::vector<std::uint8_t> bytes = {};
};

struct MemoryImage {
  std::uint64_t program = 0;  // address of the struct spinvp_program
  std::vector<Image> images = {};
  std::uint64_t dram_end = 0;  // nothing of the program lies behind it
  double weights_error = 0;    // of compressed weights with values: norm of the difference by the norm of all of them
};

// Throws core::InputError: a weight without values (real data), a feed that is not of its input's size, too little DRAM.
MemoryImage lay_out(const Graph& graph, const CompiledProgram& program, const Machine& machine, const RunPlan& plan);

// What a training brings along by itself: start values from the seed, and the scalars of each step. Inputs and labels are for the caller to add.
RunPlan training_plan(const TrainingGraph& training, std::uint64_t steps, std::uint32_t batch, std::uint32_t seed);

}  // namespace spinvp::workloads::compiler
