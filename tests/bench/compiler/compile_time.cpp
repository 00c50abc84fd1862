// How long networks take to compile, with the reads of the default NPU's sequencer, by processor time; and what the programs are predicted to move.
#include <cstdio>
#include <ctime>

#include "platform/explore/product_reads.h"
#include "workloads/compiler/compile.h"
#include "workloads/import/import.h"

using namespace spinvp;
using namespace spinvp::workloads;

namespace {

// Of this process: other work on the host does not count.
double seconds() {
  timespec t{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

}  // namespace

int sc_main(int, char**) {
  compiler::Machine machine;
  machine.dram.bytes = std::uint64_t{1} << 40;
  machine.onchip.bytes = 56 << 20;
  machine.reads_of = platform::product_reads(npu::NpuConfig{});
  std::printf("a training step of 16; times are processor milliseconds\n%-20s %8s %10s %8s %8s %10s %12s\n", "network", "import", "backward", "compile",
              "kernels", "DRAM MiB", "moved MiB");
  for (const char* name : {"resnet18", "resnet50", "mobilenet-v2", "bert-base", "gpt2-small"})
    for (const bool mixed : {false, true}) {
      const double start = seconds();
      const Graph graph = import_network(name, {.batch = 16});
      const double imported = seconds();
      const TrainingGraph training = make_training_graph(graph, {.optimiser = Optimiser::momentum, .mixed_precision = mixed});
      const double trained = seconds();
      const compiler::CompiledProgram program = compiler::compile(training, machine, {.phantom = true});
      const double compiled = seconds();
      std::printf("%-14s %-5s %8.1f %10.1f %8.1f %8zu %10.1f %12.1f\n", name, mixed ? "bf16" : "fp32", 1e3 * (imported - start), 1e3 * (trained - imported),
                  1e3 * (compiled - trained), program.kernels.size(), static_cast<double>(program.dram_bytes) / (1 << 20),
                  static_cast<double>(program.traffic().dram()) / (1 << 20));
    }
  return 0;
}
