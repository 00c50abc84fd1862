#include "workloads/training/forward_pass.h"

#include <algorithm>

#include "models/core/error.h"
#include "workloads/graph/operator_rules.h"
#include "workloads/graph/operators/windows.h"
#include "workloads/graph/shape.h"
#include "workloads/training/gradient_rules.h"
#include "workloads/training/node_writer.h"

namespace spinvp::workloads {
namespace {

class Forward {
 public:
  Forward(const Graph& inference, const TrainingOptions& options) : source_(inference), writer_(pass_.training.graph) { pass_.training.options = options; }

  ForwardPass run() {
    Graph& graph = pass_.training.graph;
    graph.name = source_.name;
    graph.source = source_.source;
    choose_result();
    find_live();
    for (Tensor tensor : source_.tensors()) {
      tensor.producer.reset();
      tensor.consumers.clear();
      graph.add_tensor(std::move(tensor));
    }
    take_stored();
    for (const NodeId id : source_.order())
      if (live_[index(id)]) add(source_.node(id));
    add_loss();
    find_differing();
    return std::move(pass_);
  }

 private:
  const Graph& source_;
  ForwardPass pass_;
  NodeWriter writer_;
  std::vector<bool> live_;          // by node of the inference graph
  std::vector<TensorId> stand_in_;  // by tensor of it: what is read in its place

  [[noreturn]] void refuse(const std::string& what) const { throw core::InputError(source_.source + ": training: " + what); }
  TrainingGraph& training() { return pass_.training; }
  [[nodiscard]] const Node* producer(TensorId id) const {
    const auto maker = source_.tensor(id).producer;
    return maker && !source_.node(*maker).folded ? &source_.node(*maker) : nullptr;
  }

  // ---- the result
  void choose_result() {
    if (source_.outputs().empty()) refuse("the network has no output, one is needed for the loss");
    std::optional<TensorId> found;
    std::string names;
    for (const TensorId id : source_.outputs()) {
      const std::string name = printable(source_.tensor(id).name);
      names += (names.empty() ? "" : ", ") + name;
      if (training().options.result.empty() || source_.tensor(id).name == training().options.result) found = id;
    }
    if (!found) refuse("the network has no output '" + printable(training().options.result) + "', there are: " + names);
    const Node* last = producer(*found);
    if (last == nullptr || !source_.tensor(*found).varies()) refuse("the output '" + printable(source_.tensor(*found).name) + "' does not depend on an input");
    training().loss_kind = training().options.loss == LossKind::automatic ? likely_loss(*found) : training().options.loss;
    training().result = training().loss_kind == LossKind::cross_entropy && is_softmax_of_rows(*last) ? *last->inputs[0] : *found;
    if (training().loss_kind == LossKind::cross_entropy && source_.tensor(training().result).type.shape.size() < 2)
      refuse("cross entropy of " + text_of(source_.tensor(training().result).type.shape) + ", rows of classes are needed");
    if (producer(training().result) == nullptr) refuse("nothing stands before the loss");
  }

  [[nodiscard]] bool is_softmax_of_rows(const Node& node) const {
    if (node.type != "Softmax" && node.type != "LogSoftmax") return false;
    const NodeView view(source_, node);
    const auto rank = view.rank(0);
    return static_cast<std::int64_t>(view.axis(view.whole("axis", node.opset != 0 && node.opset < 13 ? 1 : -1), rank)) == rank - 1;
  }

  [[nodiscard]] LossKind likely_loss(TensorId result) const {
    const Shape& shape = source_.tensor(result).type.shape;
    const Node* node = producer(result);
    if (is_softmax_of_rows(*node)) return LossKind::cross_entropy;
    while (node != nullptr && (node->rules->moves == Moves::nothing || node->type == "Add")) node = producer(*node->inputs[0]);
    const bool product = node != nullptr && (node->type == "Gemm" || node->type == "MatMul" || node->type == "Conv");
    return product && shape.size() >= 2 && shape.back() > 1 ? LossKind::cross_entropy : LossKind::mean_squared;
  }

  // What the result needs.
  void find_live() {
    live_.assign(source_.nodes().size(), false);
    std::vector<TensorId> wanted = {training().result};
    std::vector<bool> seen(source_.tensors().size(), false);
    while (!wanted.empty()) {
      const TensorId id = wanted.back();
      wanted.pop_back();
      if (seen[index(id)]) continue;
      seen[index(id)] = true;
      if (is_floating(source_.tensor(id).type.element) && source_.tensor(id).type.element != ElementType::float32)
        refuse("tensor '" + printable(source_.tensor(id).name) + "' is " + std::string(name_of(source_.tensor(id).type.element)) +
               ", allowed are networks in float32; mixed precision is an option of training");
      if (source_.tensor(id).role == Role::input) training().inputs.push_back(id);
      const Node* node = producer(id);
      if (node == nullptr) continue;
      live_[index(*source_.tensor(id).producer)] = true;
      for (const auto& input : node->inputs)
        if (input) wanted.push_back(*input);
    }
    std::sort(training().inputs.begin(), training().inputs.end());
    if (!training().options.result.empty()) return;
    // Of several results one has to be chosen, unless the last one tells of all weights.
    for (std::size_t i = 0; i < seen.size(); ++i)
      if (source_.tensors()[i].role == Role::parameter && !seen[i])
        refuse("the last output '" + printable(source_.tensor(training().result).name) + "' does not depend on the weight '" +
               printable(source_.tensors()[i].name) + "'; allowed is an output that is named, or one last output of all layers");
  }

