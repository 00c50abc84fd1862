#include "platform/explore/traffic_answer.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "models/technology/array_model.h"
#include "platform/explore/product_reads.h"
#include "workloads/compiler/compile.h"

namespace spinvp::platform {

namespace {

using workloads::compiler::CompiledKernel;
using workloads::compiler::CompiledProgram;
using workloads::compiler::Machine;

constexpr std::uint64_t mebibyte = 1 << 20;

// A network's prediction is asked for whatever a machine's DRAM holds.
constexpr std::uint64_t any_dram = std::uint64_t{1} << 50, any_onchip = std::uint64_t{1} << 50;

// Of the search for the knee.
constexpr std::uint64_t first_doubling = 64 << 10, fineness = 64;

std::uint64_t bound_of(const CompiledKernel& kernel, const npu::NpuConfig& npu) {
  const auto& d = kernel.descriptor;
  const double width = d.format == SPINVP_NPU_BF16 ? 2 : 4;
  const double storage = static_cast<double>(npu.scratch_size.value + npu.cores * (npu.operand_buffer.value + npu.accumulator_size.value)) / width;
  const double macs = static_cast<double>(d.m) * d.n * d.k;
  const double elements = std::max(0.0, 2 * macs / std::sqrt(storage) - 2 * storage) * std::max<std::uint32_t>(1, d.batch);
  return std::max(kernel.compulsory_bytes, static_cast<std::uint64_t>(elements * width));
}

std::uint64_t compulsory_of(const CompiledProgram& program) {
  std::uint64_t bytes = 0;
  for (const auto& place : program.places)
    bytes += place.renews ? place.bytes : place.kind != workloads::compiler::BufferKind::temporary ? place.touched_bytes : 0;
  for (const auto& place : program.outputs) bytes += place.bytes;
  return bytes;
}

std::vector<std::uint64_t> shipped_capacities(const npu::NpuConfig& npu) {
  std::vector<std::uint64_t> list;
  for (const std::uint64_t size : {0, 1, 4, 16, 64, 256}) list.push_back(size * mebibyte);
  list.push_back(npu.onchip_size.value - npu.scratch_size.value);
  std::sort(list.begin(), list.end());
  list.erase(std::unique(list.begin(), list.end()), list.end());
  return list;
}

// An inference or a training step that is compiled again and again, for machines that differ in their memory on chip.
class Network {
 public:
  Network(const workloads::Graph& graph, const workloads::TrainingGraph* training, const npu::NpuConfig& npu) : graph_(graph), training_(training) {
    machine_.dram.bytes = any_dram;
    machine_.reads_of = product_reads(npu);
    machine_.core_reads_of = core_reads(npu);
  }
  [[nodiscard]] CompiledProgram compiled(std::uint64_t onchip_bytes) {
    machine_.onchip.bytes = onchip_bytes;
    const workloads::compiler::CompileOptions options{.phantom = true};
    return training_ != nullptr ? workloads::compiler::compile(*training_, machine_, options) : workloads::compiler::compile(graph_, machine_, options);
  }
  [[nodiscard]] const workloads::Graph& graph() const { return graph_; }
  [[nodiscard]] const workloads::TrainingGraph* training() const { return training_; }

