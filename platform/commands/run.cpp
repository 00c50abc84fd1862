#include <filesystem>

#include <fmt/format.h>

#include "models/core/error.h"
#include "models/core/fields.h"
#include "platform/commands/apps.h"
#include "platform/commands/run_job.h"
#include "platform/commands/verbs.h"

namespace spinvp::platform {

namespace {

struct Options {
  RunRequest request;
  std::optional<std::string> firmware, app;
  std::optional<std::uint64_t> seed;
  std::string max_time = "60s";
};

// Nothing: no limit.
std::optional<core::SimTime> time_limit(const std::string& text) {
  if (text == "none") return std::nullopt;
  const auto seconds = core::parse_quantity(text, "time", "s");
  // Whole picoseconds in 64 bits reach 213 days.
  if (!seconds || !(*seconds > 0) || *seconds > 1e7)
    throw core::InputError(fmt::format("--max-time {}: must be a time (10ms) of more than 0 and at most 1e7 s, or none", text), core::ExitStatus::usage);
  return core::SimTime::from(core::Time::from_si(*seconds));
}

int run_verb(Options options, const Globals& globals) {
  RunRequest& request = options.request;
  request.limit = time_limit(options.max_time);
  if (options.seed) request.config.seed = fmt::format("{}", *options.seed);
  if (options.firmware) {
    request.firmware_file = request.firmware_name = *options.firmware;
  } else {
    const std::string app = options.app.value_or("train_lenet");
    request.firmware_file = app_file(app).string();
    request.firmware_name = "firmware/" + app + ".elf";
  }
  return run_job(request, globals);
}

}  // namespace

void add_run(CLI::App& program, const Globals& globals, Action& action) {
  auto* verb = program.add_subcommand("run", "one simulation: firmware on the platform, with a report of time and energy");
  auto options = std::make_shared<Options>();
  RunRequest& request = options->request;
  verb->add_option("--config", request.config.config, "a configuration, or the name of a shipped one: laid over the default SoC");
  verb->add_option("--set", request.config.assignments, "path=value, over the configuration; may be given again")->allow_extra_args(false);
  auto* firmware = verb->add_option("--firmware", options->firmware, "a 64-bit RISC-V ELF");
  verb->add_option("--app", options->app, "an app that comes with the program (default: train_lenet)")->excludes(firmware);
  verb->add_option("--dataset", request.dataset, "a folder of MNIST idx files, gzipped or not, instead of the drawn digits");
  verb->add_option("--steps", request.steps, "training steps; 0 is the app's own default")->check(CLI::Range(std::uint64_t{0}, std::uint64_t{1000000000}));
  verb->add_option("--batch", request.batch, "images a training step; 0 is the app's own default")->check(CLI::Range(std::uint64_t{0}, std::uint64_t{1000000}));
  verb->add_option("--seed", options->seed, "seed of every random number, over the configuration");
  verb->add_option("--max-time", options->max_time, "simulated time after which the run ends (seconds if bare), or none")->capture_default_str();
  verb->add_option("--nvm-image", request.nvm_image, "a file that keeps the contents of MRAM from run to run: read if it is there, written at the end");
  verb->add_option("--out", request.out, "folder for the reports; new, empty, or written by an earlier run")->capture_default_str();
  verb->callback([&globals, &action, options] { action = [&globals, options] { return run_verb(*options, globals); }; });
}

}  // namespace spinvp::platform
