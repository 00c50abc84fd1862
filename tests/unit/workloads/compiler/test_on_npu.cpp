// Programs on the NPU model itself: the bits of the host reference, and the DRAM bytes that the compiler predicted for each kernel.
#include <catch2/catch.hpp>

#include <fmt/format.h>

#include "../../npu/bench.h"
#include "../training_support.h"
#include "feeds.h"
#include "platform/explore/product_reads.h"
#include "workloads/compiler/compile.h"
#include "workloads/compiler/images.h"
#include "workloads/graph/sparsity.h"

namespace spinvp::workloads::compiler::test {
namespace {

using npu::test::Bench;
using workloads::test::Draw;

const Machine one_core{.dram = {Bench::heap_base, 48 << 20}, .onchip = {Bench::onchip_base + (16 << 20), 64 << 10}, .reads_of = {}, .core_reads_of = {}};

struct Row {
  const char* text;
  std::uint64_t batch;
  std::int64_t classes;
};

bool same(Bench& bench, const TensorPlace& place, const std::vector<float>& wanted) {
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    std::uint32_t bits = 0;
    if (place.format == Format::bf16) {
      std::uint16_t half = 0;
      std::memcpy(&half, bench.at(place.address + 2 * i), 2);
      bits = std::uint32_t{half} << 16;
    } else {
      std::memcpy(&bits, bench.at(place.address + 4 * i), 4);
    }
    if (bits != std::bit_cast<std::uint32_t>(wanted[i])) return false;
  }
  return true;
}

// Two steps; what went wrong first, empty where nothing did. Runs inside the bench's driver.
std::string difference(Bench& bench, const Machine& machine, const TrainingGraph& training, std::int64_t classes, const CompileOptions& options) {
  constexpr std::uint64_t steps = 2;
  TrainingRun<float> run(training, 5);
  workloads::test::set_inputs(run, training, Draw(9), classes);
  const CompiledProgram program = compile(training, machine, options, true);
  RunPlan plan = training_plan(training, steps, 1, 5);
  feed_inputs(plan, program, training, run);
  const MemoryImage image = lay_out(training.graph, program, machine, plan);
  std::memset(bench.at(machine.dram.base), 0xff, image.dram_end - machine.dram.base);
  std::memset(bench.at(machine.onchip.base), 0xff, machine.onchip.bytes);
  for (const Image& part : image.images) bench.fill(part.address, part.bytes.data(), part.bytes.size());
  spinvp_program header;
  std::memcpy(&header, bench.at(image.program), sizeof header);
  for (std::uint64_t s = 0; s < steps; ++s) {
    for (std::uint64_t f = 0; f < header.feeds; ++f) {
      spinvp_program_feed feed;
      std::memcpy(&feed, bench.at(header.feed_table + f * sizeof feed), sizeof feed);
      std::memmove(bench.at(feed.to), bench.at(feed.from + s % feed.count * feed.bytes), feed.bytes);
    }
    for (std::uint64_t k = 0; k < header.kernels; ++k) {
      spinvp_program_kernel kernel;
      std::memcpy(&kernel, bench.at(header.kernel_table + k * sizeof kernel), sizeof kernel);
      std::uint64_t read = 0, written = 0;
      bench.on_burst = [&](const tlm::tlm_generic_payload& payload) {
        const std::uint64_t address = payload.get_address();
        if (address < machine.dram.base || address >= machine.dram.base + program.dram_bytes) return;
        (payload.is_read() ? read : written) += payload.get_data_length();
      };
      const std::uint32_t status = bench.execute(kernel.descriptor);
      bench.on_burst = nullptr;
      if (status != SPINVP_NPU_DONE) return "status of " + program.kernels[k].name;
      // Scattering touches a row that comes several times in a run once; how often depends on values.
      const Traffic& predicted = program.kernels[k].traffic;
      const bool scatters = kernel.descriptor.operation == SPINVP_NPU_SCATTER_ADD;
      if (scatters ? predicted.dram_read < read || predicted.dram_written < written : predicted.dram_read != read || predicted.dram_written != written)
        return fmt::format("{} reads {} and writes {} bytes, predicted were {} and {}", program.kernels[k].name, read, written, predicted.dram_read,
                           predicted.dram_written);
    }
    const float loss = run.step();
    const std::string at = " after step " + std::to_string(s);
    if (!same(bench, *program.loss, {loss})) return "the loss" + at;
    for (const TensorPlace& place : program.kept)
      if (!same(bench, place, run.values().real(*place.tensor))) return "gradient " + place.name + at;
    for (const TensorPlace& place : program.stored)
      if (place.tensor && place.kind == BufferKind::stored && !same(bench, place, run.values().real(*place.tensor))) return "weight " + place.name + at;
  }
  return "";
}

void trains_as_the_reference(const npu::NpuConfig& config, const Machine& machine) {
  Bench bench(config);
  bench.run([&] {
    bench.start();
    for (const Row& row : {Row{workloads::test::perceptron, 4, 3}, Row{workloads::test::convolutional, 2, 4}, Row{workloads::test::transformer, 2, 6}})
      for (const bool mixed : {false, true}) {
        const TrainingOptions options{
            .optimiser = mixed ? Optimiser::adam : Optimiser::momentum, .rate = 0.05, .mixed_precision = mixed, .loss_scale = mixed ? 3.0 : 1.0};
        const TrainingGraph training = make_training_graph(workloads::test::network(row.text, row.batch), options);
        for (const CompileOptions& variant : {CompileOptions{true, true, false}, CompileOptions{false, false, false}}) {
          INFO(row.text << (mixed ? " mixed" : "") << (variant.fusion ? " fused, resident" : ""));
          CHECK(difference(bench, machine, training, row.classes, variant) == "");
        }
      }
  });
}

}  // namespace

