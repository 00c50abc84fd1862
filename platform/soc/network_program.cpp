#include "platform/soc/network_program.h"

#include <algorithm>

#include <fmt/format.h>

#include "models/core/error.h"
#include "models/core/fields.h"
#include "models/npu/npu_config.h"
#include "platform/explore/product_reads.h"
#include "workloads/compiler/allocator.h"
#include "workloads/compiler/compile.h"
#include "workloads/compiler/images.h"
#include "workloads/graph/precision.h"
#include "workloads/graph/shape.h"
#include "workloads/graph/sparsity.h"
#include "workloads/graph/work.h"
#include "workloads/import/import.h"
#include "workloads/training/precision_schedule.h"
#include "workloads/training/start_values.h"

namespace spinvp::platform {

namespace compiler = workloads::compiler;
using workloads::Graph;
using workloads::TensorId;

namespace {

// A run of at most so many multiply-accumulates computes values unless asked otherwise: some seconds of the host.
constexpr std::uint64_t most_real_macs = std::uint64_t{1} << 34;

// Features of a tile: a side of a small array.
constexpr std::uint64_t tile_of_dropout = 32;

std::uint64_t macs_of(const Graph& graph) {
  std::uint64_t macs = 0;
  for (const workloads::NodeId id : graph.order()) macs += workloads::work_of(graph, graph.node(id)).macs;
  return macs;
}

workloads::TrainingOptions training_options(const NetworkFields& f) {
  workloads::TrainingOptions o;
  o.loss = f.loss == "auto"            ? workloads::LossKind::automatic
           : f.loss == "cross-entropy" ? workloads::LossKind::cross_entropy
                                       : workloads::LossKind::mean_squared;
  o.optimiser = f.optimiser == "sgd" ? workloads::Optimiser::sgd : f.optimiser == "momentum" ? workloads::Optimiser::momentum : workloads::Optimiser::adam;
  o.rate = f.learning_rate;
  o.momentum = f.momentum;
  o.beta1 = f.beta1;
  o.beta2 = f.beta2;
  o.epsilon = f.epsilon;
  o.mixed_precision = f.precision == "bf16";
  o.loss_scale = o.mixed_precision ? f.loss_scale : 1;
  if (f.dropout != "none") o.dropout = {f.dropout_period, f.dropout == "tile" ? tile_of_dropout : 1};
  o.activations = f.activations == "recompute" ? workloads::Activations::recompute : workloads::Activations::stash;
  return o;
}

workloads::PrecisionSchedule precision_schedule(const NetworkFields& f, const npu::NpuConfig& npu) {
  const auto format = f.precision == "bf16" ? npu::Format::bf16 : npu::Format::fp32;
  auto schedule = workloads::PrecisionSchedule::parse(f.precision_schedule, npu::significant_bits(format));
  if (!schedule) throw core::InputError("network.precision_schedule: " + schedule.error());
  if (!schedule->empty() && npu.mac_granule == 0)
    throw core::InputError("network.precision_schedule: this NPU's multipliers are of one piece; allowed with devices.npu.mac_granule of 1 or more (4)");
  return *std::move(schedule);
}

compiler::WeightCompression weight_compression(const NetworkFields& f, const npu::NpuConfig& npu, bool training) {
  const auto narrow = [](std::uint64_t value) { return static_cast<std::uint32_t>(value); };
  const compiler::WeightCompression weights{narrow(f.compressed_slice), narrow(f.compressed_rank), narrow(f.compressed_kept), narrow(f.compressed_group),
                                            narrow(f.coefficient_bits)};
  if (!weights.any()) return weights;
  const auto refuse = [](const std::string& what) { throw core::InputError("network.weight_compression." + what); };
  if (training) refuse("slice: a training changes its weights, compressed ones do not change; allowed with --mode inference");
  if (npu.rebuild_lanes == 0) refuse("slice: this NPU has no unit that rebuilds weights; allowed with devices.npu.rebuild_lanes of 1 or more (128)");
  if (weights.rank > weights.slice)
    refuse(fmt::format("rank: {} is more than a slice's {} elements; allowed are 1 to {}", weights.rank, weights.slice, weights.slice));
  if (weights.kept > weights.group) refuse(fmt::format("kept: {} of a group of {}; allowed are 1 to {}", weights.kept, weights.group, weights.group));
  return weights;
}

// What comes from DRAM for a product, or goes there, passes the NPU's scratch: written and read.
std::uint64_t moved_bytes(const compiler::CompiledProgram& program) {
  std::uint64_t bytes = 0;
  for (const compiler::CompiledKernel& kernel : program.kernels)
    bytes += kernel.traffic.dram() * (kernel.macs > 0 ? 3 : 1) + kernel.traffic.onchip_read + kernel.traffic.onchip_written;
  return bytes;
}

}  // namespace

struct NetworkProgram::Network {
  NetworkRequest request;
  NetworkFields fields;
  std::uint64_t seed = 1;
  npu::NpuConfig npu;
  workloads::PrecisionSchedule precision;
  compiler::WeightCompression weights;
  std::string compressed;  // what came of it, once loaded
  Graph inference;         // as imported: fp32 values
  workloads::TrainingGraph training;
  Graph narrowed;  // of an inference in bf16
  std::uint64_t macs = 0, steps = 1;
  bool phantom = false;

