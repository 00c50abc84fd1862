#include "workloads/compiler/compile.h"

#include <fmt/format.h>

#include "models/core/error.h"
#include "workloads/compiler/emission.h"
#include "workloads/compiler/fusion.h"
#include "workloads/compiler/lowering.h"
#include "workloads/compiler/placement.h"
#include "workloads/compiler/weight_storage.h"

namespace spinvp::workloads::compiler {
namespace {

// The NPU's own limits (models/abi/npu.h), told in the network's terms.
void check_sizes(const Graph& graph, const Draft& draft) {
  const auto refuse = [&](const Kernel& kernel, const std::string& what) {
    throw core::InputError(fmt::format("{}: layer '{}', kernel '{}': {}", graph.source, printable(kernel.layer), printable(kernel.name), what));
  };
  for (const Kernel& kernel : draft.kernels) {
    kernel.for_each_access([&](BufferId id, bool) {
      const Buffer& b = draft.buffer(id);
      if (b.bytes() > std::uint64_t{1} << 32)
        refuse(kernel, fmt::format("tensor '{}' takes {} MiB, one job takes up to 4096 MiB: a smaller batch helps", printable(b.name), b.bytes() >> 20));
    });
    if (kernel.program && !fits(kernel)) refuse(kernel, "its operands lie along more axes than a map program has, 6");
  }
}

}  // namespace

CompiledProgram compile(const Graph& graph, const Machine& machine, const CompileOptions& options, const CompileRequest& request) {
  Draft draft = lower(graph, request, options);
  if (options.fusion) fuse(draft);
  simplify_epilogues(draft);
  if (options.weights.any()) compress_weights(draft, options.weights);
  check_sizes(graph, draft);
  const Placement placement = place(draft, machine, options);
  if (placement.dram_bytes > machine.dram.bytes)
    throw DramTooSmall(
        fmt::format("{}: network '{}' needs {} MiB of DRAM, {} MiB are available: a smaller batch, recomputed activations or a larger devices.dram.size help",
                    graph.source, printable(graph.name), (placement.dram_bytes >> 20) + 1, machine.dram.bytes >> 20));
  CompiledProgram program = emit(draft, placement, machine, options);
  program.network = graph.name.empty() ? graph.source : graph.name;
  program.training = request.training;
  return program;
}

CompiledProgram compile(const TrainingGraph& training, const Machine& machine, const CompileOptions& options, bool keep_gradients) {
  CompileRequest request{.loss = training.loss, .training = true};
  for (const Replacement& r : training.replacements) request.replacements.push_back({r.stored, r.value});
  if (keep_gradients)
    for (const Replacement& r : training.gradients) request.kept.push_back(r.value);
  return compile(training.graph, machine, options, request);
}

}  // namespace spinvp::workloads::compiler
