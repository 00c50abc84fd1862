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
#include "workloads/graph/shape.h"
#include "workloads/graph/work.h"
#include "workloads/import/import.h"
#include "workloads/training/start_values.h"

namespace spinvp::platform {

namespace compiler = workloads::compiler;
using workloads::Graph;
using workloads::TensorId;

namespace {

// A run of at most so many multiply-accumulates computes values unless asked otherwise: some seconds of the host.
constexpr std::uint64_t most_real_macs = std::uint64_t{1} << 34;

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
  o.activations = f.activations == "recompute" ? workloads::Activations::recompute : workloads::Activations::stash;
  return o;
}

// Activations and weights in bf16. Constants and statistics stay as they are: maps read any format.
void narrow(Graph& graph) {
  using workloads::Role;
  for (std::size_t i = 0; i < graph.tensors().size(); ++i) {
    workloads::Tensor& t = graph.tensor(TensorId{static_cast<std::uint32_t>(i)});
    if (t.type.element == workloads::ElementType::float32 && t.role != Role::constant && t.role != Role::statistics)
      t.type.element = workloads::ElementType::bfloat16;
  }
}

}  // namespace

struct NetworkProgram::Network {
  NetworkRequest request;
  NetworkFields fields;
  std::uint64_t seed = 1;
  npu::NpuConfig npu;
  Graph inference;  // as imported: fp32 values
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
  }
  [[nodiscard]] compiler::CompiledProgram compile(const compiler::Machine& machine) const;
  [[nodiscard]] std::vector<workloads::Feed> feeds(const workloads::Dataset* dataset) const;
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
  n.inference = workloads::import_network(
      request.network,
      {.batch = request.batch, .sizes = request.sizes, .allow_unknown = request.allow_unknown, .keep_weights = !request.phantom.value_or(false)});
  if (request.training)
    n.differentiate(training_options(n.fields).activations, 0);
  else if (n.narrowed = n.inference; n.fields.precision == "bf16")
    narrow(n.narrowed);
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
                     static_cast<double>(n.macs) * 1e-9, n.phantom ? "shapes only: no values are computed (--data real computes them)" : "with values");
}

compiler::Machine NetworkProgram::Network::machine(const spinvp_memory& free, const std::vector<MemoryRange>& memories) const {
  compiler::Machine machine;
  machine.dram = {free.base, free.size};
  machine.onchip = {};
  machine.reads_of = product_reads(npu);
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
  compiler::CompileRequest wanted;
  wanted.training = request.training;
  if (request.training) {
    for (const workloads::Replacement& r : training.replacements) wanted.replacements.push_back({r.stored, r.value});
    wanted.loss = training.loss;
  }
  return compiler::compile(graph(), machine, {.fusion = fields.fusion, .residency = fields.residency, .phantom = phantom}, wanted);
}

std::optional<std::vector<float>> NetworkProgram::Network::start_value(TensorId tensor) const {
  const auto drawn = static_cast<std::uint32_t>(seed);
  if (request.training) {
    const auto stored = std::find_if(training.stored.begin(), training.stored.end(), [&](const workloads::StoredTensor& s) { return s.tensor == tensor; });
    return stored == training.stored.end() ? std::nullopt : std::optional(workloads::start_values(training, *stored, drawn));
  }
  const workloads::Role role = inference.tensor(tensor).role;
  if (role != workloads::Role::parameter && role != workloads::Role::statistics) return std::nullopt;
  workloads::TrainingGraph forward;
  forward.graph = inference;
  return workloads::start_values(forward, workloads::start_of(forward, tensor), drawn);
}

std::vector<workloads::Feed> NetworkProgram::Network::feeds(const workloads::Dataset* dataset) const {
  const workloads::NetworkInputs values(graph(), seed, dataset, request.training ? workloads::Split::train : workloads::Split::test, steps, !phantom);
  std::vector<workloads::Feed> feeds;
  for (std::size_t i = 0; i < graph().tensors().size(); ++i) {
    const TensorId id{static_cast<std::uint32_t>(i)};
    const workloads::Tensor& t = graph().tensor(id);
    if (t.role != workloads::Role::input || t.consumers.empty()) continue;
    const auto scalar = std::find_if(training.scalars.begin(), training.scalars.end(), [&](const workloads::StepScalar& s) { return s.tensor == id; });
    if (request.training && scalar != training.scalars.end()) {
      // What does not change is fed again and again.
      const bool changes = workloads::value_at(training, *scalar, 0) != workloads::value_at(training, *scalar, 1);
      constexpr std::uint64_t most_steps = std::uint64_t{1} << 24;
      if (changes && steps > most_steps)
        throw core::InputError(fmt::format("--steps {}: allowed are up to {} with an optimiser whose scalars change by step", steps, most_steps));
      workloads::Feed feed{id, changes ? steps : 1, {}};
      for (std::uint64_t step = 0; step < feed.count; ++step)
        workloads::append_element(feed.bytes, t.type.element, workloads::value_at(training, *scalar, step));
      feeds.push_back(std::move(feed));
    } else if (request.training && id == training.target && training.loss_kind == workloads::LossKind::cross_entropy) {
      feeds.push_back(values.labels(id, static_cast<std::uint64_t>(graph().tensor(training.result).type.shape.back())));
    } else {
      feeds.push_back(values.input(id));
    }
  }
  return feeds;
}

LoadedProgram NetworkProgram::load(const spinvp_memory& free, const std::vector<MemoryRange>& memories, const workloads::Dataset* dataset) const {
  Network& n = *network_;
  const compiler::Machine machine = n.machine(free, memories);
  std::optional<compiler::CompiledProgram> program;
  if (n.request.training && n.fields.activations == "auto") {
    try {
      program = n.compile(machine);
    } catch (const core::InputError&) {
      // Too much to keep: as few segments as fit beside weights and optimiser.
      const std::uint64_t kept = n.inference.parameters() * (n.fields.optimiser == "adam" ? 16 : n.fields.optimiser == "momentum" ? 12 : 8);
      n.differentiate(workloads::Activations::automatic, free.size > kept ? (free.size - kept) / 4 : 0);
    }
  }
  if (!program) program = n.compile(machine);
  compiler::RunPlan plan;
  plan.steps = n.steps;
  plan.batch = static_cast<std::uint32_t>(n.batch());
  plan.feeds = n.feeds(dataset);
  plan.start = [&n](TensorId tensor) { return n.start_value(tensor); };
  const compiler::MemoryImage image = compiler::lay_out(n.graph(), *program, machine, plan);
  LoadedProgram loaded{image.program, {}, image.dram_end};
  for (const compiler::Image& part : image.images)
    loaded.placements.push_back({part.address, std::string(reinterpret_cast<const char*>(part.bytes.data()), part.bytes.size())});
  return loaded;
}

}  // namespace spinvp::platform
