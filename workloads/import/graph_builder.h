// Builds a graph node by node, with every shape known at once: for importers that must look at the shape of what came before.
#pragma once

#include <initializer_list>
#include <string>
#include <vector>

#include "workloads/graph/graph.h"
#include "workloads/graph/values.h"

namespace spinvp::workloads {

class GraphBuilder {
 public:
  explicit GraphBuilder(Graph& graph) : graph_(graph) {}
  // Type of inputs and parameters.
  ElementType element = ElementType::float32;
  // Place in the file of what is added next.
  std::string where;

  TensorId input(const std::string& name, TensorType type);
  TensorId parameter(const std::string& name, Shape shape);
  TensorId constant(const std::string& name, const Values& values);
  // A node of one output, which takes the node's name. Throws InputError where the operator's rules refuse it.
  TensorId node(const std::string& name, const std::string& type, const std::vector<TensorId>& inputs, Attributes attributes = {});

  // By value: what is added next may move the tensors.
  [[nodiscard]] Shape shape(TensorId id) const { return graph_.tensor(id).type.shape; }
  [[nodiscard]] const Graph& graph() const { return graph_; }

 private:
  Graph& graph_;
  TensorId stored(const std::string& name, TensorType type, Role role);
};

}  // namespace spinvp::workloads
