#include "workloads/graph/sparsity.h"

#include <charconv>

namespace spinvp::workloads {
namespace {

// Of tensors that lie as a weight does, or turned: views of a parameter.
bool is_weight(const Graph& graph, TensorId id) {
  const Tensor& tensor = graph.tensor(id);
  if (tensor.role == Role::parameter) return true;
  if (!tensor.producer) return false;
  const Node& node = graph.node(*tensor.producer);
  const bool views = node.type == "Transpose" || node.type == "Reshape" || node.type == "Identity" || node.type == "Cast";
  return views && !node.inputs.empty() && node.inputs[0] && is_weight(graph, *node.inputs[0]);
}

// Channels (columns, for a matrix) that k runs over; 0: no product of a weight on the right.
std::int64_t channels_of_k(const Graph& graph, const Node& node) {
  if (node.inputs.size() < 2 || !node.inputs[0] || !node.inputs[1] || !is_weight(graph, *node.inputs[1])) return 0;
  const auto whole = [&](const char* name, std::int64_t otherwise) {
    const Attribute* found = node.attributes.find(name);
    return found == nullptr ? otherwise : std::get<std::int64_t>(*found);
  };
  const Shape& w = graph.tensor(*node.inputs[1]).type.shape;
  if (node.type == "Conv") return w[1];
  if (node.type == "ConvDataGradient") return w[0] / whole("group", 1);
  if (node.type == "Gemm") return w[whole("transB", 0) != 0 ? 1 : 0];
  if (node.type == "MatMul") return w[w.size() < 2 ? 0 : w.size() - 2];
  return 0;
}

std::optional<std::int64_t> number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

std::optional<Sparsity> parse_sparsity(std::string_view text) {
  if (text == "none") return Sparsity{};
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto keep = number(text.substr(0, colon)), group = number(text.substr(colon + 1));
  if (!keep || !group || *keep < 1 || *keep >= *group || *group > most_sparse_group) return std::nullopt;
  return Sparsity{*keep, *group};
}

std::string allowed_sparsity() { return "none, or N:M (2:8) with N at least 1 and below M, and M at most " + std::to_string(most_sparse_group); }

Sparsity sparsity_of(const Node& node) {
  const Attribute *keep = node.attributes.find("sparse_keep"), *group = node.attributes.find("sparse_group");
  if (keep == nullptr || group == nullptr) return {};
  return {std::get<std::int64_t>(*keep), std::get<std::int64_t>(*group)};
}

std::uint64_t mark_sparse(Graph& graph, const Sparsity& sparsity) {
  std::uint64_t marked = 0;
  if (sparsity.dense()) return marked;
  for (const NodeId id : graph.order()) {
    Node& node = graph.node(id);
    if (node.folded || channels_of_k(graph, node) < sparsity.group) continue;
    node.attributes.set("sparse_keep", sparsity.keep);
    node.attributes.set("sparse_group", sparsity.group);
    ++marked;
  }
  return marked;
}

}  // namespace spinvp::workloads
