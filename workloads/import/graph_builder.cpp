#include "workloads/import/graph_builder.h"

#include "models/core/error.h"
#include "workloads/graph/operator_rules.h"
#include "workloads/graph/shape.h"

namespace spinvp::workloads {

TensorId GraphBuilder::stored(const std::string& name, TensorType type, Role role) {
  if (!checked_elements(type.shape) || elements(type.shape) == 0)
    throw core::InputError(where + ": tensor '" + printable(name) + "' is " + text_of(type.shape) + ", allowed are extents of at least 1 and 2^40 elements");
  return graph_.add_tensor({.name = name, .type = std::move(type), .role = role});
}

TensorId GraphBuilder::input(const std::string& name, TensorType type) { return stored(name, std::move(type), Role::input); }

TensorId GraphBuilder::parameter(const std::string& name, Shape shape) { return stored(name, {element, std::move(shape)}, Role::parameter); }

TensorId GraphBuilder::constant(const std::string& name, const Values& values) {
  return graph_.add_tensor({.name = name, .type = values.type, .role = Role::constant, .values = bytes_of(values)});
}

TensorId GraphBuilder::node(const std::string& name, const std::string& type, const std::vector<TensorId>& inputs, Attributes attributes) {
  Node node{.name = printable(name), .type = type, .where = where, .attributes = std::move(attributes)};
  for (const TensorId input : inputs) node.inputs.emplace_back(input);
  const OperatorRules* rules = find_operator(type);
  TensorId output{};
  if (rules == nullptr) {
    // complete_graph says whether that is allowed; until then the output looks like the first input.
    output = graph_.add_tensor({.name = name, .type = graph_.tensor(inputs.at(0)).type});
  } else {
    const std::vector<TensorType> types = rules->infer(NodeView(graph_, node));
    if (!checked_elements(types.at(0).shape)) graph_.refuse(node, "its output " + text_of(types[0].shape) + " is too large, allowed are 2^40 elements");
    output = graph_.add_tensor({.name = name, .type = types[0]});
  }
  node.outputs.emplace_back(output);
  graph_.add_node(std::move(node));
  return output;
}

}  // namespace spinvp::workloads
