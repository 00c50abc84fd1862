#include "workloads/training/start_values.h"

#include <cmath>
#include <optional>

#include "models/abi/counter_hash.h"
#include "workloads/graph/float_values.h"
#include "workloads/graph/operator_rules.h"
#include "workloads/graph/shape.h"

namespace spinvp::workloads {
namespace {

constexpr double small = 0.02;
// Streams of a seed below this one belong to data sets and to the main job's LeNet.
constexpr std::uint64_t first_stream = 1 << 16;

// How many inputs an output of the product has, and how many outputs an input.
struct Fans {
  double in, out;
};

std::optional<Fans> fans_of(const Graph& graph, const Node& node, std::size_t slot, const Shape& shape) {
  const bool right = slot == 1 && shape.size() >= 2;
  if (node.type == "Conv" && right) {
    const double window = static_cast<double>(elements({shape.begin() + 2, shape.end()}));
    const auto groups = static_cast<double>(NodeView(graph, node).whole("group", 1));
    return Fans{static_cast<double>(shape[1]) * window, static_cast<double>(shape[0]) / groups * window};
  }
  if ((node.type != "Gemm" && node.type != "MatMul") || shape.size() < 2 || slot > 1) return std::nullopt;
  const bool turned = node.type == "Gemm" && NodeView(graph, node).whole(slot == 0 ? "transA" : "transB", 0) != 0;
  const auto rows = static_cast<double>(shape[shape.size() - 2]), columns = static_cast<double>(shape.back());
  return (slot == 1) == turned ? Fans{columns, rows} : Fans{rows, columns};
}

bool normalises_batches(const Node& node) { return node.type == "BatchNormalization" || node.type == "BatchNormalizationTraining"; }

// Biases and running means.
bool is_zero(const Node& node, std::size_t slot, const Shape& shape) {
  if (normalises_batches(node) && slot == 3) return true;
  if (node.type == "Conv" || node.type == "Gemm" || normalises_batches(node) || node.type == "LayerNormalization") return slot == 2;
  return node.type == "Add" && shape.size() == 1;
}

// Scales and running variances.
bool is_one(const Node& node, std::size_t slot) {
  return (slot == 1 && (normalises_batches(node) || node.type == "LayerNormalization")) || (slot == 4 && normalises_batches(node));
}

}  // namespace

StoredTensor start_of(const Graph& graph, InitialWeights initial, TensorId weight) {
  const Tensor& tensor = graph.tensor(weight);
  StoredTensor stored{.tensor = weight, .start = StoredTensor::Start::uniform, .stream = static_cast<std::uint32_t>(weight), .of = weight};
  if (tensor.values != nullptr) {
    stored.start = StoredTensor::Start::values;
    return stored;
  }
  stored.bound = static_cast<float>(small * std::sqrt(3.0));
  const Node& node = graph.node(tensor.consumers.front());
  for (std::size_t i = 0; i < node.inputs.size(); ++i) {
    if (node.inputs[i] != weight) continue;
    if (is_zero(node, i, tensor.type.shape)) stored.start = StoredTensor::Start::zeros;
    if (is_one(node, i)) stored.start = StoredTensor::Start::ones;
    if (const auto fans = fans_of(graph, node, i, tensor.type.shape))
      stored.bound = static_cast<float>(std::sqrt(6.0 / (initial == InitialWeights::kaiming ? fans->in : fans->in + fans->out)));
    break;
  }
  return stored;
}

std::vector<float> start_values(const TrainingGraph& training, const StoredTensor& stored, std::uint32_t seed) {
  if (stored.start != StoredTensor::Start::rounded) return start_values(training.graph, stored, seed);
  for (const StoredTensor& master : training.stored)
    if (master.of == stored.of && master.tensor != stored.tensor && training.graph.tensor(master.tensor).name.ends_with(".master")) {
      std::vector<float> values = start_values(training, master, seed);
      for (float& value : values) value = rounded_to_bfloat16(value);
      return values;
    }
  return start_values(training.graph, {.tensor = stored.tensor, .start = StoredTensor::Start::zeros}, seed);
}

std::vector<float> start_values(const Graph& graph, const StoredTensor& stored, std::uint32_t seed) {
  const Tensor& tensor = graph.tensor(stored.tensor);
  const std::uint64_t count = elements(tensor.type.shape);
  switch (stored.start) {
    case StoredTensor::Start::rounded:
    case StoredTensor::Start::zeros: return std::vector<float>(count, 0.0f);
    case StoredTensor::Start::ones: return std::vector<float>(count, 1.0f);
    case StoredTensor::Start::values: return floats_of(tensor);
    case StoredTensor::Start::uniform: break;
  }
  // As spinvp_lenet_initial_parameter: 24 bits of a hash of the element's index, an exact number in [-1, 1), times the bound.
  std::vector<float> values(count);
  const std::uint64_t stream = spinvp_counter_hash(seed, first_stream + stored.stream);
  for (std::uint64_t i = 0; i < count; ++i)
    values[i] = static_cast<float>(static_cast<std::int32_t>(spinvp_counter_hash(stream, i) >> 40) - 8388608) * 0x1p-23f * stored.bound;
  return values;
}

}  // namespace spinvp::workloads
