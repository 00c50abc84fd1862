#include <charconv>
#include <filesystem>

#include <fmt/format.h>

#include "models/core/error.h"
#include "models/core/fields.h"
#include "platform/commands/apps.h"
#include "platform/commands/run_job.h"
#include "platform/commands/verbs.h"
#include "workloads/import/import.h"

namespace spinvp::platform {

namespace {

struct Options {
  RunRequest request;
  std::optional<std::string> firmware, app, network, mode, data;
  std::vector<std::string> sizes;
  bool allow_unknown = false;
  std::optional<std::uint64_t> seed;
  std::string max_time = "60s";
  std::string gdb;  // empty: any port
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

std::uint16_t port_of(const std::string& text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size())
    throw core::InputError(fmt::format("--gdb {}: must be a port from 0 to 65535, 0 for a free one", text), core::ExitStatus::usage);
  return port;
}

[[noreturn]] void refuse(const std::string& what) { throw core::InputError("spinvp run: " + what, core::ExitStatus::usage); }

std::optional<NetworkRequest> network_request(const Options& options) {
  if (!options.network) {
    for (const auto& [given, name] : {std::pair{options.mode.has_value(), "--mode"},
                                      {options.data.has_value(), "--data"},
                                      {!options.sizes.empty(), "--size"},
                                      {options.allow_unknown, "--allow-unknown"}})
      if (given) refuse(fmt::format("{} belongs to a network: --network FILE or NAME is needed", name));
    return std::nullopt;
  }
  NetworkRequest network;
  network.network = *options.network;
  network.training = options.mode == "training";
  if (options.data) network.phantom = options.data == "phantom";
  if (options.request.batch != 0) network.batch = options.request.batch;
  network.steps = options.request.steps;
  network.sizes = workloads::sizes_of(options.sizes);
  network.allow_unknown = options.allow_unknown;
  return network;
}

int run_verb(Options options, const Globals& globals) {
  RunRequest& request = options.request;
  request.limit = time_limit(options.max_time);
  request.network = network_request(options);
  if (options.app && (*options.app == "runner") != options.network.has_value())
    refuse(options.network ? fmt::format("--app {} does not run networks: allowed is runner, or nothing", *options.app)
                           : "--app runner needs a network: --network FILE or NAME");
  const SnapshotRequest& snapshot = request.snapshot;
  if (snapshot.save_at.has_value() != snapshot.file.has_value()) refuse("--save-at MARKER and --snapshot FILE go together");
  if (snapshot.save_at && request.gdb) refuse("--save-at does not go with --gdb: a debugger may change what is saved");
  if (!snapshot.what_if.empty() && !snapshot.restore) refuse("--what-if belongs to --restore FILE; --set holds for a whole run");
  if (!snapshot.what_if.empty() && snapshot.save_at) refuse("--what-if does not go with --save-at: such a run has no configuration of its own");
  if (snapshot.restore && request.gdb) refuse("--restore does not go with --gdb, which waits at reset");
  if (snapshot.restore && request.check_memory) refuse("--restore does not go with --check-memory: what was written before the snapshot is not known");
  if (options.seed) request.config.seed = fmt::format("{}", *options.seed);
  if (options.firmware) {
    request.firmware_file = request.firmware_name = *options.firmware;
  } else {
    const std::string app = options.app.value_or(options.network ? "runner" : "train_lenet");
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
  verb->add_option("--app", options->app, "an app that comes with the program (default: train_lenet; runner where a network is named)")->excludes(firmware);
  verb->add_option("--network", options->network,
                   "a network that the firmware runs on the NPU: an .onnx model, a .csv topology, a .yaml, or a name of `spinvp list networks`");
  verb->add_option("--mode", options->mode, "what of the network: inference (default), or training: forward, backward and update")
      ->check(CLI::IsMember({"inference", "training"}));
  verb->add_option("--data", options->data, "real computes values, phantom only moves shapes, in the same time; not given: real where it takes seconds at most")
      ->check(CLI::IsMember({"real", "phantom"}));
  verb->add_option("--size", options->sizes, "NAME=EXTENT: another extent that the network names, as sequence=384");
  verb->add_flag("--allow-unknown", options->allow_unknown, "an operator of the network that is not known counts as an element-wise pass");
  verb->add_option("--dataset", request.dataset, "a folder of MNIST idx files, gzipped or not, instead of the drawn digits");
  verb->add_option("--steps", request.steps, "training steps, or inferences of a network; 0 is the app's own default")
      ->check(CLI::Range(std::uint64_t{0}, std::uint64_t{1000000000}));
  verb->add_option("--batch", request.batch, "images or sequences a step; 0 is the app's or the network's own default")
      ->check(CLI::Range(std::uint64_t{0}, std::uint64_t{1000000}));
  verb->add_option("--transport", request.config.transport,
                   "how bursts of engines travel: lt, a call each, or at, transactions in four phases; over the configuration")
      ->check(CLI::IsMember({"lt", "at"}));
  verb->add_option("--seed", options->seed, "seed of every random number, over the configuration");
  verb->add_option("--max-time", options->max_time, "simulated time after which the run ends (seconds if bare), or none")->capture_default_str();
  WatchRequest& watch = request.watch;
  verb->add_option("--uart", watch.uart,
                   "the UART's other end: stdio (stdin), pty (its path comes on stderr), or a file of lines `<time> <text>`, which alone is deterministic");
  verb->add_option("--trace-instructions", watch.trace_instructions, "a file for each executed instruction, in the form of Spike's commit log");
  verb->add_option("--log-registers", watch.log_registers, "registers.log in the output folder: accesses to the registers of a device, or of all")
      ->expected(0, 1);
  verb->add_flag("--semihosting", watch.semihosting, "ebreak between its two marks is a call to the host: console, exit, clock");
  verb->add_option("--host-dir", watch.host_dir, "semihosting, and the files of this folder alone");
  verb->add_option("--nvm-image", request.nvm_image, "a file that keeps the contents of MRAM from run to run: read if it is there, written at the end");
  auto* gdb =
      verb->add_option("--gdb", options->gdb, "wait at reset for a GDB client on this port of 127.0.0.1; 0, or no number, takes a free one and names it")
          ->expected(0, 1);
  verb->add_flag("--check-memory", request.check_memory,
                 "looks at each load and store of the harts: memory that was never written, stack overflow, stray accesses; slower, the same results");
  verb->add_option("--profile", request.profile,
                   "a file for what each function and call stack costs, as collapsed stacks in nanoseconds; FILE.table has instructions and energy too");
  verb->add_option("--save-at", request.snapshot.save_at,
                   "a region (step, train/step, step@3 for the third) or function:NAME: when firmware comes there and no engine is at work, --snapshot is "
                   "written; the run goes on");
  verb->add_option("--snapshot", request.snapshot.file, "the file for --save-at");
  verb->add_option("--restore", request.snapshot.restore,
                   "goes on from that snapshot; configuration, firmware and inputs must be those of the run that wrote it");
  verb->add_option("--what-if", request.snapshot.what_if, "path=value that holds from the snapshot on: timing and prices of harts, bus, on-chip memory and NPU")
      ->allow_extra_args(false);
  verb->add_option("--out", request.out, "folder for the reports; new, empty, or written by an earlier run")->capture_default_str();
  verb->callback([&globals, &action, options, gdb] {
    if (gdb->count() != 0) options->request.gdb = port_of(options->gdb.empty() ? "0" : options->gdb);
    action = [&globals, options] { return run_verb(*options, globals); };
  });
}

}  // namespace spinvp::platform
