// Whole trainings under firmware, against the plain host reference of the same network and the same order of sums.
#include <algorithm>
#include <bit>
#include <catch2/catch.hpp>
#include <cmath>
#include <set>

#include "tests/system/program.h"
#include "workloads/datasets/digits.h"
#include "workloads/training/lenet_reference.h"

namespace spinvp::test {
namespace {

using workloads::ArithmeticPolicy;

nlohmann::json train(const Scratch& scratch, const std::string& app, std::size_t steps, std::vector<std::string> more = {}) {
  const std::string out = scratch.path(app);
  std::vector<std::string> arguments{"run", "-q", "--app", app, "--steps", std::to_string(steps), "--out", out};
  arguments.insert(arguments.end(), more.begin(), more.end());
  const Outcome outcome = spinvp(arguments);
  INFO(outcome.err);
  REQUIRE(outcome.status == 0);
  return report(out);
}

workloads::TrainingResult reference(const ArithmeticPolicy& policy, std::size_t steps) {
  workloads::LenetTrainingOptions options;
  options.steps = steps;
  return workloads::train_lenet(workloads::draw_digits(), policy, options);
}

void check_equal_bits(const nlohmann::json& report, const workloads::TrainingResult& expected) {
  const auto losses = report["training"]["loss"].get<std::vector<float>>();
  REQUIRE(losses.size() == expected.losses.size());
  for (std::size_t step = 0; step < losses.size(); ++step) {
    INFO("step " << step << ": " << losses[step] << ", expected " << expected.losses[step]);
    REQUIRE(std::bit_cast<std::uint32_t>(losses[step]) == std::bit_cast<std::uint32_t>(expected.losses[step]));
  }
  CHECK(report["training"]["accuracy"].get<double>() == Approx(expected.accuracy()).margin(1e-6));
}

constexpr std::size_t some_steps = 12;

}  // namespace

TEST_CASE("Training on the NPU has the bits of the host reference: fused sums in ascending order") {
  const Scratch scratch;
  check_equal_bits(train(scratch, "train_lenet", some_steps), reference(ArithmeticPolicy::npu(), some_steps));
}

TEST_CASE("Training on the PIM arrays has the bits of the host reference: product and sum rounded apart") {
  const Scratch scratch;
  check_equal_bits(train(scratch, "train_lenet_pim", some_steps), reference(ArithmeticPolicy::pim(), some_steps));
}

// Two steps: the second one trains weights that the arrays wrote themselves; then all of the test images pass the network.
TEST_CASE("LeNet trained step by step on the PIM arrays has the bits and the time of the fast engine, and its energy within 5 %") {
  const Scratch scratch;
  const auto run = [&](const std::string& engine) { return train(scratch, "train_lenet_pim", 2, {"--batch", "2", "--set", "devices.pim.engine=" + engine}); };
  const auto fast = run("fast"), step = run("step");
  CHECK(fast["training"] == step["training"]);
  CHECK(fast["training"]["loss"].size() == 2);
  CHECK(fast["simulated_s"] == step["simulated_s"]);
  const auto joules = [](const nlohmann::json& report) { return report["components"]["pim"]["dynamic_j"].get<double>(); };
  CHECK(joules(fast) == Approx(joules(step)).epsilon(0.05));
}

// On 128 lanes a plane of conv1's pool does not fit: its windows pass row by row.
TEST_CASE("Pools, ReLUs and the loss on hart, NPU or PIM arrays: every choice has the bits of the host reference, on small arrays too") {
  const Scratch scratch;
  const auto units = [](const std::string& pooling, const std::string& loss) {
    return std::vector<std::string>{"--set", "pooling_unit=" + pooling, "--set", "loss_unit=" + loss};
  };
  const auto expected = reference(ArithmeticPolicy::pim(), 3);
  std::vector<double> times;
  for (const auto& [pooling, loss] : {std::pair{"hart", "hart"}, {"hart", "npu"}, {"npu", "hart"}, {"pim", "npu"}}) {
    INFO(pooling << ", " << loss);
    const auto result = train(scratch, "train_lenet_pim", 3, units(pooling, loss));
    check_equal_bits(result, expected);
    times.push_back(result["simulated_s"].get<double>());
  }
  // The choice is followed: the hart, one element after the other, takes longest.
  CHECK(std::set<double>(times.begin(), times.end()).size() == times.size());
  CHECK(*std::max_element(times.begin(), times.end()) == times.front());

  std::vector<std::string> small = units("pim", "hart");
  for (const char* field : {"subarrays=1", "lanes=128"}) small.insert(small.end(), {"--set", std::string("devices.pim.") + field});
  small.insert(small.end(), {"--batch", "2"});
  workloads::LenetTrainingOptions options;
  options.steps = 1;
  options.batch = 2;
  check_equal_bits(train(scratch, "train_lenet_pim", 1, small), workloads::train_lenet(workloads::draw_digits(), ArithmeticPolicy::pim(128, 128), options));
}

TEST_CASE("A unit that the configuration does not have is refused, with the field and what is allowed") {
  const Scratch scratch;
  const Outcome outcome =
      spinvp({"run", "-q", "--app", "train_lenet_pim", "--set", "pooling_unit=npu", "--set", "devices.npu.enabled=false", "--out", scratch.path("out")});
  CHECK(outcome.status == 65);
  CHECK(outcome.err.find("pooling_unit: 'npu' is not allowed: this configuration has no device of that type; hart is always there") != std::string::npos);
}

TEST_CASE("Weights, activations and gradients in memories of their own: the same bits, on NPU and PIM arrays, and every memory has its traffic") {
  const Scratch scratch;
  for (const char* app : {"train_lenet", "train_lenet_pim"}) {
    INFO(app);
    const auto together = train(scratch, app, 2), apart = train(scratch, app, 2, {"--config", "relaxed"});
    CHECK(apart["training"] == together["training"]);
    for (const char* memory : {"weights", "activations", "gradients"}) {
      CHECK(apart["memory"][memory]["read_bytes"].get<double>() > 0);
      CHECK(apart["memory"][memory]["write_bytes"].get<double>() > 0);
    }
    // A step reads the 21,840 parameters at least for the forward and the backward pass, and writes them once; before the first they are written once more.
    CHECK(apart["memory"]["weights"]["read_bytes"].get<double>() >= 2 * 2 * 21840 * 4);
    CHECK(apart["memory"]["weights"]["write_bytes"].get<double>() >= 3 * 21840 * 4);
  }
}

TEST_CASE("Cells that forget strike the tensors that lie in them, and a code puts them right") {
  const Scratch scratch;
  // 21,840 x 36 cells, check bits included, one flip in 20 s each, over some 0.4 ms: about 16 flips among the parameters' cells.
  const auto run = [&](const char* memory, std::vector<std::string> more) {
    const std::string field = std::string("devices.") + memory + ".";
    std::vector<std::string> arguments = {"--config", "relaxed", "--set", field + "faults.retention_loss=0.05Hz"};
    for (const std::string& setting : more) arguments.insert(arguments.end(), {"--set", field + setting});
    return train(scratch, "train_lenet", 2, arguments);
  };
  const auto sound = train(scratch, "train_lenet", 2);
  const auto corrected = run("weights", {"ecc=secded"});
  CHECK(corrected["training"] == sound["training"]);
  CHECK(corrected["memory"]["weights"]["corrected"].get<double>() > 0);
  CHECK(corrected["memory"]["weights"]["uncorrectable"] == 0);
  CHECK(corrected["memory"]["gradients"]["bit_errors_injected"].is_null());  // no fault process there
  const auto forgotten = run("weights", {});
  CHECK(forgotten["memory"]["weights"]["retention_failures"].get<double>() > 0);
  CHECK(forgotten["training"]["loss"] != sound["training"]["loss"]);
}

TEST_CASE("infer classifies 64 images one at a time with the weights it trained: the latency and energy it prints are those of its regions") {
  const Scratch scratch;
  const std::string out = scratch.path("infer");
  const Outcome outcome = spinvp({"run", "--app", "infer", "--steps", "60", "--out", out});
  REQUIRE(outcome.status == 0);
  const auto number_after = [&](const std::string& words) {
    const std::size_t at = outcome.out.find(words);
    REQUIRE(at != std::string::npos);
    return std::stod(outcome.out.substr(at + words.size()));
  };
  CHECK(number_after("classified ") == 64);
  const auto r = report(out);
  double seconds = 0, joules = 0;
  for (const auto& region : r["regions"])
    if (region["path"].get<std::string>().starts_with("infer")) {
      seconds += region["time_s"].get<double>();
      joules += region["energy_j"].get<double>();
    }
  // Outside the region are the reads of the counters: some accesses of 100 ns.
  CHECK(number_after("latency ") == Approx(seconds * 1e6 / 64).epsilon(0.05));
  CHECK(number_after("energy ") == Approx(joules * 1e6 / 64).epsilon(0.05));
  CHECK(r["training"]["loss"].size() == 60);
  CHECK(r["training"]["accuracy"].get<double>() > 0.5);  // of ten digits; chance is 0.1
}

TEST_CASE("Tensors in a memory that there is not are refused, with the field and the memories that there are") {
  const Scratch scratch;
  const Outcome outcome = spinvp({"run", "-q", "--app", "train_lenet", "--set", "tensors.weights=drma", "--out", scratch.path("out")});
  CHECK(outcome.status == 65);
  CHECK(outcome.err.find("tensors.weights: 'drma' is no memory that can be written; allowed: ") != std::string::npos);
}

TEST_CASE("The whole main job learns: at least 95 % on both units, and their losses agree within 1e-3 at each step") {
  const Scratch scratch;
  const auto npu = train(scratch, "train_lenet", 0)["training"], pim = train(scratch, "train_lenet_pim", 0)["training"];
  CHECK(npu["accuracy"].get<double>() >= 0.95);
  CHECK(pim["accuracy"].get<double>() >= 0.95);
  const auto a = npu["loss"].get<std::vector<double>>(), b = pim["loss"].get<std::vector<double>>();
  REQUIRE(a.size() == SPINVP_LENET_DEFAULT_STEPS);
  REQUIRE(b.size() == a.size());
  for (std::size_t step = 0; step < a.size(); ++step) REQUIRE(std::fabs(a[step] - b[step]) <= 1e-3);
  CHECK(a.back() < 0.1 * a.front());
}

TEST_CASE("The quantum hardly matters: train_lenet takes the same simulated time within 1 % at 100 ns and at 10 us") {
  const Scratch scratch;
  const auto time = [&](const std::string& quantum) {
    return train(scratch, "train_lenet", some_steps, {"--set", "quantum=" + quantum})["simulated_s"].get<double>();
  };
  const double fine = time("100ns"), coarse = time("10us");
  CHECK(std::fabs(coarse - fine) <= 0.01 * fine);
}

TEST_CASE("Phases and layers of the training stand in the report with their kernels, times and energies") {
  const Scratch scratch;
  const auto report = train(scratch, "train_lenet", 2);
  for (const std::string phase : {"forward", "backward", "update"}) {
    std::size_t kernels = 0;
    double energy = 0;
    for (const auto& kernel : report["kernels"]) kernels += kernel["phase"] == phase;
    for (const auto& region : report["regions"])
      if (region["path"].get<std::string>().find(phase) != std::string::npos) energy += region["energy_j"].get<double>();
    CHECK(kernels > 0);
    CHECK(energy > 0);
  }
}

}  // namespace spinvp::test
