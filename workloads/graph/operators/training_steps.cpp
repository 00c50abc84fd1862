// What a training step has beside gradients: batch normalisation with the batch's own statistics, losses, optimisers. No file may name these.
//   BatchNormalizationTraining(x, scale, bias, running_mean, running_var) -> y, mean, rstd, new_running_mean, new_running_var; without running statistics for recomputation
//   SoftmaxCrossEntropy(logits [rows, n], labels int32 [rows]) -> loss, dlogits      mean over the rows; dlogits times `scale`
//   MeanSquared(y, target) -> loss, dy                                              mean over the elements; dy times `scale`
//   SgdUpdate(w, g, rate) -> w', [copy]
//   MomentumUpdate(w, g, v, rate) -> w', v', [copy]
//   AdamUpdate(w, g, m, v, rate, epsilon) -> w', m', v', [copy]
// w, m, v, w', m', v' are float32; g, multiplied by `scale` first, may be narrower; copy is w' rounded to bfloat16. rate and epsilon are float32 scalars that change by step.
// Constants that follow from attributes and shapes (1 - momentum, 1 / N) are computed in double and rounded once.
#include "workloads/graph/operator_rules.h"
#include "workloads/graph/shape.h"

namespace spinvp::workloads {
namespace {

constexpr ElementType single = ElementType::float32;

std::vector<TensorType> infer_batch(const NodeView& view) {
  view.require(view.rank(0) >= 2, "input " + text_of(view.shape(0)) + ", images and channels are needed");
  const Shape channels = {view.shape(0)[1]};
  for (std::size_t i = 1; i < view.inputs(); ++i)
    if (view.has(i))
      view.require(view.shape(i) == channels, "input " + std::to_string(i) + " is " + text_of(view.shape(i)) + ", " + text_of(channels) + " is needed");
  const TensorType statistics{single, channels};
  return {view.input(0).type, statistics, statistics, statistics, statistics};
}

std::vector<TensorType> infer_cross_entropy(const NodeView& view) {
  const Shape& logits = view.shape(0);
  view.require(logits.size() == 2, "logits " + text_of(logits) + ", rows and classes are needed");
  view.require(view.shape(1) == Shape{logits[0]} && view.element(1) == ElementType::int32,
               "labels " + text_of(view.shape(1)) + ", one int32 for each of the " + std::to_string(logits[0]) + " rows is needed");
  return {{single, {}}, view.input(0).type};
}

std::vector<TensorType> infer_mean_squared(const NodeView& view) {
  view.require(view.shape(1) == view.shape(0), "target " + text_of(view.shape(1)) + ", the result's shape " + text_of(view.shape(0)) + " is needed");
  return {{single, {}}, view.input(0).type};
}

// `states`: how many tensors the optimiser keeps for each weight; `scalars`: how many scalars follow them.
template <std::size_t states, std::size_t scalars>
std::vector<TensorType> infer_update(const NodeView& view) {
  const TensorType weight = view.input(0).type;
  for (std::size_t i = 1; i < 2 + states; ++i)
    view.require(view.shape(i) == weight.shape, "input " + std::to_string(i) + " is " + text_of(view.shape(i)) + ", the weight is " + text_of(weight.shape));
  for (std::size_t i = 2 + states; i < 2 + states + scalars; ++i)
    view.require(view.shape(i).empty(), "input " + std::to_string(i) + " is " + text_of(view.shape(i)) + ", a scalar is needed");
  std::vector<TensorType> types(1 + states, weight);
  types.push_back({ElementType::bfloat16, weight.shape});
  return types;
}

}  // namespace

const std::vector<OperatorRules>& training_operators() {
  static const std::vector<OperatorRules> rules = {
      {.name = "AdamUpdate", .inputs = {6, 6}, .attributes = {"beta1", "beta2", "scale"}, .infer = infer_update<2, 2>, .of_training = true},
      {.name = "BatchNormalizationTraining",
       .inputs = {3, 5},
       .attributes = {"epsilon", "momentum"},
       .infer = infer_batch,
       .weights = 0b11110,
       .statistics = 0b11000,
       .of_training = true},
      {.name = "MeanSquared", .inputs = {2, 2}, .attributes = {"scale"}, .infer = infer_mean_squared, .of_training = true},
      {.name = "MomentumUpdate", .inputs = {4, 4}, .attributes = {"momentum", "scale"}, .infer = infer_update<1, 1>, .of_training = true},
      {.name = "SgdUpdate", .inputs = {3, 3}, .attributes = {"scale"}, .infer = infer_update<0, 1>, .of_training = true},
      {.name = "SoftmaxCrossEntropy", .inputs = {2, 2}, .attributes = {"scale"}, .infer = infer_cross_entropy, .of_training = true},
  };
  return rules;
}

}  // namespace spinvp::workloads
