// What tests of graphs ask again and again.
#pragma once

#include <functional>
#include <stdexcept>
#include <string>

#include "models/core/error.h"
#include "workloads/graph/graph.h"
#include "workloads/graph/work.h"

namespace spinvp::workloads::test {

// The line of the refusal; empty where nothing is refused.
inline std::string refusal(const std::function<void()>& work) {
  try {
    work();
  } catch (const core::InputError& error) {
    return error.what();
  }
  return {};
}

inline const Node& node_named(const Graph& graph, const std::string& name) {
  for (const Node& node : graph.nodes())
    if (node.name == name) return node;
  throw std::runtime_error("no node " + name);
}

inline const Tensor& tensor_named(const Graph& graph, const std::string& name) {
  for (const Tensor& tensor : graph.tensors())
    if (tensor.name == name) return tensor;
  throw std::runtime_error("no tensor " + name);
}

inline const Shape& shape_named(const Graph& graph, const std::string& tensor) { return tensor_named(graph, tensor).type.shape; }

inline std::uint64_t macs_of(const Graph& graph) {
  std::uint64_t sum = 0;
  for (const NodeId id : graph.order()) sum += work_of(graph, graph.node(id)).macs;
  return sum;
}

}  // namespace spinvp::workloads::test