  // The first extent of the first input.
  [[nodiscard]] std::uint64_t batch() const {
    for (const workloads::Tensor& t : inference.tensors())
      if (t.role == workloads::Role::input && !t.consumers.empty() && !t.type.shape.empty()) return static_cast<std::uint64_t>(t.type.shape[0]);
    return request.batch.value_or(1);
  }
  [[nodiscard]] const Graph& graph() const { return request.training ? training.graph : narrowed; }
  void differentiate(workloads::Activations activations, std::uint64_t activation_bytes) {
    workloads::TrainingOptions options = training_options(fields);
    options.activations = activations;
    options.activation_bytes = activation_bytes;
    training = workloads::make_training_graph(inference, options);
    if (options.dropout.any() && training.masks.empty())
      throw core::InputError(fmt::format("network.dropout: '{}' is not allowed: {} has no Dropout node in front of its result, at least one is needed",
                                         fields.dropout, request.network));
    prune(training.graph);
  }
  void prune(Graph& of) const;
  [[nodiscard]] compiler::CompiledProgram compile(const compiler::Machine& machine) const;
  [[nodiscard]] compiler::RunPlan plan(const workloads::Dataset* dataset) const;
  [[nodiscard]] std::uint64_t stored_bytes() const;
  void describe_compression(const compiler::CompiledProgram& program, const compiler::MemoryImage& image);
  [[nodiscard]] std::optional<std::vector<float>> start_value(TensorId tensor) const;
  [[nodiscard]] compiler::Machine machine(const spinvp_memory& free, const std::vector<MemoryRange>& memories) const;
};

NetworkProgram::NetworkProgram(const NetworkRequest& request, const PlatformConfig& config) : network_(std::make_unique<Network>()) {
  Network& n = *network_;
  n.request = request;
  n.fields = config.network;
  n.seed = config.platform.seed;
  const auto device = std::find_if(config.devices.begin(), config.devices.end(), [](const DeviceConfig& d) { return d.placement.type == "npu"; });
  if (device == config.devices.end())
    throw core::InputError(fmt::format("--network {}: this configuration has no device of type npu, one is needed to run a network", request.network));
  n.npu = npu::NpuConfig::schema().make<npu::NpuConfig>(device->values);
  n.precision = precision_schedule(n.fields, n.npu);
  n.weights = weight_compression(n.fields, n.npu, request.training);
  n.inference = workloads::import_network(
      request.network,
      {.batch = request.batch, .sizes = request.sizes, .allow_unknown = request.allow_unknown, .keep_weights = !request.phantom.value_or(false)});
  if (request.training) {
    n.differentiate(training_options(n.fields).activations, 0);
  } else {
    n.narrowed = n.inference;
    if (n.fields.precision == "bf16") workloads::narrow(n.narrowed);
    n.prune(n.narrowed);
  }
  n.macs = macs_of(n.graph());
  const std::uint64_t real_steps = request.steps != 0 ? request.steps : request.training ? 20 : 1;
  n.phantom = request.phantom.value_or(n.macs > most_real_macs / real_steps);
  n.steps = request.steps != 0 ? request.steps : n.phantom ? 1 : real_steps;
}

NetworkProgram::~NetworkProgram() = default;
NetworkProgram::NetworkProgram(NetworkProgram&&) noexcept = default;
bool NetworkProgram::takes_images() const {
  const std::vector<workloads::Tensor>& tensors = network_->graph().tensors();
  return !network_->phantom && std::any_of(tensors.begin(), tensors.end(),
                                           [](const workloads::Tensor& t) { return t.role == workloads::Role::input && workloads::is_image_batch(t.type); });
}
bool NetworkProgram::phantom() const { return network_->phantom; }
std::uint64_t NetworkProgram::steps() const { return network_->steps; }

std::string NetworkProgram::about() const {
  const Network& n = *network_;
  return fmt::format("{}: {} of {:.3g} G multiply-accumulates a step, {}", n.request.network, n.request.training ? "training" : "inference",
                     static_cast<double>(n.macs) * 1e-9, n.phantom ? "shapes only: no values are computed (--data real computes them)" : "with values") +
         n.compressed;
}

// Marks the products that take the pattern of network.sparsity.
void NetworkProgram::Network::prune(Graph& of) const {
  const workloads::Sparsity sparsity = *workloads::parse_sparsity(fields.sparsity);
  if (sparsity.dense()) return;
  if (static_cast<std::uint64_t>(sparsity.group) > npu.sparse_group)
    throw core::InputError(
        fmt::format("network.sparsity: '{}' is not allowed: devices.npu.sparse_group is {}, M can be at most that", fields.sparsity, npu.sparse_group));
  if (workloads::mark_sparse(of, sparsity) == 0)
    throw core::InputError(
        fmt::format("network.sparsity: '{}' is not allowed: no product of weights in {} sums over {} channels or more, at least one is needed", fields.sparsity,
                    request.network, sparsity.group));
}

compiler::Machine NetworkProgram::Network::machine(const spinvp_memory& free, const std::vector<MemoryRange>& memories) const {
  compiler::Machine machine;
  machine.dram = {free.base, free.size};
  machine.onchip = {};
  machine.reads_of = product_reads(npu);
  machine.core_reads_of = core_reads(npu);
  if (npu.scratch_size.value == 0 || std::none_of(memories.begin(), memories.end(),
                                                  [&](const MemoryRange& m) { return m.type != "rom" && m.holds(npu.scratch_base, npu.scratch_size.value); }))
    throw core::InputError(fmt::format("--network {}: the NPU's tiles, scratch_size {} from scratch_base {:#x}, lie in no memory of this configuration",
                                       request.network, core::bytes_text(npu.scratch_size.value), npu.scratch_base));
  // Of the on-chip memory, as far as there is one where the NPU expects it, what its tiles do not take.
  const auto onchip =
      std::find_if(memories.begin(), memories.end(), [&](const MemoryRange& m) { return m.type == "onchip_memory" && m.holds(npu.onchip_base, 1); });
  if (onchip == memories.end() || npu.onchip_size.value == 0) return machine;
  const std::uint64_t first = npu.onchip_base, last = std::min(first + npu.onchip_size.value, onchip->base + onchip->size);
  const std::uint64_t tiles = std::clamp(npu.scratch_base, first, last), tiles_end = std::clamp(npu.scratch_base + npu.scratch_size.value, first, last);
  const auto range = [](std::uint64_t from, std::uint64_t to) {
    const std::uint64_t base = compiler::aligned(from), end = to / compiler::block_alignment * compiler::block_alignment;
    return compiler::MemoryRange{base, end > base ? end - base : 0};
  };
  machine.onchip = tiles - first >= last - tiles_end ? range(first, tiles) : range(tiles_end, last);
  return machine;
}

compiler::CompiledProgram NetworkProgram::Network::compile(const compiler::Machine& machine) const {
  const compiler::CompileOptions options{.fusion = fields.fusion, .residency = fields.residency, .phantom = phantom, .weights = weights};
  compiler::CompiledProgram program = request.training ? compiler::compile(training, machine, options) : compiler::compile(narrowed, machine, options);
  for (const compiler::CompiledKernel& kernel : program.kernels)
    if (const auto wrong = indivisible(npu, kernel.descriptor))
      throw core::InputError(
          fmt::format("--network {}: layer {}, {}: {}", request.network, kernel.layer, npu::name_of_operation(kernel.descriptor.operation), *wrong));
  return program;
}

std::optional<std::vector<float>> NetworkProgram::Network::start_value(TensorId tensor) const {
  const workloads::Role role = inference.tensor(tensor).role;
  if (role != workloads::Role::parameter && role != workloads::Role::statistics) return std::nullopt;
  return workloads::start_values(inference, workloads::start_of(inference, workloads::InitialWeights::kaiming, tensor), static_cast<std::uint32_t>(seed));
}

compiler::RunPlan NetworkProgram::Network::plan(const workloads::Dataset* dataset) const {
  const auto images = static_cast<std::uint32_t>(batch());
  compiler::RunPlan plan{.steps = steps, .batch = images, .start = [this](TensorId tensor) { return start_value(tensor); }};
  if (request.training) plan = compiler::training_plan(training, steps, images, static_cast<std::uint32_t>(seed));
  plan.precision = precision;
  const auto is_planned = [&](TensorId id) {
    if (std::find(training.masks.begin(), training.masks.end(), id) != training.masks.end()) return true;
    return std::any_of(training.scalars.begin(), training.scalars.end(), [&](const workloads::StepScalar& s) { return s.tensor == id; });
  };
  const workloads::NetworkInputs values(graph(), seed, dataset, request.training ? workloads::Split::train : workloads::Split::test, steps, !phantom);
  for (std::size_t i = 0; i < graph().tensors().size(); ++i) {
    const TensorId id{static_cast<std::uint32_t>(i)};
    const workloads::Tensor& t = graph().tensor(id);
    if (t.role != workloads::Role::input || t.consumers.empty() || is_planned(id)) continue;
    const bool labels = request.training && id == training.target && training.loss_kind == workloads::LossKind::cross_entropy;
    plan.feeds.push_back(labels ? values.labels(id, static_cast<std::uint64_t>(graph().tensor(training.result).type.shape.back())) : values.input(id));
  }
  return plan;
}

void NetworkProgram::Network::describe_compression(const compiler::CompiledProgram& program, const compiler::MemoryImage& image) {
  std::uint64_t tensors = 0, plain = 0, bytes = 0;
  for (const compiler::TensorPlace& place : program.stored) {
    if (!place.weights) continue;
    ++tensors;
    plain += place.elements * compiler::width_of(place.format);
    bytes += place.bytes;
  }
  if (tensors == 0) return;
  compressed =
      fmt::format("; {} weight tensors of {:.3g} MiB take {:.3g} MiB", tensors, static_cast<double>(plain) * 0x1p-20, static_cast<double>(bytes) * 0x1p-20);
  if (!phantom) compressed += fmt::format(", relative error {:.3f}", image.weights_error);
}

// What lives from step to step.
std::uint64_t NetworkProgram::Network::stored_bytes() const {
  std::uint64_t bytes = 0;
  for (const workloads::StoredTensor& stored : training.stored) {
    const workloads::TensorType& type = training.graph.tensor(stored.tensor).type;
    bytes += workloads::bytes_of(workloads::elements(type.shape), type.element);
  }
  return bytes;
}

LoadedProgram NetworkProgram::load(const spinvp_memory& free, const std::vector<MemoryRange>& memories, const workloads::Dataset* dataset) const {
  Network& n = *network_;
  const compiler::Machine machine = n.machine(free, memories);
  std::optional<compiler::CompiledProgram> program;
  if (n.request.training && n.fields.activations == "auto") {
    try {
      program = n.compile(machine);
    } catch (const compiler::DramTooSmall&) {
      // Too much to keep: as few segments as fit beside weights and optimiser.
      const std::uint64_t kept = n.stored_bytes();
      n.differentiate(workloads::Activations::automatic, free.size > kept ? (free.size - kept) / 4 : 0);
    }
  }
  if (!program) program = n.compile(machine);
  const compiler::MemoryImage image = compiler::lay_out(n.graph(), *program, machine, n.plan(dataset));
  n.describe_compression(*program, image);
  LoadedProgram loaded{image.program, {}, image.dram_end, n.steps * moved_bytes(*program)};
  for (const compiler::Image& part : image.images)
    loaded.placements.push_back({part.address, std::string(reinterpret_cast<const char*>(part.bytes.data()), part.bytes.size())});
  return loaded;
}

}  // namespace spinvp::platform
