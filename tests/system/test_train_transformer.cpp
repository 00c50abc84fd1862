// The two-layer language model under firmware, on NPU, PIM arrays and one layer on each, against the host reference with each layer's own order of sums.
#include <algorithm>
#include <bit>
#include <catch2/catch.hpp>
#include <cmath>
#include <map>
#include <numeric>
#include <set>

#include "tests/system/program.h"
#include "workloads/training/language_reference.h"

namespace spinvp::test {
namespace {

using workloads::ArithmeticPolicy;
using workloads::LanguageTraining;
using workloads::LayerPolicies;

const std::map<std::string, LayerPolicies> policies = {{"npu", {ArithmeticPolicy::npu(), ArithmeticPolicy::npu()}},
                                                       {"pim", {ArithmeticPolicy::pim(), ArithmeticPolicy::pim()}},
                                                       {"npu+pim", {ArithmeticPolicy::npu(), ArithmeticPolicy::pim()}},
                                                       {"pim+npu", {ArithmeticPolicy::pim(), ArithmeticPolicy::npu()}}};

std::vector<std::string> call(const Scratch& scratch, const std::string& units, std::vector<std::string> more) {
  std::vector<std::string> arguments{"run", "-q", "--app", "train_transformer", "--set", "layer_units=" + units, "--out", scratch.path("out")};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

nlohmann::json train(const Scratch& scratch, const std::string& units, std::vector<std::string> more) {
  const Outcome outcome = spinvp(call(scratch, units, std::move(more)));
  INFO(outcome.err << outcome.out);
  REQUIRE(outcome.status == 0);
  return report(scratch.path("out"));
}

workloads::LanguageResult reference(const LayerPolicies& layers, const LanguageTraining& training) {
  return workloads::train_language(workloads::write_text({.seed = training.seed}), layers, training);
}

// Losses of all steps, the parameters at the end, and the answers to the test sentences.
void check_equal_bits(const Scratch& scratch, const nlohmann::json& report, const workloads::LanguageResult& expected) {
  const auto losses = report["training"]["loss"].get<std::vector<float>>();
  REQUIRE(losses.size() == expected.losses.size());
  for (std::size_t step = 0; step < losses.size(); ++step) {
    INFO("step " << step << ": " << losses[step] << ", expected " << expected.losses[step]);
    REQUIRE(std::bit_cast<std::uint32_t>(losses[step]) == std::bit_cast<std::uint32_t>(expected.losses[step]));
  }
  char line[64];
  std::snprintf(line, sizeof line, "parameters %016llx\n", static_cast<unsigned long long>(expected.fingerprint));
  CHECK(contents(scratch.path("out/uart.log")).find(line) != std::string::npos);
  CHECK(report["training"]["accuracy"].get<double>() == Approx(expected.accuracy).margin(1e-6));
}

}  // namespace

TEST_CASE("The language model on NPU, PIM arrays or a layer on each has the bits of the host reference, losses and parameters, and takes its own time") {
  const Scratch scratch;
  std::set<double> times;
  for (const auto& [units, layers] : policies) {
    INFO(units);
    const auto result = train(scratch, units, {"--steps", "3"});
    check_equal_bits(scratch, result, reference(layers, {.steps = 3}));
    times.insert(result["simulated_s"].get<double>());
    // Who computes nothing has nothing to do.
    CHECK((result["components"]["npu"]["busy_s"].get<double>() > 0) == (units != "pim"));
    CHECK((result["components"]["pim"]["busy_s"].get<double>() > 0) == (units != "npu"));
  }
  CHECK(times.size() == policies.size());
}

// 3 sentences: rows that fill neither the array nor a subarray, and a last test batch that is not full.
TEST_CASE("The language model follows --steps, --seed and --batch, with the bits of the host reference") {
  const Scratch scratch;
  const LanguageTraining training{.steps = 3, .seed = 7, .batch = 3};
  for (const std::string units : {"npu", "pim+npu"}) {
    INFO(units);
    check_equal_bits(scratch, train(scratch, units, {"--steps", "3", "--seed", "7", "--batch", "3"}), reference(policies.at(units), training));
  }
}

TEST_CASE("ReLU and residual sums, softmax, norms and loss of the PIM layers on hart, NPU or arrays: every choice has the bits of the host reference") {
  const Scratch scratch;
  std::set<double> times;
  const auto expected = reference(policies.at("pim"), {.steps = 2});
  for (const auto& [pooling, loss] : {std::pair<std::string, std::string>{"hart", "npu"}, {"pim", "hart"}, {"npu", "npu"}}) {
    INFO(pooling << ", " << loss);
    const auto result = train(scratch, "pim", {"--steps", "2", "--set", "pooling_unit=" + pooling, "--set", "loss_unit=" + loss});
    check_equal_bits(scratch, result, expected);
    times.insert(result["simulated_s"].get<double>());
  }
  CHECK(times.size() == 3);  // the choice is followed
}

TEST_CASE("The whole training of the language model on the NPU learns what only attention can tell, with the bits of the host reference at every step") {
  const Scratch scratch;
  const auto result = train(scratch, "npu", {});
  check_equal_bits(scratch, result, reference(policies.at("npu"), {}));
  const auto losses = result["training"]["loss"].get<std::vector<double>>();
  REQUIRE(losses.size() == SPINVP_LANGUAGE_DEFAULT_STEPS);
  const double bits = std::accumulate(losses.end() - 20, losses.end(), 0.0) / 20 / std::log(2.0);
  CHECK(bits < workloads::language_best.bits + 0.15);
  CHECK(bits < workloads::language_best_without_context.bits - 0.8);
  // Half of the words can be told for sure, and those alone from the context: twice what the last word allows is more than the best that has no attention can get.
  CHECK(result["training"]["accuracy"].get<double>() > 2 * workloads::language_best_without_context.accuracy);
}

TEST_CASE("With a layer on each unit the residual stream and its gradient cross by DMA, and phases and layers stand in the report") {
  const Scratch scratch;
  const auto split = train(scratch, "npu+pim", {"--steps", "2"});
  const auto energy_of = [&](const std::string& path) {
    for (const auto& region : split["regions"])
      if (region["path"] == path) return region["energy_j"].get<double>();
    return 0.0;
  };
  CHECK(energy_of("train/forward/layer2/transfer") > 0);
  CHECK(energy_of("train/backward/layer1/transfer") > 0);
  CHECK(energy_of("train/forward/layer1/transfer") == 0);
  for (const std::string layer : {"layer1", "layer2"})
    for (const std::string phase : {"forward", "backward"})
      for (const std::string part : {"norm1", "qkv", "scores", "softmax", "mix", "output", "norm2", "ff1", "relu", "ff2"}) {
        INFO(phase << "/" << layer << "/" << part);
        CHECK(energy_of("train/" + phase + "/" + layer + "/" + part) > 0);
      }
  for (const std::string end : {"embedding", "head"})
    for (const std::string phase : {"forward", "backward", "update"}) CHECK(energy_of("train/" + phase + "/" + end) > 0);
  // 128 rows of 32 floats, read once and written once each way; and in the test batches (256 sentences, 8 at once) one way.
  const auto dma = split["components"]["dma"]["counters"];
  CHECK(dma["bytes"].get<double>() == (2 * 2 + 32) * 128 * 32 * 4);
  CHECK(train(scratch, "npu", {"--steps", "2"})["components"]["dma"]["counters"]["bytes"] == 0);
}

TEST_CASE("Weights, activations and gradients of the language model in memories of their own: the same bits, on one unit and on two") {
  const Scratch scratch;
  for (const std::string units : {"npu", "npu+pim"}) {
    INFO(units);
    const auto together = train(scratch, units, {"--steps", "2"}), apart = train(scratch, units, {"--steps", "2", "--config", "relaxed"});
    CHECK(apart["training"] == together["training"]);
    for (const char* memory : {"weights", "activations", "gradients"}) CHECK(apart["memory"][memory]["write_bytes"].get<double>() > 0);
    // Both units' tensors in one memory, and in the memory that holds the program.
    for (const std::string memory : {"onchip", "dram"})
      CHECK(train(scratch, units, {"--steps", "2", "--set", "tensors.weights=" + memory, "--set", "tensors.activations=" + memory})["training"] ==
            together["training"]);
  }
}

TEST_CASE("Wrong units of layers, units that are not there, and images in place of a text are refused in one line that says what is allowed") {
  const Scratch scratch;
  const auto refused = [&](const std::string& units, std::vector<std::string> more, const std::string& text) {
    const Outcome outcome = spinvp(call(scratch, units, std::move(more)));
    INFO(outcome.err);
    CHECK(outcome.status == 65);
    CHECK(outcome.error_lines() == 1);
    CHECK(outcome.err.find(text) != std::string::npos);
  };
  refused("tpu", {}, "layer_units: 'tpu' is not allowed: one of npu, pim, npu+pim, pim+npu");
  refused("npu+pim", {"--set", "devices.pim.enabled=false"},
          "layer_units: 'npu+pim' is not allowed: this configuration has no device of type pim; allowed: npu");
  refused("npu", {"--dataset", scratch.path("")}, "takes a text, which the project writes, and no images");
  // What an app does not use it does not ask for.
  CHECK(spinvp({"run", "-q", "--app", "hello", "--set", "devices.npu.enabled=false", "--out", scratch.path("hello")}).status == 0);
}

TEST_CASE("A batch of sentences that does not fit ends the language model with one line and exit status 3") {
  const Scratch scratch;
  const Outcome outcome = spinvp(call(scratch, "pim", {"--batch", "100000"}));
  CHECK(outcome.status == 3);
  CHECK(contents(scratch.path("out/uart.log")).find("failed: the tensors do not fit in their memories") != std::string::npos);
}

TEST_CASE("The list of apps says of each what it does") {
  for (const auto& app : nlohmann::json::parse(spinvp({"--json", "list", "apps"}).out)) {
    INFO(app["name"]);
    CHECK(app["about"].is_string());
  }
  CHECK(spinvp({"list", "apps"}).out.find("train_transformer      trains a language model of two transformer blocks") != std::string::npos);
}

}  // namespace spinvp::test