  // ---- tensors
  void take_stored() {
    Graph& graph = training().graph;
    for (std::uint32_t i = 0; i < source_.tensors().size(); ++i) stand_in_.push_back(TensorId{i});
    if (!training().options.mixed_precision) return;
    for (std::size_t i = 0; i < source_.tensors().size(); ++i) {
      Tensor& tensor = graph.tensor(TensorId{static_cast<std::uint32_t>(i)});
      if (tensor.role == Role::parameter && tensor.type.element == ElementType::float32) tensor.type.element = ElementType::bfloat16;
    }
    for (const TensorId id : training().inputs) {
      if (graph.tensor(id).type.element != ElementType::float32) continue;
      writer_.layer = graph.tensor(id).name;
      stand_in_[index(id)] = cast(id, ElementType::bfloat16);
    }
  }

  TensorId cast(TensorId id, ElementType to) {
    if (training().graph.tensor(id).type.element == to) return id;
    Attributes attributes;
    attributes.set("to", std::string(name_of(to)));
    return writer_.add("Cast", {id}, std::move(attributes));
  }

  // ---- nodes
  void add(Node node) {
    for (auto& input : node.inputs)
      if (input) input = stand_in_[index(*input)];
    if (node.type == "Dropout" && training().options.dropout.any()) return add_dropout(std::move(node));
    if (node.type == "BatchNormalization") as_training(node);
    if (node.type == "GlobalMaxPool") as_window(node);
    if (node.type == "MaxPool") with_winners(node);
    if (node.type == "LayerNormalization") with_statistics(node);
    // Within mixed precision a network's own casts between reals mean nothing.
    const bool floating = !node.outputs.empty() && node.outputs[0] && is_floating(source_.tensor(*node.outputs[0]).type.element);
    if (node.type == "Cast" && training().options.mixed_precision && floating && is_floating(training().graph.tensor(*node.inputs[0]).type.element)) {
      node.type = "Identity";
      node.attributes = {};
    }
    writer_.layer = node.layer.empty() ? node.name : node.layer;
    writer_.place(std::move(node), true);
    pass_.nodes.push_back(training().graph.order().back());
  }

  // (x * mask) + 0: a sum with 0 has no zero with a sign, whatever x was.
  void add_dropout(Node node) {
    Graph& graph = training().graph;
    const TensorId x = *node.inputs[0];
    const TensorType type = graph.tensor(x).type;
    if (type.shape.size() != 2 && type.shape.size() != 3)
      graph.refuse(node, "its input is " + text_of(type.shape) + ", regular dropout takes rows of features, in two or three dimensions");
    if (node.outputs.size() > 1 && node.outputs[1] && !source_.tensor(*node.outputs[1]).consumers.empty())
      graph.refuse(node, "its mask is read, which regular dropout does not support");
    writer_.layer = node.layer.empty() ? node.name : node.layer;
    writer_.where = node.where;
    const TensorId kept = writer_.add("Mul", {x, mask(type.shape.back(), type.element)});
    pass_.nodes.push_back(graph.order().back());
    node.type = "Add";
    node.attributes = {};
    node.inputs = {kept, writer_.constant(0.0)};
    node.outputs.resize(1);
    node.rules = nullptr;
    writer_.place(std::move(node), true);
    pass_.nodes.push_back(graph.order().back());
  }

  TensorId mask(std::int64_t features, ElementType element) {
    const TensorType type{element, {features}};
    for (const TensorId known : training().masks)
      if (training().graph.tensor(known).type == type) return known;
    training().masks.push_back(writer_.stored("mask" + std::to_string(features), type, Role::input));
    return training().masks.back();
  }

  // A new tensor for output `i`, which gets its type when the node is placed.
  TensorId add_output(Node& node, std::size_t i, const char* name) {
    if (node.outputs.size() <= i) node.outputs.resize(i + 1);
    if (!node.outputs[i]) node.outputs[i] = training().graph.add_tensor({.name = node.name + '.' + name});
    return *node.outputs[i];
  }

