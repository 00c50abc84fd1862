// Whole training steps: the program, interpreted command by command, gives the bits of the host reference, which runs the graph node by node.
#include <catch2/catch.hpp>

#include "../training_support.h"
#include "feeds.h"
#include "network.h"

namespace spinvp::workloads::compiler::test {
namespace {

using workloads::test::Draw;

// Three steps; the name of the first thing that differs, empty where nothing does.
std::string difference(const TrainingGraph& training, std::int64_t classes, const CompileOptions& options) {
  constexpr std::uint64_t steps = 3;
  const Machine machine{.dram = {0x8000'0000, 64 << 20}, .onchip = {0x20'0080'0000, 48 << 10}, .reads_of = {}, .core_reads_of = {}};
  TrainingRun<float> run(training, 5);
  workloads::test::set_inputs(run, training, Draw(9), classes);
  const CompiledProgram program = compile(training, machine, options, true);
  RunPlan plan = training_plan(training, steps, 1, 5);
  feed_inputs(plan, program, training, run);
  const MemoryImage image = lay_out(training.graph, program, machine, plan);
  Interpreter interpreter(machine, image);
  for (std::uint64_t s = 0; s < steps; ++s) {
    const float loss = run.step();
    interpreter.step(s);
    const std::string at = " after step " + std::to_string(s);
    if (first_difference(interpreter.values(*program.loss), {loss}) != -1) return "the loss" + at;
    for (const TensorPlace& place : program.kept)
      if (first_difference(interpreter.values(place), run.values().real(*place.tensor)) != -1) return "gradient " + place.name + at;
    for (const TensorPlace& place : program.stored)
      if (place.tensor && place.kind == BufferKind::stored && first_difference(interpreter.values(place), run.values().real(*place.tensor)) != -1)
        return "weight " + place.name + at;
  }
  return "";
}

}  // namespace

TEST_CASE("training steps have the bits of the reference: every optimiser, both precisions, kept or recomputed, fused or not, wherever tensors lie") {
  struct Row {
    const char* text;
    std::uint64_t batch;
    std::int64_t classes;
  };
  for (const Row& row : {Row{workloads::test::perceptron, 4, 3}, Row{workloads::test::convolutional, 2, 4}, Row{workloads::test::transformer, 2, 6}})
    for (const Optimiser optimiser : {Optimiser::sgd, Optimiser::momentum, Optimiser::adam})
      for (const bool mixed : {false, true}) {
        TrainingOptions options{.optimiser = optimiser, .rate = 0.05, .mixed_precision = mixed, .loss_scale = mixed ? 3.0 : 1.0};
        if (optimiser == Optimiser::adam) options.activations = Activations::recompute;
        const TrainingGraph training = make_training_graph(workloads::test::network(row.text, row.batch), options);
        for (const CompileOptions& variant : {CompileOptions{true, true, false}, CompileOptions{false, false, false}}) {
          INFO(row.text << " optimiser " << static_cast<int>(optimiser) << (mixed ? " mixed" : "") << (variant.fusion ? " fused, resident" : ""));
          CHECK(difference(training, row.classes, variant) == "");
        }
      }
}

}  // namespace spinvp::workloads::compiler::test
