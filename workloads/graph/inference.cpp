#include "workloads/graph/inference.h"

#include <algorithm>

#include "models/core/error.h"
#include "workloads/graph/operator_rules.h"
#include "workloads/graph/shape.h"

namespace spinvp::workloads {
namespace {

class Completion {
 public:
  Completion(Graph& graph, const InferenceOptions& options) : graph_(graph), options_(options) {}

  void run() {
    for (std::size_t i = 0; i < graph_.nodes().size(); ++i) find_rules(graph_.node(NodeId{static_cast<std::uint32_t>(i)}));
    check_constants();
    find_missing_parameters();
    std::vector<NodeId> order = graph_.sorted();
    for (const NodeId id : order) infer(graph_.node(id));
    std::erase_if(order, [&](NodeId id) { return graph_.node(id).folded; });
    graph_.set_order(std::move(order));
    sort_roles();
  }

 private:
  Graph& graph_;
  const InferenceOptions& options_;

  void find_rules(Node& node) {
    node.rules = node.domain.empty() ? find_operator(node.type) : nullptr;
    if (node.rules != nullptr && node.rules->of_training && node.opset != 0) node.rules = nullptr;
    // An opset of 0: no ONNX, so the newest meaning.
    if (node.rules != nullptr && !options_.allow_unknown && node.opset != 0 && (node.opset < node.rules->first_opset || node.opset > last_known_opset))
      graph_.refuse(node, "its meaning is known in opsets " + std::to_string(node.rules->first_opset) + " to " + std::to_string(last_known_opset) + " only");
    if (node.rules == nullptr) {
      if (!options_.allow_unknown) graph_.refuse(node, "unknown operator, --allow-unknown charges it as an element-wise pass; supported are " + supported());
      node.rules = &unknown_operator();
      return;
    }
    const auto [least, most] = node.rules->inputs;
    if (node.inputs.size() < least || (most != 0 && node.inputs.size() > most))
      graph_.refuse(node, std::to_string(node.inputs.size()) + " inputs, allowed are " + std::to_string(least) +
                              (most == 0 ? " and more" : " to " + std::to_string(most)));
    for (const auto& [name, value] : node.attributes.all())
      if (std::find(node.rules->attributes.begin(), node.rules->attributes.end(), name) == node.rules->attributes.end())
        graph_.refuse(node, "attribute '" + printable(name) + "' is not known, allowed are " + list_of(node.rules->attributes));
  }

  static std::string supported() {
    std::string list = "Constant";
    for (const std::string& name : operator_names()) list += ", " + name;
    return list;
  }
  static std::string list_of(const std::vector<std::string_view>& names) {
    std::string list;
    for (const std::string_view name : names) list += (list.empty() ? "" : ", ") + std::string(name);
    return list.empty() ? "none" : list;
  }

  void check_constants() const {
    for (const Tensor& t : graph_.tensors()) {
      if (t.producer) continue;
      const auto count = checked_elements(t.type.shape);
      if (!count)
        throw core::InputError(graph_.source + ": tensor '" + printable(t.name) + "' is " + text_of(t.type.shape) +
                               ", allowed are extents of at least 0 and 2^40 elements");
      if (t.role == Role::input && *count == 0)
        throw core::InputError(graph_.source + ": input '" + printable(t.name) + "' is empty: " + text_of(t.type.shape));
    }
  }

  [[nodiscard]] bool fills_only(const Tensor& tensor, TensorId id, std::uint32_t OperatorRules::*slots) const {
    if (tensor.consumers.empty()) return false;
    std::optional<NodeId> last;  // a node that reads it often stands often, one behind the other
    for (const NodeId consumer : tensor.consumers) {
      if (consumer == last) continue;
      last = consumer;
      const Node& node = graph_.node(consumer);
      for (std::size_t i = 0; i < node.inputs.size(); ++i)
        if (node.inputs[i] == id && (i >= 32 || (node.rules->*slots >> i & 1) == 0)) return false;
    }
    return true;
  }

  // Weights that a file leaves out altogether are inputs of the network there. They are taken for parameters unless no input would remain.
  void find_missing_parameters() {
    std::vector<TensorId> found;
    std::size_t inputs = 0;
    for (std::size_t i = 0; i < graph_.tensors().size(); ++i) {
      const TensorId id{static_cast<std::uint32_t>(i)};
      const Tensor& t = graph_.tensor(id);
      if (t.role != Role::input || t.producer) continue;
      ++inputs;
      if (is_floating(t.type.element) && !options_.open_inputs.contains(t.name) && fills_only(t, id, &OperatorRules::weights)) found.push_back(id);
    }
    if (found.size() < inputs)
      for (const TensorId id : found) graph_.tensor(id).role = Role::parameter;
  }

