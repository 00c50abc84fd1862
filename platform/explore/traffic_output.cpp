// The document and the pages of `spinvp layers --traffic`.
#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "platform/explore/traffic_answer.h"
#include "platform/report/words.h"

namespace spinvp::platform {

namespace {

using Json = nlohmann::ordered_json;
using Table = std::vector<std::vector<std::string>>;
using workloads::Phase;

constexpr std::array<Phase, 3> phases = {Phase::forward, Phase::backward, Phase::update};

const char* name_of(Phase phase) { return phase == Phase::forward ? "forward" : phase == Phase::backward ? "backward" : "update"; }

std::string capacity_text(std::uint64_t bytes) { return bytes == 0 ? "0 MiB" : size_words(bytes); }

// Over the rows of a phase.
struct PhaseSum {
  std::uint64_t compulsory = 0;
  std::vector<std::uint64_t> dram = {};
  ArrayDemand array = {};
};

PhaseSum sum_of(const TrafficAnswer& answer, Phase phase) {
  PhaseSum sum{.dram = std::vector<std::uint64_t>(answer.capacities.size(), 0)};
  for (const LayerTraffic& layer : answer.layers) {
    if (layer.phase != phase) continue;
    sum.compulsory += layer.compulsory_bytes;
    sum.array += layer.array;
    for (std::size_t c = 0; c < sum.dram.size(); ++c) sum.dram[c] += layer.dram_bytes[c];
  }
  return sum;
}

Json array_json(const TrafficAnswer& answer, const ArrayDemand& array) {
  return {{"compute_cycles", array.cycles},
          {"read_bytes", array.read_bytes},
          {"written_bytes", array.written_bytes},
          {"partial_sum_bytes", array.sum_bytes},
          {"peak_read_gbps", answer.gbps(static_cast<double>(array.peak_read))},
          {"mean_read_gbps", answer.gbps(array.mean_read())},
          {"peak_write_gbps", answer.gbps(static_cast<double>(array.peak_written))},
          {"mean_write_gbps", answer.gbps(array.mean_written())}};
}

Json working_json(const WorkingSet& set) {
  return {{"total", set.bytes()}, {"inputs", set.inputs},       {"weights", set.weights}, {"outputs", set.outputs},
          {"stash", set.stash},   {"gradients", set.gradients}, {"states", set.states},   {"kept", set.kept}};
}

Json layers_json(const TrafficAnswer& answer) {
  Json layers = Json::array();
  for (const LayerTraffic& layer : answer.layers) {
    Json bandwidth = Json::array();
    for (std::size_t c = 0; c < answer.capacities.size(); ++c) bandwidth.push_back(layer.array.cycles == 0 ? Json() : Json(answer.dram_gbps(layer, c)));
    layers.push_back({{"name", layer.name},
                      {"phase", name_of(layer.phase)},
                      {"compulsory_bytes", layer.compulsory_bytes},
                      {"gemm_bound_bytes", layer.bound_bytes ? Json(*layer.bound_bytes) : Json()},
                      {"dram_bytes", layer.dram_bytes},
                      {"working_set_bytes", working_json(layer.working)},
                      {"array", layer.array.cycles == 0 ? Json() : array_json(answer, layer.array)},
                      {"dram_gbps", std::move(bandwidth)}});
  }
  return layers;
}

Json phases_json(const TrafficAnswer& answer) {
  Json list = Json::array();
  for (const Phase phase : phases) {
    if (phase != Phase::forward && !answer.training) continue;
    const PhaseSum sum = sum_of(answer, phase);
    list.push_back({{"phase", name_of(phase)}, {"compulsory_bytes", sum.compulsory}, {"dram_bytes", sum.dram}, {"array", array_json(answer, sum.array)}});
  }
  return list;
}

// What lies in the on-chip memory at capacity c: tensors and the NPU's scratch.
std::uint64_t onchip_bytes(const TrafficAnswer& answer, std::uint64_t capacity) { return capacity + answer.question.npu.scratch_size.value; }

Json banks_json(const TrafficAnswer& answer) {
  Json list = Json::array();
  for (const BankDemand& demand : answer.banks) {
    Json by_capacity = Json::array();
    for (const std::uint64_t capacity : answer.capacities) by_capacity.push_back(demand.banks(onchip_bytes(answer, capacity)));
    list.push_back({{"technology", technology::name_of(demand.sheet.technology)},
                    {"bank_bytes", demand.sheet.capacity_bytes},
                    {"bank_read_gbps", demand.sheet.read_bytes_per_second * 1e-9},
                    {"bank_write_gbps", demand.sheet.write_bytes_per_second * 1e-9},
                    {"read_banks", demand.read_banks},
                    {"write_banks", demand.write_banks},
                    {"one_port_banks", demand.one_port},
                    {"banks", std::move(by_capacity)}});
  }
  return list;
}

Json knee_json(const TrafficAnswer& answer) {
  if (!answer.knee) return {};
  Json doublings = Json::array();
  for (const CapacityPoint& point : answer.knee->doublings) doublings.push_back({{"onchip_bytes", point.capacity}, {"dram_bytes", point.dram_bytes}});
  return {{"share", answer.question.knee_share},
          {"knee_bytes", answer.knee->knee_bytes},
          {"floor_bytes", answer.knee->floor_bytes},
          {"useful_bytes", answer.knee->useful_bytes},
          {"doublings", std::move(doublings)}};
}

std::string dram_text(const TrafficAnswer& answer) {
  Table rows = {{"layer"}};
  if (answer.training) rows[0].emplace_back("phase");
  rows[0].insert(rows[0].end(), {"compulsory", "GEMM bound"});
  for (const std::uint64_t capacity : answer.capacities) rows[0].push_back(capacity_text(capacity));
  const auto row = [&](const std::string& name, const char* phase, std::uint64_t compulsory, const std::string& bound,
                       const std::vector<std::uint64_t>& bytes) {
    rows.push_back({name});
    if (answer.training) rows.back().emplace_back(phase);
    rows.back().insert(rows.back().end(), {fmt::format("{}", compulsory), bound});
    for (const std::uint64_t b : bytes) rows.back().push_back(fmt::format("{}", b));
  };
  for (const LayerTraffic& layer : answer.layers)
    row(layer.name, name_of(layer.phase), layer.compulsory_bytes, layer.bound_bytes ? fmt::format("{}", *layer.bound_bytes) : "", layer.dram_bytes);
  if (answer.training)
    for (const Phase phase : phases) {
      const PhaseSum sum = sum_of(answer, phase);
      row("all", name_of(phase), sum.compulsory, "", sum.dram);
    }
  row("all", "", answer.compulsory_bytes, "", answer.total_bytes);
  return fmt::format("\nDRAM bytes by the on-chip memory for tensors, beside the NPU's scratch\n{}", columns_text(rows, answer.training ? 2 : 1));
}

std::string layers_text(const TrafficAnswer& answer) {
  Table rows = {{"layer"}};
  if (answer.training) rows[0].emplace_back("phase");
  rows[0].insert(rows[0].end(), {"working set", "inputs", "weights", "outputs"});
  if (answer.training) rows[0].insert(rows[0].end(), {"stash", "gradients", "states"});
  rows[0].insert(rows[0].end(), {"cycles", "read GB/s", "peak", "write GB/s", "peak"});
  const auto rate = [&](double bytes_per_cycle) { return fmt::format("{:.1f}", answer.gbps(bytes_per_cycle)); };
  for (const LayerTraffic& layer : answer.layers) {
    const WorkingSet& w = layer.working;
    rows.push_back({layer.name});
    if (answer.training) rows.back().emplace_back(name_of(layer.phase));
    for (const std::uint64_t bytes : {w.bytes(), w.inputs, w.weights, w.outputs}) rows.back().push_back(size_words(bytes));
    if (answer.training)
      for (const std::uint64_t bytes : {w.stash, w.gradients, w.states}) rows.back().push_back(size_words(bytes));
    const ArrayDemand& a = layer.array;
    if (a.cycles > 0)
      rows.back().insert(rows.back().end(), {fmt::format("{}", a.cycles), rate(a.mean_read()), rate(static_cast<double>(a.peak_read)), rate(a.mean_written()),
                                             rate(static_cast<double>(a.peak_written))});
  }
  return "\nWhat each layer holds, and what its products ask of the array's edges (mean over their cycles, and the most in a cycle)\n" +
         columns_text(rows, answer.training ? 2 : 1);
}

std::string network_text(const TrafficAnswer& answer) {
  const NetworkDemand& n = answer.network_demand;
  std::string text = "\n";
  if (!answer.layers.empty()) {
    const LayerTraffic& largest = answer.layers[answer.largest];
    text += fmt::format("largest working set  {}, of {}{}\n", size_words(largest.working.bytes()), largest.name,
                        answer.training ? fmt::format(", {}", name_of(largest.phase)) : "");
  }
  text += fmt::format("everything at once   {}: weights {}, ", size_words(n.resident_bytes), size_words(n.weight_bytes));
  if (answer.training) text += fmt::format("states {}, ", size_words(n.state_bytes));
  text += fmt::format("temporaries {}", size_words(n.temporary_bytes));
  if (answer.training) text += fmt::format("; kept for the backward pass {}", size_words(n.stash_bytes));
  const ArrayDemand& a = answer.array;
  text += fmt::format("\narray                reads {:.1f} GB/s, {:.1f} at most; writes {:.1f} GB/s, {:.1f} at most", answer.gbps(a.mean_read()),
                      answer.gbps(static_cast<double>(a.peak_read)), answer.gbps(a.mean_written()), answer.gbps(static_cast<double>(a.peak_written)));
  if (a.sum_bytes > 0) text += fmt::format("; partial sums {} each way, in the accumulators", size_words(a.sum_bytes));
  return text + "\n";
}

std::string banks_text(const TrafficAnswer& answer) {
  if (answer.banks.empty()) return {};
  Table rows = {{"bank", "size", "read GB/s", "write GB/s", "for reads", "for writes", "one port"}};
  for (const std::uint64_t capacity : answer.capacities) rows[0].push_back(capacity_text(capacity));
  for (const BankDemand& demand : answer.banks) {
    rows.push_back({technology::name_of(demand.sheet.technology), size_words(demand.sheet.capacity_bytes),
                    fmt::format("{:.1f}", demand.sheet.read_bytes_per_second * 1e-9), fmt::format("{:.1f}", demand.sheet.write_bytes_per_second * 1e-9),
                    fmt::format("{}", demand.read_banks), fmt::format("{}", demand.write_banks), fmt::format("{}", demand.one_port)});
    for (const std::uint64_t capacity : answer.capacities) rows.back().push_back(fmt::format("{}", demand.banks(onchip_bytes(answer, capacity))));
  }
  return fmt::format("\nBanks that serve the array's peak, and with the capacity of tensors and {} of scratch\n",
                     size_words(answer.question.npu.scratch_size.value)) +
         columns_text(rows, 1);
}

std::string busy_text(const TrafficAnswer& answer) {
  if (answer.array.cycles == 0) return {};
  Table rows = {{"DRAM GB/s"}, {"all"}, {"most"}, {"of"}};
  for (std::size_t c = 0; c < answer.capacities.size(); ++c) {
    const LayerTraffic* most = nullptr;
    for (const LayerTraffic& layer : answer.layers)
      if (layer.array.cycles > 0 && (most == nullptr || answer.dram_gbps(layer, c) > answer.dram_gbps(*most, c))) most = &layer;
    rows[0].push_back(capacity_text(answer.capacities[c]));
    rows[1].push_back(fmt::format("{:.1f}", answer.dram_gbps(c)));
    rows[2].push_back(fmt::format("{:.1f}", answer.dram_gbps(*most, c)));
    rows[3].push_back(most->name);
  }
  return "\nDRAM bandwidth that keeps the array busy: the whole, and the layer with products that asks for most\n" + columns_text(rows, 1);
}

std::string knee_text(const TrafficAnswer& answer) {
  if (!answer.knee) return {};
  constexpr double widest = 50;
  const Knee& knee = *answer.knee;
  std::uint64_t most = 1;
  for (const CapacityPoint& point : knee.doublings) most = std::max(most, point.dram_bytes);
  Table rows = {{"on chip", "DRAM", "saved", ""}};
  for (std::size_t i = 0; i < knee.doublings.size(); ++i) {
    const CapacityPoint& point = knee.doublings[i];
    const double before = static_cast<double>(i == 0 ? point.dram_bytes : knee.doublings[i - 1].dram_bytes), now = static_cast<double>(point.dram_bytes);
    const auto length = static_cast<std::size_t>(std::lround(widest * now / static_cast<double>(most)));
    rows.push_back({size_words(point.capacity), size_words(point.dram_bytes),
                    i == 0 || before == 0 ? "" : fmt::format("{:.1f} %", 100 * (before - now) / before),
                    std::string(length, '#') + std::string(static_cast<std::size_t>(widest) - length, ' ')});
  }
  return fmt::format("\nWhere more memory stops helping: within {:.0f} % of the floor of {} ({} are compulsory) from {} on; {} is used at most\n{}",
                     100 * answer.question.knee_share, size_words(knee.floor_bytes), size_words(answer.compulsory_bytes), size_words(knee.knee_bytes),
                     size_words(knee.useful_bytes), columns_text(rows, 0));
}

}  // namespace

nlohmann::ordered_json to_json(const TrafficAnswer& answer) {
  Json bandwidth = Json::array();
  for (std::size_t c = 0; c < answer.capacities.size(); ++c) bandwidth.push_back(answer.array.cycles == 0 ? Json() : Json(answer.dram_gbps(c)));
  const NetworkDemand& n = answer.network_demand;
  return {{"mode", answer.training ? "training" : "inference"},
          {"onchip_bytes", answer.capacities},
          {"scratch_bytes", answer.question.npu.scratch_size.value},
          {"layers", layers_json(answer)},
          {"total_dram_bytes", answer.total_bytes},
          {"compulsory_bytes", answer.compulsory_bytes},
          {"phases", phases_json(answer)},
          {"array", array_json(answer, answer.array)},
          {"dram_gbps", std::move(bandwidth)},
          {"demand",
           {{"largest_working_set_bytes", answer.layers.empty() ? 0 : answer.layers[answer.largest].working.bytes()},
            {"resident_bytes", n.resident_bytes},
            {"weight_bytes", n.weight_bytes},
            {"state_bytes", n.state_bytes},
            {"temporary_bytes", n.temporary_bytes},
            {"stash_bytes", n.stash_bytes}}},
          {"banks", banks_json(answer)},
          {"knee", knee_json(answer)}};
}

std::string to_text(const TrafficAnswer& answer) {
  return dram_text(answer) + layers_text(answer) + network_text(answer) + banks_text(answer) + busy_text(answer) + knee_text(answer);
}

std::string summary_text(const std::vector<TrafficAnswer>& answers) {
  if (answers.empty()) return {};
  Table rows = {{"network", "layer", "kept", "all", "knee", "floor"}};
  for (const std::uint64_t capacity : answers[0].capacities) rows[0].push_back(capacity_text(capacity));
  rows[0].insert(rows[0].end(), {"read", "peak", "write", "peak"});
  for (const BankDemand& demand : answers[0].banks) rows[0].emplace_back(technology::name_of(demand.sheet.technology));
  const auto rate = [](const TrafficAnswer& answer, double bytes_per_cycle) { return fmt::format("{:.0f}", answer.gbps(bytes_per_cycle)); };
  for (const TrafficAnswer& answer : answers) {
    const ArrayDemand& a = answer.array;
    rows.push_back({answer.network, answer.layers.empty() ? "" : size_words(answer.layers[answer.largest].working.bytes()),
                    size_words(answer.network_demand.stash_bytes), size_words(answer.network_demand.resident_bytes),
                    answer.knee ? size_words(answer.knee->knee_bytes) : "", answer.knee ? size_words(answer.knee->floor_bytes) : ""});
    for (const std::uint64_t bytes : answer.total_bytes) rows.back().push_back(size_words(bytes));
    rows.back().insert(rows.back().end(), {rate(answer, a.mean_read()), rate(answer, static_cast<double>(a.peak_read)), rate(answer, a.mean_written()),
                                           rate(answer, static_cast<double>(a.peak_written))});
    for (const BankDemand& demand : answer.banks) rows.back().push_back(fmt::format("{}", demand.bandwidth_banks()));
  }
  return columns_text(rows, 1);
}

}  // namespace spinvp::platform
