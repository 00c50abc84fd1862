#include "workloads/training/regular_dropout.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "models/abi/npu_product.h"

namespace spinvp::workloads {
namespace {

// Element-wise, finite for every finite x, and 0 for 0 or not needed to be.
constexpr std::array<std::string_view, 10> functions = {"Relu",      "LeakyRelu", "Elu",      "Gelu", "HardSigmoid",
                                                        "HardSwish", "Sigmoid",   "Softplus", "Tanh", "Identity"};
constexpr std::array<std::string_view, 3> zero_at_zero = {"Relu", "Cast", "Identity"};

template <std::size_t Count>
bool one_of(const std::array<std::string_view, Count>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

class Marker {
 public:
  Marker(Graph& graph, const RegularDropout& dropout, const std::vector<TensorId>& masks)
      : graph_(graph), dropout_(dropout), masks_(graph.tensors().size()), zero_(masks_.size()), unread_(masks_.size()) {
    for (const TensorId id : masks) masks_[index(id)] = true;
  }

  void run() {
    const std::vector<NodeId>& order = graph_.order();
    for (const NodeId id : order) {
      const Node& node = graph_.node(id);
      if (first_output(node) && gives_zeros(node)) zero_[index(*node.outputs[0])] = true;
    }
    for (auto id = order.rbegin(); id != order.rend(); ++id)
      for (const auto& output : graph_.node(*id).outputs)
        if (output) unread_[index(*output)] = is_unread(*output);
    for (const NodeId id : order) mark(graph_.node(id));
  }

 private:
  Graph& graph_;
  const RegularDropout& dropout_;
  std::vector<bool> masks_;
  std::vector<bool> zero_;    // dropped features, along the last dimension, are zeros
  std::vector<bool> unread_;  // dropped features do not matter, as long as they are finite

  [[nodiscard]] bool zero(const std::optional<TensorId>& id) const { return id && zero_[index(*id)]; }
  static bool first_output(const Node& node) { return !node.outputs.empty() && node.outputs[0].has_value(); }
  static bool has(const Node& node, std::size_t i) { return i < node.inputs.size() && node.inputs[i].has_value(); }
  [[nodiscard]] bool is_masked(const Node& node, std::size_t i) const {
    return node.type == "Mul" && node.inputs.size() == 2 && has(node, 1 - i) && masks_[index(*node.inputs[1 - i])];
  }
  static bool is_gradient_of_function(const Node& node) {
    constexpr std::string_view ending = "Gradient";
    const std::string_view type = node.type;
    return type.ends_with(ending) && one_of(functions, type.substr(0, type.size() - ending.size()));
  }
  // Views that keep the last dimension.
  [[nodiscard]] bool is_view(const Node& node) const {
    if ((node.type != "Reshape" && node.type != "Flatten") || !has(node, 0) || !first_output(node)) return false;
    const Shape &from = graph_.tensor(*node.inputs[0]).type.shape, &to = graph_.tensor(*node.outputs[0]).type.shape;
    return !from.empty() && !to.empty() && from.back() == to.back();
  }
  // x + 0, as behind a mask.
  [[nodiscard]] bool adds_zero(const Node& node) const {
    if (node.type != "Add" || !has(node, 1)) return false;
    const Tensor& t = graph_.tensor(*node.inputs[1]);
    return t.role == Role::constant && t.type.shape.empty() && t.values != nullptr &&
           std::all_of(t.values->begin(), t.values->end(), [](std::byte b) { return b == std::byte{0}; });
  }

  [[nodiscard]] bool gives_zeros(const Node& node) const {
    if (is_masked(node, 0) || is_masked(node, 1)) return true;
    if (!has(node, 0) || !zero(node.inputs[0])) return false;
    return one_of(zero_at_zero, node.type) || is_gradient_of_function(node) || adds_zero(node) || is_view(node);
  }

  [[nodiscard]] bool is_unread(TensorId id) const {
    const Tensor& t = graph_.tensor(id);
    const auto& results = graph_.outputs();
    if (t.consumers.empty() || std::find(results.begin(), results.end(), id) != results.end()) return false;
    return std::all_of(t.consumers.begin(), t.consumers.end(), [&](NodeId consumer) {
      const Node& node = graph_.node(consumer);
      for (std::size_t i = 0; i < node.inputs.size(); ++i) {
        if (node.inputs[i] != id || is_masked(node, i)) continue;
        const bool passes = first_output(node) && unread_[index(*node.outputs[0])];
        const bool function = i == 0 && passes && (one_of(functions, node.type) || node.type == "Cast" || is_view(node));
        const bool sum = passes && node.type == "Add" && graph_.tensor(*node.outputs[0]).type.shape == t.type.shape;
        const bool slope = i == 1 && is_gradient_of_function(node) && (zero(node.inputs[0]) || passes);
        const bool gradient = i == 0 && is_gradient_of_function(node) && passes;
        if (!function && !sum && !slope && !gradient) return false;
      }
      return true;
    });
  }

  void mark(Node& node) const {
    const bool gemm = node.type == "Gemm", matmul = node.type == "MatMul";
    if ((!gemm && !matmul) || !has(node, 0) || !has(node, 1) || !first_output(node)) return;
    if (graph_.tensor(*node.inputs[0]).type.shape.size() < 2 || graph_.tensor(*node.inputs[1]).type.shape.size() < 2) return;
    const auto turned = [&](const char* name) {
      const Attribute* found = gemm ? node.attributes.find(name) : nullptr;
      return found != nullptr && std::get<std::int64_t>(*found) != 0;
    };
    const bool a = zero(node.inputs[0]), b = zero(node.inputs[1]), turn_a = turned("transA"), turn_b = turned("transB");
    std::int64_t axes = 0;
    if ((a && !turn_a) || (b && turn_b)) axes |= SPINVP_NPU_DROP_K;
    if (a && turn_a) axes |= SPINVP_NPU_DROP_M;
    if ((b && !turn_b) || unread_[index(*node.outputs[0])]) axes |= SPINVP_NPU_DROP_N;
    if (axes == 0) return;
    node.attributes.set("drop_axes", axes);
    node.attributes.set("drop_tile", static_cast<std::int64_t>(dropout_.tile));
    node.attributes.set("drop_period", static_cast<std::int64_t>(dropout_.period));
  }
};

}  // namespace

std::vector<float> mask_at(const RegularDropout& dropout, std::uint64_t features, std::uint64_t step) {
  const auto scale = static_cast<float>(static_cast<double>(dropout.period) / static_cast<double>(dropout.period - 1));
  std::vector<float> mask(features, scale);
  for (std::uint64_t i = 0; i < features; ++i)
    if (dropout.drops(i, step)) mask[i] = 0;
  return mask;
}

DroppedAxes dropped_axes_of(const Node& node) {
  const auto whole = [&](const char* name, std::int64_t otherwise) {
    const Attribute* found = node.attributes.find(name);
    return found == nullptr ? otherwise : std::get<std::int64_t>(*found);
  };
  return {whole("drop_axes", 0), whole("drop_tile", 1), whole("drop_period", 0)};
}

void mark_dropped(Graph& graph, const RegularDropout& dropout, const std::vector<TensorId>& masks) {
  if (dropout.any() && !masks.empty()) Marker(graph, dropout, masks).run();
}

}  // namespace spinvp::workloads
