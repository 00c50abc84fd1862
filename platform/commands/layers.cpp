#include <algorithm>
#include <bit>
#include <charconv>
#include <cstdio>

#include <fmt/format.h>

#include "models/core/error.h"
#include "models/core/fields.h"
#include "models/npu/npu_config.h"
#include "platform/commands/lists.h"
#include "platform/commands/verbs.h"
#include "platform/explore/layers_answer.h"
#include "platform/explore/traffic_answer.h"
#include "workloads/graph/precision.h"
#include "workloads/import/import.h"
#include "workloads/training/training_graph.h"

namespace spinvp::platform {

namespace {

struct Options {
  std::vector<std::string> networks, sizes;
  std::string array, dataflow, fold_cost, batch, cores, partition, mode, optimiser, precision, onchip, tech, bank_size;
  bool allow_unknown = false, traffic = false, summary = false;
};

[[noreturn]] void refuse(const std::string& what) { throw core::InputError("spinvp layers: " + what, core::ExitStatus::usage); }

std::uint64_t number(const std::string& option, std::string_view text, std::uint64_t most) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 1 || value > most)
    refuse(fmt::format("{}: allowed are whole numbers from 1 to {}", option, most));
  return value;
}

npu::ArrayShape array_of(const std::string& text) {
  constexpr std::uint64_t most = 4096;
  const std::size_t x = text.find('x');
  if (x == std::string::npos) refuse(fmt::format("--array {}: rows and columns are needed, as 32x32", text));
  return {number("--array " + text, std::string_view(text).substr(0, x), most), number("--array " + text, std::string_view(text).substr(x + 1), most)};
}

// Sizes between commas; A..B: A and its doublings up to B.
std::vector<std::uint64_t> capacities_of(const std::string& list) {
  constexpr std::uint64_t most = std::uint64_t{1} << 40;
  const auto size = [&](const std::string& text) {
    const auto bytes = core::parse_bytes(text);
    if (!bytes || *bytes > most)
      refuse(fmt::format("--onchip {}: '{}' is no size, allowed are sizes up to 1TiB as 2MiB,64MiB, or A..B for doublings", list, text));
    return *bytes;
  };
  std::vector<std::uint64_t> all;
  for (const std::string& text : texts_between_commas(list)) {
    const std::size_t dots = text.find("..");
    if (dots == std::string::npos) {
      all.push_back(size(text));
      continue;
    }
    const std::uint64_t first = size(text.substr(0, dots)), last = size(text.substr(dots + 2));
    if (first == 0 || last < first) refuse(fmt::format("--onchip {}: allowed is A..B with the smaller size first, and not 0", list));
    for (std::uint64_t bytes = first; bytes <= last; bytes *= 2) all.push_back(bytes);
  }
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return all;
}

TrafficQuestion traffic_question(const Options& o, const LayersQuestion& layers) {
  TrafficQuestion question;
  question.npu.rows = layers.array.rows;
  question.npu.columns = layers.array.columns;
  question.npu.dataflow = o.dataflow;
  question.npu.fold_cost = o.fold_cost;
  question.npu.cores = layers.cores;
  question.npu.partition = o.partition;
  if (!o.onchip.empty()) question.capacities = capacities_of(o.onchip);
  if (!o.tech.empty()) {
    question.technologies.clear();
    for (const std::string& name : texts_between_commas(o.tech)) {
      const auto technology = technology::memory_technology(name);
      if (!technology) refuse(fmt::format("--tech '{}': no such technology, allowed are sram, stt, sot", name));
      question.technologies.push_back(*technology);
    }
  }
  if (!o.bank_size.empty()) {
    constexpr std::uint64_t least = 16 << 10, most = 512 << 20;
    const auto bytes = core::parse_bytes(o.bank_size);
    if (!bytes || !std::has_single_bit(*bytes) || *bytes < least || *bytes > most)
      refuse(fmt::format("--bank-size {}: allowed is a power of two from {} to {}", o.bank_size, core::bytes_text(least), core::bytes_text(most)));
    question.bank_bytes = *bytes;
  }
  return question;
}

void refuse_what_is_ignored(const Options& o) {
  for (const auto& [option, given] :
       {std::pair{"--onchip", !o.onchip.empty()}, {"--tech", !o.tech.empty()}, {"--bank-size", !o.bank_size.empty()}, {"--summary", o.summary}})
    if (given && !o.traffic) refuse(fmt::format("{} is about memories, allowed is it with --traffic", option));
  if (!o.optimiser.empty() && o.mode != "training") refuse("--optimiser is of a training, allowed is it with --mode training");
  if (o.networks.size() > 1 && !o.summary) refuse("one network, allowed are several with --summary");
}

struct Imported {
  workloads::Graph inference;
  std::optional<workloads::TrainingGraph> training = {};
  [[nodiscard]] const workloads::Graph& graph() const { return training ? training->graph : inference; }
};

Imported import(const Options& o, const std::string& network, const workloads::ImportOptions& options) {
  Imported imported{workloads::import_network(network, options)};
  const bool narrow = o.precision == "bf16";
  if (o.mode == "training") {
    imported.training = workloads::make_training_graph(imported.inference, {.optimiser = o.optimiser == "adam"       ? workloads::Optimiser::adam
                                                                                         : o.optimiser == "momentum" ? workloads::Optimiser::momentum
                                                                                                                     : workloads::Optimiser::sgd,
                                                                            .mixed_precision = narrow});
  } else if (narrow)
    workloads::narrow(imported.inference);
  return imported;
}

TrafficAnswer traffic_of(const Imported& imported, const TrafficQuestion& question) {
  return imported.training ? answer_traffic(*imported.training, question) : answer_traffic(imported.inference, question);
}