  void infer(Node& node) {
    const NodeView view(graph_, node);
    const std::vector<TensorType> types = inferred_types(view);
    bool varies = false;
    for (const auto& input : node.inputs) varies = varies || (input && graph_.tensor(*input).varies());
    for (std::size_t i = 0; i < node.outputs.size(); ++i) {
      if (!node.outputs[i]) continue;
      Tensor& output = graph_.tensor(*node.outputs[i]);
      if (i >= types.size()) {
        // A mask or statistics that nobody reads is not asked for.
        if (!output.consumers.empty()) view.refuse("output " + std::to_string(i) + " is not supported, allowed are the first " + std::to_string(types.size()));
        continue;
      }
      output.type = types[i];
      output.role = varies ? Role::activation : Role::derived;
      const auto count = checked_elements(output.type.shape);
      if (!count) view.refuse("its output " + text_of(output.type.shape) + " is too large, allowed are 2^40 elements");
      check_declared(view, output);
    }
    if (node.rules->products != nullptr) check_products(view);
    if (node.rules->evaluate != nullptr && all_known(view)) fold(node, view);
  }

  std::vector<TensorType> inferred_types(const NodeView& view) const {
    std::vector<TensorType> types = view.node().rules->infer(view);
    if (view.node().rules != &unknown_operator()) return types;
    for (std::size_t i = 0; i < types.size(); ++i) {
      const auto& output = view.node().outputs[i];
      const auto stated = output ? options_.declared.find(graph_.tensor(*output).name) : options_.declared.end();
      if (stated != options_.declared.end()) types[i] = stated->second;
    }
    return types;
  }

  void check_declared(const NodeView& view, const Tensor& output) const {
    const auto stated = options_.declared.find(output.name);
    if (stated != options_.declared.end() && stated->second.shape != output.type.shape)
      view.refuse("its output '" + printable(output.name) + "' is " + text_of(output.type.shape) + ", the file declares " + text_of(stated->second.shape));
  }

  static void check_products(const NodeView& view) {
    for (const MatrixProduct& p : view.node().rules->products(view)) {
      std::optional<std::uint64_t> macs = p.count;
      for (const std::uint64_t extent : {p.m, p.n, p.k})
        if (macs) macs = checked_product(*macs, extent, most_macs);
      if (!macs) view.refuse("more than 2^60 multiply-accumulates");
      if (*macs == 0)
        view.refuse("an empty product of " + std::to_string(p.m) + " x " + std::to_string(p.k) + " by " + std::to_string(p.k) + " x " + std::to_string(p.n));
    }
  }

  static bool all_known(const NodeView& view) {
    if (!view.node().rules->needs_values) return true;
    for (std::size_t i = 0; i < view.inputs(); ++i)
      if (view.has(i)) {
        const Tensor& t = view.input(i);
        // Weights are not shape arithmetic: what is made of them stays a node.
        const bool weight = t.role == Role::parameter && is_floating(t.type.element) && !t.type.shape.empty();
        if (weight || t.values == nullptr || !is_computable(t.type.element) || elements(t.type.shape) > most_folded) return false;
      }
    return true;
  }

  void fold(Node& node, const NodeView& view) {
    const auto results = node.rules->evaluate(view);
    if (!results) return;
    for (std::size_t i = 0; i < node.outputs.size() && i < results->size(); ++i) {
      if (!node.outputs[i]) continue;
      Tensor& output = graph_.tensor(*node.outputs[i]);
      output.values = bytes_of((*results)[i]);
      output.role = Role::constant;
    }
    node.folded = true;
  }

  // Whole numbers are weights where a product takes them as such: quantised networks.
  [[nodiscard]] bool is_weight(const Tensor& t, TensorId id) const {
    if (is_floating(t.type.element)) return true;
    return fills_only(t, id, &OperatorRules::weights) &&
           std::all_of(t.consumers.begin(), t.consumers.end(), [&](NodeId consumer) { return graph_.node(consumer).rules->products != nullptr; });
  }

  // What importers call parameters is every stored tensor. Shapes, axes, scalars and what nobody reads are none.
  void sort_roles() {
    for (std::size_t i = 0; i < graph_.tensors().size(); ++i) {
      const TensorId id{static_cast<std::uint32_t>(i)};
      Tensor& t = graph_.tensor(id);
      if (t.role != Role::parameter) continue;
      if (!is_weight(t, id) || t.type.shape.empty() || t.consumers.empty() || fills_only(t, id, &OperatorRules::settings)) t.role = Role::constant;
      if (fills_only(t, id, &OperatorRules::statistics)) t.role = Role::statistics;
    }
  }
};

}  // namespace

void complete_graph(Graph& graph, const InferenceOptions& options) { Completion(graph, options).run(); }

}  // namespace spinvp::workloads
