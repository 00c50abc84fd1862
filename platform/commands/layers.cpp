#include <charconv>
#include <cstdio>

#include <fmt/format.h>

#include "models/core/error.h"
#include "models/npu/npu_config.h"
#include "platform/commands/verbs.h"
#include "platform/explore/layers_answer.h"
#include "platform/explore/traffic_answer.h"
#include "workloads/import/import.h"

namespace spinvp::platform {

namespace {

struct Options {
  std::string network, array, dataflow, fold_cost, batch, cores, partition;
  std::vector<std::string> sizes;
  bool allow_unknown = false, traffic = false;
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

int ask(const Options& o, const Globals& globals) {
  LayersQuestion question{.array = o.array.empty() ? npu::NpuConfig{}.array() : array_of(o.array),
                          .dataflow = npu::dataflow_of(o.dataflow),
                          .fold_cost = npu::fold_cost_of(o.fold_cost),
                          .cores = o.cores.empty() ? 1 : number("--cores " + o.cores, o.cores, npu::most_cores),
                          .partition = npu::partition_of(o.partition)};
  workloads::ImportOptions import{.allow_unknown = o.allow_unknown};
  if (!o.batch.empty()) {
    import.batch = number("--batch " + o.batch, o.batch, workloads::most_batch);
    question.batch = import.batch;
  }
  import.sizes = workloads::sizes_of(o.sizes);
  const workloads::Graph graph = workloads::import_network(o.network, import);
  const LayersAnswer answer = answer_layers(graph, question);
  nlohmann::ordered_json document = to_json(answer);
  std::string text = to_text(answer, globals.verbose > 0);
  if (o.traffic) {
    TrafficQuestion traffic;
    traffic.npu.rows = question.array.rows;
    traffic.npu.columns = question.array.columns;
    traffic.npu.dataflow = o.dataflow;
    traffic.npu.cores = question.cores;
    traffic.npu.partition = o.partition;
    const TrafficAnswer moved = answer_traffic(graph, traffic);
    document["traffic"] = to_json(moved);
    text += to_text(moved);
  }
  std::fputs(globals.json ? (document.dump(2) + '\n').c_str() : text.c_str(), stdout);
  return 0;
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
  verb->add_option("NETWORK", o.network, "an .onnx model, a SCALE-Sim topology (.csv), a .yaml of our own, or a name of `spinvp list networks`")->required();
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
  verb->add_flag(
      "--traffic", o.traffic,
      "DRAM bytes of each layer, as compiled for the default NPU, against the on-chip memory for tensors; what cannot be avoided, and the bound for GEMMs");
  verb->add_flag("--allow-unknown", o.allow_unknown, "an operator that is not known counts as an element-wise pass");
  verb->callback([&globals, &action, options] { action = [&globals, options] { return ask(*options, globals); }; });
}

}  // namespace spinvp::platform