TEST_CASE("training steps on the NPU have the bits of the reference and the predicted traffic, in both precisions, fused or not") {
  trains_as_the_reference({}, one_core);
}

TEST_CASE("training steps on three cores have the bits of the reference and the predicted traffic: what each core reads for itself included") {
  npu::NpuConfig config;
  config.cores = 3;
  config.rows = config.columns = 8;
  config.stream_buffer = core::Bytes{1024};
  Machine machine = one_core;
  machine.reads_of = platform::product_reads(config);
  machine.core_reads_of = platform::core_reads(config);
  trains_as_the_reference(config, machine);
}

TEST_CASE("training steps with N:M sparse weights have the bits of the reference and the predicted traffic, in both precisions, kept or recomputed") {
  npu::NpuConfig config;
  config.sparse_group = 8;
  Bench bench(config);
  bench.run([&] {
    bench.start();
    for (const Row& row : {Row{workloads::test::perceptron, 4, 3}, Row{workloads::test::convolutional, 2, 4}, Row{workloads::test::transformer, 2, 6}})
      for (const Sparsity& sparsity : {Sparsity{2, 8}, Sparsity{2, 4}, Sparsity{1, 4}})
        for (const bool mixed : {false, true}) {
          TrainingOptions options{.rate = 0.05, .mixed_precision = mixed, .loss_scale = mixed ? 3.0 : 1.0};
          if (mixed) options.activations = Activations::recompute;
          const TrainingGraph dense = make_training_graph(workloads::test::network(row.text, row.batch), options);
          TrainingGraph sparse = dense;
          // The convolutions have 6 channels.
          const bool takes = sparsity.group <= 6 || row.text != workloads::test::convolutional;
          INFO(row.text << " " << sparsity.keep << ":" << sparsity.group << (mixed ? " mixed" : ""));
          CHECK((mark_sparse(sparse.graph, sparsity) > 0) == takes);
          CHECK(difference(bench, one_core, sparse, row.classes, {}) == "");
          if (!takes) continue;
          TrainingRun<float> with(sparse, 5), without(dense, 5);
          workloads::test::set_inputs(with, sparse, Draw(9), row.classes);
          workloads::test::set_inputs(without, dense, Draw(9), row.classes);
          CHECK(with.step() != without.step());
        }
  });
}

TEST_CASE(
    "training steps with regular dropout have the bits of the reference, which masks and leaves nothing out, by row and by tile, in both precisions, kept or "
    "recomputed") {
  npu::NpuConfig config;
  config.sparse_group = 8;
  Bench bench(config);
  bench.run([&] {
    bench.start();
    for (const RegularDropout& dropout : {RegularDropout{2, 1}, RegularDropout{3, 1}, RegularDropout{2, 16}})
      for (const bool mixed : {false, true})
        for (const bool sparse : {false, true}) {
          TrainingOptions options{
              .optimiser = Optimiser::momentum, .rate = 0.05, .mixed_precision = mixed, .loss_scale = mixed ? 3.0 : 1.0, .dropout = dropout};
          if (mixed) options.activations = Activations::recompute;
          TrainingGraph training = make_training_graph(workloads::test::network(workloads::test::dropping, 5), options);
          if (sparse) mark_sparse(training.graph, {2, 8});
          INFO(dropout.period << " " << dropout.tile << (mixed ? " mixed" : "") << (sparse ? " sparse" : ""));
          CHECK(difference(bench, one_core, training, 3, {}) == "");
        }
  });
}

}  // namespace spinvp::workloads::compiler::test
