#include "workloads/graph/graph.h"

#include <functional>
#include <queue>

#include "models/core/error.h"
#include "workloads/graph/shape.h"

namespace spinvp::workloads {

TensorId Graph::add_tensor(Tensor tensor) {
  tensors_.push_back(std::move(tensor));
  return TensorId{static_cast<std::uint32_t>(tensors_.size() - 1)};
}

NodeId Graph::add_node(Node node) {
  const NodeId id{static_cast<std::uint32_t>(nodes_.size())};
  for (const auto& input : node.inputs)
    if (input) tensor(*input).consumers.push_back(id);
  for (const auto& output : node.outputs)
    if (output) tensor(*output).producer = id;
  nodes_.push_back(std::move(node));
  return id;
}

std::vector<NodeId> Graph::sorted() const {
  std::vector<std::size_t> missing(nodes_.size(), 0);  // inputs whose producer is not placed yet
  std::priority_queue<std::uint32_t, std::vector<std::uint32_t>, std::greater<>> ready;
  for (std::uint32_t i = 0; i < nodes_.size(); ++i) {
    for (const auto& input : nodes_[i].inputs)
      if (input && tensor(*input).producer) ++missing[i];
    if (missing[i] == 0) ready.push(i);
  }
  std::vector<NodeId> order;
  while (!ready.empty()) {
    const std::uint32_t next = ready.top();
    ready.pop();
    order.push_back(NodeId{next});
    for (const auto& output : nodes_[next].outputs)
      if (output)
        for (const NodeId consumer : tensor(*output).consumers)
          if (--missing[index(consumer)] == 0) ready.push(static_cast<std::uint32_t>(consumer));
  }
  if (order.size() == nodes_.size()) return order;

  // Not every node that is left lies on the cycle; one reached by walking from producer to producer long enough does.
  const auto left_producer = [&](std::size_t of) {
    for (const auto& input : nodes_[of].inputs)
      if (input && tensor(*input).producer && missing[index(*tensor(*input).producer)] != 0) return index(*tensor(*input).producer);
    return of;
  };
  std::size_t at = 0;
  while (missing[at] == 0) ++at;
  for (std::size_t step = 0; step < nodes_.size(); ++step) at = left_producer(at);
  refuse(nodes_[at], "stands on a cycle: its output is needed to compute its input; allowed are graphs without cycles");
}

std::uint64_t Graph::parameters() const {
  std::uint64_t sum = 0;
  for (const Tensor& t : tensors_)
    if (t.role == Role::parameter) sum += elements(t.type.shape);
  return sum;
}

void Graph::refuse(const Node& node, const std::string& what) const {
  std::string line = node.where.empty() ? source : node.where;
  line += ": node '" + printable(node.name) + "' (" + (node.domain.empty() ? "" : printable(node.domain) + '.') + printable(node.type);
  if (node.opset != 0) line += ", opset " + std::to_string(node.opset);
  throw core::InputError(line + "): " + what);
}

std::string printable(std::string_view text) {
  constexpr std::size_t longest = 120;
  std::string line;
  for (const char c : text.substr(0, longest)) line += c >= ' ' && c <= '~' ? c : '?';
  return text.size() > longest ? line + "..." : line;
}

}  // namespace spinvp::workloads
