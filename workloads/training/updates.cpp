#include "workloads/training/updates.h"

#include <utility>

#include "workloads/training/start_values.h"

namespace spinvp::workloads {

TensorId UpdateWriter::scalar(StepScalar::Kind kind, const char* name) {
  for (const StepScalar& scalar : training_.scalars)
    if (scalar.kind == kind) return scalar.tensor;
  training_.scalars.push_back({writer_.stored(name, {ElementType::float32, {}}, Role::input), kind});
  return training_.scalars.back().tensor;
}

TensorId UpdateWriter::moment(TensorId weight, const char* name) {
  const Tensor& of = training_.graph.tensor(weight);
  const TensorId moment = writer_.stored(of.name + name, {ElementType::float32, of.type.shape}, Role::statistics);
  training_.stored.push_back({.tensor = moment, .start = StoredTensor::Start::zeros, .of = weight});
  return moment;
}

void UpdateWriter::add(TensorId weight, TensorId gradient) {
  Graph& graph = training_.graph;
  const bool copied = graph.tensor(weight).type.element != ElementType::float32;
  StoredTensor start = start_of(training_.graph, training_.options.initial, weight);
  TensorId master = weight;
  if (copied) {
    master = writer_.stored(graph.tensor(weight).name + ".master", {ElementType::float32, graph.tensor(weight).type.shape}, Role::statistics);
    graph.tensor(master).values = std::exchange(graph.tensor(weight).values, nullptr);
    training_.stored.push_back({.tensor = weight, .start = StoredTensor::Start::rounded, .of = weight});
  }
  start.tensor = master;
  training_.stored.push_back(start);

  const TrainingOptions& options = training_.options;
  Attributes attributes;
  if (options.loss_scale != 1) attributes.set("scale", 1 / options.loss_scale);
  std::vector<TensorId> replaced = {master};
  std::vector<std::optional<TensorId>> inputs = {master, gradient};
  const char* type = "SgdUpdate";
  if (options.optimiser == Optimiser::momentum) {
    type = "MomentumUpdate";
    attributes.set("momentum", options.momentum);
    replaced.push_back(moment(weight, ".velocity"));
  } else if (options.optimiser == Optimiser::adam) {
    type = "AdamUpdate";
    attributes.set("beta1", options.beta1);
    attributes.set("beta2", options.beta2);
    replaced.push_back(moment(weight, ".first_moment"));
    replaced.push_back(moment(weight, ".second_moment"));
  }
  inputs.insert(inputs.end(), replaced.begin() + 1, replaced.end());
  inputs.emplace_back(scalar(StepScalar::Kind::rate, "rate"));
  if (options.optimiser == Optimiser::adam) inputs.emplace_back(scalar(StepScalar::Kind::epsilon, "epsilon"));
  if (copied) replaced.push_back(weight);
  const auto renewed = writer_.add(type, std::move(inputs), std::move(attributes), (1u << replaced.size()) - 1);
  for (std::size_t i = 0; i < replaced.size(); ++i) training_.replacements.push_back({replaced[i], renewed[i]});
}

}  // namespace spinvp::workloads
