#include "workloads/training/backward_pass.h"

#include <algorithm>
#include <map>
#include <utility>

#include "workloads/training/gradient_rules.h"
#include "workloads/training/node_writer.h"
#include "workloads/training/precision_schedule.h"
#include "workloads/training/start_values.h"
#include "workloads/training/updates.h"

namespace spinvp::workloads {
namespace {

class Backward final : public GradientContext {
 public:
  Backward(ForwardPass forward, const ActivationPlan& plan)
      : pass_(std::move(forward)),
        plan_(plan),
        writer_(pass_.training.graph),
        updates_(pass_.training, writer_),
        gradients_(plan.kept.size()),
        again_(plan.kept.size()) {
    writer_.phase = Phase::backward;
  }

  BackwardPass run() {
    count_readers();
    gradients_[index(pass_.training.result)] = pass_.loss_gradient;
    for (std::size_t i = pass_.nodes.size(); i-- > 0;) {
      current_ = graph().node(pass_.nodes[i]);
      writer_.layer = current_.layer;
      writer_.where = current_.where;
      writer_.phase = Phase::backward;
      differentiate();
      for (const TensorId weight : weights_of(current_))
        if (--readers_[weight] == 0 && gradients_[index(weight)]) update(weight);
    }
    store_unmoved();
    return {std::move(pass_.training), std::move(read_)};
  }

  // ---- what a rule asks for
  [[nodiscard]] const Node& node() const override { return current_; }
  [[nodiscard]] NodeView view() const override { return {pass_.training.graph, current_}; }
  TensorId input(std::size_t i) override { return value(current_.inputs.at(i).value()); }
  TensorId output(std::size_t i) override { return value(current_.outputs.at(i).value()); }
  [[nodiscard]] bool wants(std::size_t i) const override {
    return i < current_.inputs.size() && current_.inputs[i] && pass_.differs[index(*current_.inputs[i])];
  }
  [[nodiscard]] std::optional<TensorId> gradient(std::size_t i) const override {
    return current_.outputs[i] ? gradients_[index(*current_.outputs[i])] : std::nullopt;
  }
  void give(std::size_t i, TensorId gradient) override {
    if (!wants(i)) return;
    auto& sum = gradients_[index(*current_.inputs[i])];
    sum = sum ? writer_.add("Add", {*sum, gradient}) : gradient;
  }
  std::vector<TensorId> emit_some(const std::string& type, const std::vector<TensorId>& inputs, Attributes attributes, std::uint32_t outputs) override {
    return writer_.add(type, std::vector<std::optional<TensorId>>(inputs.begin(), inputs.end()), std::move(attributes), outputs);
  }
  TensorId constant(double value) override { return writer_.constant(value); }
  TensorId constant(const std::vector<std::int64_t>& values) override { return writer_.constant(values); }
  [[nodiscard]] Shape shape(TensorId tensor) const override { return pass_.training.graph.tensor(tensor).type.shape; }

 private:
  ForwardPass pass_;
  const ActivationPlan& plan_;
  NodeWriter writer_;
  UpdateWriter updates_;
  Node current_;                                            // a copy: nodes move while rules add others
  std::vector<std::optional<TensorId>> gradients_, again_;  // by tensor of the forward pass
  std::map<TensorId, std::size_t> readers_;                 // of a weight: nodes of the forward pass that are still to come
  std::set<TensorId> read_;

  Graph& graph() { return pass_.training.graph; }

  [[nodiscard]] std::set<TensorId> weights_of(const Node& node) const {
    std::set<TensorId> weights;
    for (const auto& input : node.inputs)
      if (input && pass_.training.graph.tensor(*input).role == Role::parameter) weights.insert(*input);
    return weights;
  }

  void count_readers() {
    for (const NodeId id : pass_.nodes)
      for (const TensorId weight : weights_of(graph().node(id))) ++readers_[weight];
  }

  void differentiate() {
    bool reached = false, differs = false;
    for (std::size_t i = 0; i < current_.outputs.size(); ++i) reached = reached || gradient(i).has_value();
    for (std::size_t i = 0; i < current_.inputs.size(); ++i) differs = differs || wants(i);
    if (!reached || !differs) return;
    const GradientRule* rule = find_gradient_rule(current_.type);
    if (rule == nullptr) {
      std::string list;
      for (const std::string& name : differentiable_operators()) list += (list.empty() ? "" : ", ") + name;
      graph().refuse(current_, "training knows no gradient of this operator; it knows those of " + list);
    }
    if (rule->apply == nullptr) return;
    if (!gradient(0) && current_.type != "Split")
      graph().refuse(current_, "the loss depends on an output beside the first one, which training does not support");
    rule->apply(*this);
  }

  // A result of the forward pass: itself where it was kept, otherwise recomputed from what was.
  TensorId value(TensorId tensor) {
    if (index(tensor) >= plan_.kept.size() || plan_.kept[index(tensor)] || !graph().tensor(tensor).producer) {
      if (graph().tensor(tensor).producer) read_.insert(tensor);
      return tensor;
    }
    if (!again_[index(tensor)]) recompute(*graph().tensor(tensor).producer);
    return *again_[index(tensor)];
  }

  void recompute(NodeId id) {
    Node copy = graph().node(id);
    // Running statistics have had their share of this batch.
    if (copy.type == "BatchNormalizationTraining") {
      copy.inputs.resize(3);
      copy.outputs.resize(3);
    }
    for (auto& input : copy.inputs)
      if (input) input = value(*input);
    for (auto& output : copy.outputs)
      if (output) {
        const Tensor& first = graph().tensor(*output);
        const TensorId again = graph().add_tensor({.name = first.name + ".again", .type = first.type});
        again_[index(*output)] = again;
        output = again;
      }
    copy.name += ".again";
    copy.attributes.set(recomputed, std::int64_t{1});
    const std::string layer = std::exchange(writer_.layer, copy.layer);
    writer_.place(std::move(copy), false);
    writer_.layer = layer;
  }

  // Weights that no gradient reaches, as behind a Floor, stay what they are.
  void store_unmoved() {
    for (const auto& [weight, readers] : readers_)
      if (!gradients_[index(weight)] && is_floating(graph().tensor(weight).type.element))
        pass_.training.stored.push_back(start_of(graph(), pass_.training.options.initial, weight));
  }

  void update(TensorId weight) {
    pass_.training.gradients.push_back({weight, *gradients_[index(weight)]});
    writer_.phase = Phase::update;
    updates_.add(weight, *gradients_[index(weight)]);
  }
};

}  // namespace

BackwardPass make_backward_pass(ForwardPass forward, const ActivationPlan& plan) { return Backward(std::move(forward), plan).run(); }

}  // namespace spinvp::workloads