  void as_training(Node& node) {
    const NodeView view(training().graph, node);
    Attributes attributes;
    attributes.set("epsilon", view.real("epsilon", 1e-5));
    attributes.set("momentum", view.real("momentum", 0.9));
    node.attributes = std::move(attributes);
    node.type = "BatchNormalizationTraining";
    node.outputs.resize(1);
    (void)add_output(node, 1, "mean");
    (void)add_output(node, 2, "rstd");
    for (std::size_t i = 3; i < 5; ++i) {
      const TensorId running = *node.inputs[i], renewed = add_output(node, i, i == 3 ? "new_mean" : "new_variance");
      if (training().graph.tensor(running).role != Role::statistics || source_.tensor(running).consumers.size() != 1)
        refuse("node '" + node.name + "': its running statistics must be stored tensors that no other node reads");
      training().replacements.push_back({running, renewed});
      const bool known = training().graph.tensor(running).values != nullptr;
      const auto start = known ? StoredTensor::Start::values : i == 3 ? StoredTensor::Start::zeros : StoredTensor::Start::ones;
      training().stored.push_back({.tensor = running, .start = start, .of = running});
    }
    node.rules = nullptr;
  }

  // The largest of a whole plane is a window of that size.
  void as_window(Node& node) {
    const Shape x = training().graph.tensor(*node.inputs[0]).type.shape;
    node.attributes.set("kernel_shape", std::vector<std::int64_t>(x.begin() + 2, x.end()));
    node.type = "MaxPool";
  }

  void with_winners(Node& node) {
    const NodeView view(training().graph, node);
    const auto window = view.wholes("kernel_shape");
    if (node.outputs.size() > 1 && node.outputs[1] && !source_.tensor(*node.outputs[1]).consumers.empty())
      view.refuse("the places of the maxima are read, which training does not support");
    view.require(elements(window) <= 256, "a window of " + text_of(window) + ", training allows 256 elements");
    view.require(view.whole("ceil_mode", 0) == 0 || window_outputs(view, window, Rounding::ceil) == window_outputs(view, window, Rounding::floor),
                 "ceil_mode makes windows that pass the end of its input, training allows those that fit");
    node.attributes.set("ceil_mode", std::int64_t{0});
    node.attributes.set("winners", std::int64_t{1});
    node.outputs.resize(1);
    (void)add_output(node, 1, "winners");
    node.rules = nullptr;
  }

  void with_statistics(Node& node) {
    (void)add_output(node, 1, "mean");
    (void)add_output(node, 2, "rstd");
  }

  // ---- the loss, in float32
  void add_loss() {
    Graph& graph = training().graph;
    const TensorId result = training().result;
    writer_.layer = "loss";
    writer_.where = source_.source;
    const Shape shape = graph.tensor(result).type.shape;
    TensorId from = cast(result, ElementType::float32);
    Attributes attributes;
    if (training().options.loss_scale != 1) attributes.set("scale", training().options.loss_scale);
    const bool classes = training().loss_kind == LossKind::cross_entropy;
    Shape rows = shape;
    if (classes) rows = {static_cast<std::int64_t>(elements(shape)) / shape.back(), shape.back()};
    from = reshaped(from, rows);
    training().target =
        classes ? writer_.stored("labels", {ElementType::int32, {rows[0]}}, Role::input) : writer_.stored("target", {ElementType::float32, shape}, Role::input);
    const auto outputs = writer_.add(classes ? "SoftmaxCrossEntropy" : "MeanSquared", {from, training().target}, std::move(attributes), 0b11);
    training().loss = outputs[0];
    graph.add_output(outputs[0]);
    writer_.phase = Phase::backward;
    pass_.loss_gradient = cast(reshaped(outputs[1], shape), graph.tensor(result).type.element);
  }

  TensorId reshaped(TensorId id, const Shape& to) {
    if (training().graph.tensor(id).type.shape == to) return id;
    Attributes attributes;
    attributes.set("shape", to);
    return writer_.add("Reshape", {id}, std::move(attributes));
  }

  void find_differing() {
    const Graph& graph = training().graph;
    pass_.differs.assign(graph.tensors().size(), false);
    for (std::size_t i = 0; i < graph.tensors().size(); ++i) {
      const Tensor& tensor = graph.tensors()[i];
      pass_.differs[i] = tensor.role == Role::parameter && is_floating(tensor.type.element) && !tensor.consumers.empty();
    }
    for (const NodeId id : pass_.nodes) {
      const Node& node = graph.node(id);
      const GradientRule* rule = find_gradient_rule(node.type);
      if (rule != nullptr && rule->apply == nullptr) continue;
      const bool moved = std::any_of(node.inputs.begin(), node.inputs.end(), [&](const auto& input) { return input && pass_.differs[index(*input)]; });
      for (const auto& output : node.outputs)
        if (output && moved && is_floating(graph.tensor(*output).type.element)) pass_.differs[index(*output)] = true;
    }
    if (!pass_.differs[index(training().result)]) refuse("no weight moves the result '" + printable(graph.tensor(training().result).name) + '\'');
  }
};

}  // namespace

ForwardPass make_forward_pass(const Graph& inference, const TrainingOptions& options) { return Forward(inference, options).run(); }

}  // namespace spinvp::workloads
