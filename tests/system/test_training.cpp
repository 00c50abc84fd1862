// Whole trainings under firmware, against the plain host reference of the same network and the same order of sums.
#include <bit>
#include <catch2/catch.hpp>
#include <cmath>

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
  workloads::TrainingOptions options;
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
