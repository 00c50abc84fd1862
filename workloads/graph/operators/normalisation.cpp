// Normalisations and softmax: the output looks like the input.
#include "workloads/graph/operator_rules.h"
#include "workloads/graph/shape.h"

namespace spinvp::workloads {
namespace {

std::vector<TensorType> infer_batch(const NodeView& view) {
  const Shape& input = view.shape(0);
  view.require(input.size() >= 2, "input " + text_of(input) + ", images and channels are needed");
  for (std::size_t i = 1; i < 5; ++i)
    view.require(view.shape(i) == Shape{input[1]}, "input " + std::to_string(i) + " is " + text_of(view.shape(i)) + ", one value for each of the " +
                                                       std::to_string(input[1]) + " channels is needed");
  view.require(view.whole("spatial", 1) == 1, "spatial = 0 is not supported, allowed is 1");
  view.require(view.whole("training_mode", 0) == 0, "training_mode = 1 is not supported, allowed are models exported for inference");
  return {view.input(0).type};
}

std::vector<TensorType> infer_layer(const NodeView& view) {
  const Shape& input = view.shape(0);
  const std::size_t axis = view.axis(view.whole("axis", -1), view.rank(0));
  const Shape tail(input.begin() + static_cast<std::ptrdiff_t>(axis), input.end());
  for (std::size_t i = 1; i < view.inputs(); ++i)
    if (view.has(i))
      view.require(broadcast(view.shape(i), tail) == tail,
                   "input " + std::to_string(i) + " is " + text_of(view.shape(i)) + ", " + text_of(tail) + " is needed");
  Shape statistics = input;
  for (std::size_t d = axis; d < statistics.size(); ++d) statistics[d] = 1;
  return {view.input(0).type, {ElementType::float32, statistics}, {ElementType::float32, statistics}};
}

// Before opset 13 the axes from `axis` on are one; the default is then 1, later the last. The shape is the same.
std::vector<TensorType> infer_softmax(const NodeView& view) {
  (void)view.axis(view.whole("axis", view.opset() < 13 && view.opset() != 0 ? 1 : -1), view.rank(0));
  return {view.input(0).type};
}

}  // namespace

const std::vector<OperatorRules>& normalisation_operators() {
  static const std::vector<OperatorRules> rules = {
      {.name = "BatchNormalization",
       .inputs = {5, 5},
       .attributes = {"epsilon", "momentum", "spatial", "training_mode"},
       .infer = infer_batch,
       .weights = 0b11110,
       .statistics = 0b11000},
      {.name = "LayerNormalization",
       .inputs = {2, 3},
       .attributes = {"axis", "epsilon", "stash_type"},
       .infer = infer_layer,
       .weights = 0b110,
       .first_opset = 17},
      {.name = "LogSoftmax", .attributes = {"axis"}, .infer = infer_softmax},
      {.name = "Softmax", .attributes = {"axis"}, .infer = infer_softmax},
  };
  return rules;
}

}  // namespace spinvp::workloads
