// Adds nodes to a graph whose tensors have their types already, so that each new output gets its own at once.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "workloads/graph/graph.h"

namespace spinvp::workloads {

class NodeWriter {
 public:
  explicit NodeWriter(Graph& graph) : graph_(graph) {}
  // Of what is added next.
  Phase phase = Phase::forward;
  std::string layer, where;

  // A node "layer.type" with new tensors for the outputs whose bits are set; throws InputError where the operator's rules refuse it. Returns those outputs.
  std::vector<TensorId> add(const std::string& type, std::vector<std::optional<TensorId>> inputs, Attributes attributes, std::uint32_t outputs);
  TensorId add(const std::string& type, const std::vector<TensorId>& inputs, Attributes attributes = {});
  // A node that has its outputs; infers their types again where `retype` says so.
  void place(Node node, bool retype);

  TensorId stored(const std::string& name, TensorType type, Role role);
  TensorId constant(double value);
  TensorId constant(const std::vector<std::int64_t>& values);

 private:
  Graph& graph_;
};

}  // namespace spinvp::workloads
