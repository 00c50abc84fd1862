#include "platform/explore/traffic_answer.h"

#include <algorithm>
#include <cmath>
#include <unordered_map>

#include <fmt/format.h>

#include "models/core/error.h"
#include "platform/explore/product_reads.h"
#include "platform/report/words.h"

namespace spinvp::platform {

namespace {

using workloads::compiler::CompiledKernel;
using workloads::compiler::CompiledProgram;
using workloads::compiler::Machine;

constexpr std::uint64_t mebibyte = 1 << 20;

// A network's prediction is asked for whatever a machine's DRAM holds.
constexpr std::uint64_t any_dram = std::uint64_t{1} << 50;

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

std::string capacity_text(std::uint64_t bytes) {
  return bytes % mebibyte == 0 ? fmt::format("{} MiB", bytes / mebibyte)
                               : fmt::format("{:.1f} MiB", static_cast<double>(bytes) / static_cast<double>(mebibyte));
}

std::vector<std::uint64_t> shipped_capacities(const npu::NpuConfig& npu) {
  std::vector<std::uint64_t> list;
  for (const std::uint64_t size : {0, 1, 4, 16, 64, 256}) list.push_back(size * mebibyte);
  list.push_back(npu.onchip_size.value - npu.scratch_size.value);
  std::sort(list.begin(), list.end());
  list.erase(std::unique(list.begin(), list.end()), list.end());
  return list;
}

}  // namespace

TrafficAnswer answer_traffic(const workloads::Graph& graph, const TrafficQuestion& question) {
  TrafficAnswer answer{.network = graph.name.empty() ? graph.source : graph.name};
  answer.capacities = question.capacities.empty() ? shipped_capacities(question.npu) : question.capacities;
  std::unordered_map<std::string, std::size_t> rows;
  for (std::size_t c = 0; c < answer.capacities.size(); ++c) {
    Machine machine;
    machine.dram.bytes = any_dram;
    machine.onchip.bytes = answer.capacities[c];
    machine.reads_of = product_reads(question.npu);
    machine.core_reads_of = core_reads(question.npu);
    const CompiledProgram program = workloads::compiler::compile(graph, machine, {.phantom = true});
    answer.compulsory_bytes = compulsory_of(program);
    std::vector<bool> other(answer.layers.size());  // layers with work that the bound does not speak of
    for (const CompiledKernel& kernel : program.kernels) {
      const auto [row, fresh] = rows.try_emplace(kernel.layer, answer.layers.size());
      if (fresh) answer.layers.push_back({.name = kernel.layer, .dram_bytes = std::vector<std::uint64_t>(answer.capacities.size(), 0)});
      LayerTraffic& layer = answer.layers[row->second];
      layer.dram_bytes[c] += kernel.traffic.dram();
      if (c > 0) continue;
      layer.compulsory_bytes += kernel.compulsory_bytes;
      const std::uint64_t bound = kernel.descriptor.operation == SPINVP_NPU_GEMM ? bound_of(kernel, question.npu) : kernel.compulsory_bytes;
      if (kernel.descriptor.operation == SPINVP_NPU_GEMM || layer.bound_bytes)
        layer.bound_bytes = layer.bound_bytes.value_or(layer.compulsory_bytes - kernel.compulsory_bytes) + bound;
    }
    answer.total_bytes.push_back(program.traffic().dram());
  }
  for (std::size_t c = answer.capacities.size(); c-- > 0 && answer.total_bytes[c] == answer.total_bytes.back();) answer.fit_bytes = answer.capacities[c];
  return answer;
}

nlohmann::ordered_json to_json(const TrafficAnswer& answer) {
  using Json = nlohmann::ordered_json;
  Json layers = Json::array();
  for (const LayerTraffic& layer : answer.layers)
    layers.push_back({{"name", layer.name},
                      {"compulsory_bytes", layer.compulsory_bytes},
                      {"gemm_bound_bytes", layer.bound_bytes ? Json(*layer.bound_bytes) : Json()},
                      {"dram_bytes", layer.dram_bytes}});
  return {{"onchip_bytes", answer.capacities},
          {"layers", std::move(layers)},
          {"total_dram_bytes", answer.total_bytes},
          {"compulsory_bytes", answer.compulsory_bytes}};
}

std::string to_text(const TrafficAnswer& answer) {
  std::vector<std::vector<std::string>> rows = {{"layer", "compulsory", "GEMM bound"}};
  for (const std::uint64_t capacity : answer.capacities) rows[0].push_back(capacity_text(capacity));
  const auto row = [&](const std::string& name, std::uint64_t compulsory, const std::string& bound, const std::vector<std::uint64_t>& bytes) {
    rows.push_back({name, fmt::format("{}", compulsory), bound});
    for (const std::uint64_t b : bytes) rows.back().push_back(fmt::format("{}", b));
  };
  for (const LayerTraffic& layer : answer.layers)
    row(layer.name, layer.compulsory_bytes, layer.bound_bytes ? fmt::format("{}", *layer.bound_bytes) : "", layer.dram_bytes);
  row("all", answer.compulsory_bytes, "", answer.total_bytes);
  return "\nDRAM bytes by the on-chip memory for tensors, beside the NPU's scratch\n" + columns_text(rows, 1);
}

}  // namespace spinvp::platform
