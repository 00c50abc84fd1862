// The operator graph of a network: what every importer makes, and what training, compiler and `spinvp layers` read.
//
// A graph is made in two steps. An importer adds tensors and nodes in any order (add_tensor, add_node); complete_graph (inference.h) then finds the operators' rules, orders the
// nodes, infers every shape, computes shape arithmetic and sorts the constants from the parameters. After that every tensor has its type, `order` lists the nodes so that each stands
// behind its producers, and a node that only computed constants is marked `folded`: no later pass sees it.
//
// What a pass needs to know of an operator is its own business: shapes, multiply-accumulates and bytes are rows in operators/*.cpp (operator_rules.h); a pass such as differentiation
// keeps its own table by operator name in its own folder. Nobody switches over all operators.
//
// Identities are indices: they stay valid while nodes and tensors are added.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "workloads/graph/attributes.h"
#include "workloads/graph/tensor.h"

namespace spinvp::workloads {

struct OperatorRules;

// Of a training step; all nodes of an inference are forward.
enum class Phase : std::uint8_t { forward, backward, update };

struct Node {
  std::string name = {};
  std::string type = {};    // the operator: "Conv"
  std::string domain = {};  // of the operator; empty for ONNX's own
  int opset = 0;            // whose meaning the operator has
  std::string where = {};   // file:line:column, or the file
  Attributes attributes = {};
  std::vector<std::optional<TensorId>> inputs = {}, outputs = {};  // none: left out
  const OperatorRules* rules = nullptr;                            // set by complete_graph
  bool folded = false;
  Phase phase = Phase::forward;
  std::string layer = {};  // the node of the network that this one serves; empty: itself
};

class Graph {
 public:
  std::string name;    // of the network
  std::string source;  // the file as it was named

  // Names are for people; importers whose files refer to tensors by name see to it that these are unique.
  TensorId add_tensor(Tensor tensor);
  // Sets producer and consumers of its tensors.
  NodeId add_node(Node node);
  // A tensor that the network gives back.
  void add_output(TensorId tensor) { outputs_.push_back(tensor); }

  [[nodiscard]] const Tensor& tensor(TensorId id) const { return tensors_[index(id)]; }
  [[nodiscard]] Tensor& tensor(TensorId id) { return tensors_[index(id)]; }
  [[nodiscard]] const Node& node(NodeId id) const { return nodes_[index(id)]; }
  [[nodiscard]] Node& node(NodeId id) { return nodes_[index(id)]; }
  [[nodiscard]] const std::vector<Tensor>& tensors() const { return tensors_; }
  [[nodiscard]] const std::vector<Node>& nodes() const { return nodes_; }
  [[nodiscard]] const std::vector<TensorId>& outputs() const { return outputs_; }

  // The nodes, each behind the producers of its inputs; among those that could come next the one added first. Throws InputError naming a node of a cycle.
  [[nodiscard]] std::vector<NodeId> sorted() const;
  // As complete_graph left it.
  [[nodiscard]] const std::vector<NodeId>& order() const { return order_; }
  void set_order(std::vector<NodeId> order) { order_ = std::move(order); }

  // Elements of all parameters.
  [[nodiscard]] std::uint64_t parameters() const;

  // "file:line:column: node 'name' (Conv, opset 13): what". The line of every complaint about a node.
  [[noreturn]] void refuse(const Node& node, const std::string& what) const;

 private:
  std::vector<Tensor> tensors_;
  std::vector<Node> nodes_;
  std::vector<NodeId> order_;
  std::vector<TensorId> outputs_;
};

// One line of printable ASCII, cut where it is long: names come from files.
std::string printable(std::string_view text);

}  // namespace spinvp::workloads
