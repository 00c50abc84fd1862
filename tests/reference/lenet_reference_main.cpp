// spinvp-lenet-reference: trains the LeNet of the main job on the host, in the arithmetic of the NPU or of the PIM.
//   spinvp-lenet-reference --policy npu --steps 20            {"policy", "losses", "accuracy", ...} on stdout
//   spinvp-lenet-reference --table --learning-rate 0.04 0.06 --steps 100 150 200    accuracy of both and how far their losses lie apart
// Losses print with nine significant digits, which is enough to give a float back bit for bit.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "models/core/error.h"
#include "workloads/datasets/digits.h"
#include "workloads/datasets/idx.h"
#include "workloads/training/lenet_reference.h"

namespace {

namespace workloads = spinvp::workloads;
using workloads::ArithmeticPolicy;

struct Request {
  std::string policy = "npu";
  std::string dataset;
  std::vector<std::size_t> steps{SPINVP_LENET_DEFAULT_STEPS};
  std::vector<float> learning_rates{SPINVP_LENET_DEFAULT_LEARNING_RATE};
  std::uint32_t seed = 1;
  bool table = false;
  std::string contact_sheet;
};

void print_losses(const workloads::Dataset& data, const Request& request) {
  const auto policy = request.policy == "pim" ? ArithmeticPolicy::pim() : ArithmeticPolicy::npu();
  workloads::LenetTrainingOptions options;
  options.steps = request.steps.front();
  options.learning_rate = request.learning_rates.front();
  options.seed = request.seed;
  const auto result = workloads::train_lenet(data, policy, options);
  nlohmann::ordered_json report{{"policy", request.policy}, {"dataset", data.note},          {"steps", options.steps}, {"learning_rate", options.learning_rate},
                                {"seed", options.seed},     {"accuracy", result.accuracy()}, {"losses", result.losses}};
  std::printf("%s\n", report.dump(1).c_str());
}

// Both policies in step; a row at each of the asked-for counts of steps.
void print_rows(const workloads::Dataset& data, const Request& request, float rate) {
  workloads::LenetReference npu(ArithmeticPolicy::npu(), request.seed);
  workloads::LenetReference pim(ArithmeticPolicy::pim(), request.seed);
  const std::size_t last = *std::max_element(request.steps.begin(), request.steps.end());
  double furthest = 0.0;
  for (std::size_t step = 0; step < last; ++step) {
    const auto batch = workloads::training_batch(data, step);
    const float npu_loss = npu.gradients_of(batch.images, batch.labels);
    const float pim_loss = pim.gradients_of(batch.images, batch.labels);
    npu.update(rate);
    pim.update(rate);
    furthest = std::max(furthest, std::fabs(static_cast<double>(npu_loss) - static_cast<double>(pim_loss)));
    if (std::find(request.steps.begin(), request.steps.end(), step + 1) == request.steps.end()) continue;
    const auto share = [&](workloads::LenetReference& network) {
      return 100.0 * static_cast<double>(workloads::count_correct(network, data)) / static_cast<double>(data.test_count());
    };
    std::printf("%13g %6zu %10.5f %13.2f %13.2f %12.1e\n", static_cast<double>(rate), step + 1, static_cast<double>(npu_loss), share(npu), share(pim),
                furthest);
    std::fflush(stdout);
  }
}

void run(const Request& request) {
  const auto data = request.dataset.empty() ? workloads::draw_digits() : workloads::read_idx_directory(request.dataset);
  if (!request.contact_sheet.empty()) workloads::write_contact_sheet(request.contact_sheet, data.test_images, 8, 24);
  if (!request.table) return print_losses(data, request);
  std::printf("%s; seed %u\n", data.note.c_str(), static_cast<unsigned>(request.seed));
  std::printf("learning rate  steps       loss  npu correct %%  pim correct %%  losses apart\n");
  for (const float rate : request.learning_rates) print_rows(data, request, rate);
}

}  // namespace

// The rooms link SystemC, whose library asks for this; nothing is simulated here.
extern "C" int sc_main(int, char**);
int sc_main(int, char**) { return 0; }

int main(int argc, char** argv) {
  Request request;
  CLI::App app("Trains the LeNet of the main job on the host, in the arithmetic of the NPU or of the PIM.");
  app.add_option("--policy", request.policy, "npu or pim")->check(CLI::IsMember({"npu", "pim"}));
  app.add_option("--dataset", request.dataset, "folder with MNIST idx files (default: digits drawn by the project)");
  app.add_option("--steps", request.steps, "steps; with --table any number of counts")->check(CLI::Range(std::size_t{1}, std::size_t{1'000'000}));
  app.add_option("--learning-rate", request.learning_rates, "learning rate; with --table any number of them");
  app.add_option("--seed", request.seed, "seed of the start values");
  app.add_flag("--table", request.table, "accuracy under both policies, and the largest difference of their losses up to each count of steps");
  app.add_option("--contact-sheet", request.contact_sheet, "also draw the first 192 test images into this PGM file");
  try {
    app.parse(argc, argv);
    run(request);
    return 0;
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : static_cast<int>(spinvp::core::ExitStatus::usage);
  } catch (const spinvp::core::InputError& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return static_cast<int>(error.status());
  }
}
