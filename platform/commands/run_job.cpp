#include "platform/commands/run_job.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <ctime>

#include <fmt/format.h>
#include <unistd.h>

#include "models/abi/language_model.h"
#include "models/core/transport.h"
#include "platform/config/print.h"
#include "platform/config/shipped.h"
#include "platform/debug/debugger.h"
#include "platform/debug/firmware_watch.h"
#include "platform/measure/measurement.h"
#include "platform/report/console.h"
#include "platform/report/files.h"
#include "platform/report/output_folder.h"
#include "platform/report/power_csv.h"
#include "platform/report/report_json.h"
#include "platform/report/summary.h"
#include "platform/soc/execution.h"
#include "platform/soc/nvm_contents.h"
#include "platform/soc/soc.h"
#include "workloads/datasets/digits.h"
#include "workloads/datasets/idx.h"
#include "workloads/datasets/toy_language.h"
#include "workloads/networks/shipped.h"

namespace spinvp::platform {

namespace {

// Time of the host since its construction.
class Stopwatch {
 public:
  [[nodiscard]] HostTimes read() const {
    const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - wall_;
    return {wall.count(), static_cast<double>(std::clock() - cpu_) / CLOCKS_PER_SEC};
  }

 private:
  std::chrono::steady_clock::time_point wall_ = std::chrono::steady_clock::now();
  std::clock_t cpu_ = std::clock();
};

struct Inputs {
  PlatformConfig config;
  ElfImage image;
  std::optional<workloads::Dataset> dataset;
  std::optional<workloads::Text> text;
  std::vector<Artifact> artifacts;
  std::optional<NetworkProgram> network;
};

std::string dataset_hash(const workloads::Dataset& dataset) {
  std::string all;
  for (const auto* part : {&dataset.train_images, &dataset.train_labels, &dataset.test_images, &dataset.test_labels}) all.append(part->begin(), part->end());
  return content_hash(all);
}

std::string text_hash(const workloads::Text& text) {
  std::string all(text.train.begin(), text.train.end());
  all.append(text.test.begin(), text.test.end());
  return content_hash(all);
}

Inputs read_inputs(const RunRequest& request) {
  Inputs inputs{load_config(request.config), read_elf(request.firmware_file, request.firmware_name), {}, {}, {}, {}};
  inputs.artifacts.push_back({request.firmware_name, "firmware", inputs.image.hash});
  if (request.config.config) {
    const ShippedConfig* shipped = find_shipped_config(*request.config.config);
    inputs.artifacts.push_back({*request.config.config, "config", content_hash(shipped != nullptr ? shipped->text : read_file(*request.config.config))});
  }
  if (request.network) {
    inputs.network.emplace(*request.network, inputs.config);
    const auto* shipped = workloads::find_shipped_network(request.network->network);
    inputs.artifacts.push_back({request.network->network, "network", content_hash(shipped != nullptr ? shipped->text : read_file(request.network->network))});
  }
  // Files that fields name.
  for (const DeviceConfig& device : inputs.config.devices)
    for (const ResolvedField& field : device.fields)
      if (const auto* name = std::get_if<std::string>(&field.value); name != nullptr && !name->empty() && field.info->notes.unit == "file")
        inputs.artifacts.push_back({*name, field.info->name, content_hash(read_file(*name))});
  if (request.dataset && inputs.network && !inputs.network->takes_images())
    throw core::InputError(
        fmt::format("--dataset {}: nothing of it can flow into {}: it takes no 28 x 28 images, or has no values", *request.dataset, request.network->network));
  if (!inputs.network && inputs.image.symbol("spinvp_text")) {
    if (request.dataset)
      throw core::InputError(fmt::format("--dataset {}: {} takes a text, which the project writes, and no images", *request.dataset, request.firmware_name));
    inputs.text = workloads::write_text({.length = SPINVP_LANGUAGE_LENGTH, .seed = inputs.config.platform.seed});
    inputs.artifacts.push_back({"written text", "dataset", text_hash(*inputs.text)});
    return inputs;
  }
  // Firmware without a boot block cannot be told of a data set; a network takes images or does not.
  if (request.dataset || (inputs.network ? inputs.network->takes_images() : inputs.image.symbol("spinvp_boot").has_value())) {
    inputs.dataset = request.dataset ? workloads::read_idx_directory(*request.dataset) : workloads::draw_digits();
    inputs.artifacts.push_back({request.dataset.value_or("drawn digits"), "dataset", dataset_hash(*inputs.dataset)});
  }
  return inputs;
}

void connect(core::Simulation& simulation, Console& console, Watch& watch, SnapshotWatch* snapshots, const Globals& globals) {
  simulation.log().sinks().push_back(console.log_sink());
  simulation.log().set_level(globals.quiet          ? spdlog::level::err
                             : globals.verbose >= 2 ? spdlog::level::debug
                             : globals.verbose == 1 ? spdlog::level::info
                                                    : spdlog::level::warn);
  simulation.on_console = [&console, &watch, snapshots](char c) {
    console.guest_character(c);
    watch.guest_character(c);
    if (snapshots != nullptr) snapshots->guest_text({&c, 1});
  };
  simulation.on_progress = [&](std::uint64_t step, float loss, core::SimTime now) { console.progress(step, loss, now, simulation.energy.energy_until(now)); };
}

std::vector<Artifact> hashed_outputs(const OutputFolder& folder, const std::vector<std::string>& names, std::vector<Artifact> artifacts) {
  for (const std::string& name : names) artifacts.push_back({name, "output", content_hash(read_file(folder.path() / name))});
  return artifacts;
}

bool has_device(const PlatformConfig& config, const std::string& type) {
  return std::any_of(config.devices.begin(), config.devices.end(), [&](const DeviceConfig& device) { return device.placement.type == type; });
}

// The unit of that name, which the SoC must have.
spinvp_unit unit_of(const PlatformConfig& config, const char* field, const std::string& unit) {
  if (unit == "hart") return SPINVP_UNIT_HART;
  if (!has_device(config, unit))
    throw core::InputError(fmt::format("{}: '{}' is not allowed: this configuration has no device of that type; hart is always there", field, unit));
  return unit == "npu" ? SPINVP_UNIT_NPU : SPINVP_UNIT_PIM;
}

// "npu+pim": the first layer's unit, then the second's; one name is both's.
std::array<spinvp_unit, 2> layer_units_of(const PlatformConfig& config) {
  const std::string& units = config.platform.layer_units;
  const std::size_t plus = units.find('+');
  const std::array<std::string, 2> names = {units.substr(0, plus), plus == std::string::npos ? units : units.substr(plus + 1)};
  for (const std::string& name : names)
    if (!has_device(config, name)) {
      const std::string other = name == "npu" ? "pim" : "npu";
      throw core::InputError(fmt::format("layer_units: '{}' is not allowed: this configuration has no device of type {}; allowed: {}", units, name,
                                         has_device(config, other) ? other : "nothing, without a device of type npu or pim"));
    }
  const auto unit = [](const std::string& name) { return name == "npu" ? SPINVP_UNIT_NPU : SPINVP_UNIT_PIM; };
  return {unit(names[0]), unit(names[1])};
}

BootRequest boot_request(const PlatformConfig& config, const RunRequest& request) {
  const PlatformFields& fields = config.platform;
  return {.seed = fields.seed,
          .steps = request.steps,
          .batch = request.batch,
          .pooling_unit = unit_of(config, "pooling_unit", fields.pooling_unit),
          .loss_unit = unit_of(config, "loss_unit", fields.loss_unit),
          .tensors = {fields.weights_memory, fields.activations_memory, fields.gradients_memory}};
}

// What a run and a snapshot must have in common. A file counts by its content; the timed input of the UART may be another, and the configuration counts as it is resolved.
nlohmann::ordered_json identity_of(const RunRequest& request, const Inputs& inputs) {
  // Of the program its file counts as well: one that was built from other sources may have the same version and other times.
  nlohmann::ordered_json identity = {{"version", version()}, {"program", content_hash(read_file("/proc/self/exe"))}, {"config", to_json(inputs.config)}};
  auto& run = identity["run"] = {{"steps", request.steps}, {"batch", request.batch}, {"semihosting", request.watch.semihosting || request.watch.host_dir}};
  if (const auto& network = request.network)
    run["network"] = {{"mode", network->training ? "training" : "inference"},
                      {"data", inputs.network->phantom() ? "phantom" : "real"},
                      {"sizes", network->sizes},
                      {"allow_unknown", network->allow_unknown}};
  auto& files = identity["inputs"] = nlohmann::ordered_json::object();
  for (const Artifact& artifact : inputs.artifacts) {
    if (artifact.role == "config") continue;
    std::string name = artifact.role;
    while (files.contains(name)) name += "'";
    files[name] = artifact.hash;
  }
  return identity;
}

// Host time of one transaction, and from when on a run's estimate is worth a warning.
// Measured: tests/bench/network/transport_fidelity.py, the host time that it prints over the transactions of the report.
constexpr double us_a_transaction = 3, long_run_s = 60;

void warn_of_length(core::Simulation& simulation, const core::TransportConfig& transport, std::uint64_t bytes) {
  if (!transport.approximately_timed()) return;
  const double transactions = static_cast<double>(bytes) / static_cast<double>(transport.transaction_bytes.value),
               seconds = transactions * us_a_transaction * 1e-6;
  if (seconds < long_run_s) return;
  simulation.warn(
      "transport",
      fmt::format(
          "approximately timed, this run has some {:.3g} million transactions: about {:.0f} minutes of the host. --transport lt takes a small part of it",
          transactions * 1e-6, std::ceil(seconds / 60)));
}

}  // namespace

int run_job(const RunRequest& request, const Globals& globals) {
  const Stopwatch stopwatch;
  Inputs inputs = read_inputs(request);
  const bool has_snapshot = request.snapshot.restore || request.snapshot.save_at;
  const nlohmann::ordered_json identity = has_snapshot ? identity_of(request, inputs) : nlohmann::ordered_json();
  std::vector<std::string> what_if;
  std::optional<Restoration> restored;
  if (request.snapshot.restore) restored.emplace(*request.snapshot.restore, identity);
  if (restored && request.limit && *request.limit <= restored->at())
    throw core::InputError(fmt::format("--max-time must be more than {:.6g} us, the time of {}", restored->at().seconds() * 1e6, *request.snapshot.restore),
                           core::ExitStatus::usage);
  if (restored && !request.snapshot.what_if.empty()) {
    WhatIf changed = apply_what_if(request.config, request.snapshot.what_if, inputs.config);
    inputs.config = std::move(changed.config);
    what_if = std::move(changed.changes);
  }
  core::Simulation simulation(inputs.config.platform.seed);
  Soc soc(simulation, inputs.config);
  std::optional<NvmContents> nvm;
  if (request.nvm_image) nvm.emplace(soc, *request.nvm_image);
  std::optional<Artifact> nvm_image = restored ? restored->nvm_image() : nvm ? nvm->load() : std::nullopt;
  if (nvm_image) inputs.artifacts.push_back(*nvm_image);
  BootRequest boot = boot_request(inputs.config, request);
  if (inputs.text) boot.layer_units = layer_units_of(inputs.config);
  const workloads::Dataset* dataset = inputs.dataset ? &*inputs.dataset : nullptr;
  const std::optional<NetworkProgram>& network = inputs.network;
  std::uint64_t moved_bytes = 0;
  if (network && !restored)
    boot.program = [&](const spinvp_memory& free) {
      LoadedProgram loaded = network->load(free, soc.memories(), dataset);
      moved_bytes = loaded.moved_bytes;
      return loaded;
    };
  // A network brings its inputs itself. A snapshot has all that was ever loaded.
  soc.load(inputs.image, restored ? std::vector<Placement>()
                                  : plan_boot(inputs.image, soc.memories(), boot, network ? nullptr : dataset, inputs.text ? &*inputs.text : nullptr));

  Watch watch(soc, request.watch, request.firmware_name);
  if (!watch.uart_content().empty()) inputs.artifacts.push_back({*request.watch.uart, "uart", content_hash(watch.uart_content())});
  FirmwareWatch checks(soc, simulation, inputs.image, read_file(request.firmware_file),
                       {.check_memory = request.check_memory, .non_volatile_loaded = nvm_image.has_value(), .profile = request.profile});
  std::optional<Debugger> debugger;
  std::function<void(std::uint16_t)> announce;
  if (request.gdb) debugger.emplace(simulation, soc, *request.gdb, [&announce](std::uint16_t port) { announce(port); });

  std::optional<SnapshotWatch> snapshots;
  if (request.snapshot.save_at) snapshots.emplace(simulation, soc, request.snapshot, inputs.image, identity, nvm_image);

  const OutputFolder folder(request.out);
  watch.open_register_log(folder);
  checks.check_outputs();
  GrowingFile uart_log(folder, "uart.log");
  Console console({!globals.json && !watch.takes_output(), !globals.quiet, isatty(STDERR_FILENO) != 0, network ? network->steps() : request.steps},
                  uart_log.stream());
  connect(simulation, console, watch, snapshots ? &*snapshots : nullptr, globals);
  if (!restored) warn_of_length(simulation, inputs.config.transport, moved_bytes);
  if (network && !globals.quiet) console.line(network->about() + "\n");
  std::vector<Outside*> outside;
  announce = [&console](std::uint16_t port) { console.line(fmt::format("gdb: halted at reset; target remote 127.0.0.1:{}", port)); };
  if (debugger) outside.push_back(&*debugger);
  std::optional<GoingOn> from;
  if (restored) {
    Restoration::hold(soc);
    from = {restored->at(), [&] {
              const std::string written = restored->resume(simulation, soc);
              if (!globals.quiet) console.line("restored: " + restored->about());
              uart_log.stream() << written;
              if (snapshots) snapshots->guest_text(written);
              for (const std::string& change : what_if) simulation.warn("what-if", fmt::format("{}, from {} on", change, restored->about()));
            }};
  }
  run_simulation(simulation, request.limit, watch.inputs(), outside, from);
  console.finish();

  const core::SimTime end = core::now();
  const std::vector<std::string> told = checks.finish();
  std::vector<std::string> written = {"uart.log", "power.csv", "resolved.yaml"};
  for (std::string& name : watch.complete()) written.push_back(std::move(name));
  const auto harts = soc.settle_harts();
  for (core::Component* component : simulation.components)
    for (const core::OutputFile& file : component->at_end(end)) {
      folder.write(file.name, file.text);
      written.push_back(file.name);
    }
  std::vector<Artifact> artifacts = inputs.artifacts;
  // An image or a snapshot that cannot be written must not cost the run its report: that comes first, then the error.
  std::optional<core::InputError> unsaved;
  if (nvm) try {
      artifacts.push_back(nvm->save());
    } catch (const core::FileError& error) {
      unsaved = error;
    }
  std::string saved;
  if (snapshots) try {
      saved = snapshots->finish();
    } catch (const core::InputError& error) {
      unsaved = error;
    }
  const Measurement measurement = measure(simulation, harts, end);
  uart_log.complete();
  folder.write("resolved.yaml", to_yaml(inputs.config));
  folder.write("power.csv", [&](std::ostream& out) { write_power_csv(out, simulation.energy, PowerTrace(simulation.energy, end)); });
  const auto report = report_json(
      measurement, {to_json(inputs.config), version(), hashed_outputs(folder, written, std::move(artifacts)), inputs.config.platform.seed, stopwatch.read()});
  const std::string text = report.dump(1) + "\n";
  folder.write("report.json", text);

  for (const std::string& words : told) console.line(words);
  if (!saved.empty() && !globals.quiet) console.line(saved);
  std::string files = fmt::format("reports: {0}/report.json, {0}/power.csv, {0}/uart.log, {0}/resolved.yaml", request.out);
  for (const std::string& file : checks.write_profile(inputs.config.hart)) files += ", " + file;
  if (globals.json) std::fputs(text.c_str(), stdout);
  if (request.watch.log_registers) files += fmt::format(", {}/{}", request.out, Watch::register_log_name);
  if (!globals.quiet) console.line(summary_table(measurement) + files);
  if (unsaved) throw *unsaved;
  return exit_status(measurement.exit);
}

}  // namespace spinvp::platform
