// The transformer block under firmware on the PIM arrays, against the host reference with the same order of sums.
#include <bit>
#include <catch2/catch.hpp>
#include <numeric>
#include <set>

#include "tests/system/program.h"
#include "workloads/training/transformer_reference.h"

namespace spinvp::test {
namespace {

using workloads::ArithmeticPolicy;
using workloads::TransformerTraining;

nlohmann::json train(const Scratch& scratch, std::vector<std::string> more = {}) {
  std::vector<std::string> arguments{"run", "-q", "--app", "transformer_block_pim", "--out", scratch.path("out")};
  arguments.insert(arguments.end(), more.begin(), more.end());
  const Outcome outcome = spinvp(arguments);
  INFO(outcome.err);
  REQUIRE(outcome.status == 0);
  return report(scratch.path("out"));
}

void check_equal_bits(const nlohmann::json& report, const workloads::TransformerResult& expected) {
  const auto losses = report["training"]["loss"].get<std::vector<float>>();
  REQUIRE(losses.size() == expected.losses.size());
  for (std::size_t step = 0; step < losses.size(); ++step) {
    INFO("step " << step << ": " << losses[step] << ", expected " << expected.losses[step]);
    REQUIRE(std::bit_cast<std::uint32_t>(losses[step]) == std::bit_cast<std::uint32_t>(expected.losses[step]));
  }
  CHECK(report["training"]["accuracy"].get<double>() == Approx(expected.accuracy).margin(1e-6));
}

}  // namespace

TEST_CASE("The transformer block on the PIM arrays has the bits of the host reference at every step, and its loss falls") {
  const Scratch scratch;
  const auto report = train(scratch);
  check_equal_bits(report, workloads::train_transformer(ArithmeticPolicy::pim()));
  const auto losses = report["training"]["loss"].get<std::vector<double>>();
  REQUIRE(losses.size() == SPINVP_TRANSFORMER_DEFAULT_STEPS);
  CHECK(std::accumulate(losses.end() - 10, losses.end(), 0.0) < 0.5 * std::accumulate(losses.begin(), losses.begin() + 10, 0.0));
}

// 3 sequences: outputs that fill no whole subarray, a last test batch that is not full; 40: more test batches than sequences, and sums that no second group
// shares (61,440 outputs of qkv in 60 of 64 subarrays).
TEST_CASE("The transformer block follows --steps, --seed and --batch, with the bits of the host reference") {
  const Scratch scratch;
  for (const std::size_t batch : {3, 40}) {
    TransformerTraining training;
    training.steps = 4;
    training.seed = 7;
    training.batch = batch;
    check_equal_bits(train(scratch, {"--steps", "4", "--seed", "7", "--batch", std::to_string(batch)}),
                     workloads::train_transformer(ArithmeticPolicy::pim(), training));
  }
}

TEST_CASE("The transformer block's ReLU and loss on hart, NPU or PIM arrays: every choice has the bits of the host reference") {
  const Scratch scratch;
  TransformerTraining training;
  training.steps = 4;
  const auto expected = workloads::train_transformer(ArithmeticPolicy::pim(), training);
  std::set<double> times;
  for (const auto& [pooling, loss] : {std::pair<std::string, std::string>{"hart", "hart"}, {"pim", "npu"}, {"npu", "hart"}}) {
    INFO(pooling << ", " << loss);
    const auto result = train(scratch, {"--steps", "4", "--set", "pooling_unit=" + pooling, "--set", "loss_unit=" + loss});
    check_equal_bits(result, expected);
    times.insert(result["simulated_s"].get<double>());
  }
  CHECK(times.size() == 3);  // the choice is followed
}

TEST_CASE("Step by step, in every logic family, the transformer block has the bits and the time of the fast engine, and its energy within 7 %") {
  const Scratch scratch;
  std::vector<float> losses;
  for (const std::string family : {"sot", "nor", "aritpim", "sram"}) {
    const auto run = [&](const std::string& engine) {
      return train(scratch, {"--steps", "1", "--set", "devices.pim.family=" + family, "--set", "devices.pim.engine=" + engine});
    };
    const auto fast = run("fast"), step = run("step");
    INFO(family);
    CHECK(fast["training"] == step["training"]);
    CHECK(fast["simulated_s"] == step["simulated_s"]);
    const auto joules = [](const nlohmann::json& report) { return report["components"]["pim"]["dynamic_j"].get<double>(); };
    // A single step has few samples of each operation, and which they are depends on the order of commands that start together: up to 6 % here.
    CHECK(joules(fast) == Approx(joules(step)).epsilon(0.07));
    // Families differ in steps, not in values.
    const auto these = fast["training"]["loss"].get<std::vector<float>>();
    if (losses.empty()) losses = these;
    CHECK(losses == these);
  }
}

TEST_CASE("The transformer block on smaller arrays has the bits of the host reference for these") {
  const Scratch scratch;
  TransformerTraining training;
  training.steps = 4;
  check_equal_bits(train(scratch, {"--steps", "4", "--set", "devices.pim.subarrays=8"}),
                   workloads::train_transformer(ArithmeticPolicy::pim(8 * 1024, 1024), training));
}

TEST_CASE("A batch that does not fit in the on-chip memory ends the transformer block with one line and exit status 3") {
  const Scratch scratch;
  const Outcome outcome = spinvp({"run", "-q", "--app", "transformer_block_pim", "--batch", "100000", "--out", scratch.path("out")});
  CHECK(outcome.status == 3);
  CHECK(contents(scratch.path("out/uart.log")).find("failed: the tensors do not fit in the on-chip memory") != std::string::npos);
}

TEST_CASE("Phases and layers of the transformer block stand in the report with their kernels, times and energies") {
  const Scratch scratch;
  const auto report = train(scratch, {"--steps", "2"});
  const auto energy_of = [&](const std::string& path) {
    for (const auto& region : report["regions"])
      if (region["path"] == path) return region["energy_j"].get<double>();
    return 0.0;
  };
  for (const std::string layer : {"qkv", "scores", "softmax", "mix", "output", "norm1", "norm2", "ff1", "ff2", "head"})
    for (const std::string phase : {"forward", "backward"}) {
      INFO(phase << "/" << layer);
      CHECK(energy_of("train/" + phase + "/" + layer) > 0);
    }
  for (const std::string layer : {"embedding", "qkv", "output", "norm1", "norm2", "ff1", "ff2", "head"}) CHECK(energy_of("train/update/" + layer) > 0);
}

}  // namespace spinvp::test
