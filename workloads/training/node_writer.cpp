#include "workloads/training/node_writer.h"

#include "workloads/graph/operator_rules.h"
#include "workloads/graph/shape.h"
#include "workloads/graph/values.h"

namespace spinvp::workloads {

std::vector<TensorId> NodeWriter::add(const std::string& type, std::vector<std::optional<TensorId>> inputs, Attributes attributes, std::uint32_t outputs) {
  Node node{.name = layer + '.' + type, .type = type, .where = where, .attributes = std::move(attributes), .inputs = std::move(inputs)};
  std::size_t count = 0;
  while (count < 32 && outputs >> count != 0) ++count;
  node.outputs.resize(count);
  const std::vector<TensorType> types = find_operator(type)->infer(NodeView(graph_, node));
  std::vector<TensorId> made;
  for (std::size_t i = 0; i < count; ++i) {
    if ((outputs >> i & 1) == 0) continue;
    if (!checked_elements(types.at(i).shape)) graph_.refuse(node, "its output " + text_of(types[i].shape) + " is too large, allowed are 2^40 elements");
    made.push_back(graph_.add_tensor({.name = i == 0 ? node.name : node.name + '.' + std::to_string(i), .type = types[i]}));
    node.outputs[i] = made.back();
  }
  place(std::move(node), false);
  return made;
}

TensorId NodeWriter::add(const std::string& type, const std::vector<TensorId>& inputs, Attributes attributes) {
  return add(type, std::vector<std::optional<TensorId>>(inputs.begin(), inputs.end()), std::move(attributes), 1)[0];
}

void NodeWriter::place(Node node, bool retype) {
  node.phase = phase;
  node.layer = layer;
  if (node.rules == nullptr || node.rules != &unknown_operator()) node.rules = find_operator(node.type);
  if (retype && node.rules != &unknown_operator()) {
    const std::vector<TensorType> types = node.rules->infer(NodeView(graph_, node));
    for (std::size_t i = 0; i < node.outputs.size(); ++i)
      if (node.outputs[i] && i < types.size()) graph_.tensor(*node.outputs[i]).type = types[i];
  }
  std::vector<NodeId> order = graph_.order();
  order.push_back(graph_.add_node(std::move(node)));
  graph_.set_order(std::move(order));
}

TensorId NodeWriter::stored(const std::string& name, TensorType type, Role role) {
  return graph_.add_tensor({.name = name, .type = std::move(type), .role = role});
}

TensorId NodeWriter::constant(double value) {
  const Values values{{ElementType::float32, {}}, {}, {value}};
  return graph_.add_tensor({.name = layer + ".constant", .type = values.type, .role = Role::constant, .values = bytes_of(values)});
}

TensorId NodeWriter::constant(const std::vector<std::int64_t>& values) {
  const Values whole = whole_values(ElementType::int64, {static_cast<std::int64_t>(values.size())}, values);
  return graph_.add_tensor({.name = layer + ".constant", .type = whole.type, .role = Role::constant, .values = bytes_of(whole)});
}

}  // namespace spinvp::workloads