 private:
  const workloads::Graph& graph_;
  const workloads::TrainingGraph* training_;
  Machine machine_;
};

Knee knee_of(Network& network, double share) {
  const CompiledProgram all = network.compiled(any_onchip);
  Knee knee{.floor_bytes = all.traffic().dram(), .useful_bytes = all.onchip_bytes};
  const auto dram = [&](std::uint64_t capacity) { return network.compiled(capacity).traffic().dram(); };
  const auto near = [&](std::uint64_t bytes) { return static_cast<double>(bytes) <= (1 + share) * static_cast<double>(knee.floor_bytes); };
  knee.doublings.push_back({0, dram(0)});
  for (std::uint64_t capacity = first_doubling;; capacity *= 2) {
    knee.doublings.push_back({capacity, capacity >= knee.useful_bytes ? knee.floor_bytes : dram(capacity)});
    if (capacity >= knee.useful_bytes) break;
  }
  std::size_t good = knee.doublings.size() - 1;
  while (good > 0 && near(knee.doublings[good - 1].dram_bytes)) --good;
  if (good == 0) return knee;
  std::uint64_t misses = knee.doublings[good - 1].capacity, holds = std::min(knee.doublings[good].capacity, std::max(knee.useful_bytes, misses + 1));
  while (holds - misses > std::max<std::uint64_t>(1, holds / fineness)) {
    const std::uint64_t middle = misses + (holds - misses) / 2;
    (near(dram(middle)) ? holds : misses) = middle;
  }
  knee.knee_bytes = holds;
  return knee;
}

struct Rows {
  std::map<std::pair<workloads::Phase, std::string>, std::size_t> numbers = {};
  LayerTraffic& of(TrafficAnswer& answer, workloads::Phase phase, const std::string& name) {
    const auto [row, fresh] = numbers.try_emplace({phase, name}, answer.layers.size());
    if (fresh) answer.layers.push_back({.name = name, .phase = phase, .dram_bytes = std::vector<std::uint64_t>(answer.capacities.size(), 0)});
    return answer.layers[row->second];
  }
};

// Demand, compulsory traffic and bounds: of a program without memory on chip.
void describe(TrafficAnswer& answer, Rows& rows, const CompiledProgram& program, const workloads::TrainingGraph* training) {
  const npu::NpuConfig& npu = answer.question.npu;
  answer.compulsory_bytes = compulsory_of(program);
  const DemandAnswer demand = layer_demand(program, training, npu);
  answer.network_demand = demand.network;
  for (const LayerDemand& layer : demand.layers) {
    LayerTraffic& row = rows.of(answer, layer.phase, layer.name);
    row.working = layer.working;
    row.array = layer.array;
    answer.array += layer.array;
    if (row.working.bytes() > answer.layers[answer.largest].working.bytes()) answer.largest = answer.layers.size() - 1;
  }
  for (const CompiledKernel& kernel : program.kernels) {
    LayerTraffic& layer = rows.of(answer, kernel.phase, kernel.layer);
    layer.compulsory_bytes += kernel.compulsory_bytes;
    const std::uint64_t bound = kernel.descriptor.operation == SPINVP_NPU_GEMM ? bound_of(kernel, npu) : kernel.compulsory_bytes;
    if (kernel.descriptor.operation == SPINVP_NPU_GEMM || layer.bound_bytes)
      layer.bound_bytes = layer.bound_bytes.value_or(layer.compulsory_bytes - kernel.compulsory_bytes) + bound;
  }
}

TrafficAnswer answer_of(Network network, const TrafficQuestion& question) {
  const workloads::Graph& graph = network.graph();
  TrafficAnswer answer{.network = graph.name.empty() ? graph.source : graph.name, .training = network.training() != nullptr, .question = question};
  answer.capacities = question.capacities.empty() ? shipped_capacities(question.npu) : question.capacities;
  Rows rows;
  describe(answer, rows, network.compiled(0), network.training());
  for (std::size_t c = 0; c < answer.capacities.size(); ++c) {
    const CompiledProgram program = network.compiled(answer.capacities[c]);
    for (const CompiledKernel& kernel : program.kernels) rows.of(answer, kernel.phase, kernel.layer).dram_bytes[c] += kernel.traffic.dram();
    answer.total_bytes.push_back(program.traffic().dram());
  }
  for (std::size_t c = answer.capacities.size(); c-- > 0 && answer.total_bytes[c] == answer.total_bytes.back();) answer.fit_bytes = answer.capacities[c];
  const double clock = question.npu.clock.si();
  for (const technology::MemoryTechnology technology : question.technologies)
    answer.banks.push_back(bank_demand(technology::modelled_memory_data_sheet(technology, question.bank_bytes),
                                       static_cast<double>(answer.array.peak_read) * clock, static_cast<double>(answer.array.peak_written) * clock));
  if (question.knee) answer.knee = knee_of(network, question.knee_share);
  return answer;
}

}  // namespace

double TrafficAnswer::dram_gbps(std::size_t c) const {
  return array.cycles == 0 ? 0 : gbps(static_cast<double>(total_bytes[c]) / static_cast<double>(array.cycles));
}

double TrafficAnswer::dram_gbps(const LayerTraffic& layer, std::size_t c) const {
  return layer.array.cycles == 0 ? 0 : gbps(static_cast<double>(layer.dram_bytes[c]) / static_cast<double>(layer.array.cycles));
}

TrafficAnswer answer_traffic(const workloads::Graph& graph, const TrafficQuestion& question) {
  return answer_of(Network(graph, nullptr, question.npu), question);
}

TrafficAnswer answer_traffic(const workloads::TrainingGraph& training, const TrafficQuestion& question) {
  return answer_of(Network(training.graph, &training, question.npu), question);
}

}  // namespace spinvp::platform
