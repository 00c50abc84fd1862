// Every network that ships, as inference and as training: what the programs claim of memory holds, and the NPU's own checks take every command.
#include <catch2/catch.hpp>

#include <chrono>
#include <set>
#include <span>

#include <fmt/format.h>

#include "models/core/error.h"
#include "models/npu/job.h"
#include "models/npu/map_program.h"
#include "workloads/compiler/compile.h"
#include "workloads/compiler/images.h"
#include "workloads/import/import.h"
#include "workloads/networks/shipped.h"

namespace spinvp::workloads::compiler::test {
namespace {

const Machine machine{.dram = {0x8000'0000, std::uint64_t{100} << 30}, .onchip = {0x20'0080'0000, 56 << 20}, .reads_of = {}, .core_reads_of = {}};

struct Span {
  std::uint64_t first = 0, end = 0;  // bytes
};

Span span_of(const spinvp_npu_map& p, const spinvp_npu_stream& s) {
  const std::uint64_t width = s.format == SPINVP_NPU_BF16 ? 2 : 4;
  std::int64_t low = 0, high = 0;
  for (std::uint32_t axis = 0; axis < p.axes; ++axis) (s.stride[axis] < 0 ? low : high) += s.stride[axis] * (std::int64_t{p.extent[axis]} - 1);
  return {s.address + static_cast<std::uint64_t>(low) * width, s.address + (static_cast<std::uint64_t>(high) + 1) * width};
}

// What a command reads and writes, from its fields alone.
struct Touched {
  std::vector<Span> read, written;
};
Touched touched_by(const CompiledKernel& kernel) {
  Touched t;
  const auto& d = kernel.descriptor;
  const std::uint64_t e = d.format == SPINVP_NPU_BF16 ? 2 : 4, batch = std::max<std::uint32_t>(1, d.batch), groups = std::max<std::uint16_t>(1, d.groups);
  const auto reads = [&](std::uint64_t at, std::uint64_t bytes) { t.read.push_back({at, at + bytes}); };
  const auto writes = [&](std::uint64_t at, std::uint64_t bytes) { t.written.push_back({at, at + bytes}); };
  const std::uint64_t x = batch * d.in_channels * d.in_h * d.in_w, y = batch * d.out_channels * d.out_h * d.out_w;
  const std::uint64_t w = std::uint64_t{d.out_channels} * (d.in_channels / groups) * d.kernel_h * d.kernel_w;
  const std::uint64_t mn = std::uint64_t{d.m} * d.n;
  switch (d.operation) {
    case SPINVP_NPU_GEMM:
      reads(d.a, batch * d.m * d.k * e);
      reads(d.b, ((d.flags & SPINVP_NPU_SHARED_B) != 0 ? 1 : batch) * d.k * d.n * e);
      writes(d.c, batch * mn * e);
      if (d.bias != 0) reads(d.bias, d.n * e);
      break;
    case SPINVP_NPU_CONV_FORWARD:
      reads(d.a, x * e), reads(d.b, w * e), writes(d.c, y * e);
      if (d.bias != 0) reads(d.bias, d.out_channels * e);
      break;
    case SPINVP_NPU_CONV_DATA_GRADIENT: reads(d.a, y * e), reads(d.b, w * e), writes(d.c, x * e); break;
    case SPINVP_NPU_CONV_WEIGHT_GRADIENT: reads(d.a, x * e), reads(d.b, y * e), writes(d.c, w * e); break;
    case SPINVP_NPU_MAXPOOL_FORWARD: reads(d.a, x * e), writes(d.c, y * e), writes(d.aux, y); break;
    case SPINVP_NPU_MAXPOOL_BACKWARD: reads(d.a, y * e), reads(d.aux, y), writes(d.c, x * e); break;
    case SPINVP_NPU_AVERAGEPOOL_FORWARD: reads(d.a, x * e), writes(d.c, y * e); break;
    case SPINVP_NPU_AVERAGEPOOL_BACKWARD: reads(d.a, y * e), writes(d.c, x * e); break;
    case SPINVP_NPU_SOFTMAX_CROSS_ENTROPY: reads(d.a, mn * 4), reads(d.aux, d.m * 4), writes(d.c, mn * 4), writes(d.bias, 4); break;
    case SPINVP_NPU_SOFTMAX_FORWARD: reads(d.a, mn * e), writes(d.c, mn * e); break;
    case SPINVP_NPU_SOFTMAX_BACKWARD: reads(d.a, mn * e), reads(d.b, mn * e), writes(d.c, mn * e); break;
    case SPINVP_NPU_COPY: reads(d.a, d.count * e), writes(d.c, d.count * e); break;
    case SPINVP_NPU_GATHER: reads(d.a, std::uint64_t{d.k} * d.n * e), reads(d.aux, d.m * 4), writes(d.c, mn * e); break;
    case SPINVP_NPU_SCATTER_ADD:
      reads(d.a, mn * e), reads(d.aux, d.m * 4), reads(d.c, std::uint64_t{d.k} * d.n * e), writes(d.c, std::uint64_t{d.k} * d.n * e);
      break;
    default: break;
  }
  if (kernel.program) {
    const spinvp_npu_map& p = *kernel.program;
    for (std::uint32_t i = 0; i < p.inputs; ++i) t.read.push_back(span_of(p, p.input[i]));
    for (std::uint32_t i = 0; i < p.outputs; ++i) t.written.push_back(span_of(p, p.output[i]));
  }
  return t;
}

// A tensor is written before it is read, every access lies within one tensor that lives, and living tensors do not overlap, but for a new value in the place of one that ends there.
std::string memory_fault(const CompiledProgram& program) {
  const auto& places = program.places;
  std::vector<std::size_t> by_address(places.size());
  for (std::size_t i = 0; i < places.size(); ++i) by_address[i] = i;
  std::sort(by_address.begin(), by_address.end(), [&](std::size_t a, std::size_t b) { return places[a].address < places[b].address; });
  std::uint64_t longest = 0;
  for (const TensorPlace& p : places) longest = std::max(longest, p.bytes);
  const auto always = [](const TensorPlace& p) { return p.kind != BufferKind::temporary; };
  const std::size_t end = program.kernels.size();
  for (std::size_t i = 0; i < by_address.size(); ++i)
    for (std::size_t j = i + 1; j < by_address.size() && places[by_address[j]].address < places[by_address[i]].address + places[by_address[i]].bytes; ++j) {
      const TensorPlace *a = &places[by_address[i]], *b = &places[by_address[j]];
      if (a->renews || (b->first < a->first && !b->renews)) std::swap(a, b);
      const bool same = a->address == b->address && a->bytes == b->bytes;
      const std::size_t a_last = always(*a) && !(same && b->renews) ? end : a->kept ? end : a->last;
      if (always(*b) || !(a_last < b->first || (a_last == b->first && same))) return fmt::format("{} and {} overlap", a->name, b->name);
    }
  std::vector<bool> written(places.size());
  for (std::size_t i = 0; i < places.size(); ++i) written[i] = always(places[i]);
  // The place that holds the span while kernel k runs.
  const auto holder = [&](Span s, std::size_t k, bool writes) {
    auto at =
        std::upper_bound(by_address.begin(), by_address.end(), s.first, [&](std::uint64_t address, std::size_t p) { return address < places[p].address; });
    std::size_t found = places.size();
    while (at != by_address.begin()) {
      const TensorPlace& p = places[*--at];
      if (p.address + longest < s.first) break;
      const bool lives = always(p) || (p.first <= k && (k <= p.last || p.kept || p.renews));
      if (s.first < p.address || s.end > p.address + p.bytes || !lives) continue;
      // In place: the old tensor is read, the new one is written.
      if (found == places.size() || (writes ? p.first >= places[found].first && !always(p) : written[*at] && (p.first < k || always(p)))) found = *at;
    }
    return found;
  };
  for (std::size_t k = 0; k < end; ++k) {
    const Touched t = touched_by(program.kernels[k]);
    for (const Span& s : t.read) {
      const std::size_t p = holder(s, k, false);
      if (p == places.size()) return fmt::format("{} reads what no tensor holds", program.kernels[k].name);
      if (!written[p]) return fmt::format("{} reads {} before it is written", program.kernels[k].name, places[p].name);
    }
    for (const Span& s : t.written) {
      const std::size_t p = holder(s, k, true);
      if (p == places.size()) return fmt::format("{} writes where no tensor lies", program.kernels[k].name);
      written[p] = true;
    }
  }
  return "";
}

// The first refusal of the NPU.
std::string refusal_of(const CompiledProgram& program) {
  const npu::Limits limits{.array = {128, 128}};
  for (const CompiledKernel& kernel : program.kernels) {
    spinvp_npu_descriptor d = kernel.descriptor;
    if (kernel.program) {
      const npu::MapUse use = d.operation == SPINVP_NPU_MAP      ? npu::MapUse::map
                              : d.operation == SPINVP_NPU_REDUCE ? npu::MapUse::reduction
                                                                 : npu::MapUse::epilogue;
      const std::span<const std::uint8_t, sizeof(spinvp_npu_map)> bytes(reinterpret_cast<const std::uint8_t*>(&*kernel.program), sizeof(spinvp_npu_map));
      if (const auto decoded = npu::decode_map(bytes, use, limits.steps); !decoded) return kernel.name + ": " + decoded.error().message;
      d.aux = 0x8000'0000;
      d.flags &= ~SPINVP_NPU_EPILOGUE;
    }
    if (const auto job = npu::check(d, limits); !job) return kernel.name + ": " + job.error().message;
  }
  return "";
}

void check_program(const CompiledProgram& program) {
  CHECK(memory_fault(program) == "");
  CHECK(refusal_of(program) == "");
  std::set<std::uint32_t> phases;
  for (const CompiledKernel& kernel : program.kernels) CHECK_FALSE(kernel.layer.empty());
}

}  // namespace

TEST_CASE("every network that ships is a sound program of inference") {
  for (const ShippedNetwork& network : shipped_networks())
    for (const std::uint64_t batch : {1, 4})
      for (const CompileOptions& options : {CompileOptions{true, true, true}, CompileOptions{false, false, true}}) {
        INFO(network.name << " batch " << batch << (options.fusion ? " fused, resident" : ""));
        const Graph graph = import_network(network.name, {.batch = batch});
        const CompiledProgram program = compile(graph, machine, options);
        check_program(program);
        CHECK(program.outputs.size() == graph.outputs().size());
      }
}

TEST_CASE("every network that ships is a sound program of training, in both precisions") {
  for (const ShippedNetwork& network : shipped_networks())
    for (const bool mixed : {false, true}) {
      const TrainingGraph training = make_training_graph(import_network(network.name, {.batch = 2}),
                                                         {.optimiser = mixed ? Optimiser::adam : Optimiser::momentum, .mixed_precision = mixed});
      for (const CompileOptions& options : {CompileOptions{true, true, true}, CompileOptions{false, false, true}}) {
        INFO(network.name << (mixed ? " mixed" : "") << (options.fusion ? " fused, resident" : ""));
        const CompiledProgram program = compile(training, machine, options);
        check_program(program);
        CHECK(program.loss.has_value());
        // Every stored tensor that is renewed is renewed in its place: no copies at the end.
        std::size_t renewed = 0;
        for (const TensorPlace& place : program.places) renewed += place.renews ? 1 : 0;
        CHECK(renewed == training.replacements.size());
      }
    }
}

TEST_CASE("fusion takes no kernel too many and none too few") {
  // AlexNet: 8 products; 3 pools; the Dropouts, Flatten and every ReLU ride along.
  CHECK(compile(import_network("alexnet"), machine, {.phantom = true}).kernels.size() == 11);
  // ResNet-18: 20 convolutions and the classifier, as many slopes of batch normalisation, a pool and the global one.
  CHECK(compile(import_network("resnet18"), machine, {.phantom = true}).kernels.size() == 43);
}

}  // namespace spinvp::workloads::compiler::test