int print(const Globals& globals, const nlohmann::ordered_json& document, const std::string& text) {
  std::fputs(globals.json ? (document.dump(2) + '\n').c_str() : text.c_str(), stdout);
  return 0;
}

int summary(const Options& o, const Globals& globals, const workloads::ImportOptions& options, const TrafficQuestion& question) {
  std::vector<TrafficAnswer> answers;
  nlohmann::ordered_json rows = nlohmann::ordered_json::array();
  for (const std::string& network : o.networks) {
    answers.push_back(traffic_of(import(o, network, options), question));
    rows.push_back({{"network", answers.back().network}, {"traffic", to_json(answers.back())}});
  }
  return print(globals, {{"networks", std::move(rows)}}, summary_text(answers));
}

int ask(const Options& o, const Globals& globals) {
  refuse_what_is_ignored(o);
  LayersQuestion question{.array = o.array.empty() ? npu::NpuConfig{}.array() : array_of(o.array),
                          .dataflow = npu::dataflow_of(o.dataflow),
                          .fold_cost = npu::fold_cost_of(o.fold_cost),
                          .cores = o.cores.empty() ? 1 : number("--cores " + o.cores, o.cores, npu::most_cores),
                          .partition = npu::partition_of(o.partition)};
  workloads::ImportOptions options{.allow_unknown = o.allow_unknown};
  if (!o.batch.empty()) {
    options.batch = number("--batch " + o.batch, o.batch, workloads::most_batch);
    question.batch = options.batch;
  }
  options.sizes = workloads::sizes_of(o.sizes);
  const TrafficQuestion traffic = traffic_question(o, question);
  if (o.summary) return summary(o, globals, options, traffic);
  const Imported imported = import(o, o.networks.front(), options);
  const LayersAnswer answer = answer_layers(imported.graph(), question);
  nlohmann::ordered_json document = to_json(answer);
  std::string text = to_text(answer, globals.verbose > 0);
  if (o.traffic) {
    const TrafficAnswer moved = traffic_of(imported, traffic);
    document["traffic"] = to_json(moved);
    text += to_text(moved);
  }
  return print(globals, document, text);
}

}  // namespace

void add_layers(CLI::App& program, const Globals& globals, Action& action) {
  auto* verb =
      program.add_subcommand("layers", "cycles, utilisation, multiply-accumulates and bytes of each layer of a network on a systolic array with ideal memory");
  auto options = std::make_shared<Options>();
  Options& o = *options;
  o.dataflow = npu::NpuConfig{}.dataflow;
  o.fold_cost = npu::NpuConfig{}.fold_cost;
  o.partition = npu::NpuConfig{}.partition;
  verb->add_option("NETWORK", o.networks,
                   "an .onnx model, a SCALE-Sim topology (.csv), a .yaml of our own, or a name of `spinvp list networks`; several with --summary")
      ->required();
  verb->add_option("--array", o.array, "rows x columns, as 32x32; that of the default NPU if not given (128x128)");
  verb->add_option("--dataflow", o.dataflow, "os (outputs stay in the array, default), ws (weights) or is (inputs)")->check(CLI::IsMember({"os", "ws", "is"}));
  verb->add_option("--fold-cost", o.fold_cost,
                   "exact (a fold ends before the next begins, default) or pipelined (the folds of a layer follow on each other's heels)")
      ->check(CLI::IsMember({"exact", "pipelined"}));
  verb->add_option("--cores", o.cores, "cores that share each layer, 1 to 16, with an array of that size each; 1 if not given");
  verb->add_option("--partition", o.partition, "what of a layer they divide: auto (for each one what takes the least cycles, default), batch, channels or rows")
      ->check(CLI::IsMember({"auto", "batch", "channels", "rows"}));
  verb->add_option("--batch", o.batch, "images, sequences, rows at once; what the file says if not given, 1 where it leaves it open");
  verb->add_option("--size", o.sizes, "NAME=EXTENT: another extent that the network names, as sequence=384");
  verb->add_option("--mode", o.mode, "inference (default) or training: forward, backward, update")->check(CLI::IsMember({"inference", "training"}));
  verb->add_option("--optimiser", o.optimiser, "of a training: sgd (default), momentum or adam")->check(CLI::IsMember({"sgd", "momentum", "adam"}));
  verb->add_option("--precision", o.precision, "fp32 (what the file says, default) or bf16; in training with fp32 masters")
      ->check(CLI::IsMember({"fp32", "bf16"}));
  verb->add_flag(
      "--traffic", o.traffic,
      "what the layers need of memories, as compiled for the default NPU: DRAM bytes against the on-chip memory for tensors, what cannot be avoided, "
      "working sets, the array's bandwidth, banks, where more memory stops helping");
  verb->add_option("--onchip", o.onchip, "of --traffic: on-chip memory for tensors, as 2MiB,64MiB or 1MiB..256MiB (doublings)");
  verb->add_option("--tech", o.tech, "of --traffic: technologies of the banks; sram,stt,sot if not given");
  verb->add_option("--bank-size", o.bank_size, "of --traffic: bytes of a bank, a power of two; 1MiB if not given");
  verb->add_flag("--summary", o.summary, "of --traffic: a line a network");
  verb->add_flag("--allow-unknown", o.allow_unknown, "an operator that is not known counts as an element-wise pass");
  verb->callback([&globals, &action, options, verb] {
    for (const CLI::Option* option : verb->get_options())
      if (option->count() > 0 && option->get_expected_max() > 0 && option->as<std::vector<std::string>>().front().empty())
        refuse(option->get_name() + ": allowed is no empty text");
    action = [&globals, options] { return ask(*options, globals); };
  });
}

}  // namespace spinvp::platform
