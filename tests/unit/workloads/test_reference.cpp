// The host reference: roundings, orders of sums, bounds against double precision; and that it is what older references of single networks are.
#include <Eigen/Core>
#include <bit>
#include <catch2/catch.hpp>

#include "graph_support.h"
#include "models/abi/lenet_init.h"
#include "training_support.h"
#include "workloads/datasets/digits.h"
#include "workloads/graph/float_values.h"
#include "workloads/training/lenet_reference.h"
#include "workloads/training/node_writer.h"

using namespace spinvp;
using namespace spinvp::workloads;
using namespace spinvp::workloads::test;

namespace {

// A graph of one node over inputs of given values.
struct OneNode {
  Graph graph;
  NodeWriter writer{graph};
  std::vector<TensorId> inputs;

  OneNode() {
    graph.source = "made";
    writer.layer = "node";
  }
  OneNode(const OneNode&) = delete;
  OneNode& operator=(const OneNode&) = delete;

  OneNode& input(const Shape& shape, ElementType element = ElementType::float32) {
    inputs.push_back(writer.stored("i" + std::to_string(inputs.size()), {element, shape}, Role::input));
    return *this;
  }
  TensorId node(const std::string& type, const std::vector<std::pair<const char*, Attribute>>& attributes = {}) {
    Attributes all;
    for (const auto& [name, value] : attributes) all.set(name, value);
    return writer.add(type, inputs, std::move(all));
  }
  // Of input i: values[i], as T or as their magnitudes.
  template <typename T>
  std::vector<T> run(TensorId result, const std::vector<std::vector<float>>& values, bool magnitudes = false) {
    Interpreter<T> interpreter(graph);
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      std::vector<T> converted(values[i].begin(), values[i].end());
      for (T& value : converted) value = magnitudes ? std::abs(value) : value;
      interpreter.set(inputs[i], converted);
    }
    interpreter.run();
    return interpreter.real(result);
  }
};

}  // namespace

TEST_CASE("bfloat16 rounds to nearest even, as Eigen's type does") {
  std::size_t wrong = 0;
  // A step that is coprime to 2^32 meets all exponents, ties among them.
  for (std::uint64_t i = 0; i < 2'000'000; ++i) {
    const auto value = std::bit_cast<float>(static_cast<std::uint32_t>(i * 2147487u));
    const float rounded = rounded_to_bfloat16(value), eigen = static_cast<float>(Eigen::bfloat16(value));
    if (value != value)
      wrong += std::bit_cast<std::uint32_t>(rounded) != 0x7fc00000u;
    else
      wrong += std::bit_cast<std::uint32_t>(rounded) != std::bit_cast<std::uint32_t>(eigen);
  }
  for (const std::uint32_t tie : {0x3f808000u, 0x3f818000u, 0xbf808000u, 0x7f7f8000u, 0x00008000u})
    wrong += rounded_to_bfloat16(std::bit_cast<float>(tie)) != static_cast<float>(Eigen::bfloat16(std::bit_cast<float>(tie)));
  CHECK(wrong == 0);
}

TEST_CASE("A product of k terms lies within k roundings of the exact one") {
  // A chain of k fused multiply-adds errs by at most k u (1 + O(k u)) times the sum of magnitudes, u = 2^-24 (Higham, Accuracy and Stability, section 3.1). The double chain errs by
  // 2^-29 of that; magnitudes come from the same operator.
  using L = std::vector<std::int64_t>;
  struct Row {
    const char* type;
    std::vector<Shape> shapes;
    std::vector<std::pair<const char*, Attribute>> attributes;
    double k;
  };
  const Row rows[] = {
      {"Gemm", {{7, 300}, {300, 5}}, {}, 300},
      {"Gemm", {{300, 7}, {5, 300}}, {{"transA", std::int64_t{1}}, {"transB", std::int64_t{1}}}, 300},
      {"MatMul", {{2, 3, 4, 50}, {2, 1, 50, 6}}, {}, 50},
      {"Conv", {{2, 6, 9, 8}, {4, 3, 3, 2}}, {{"group", std::int64_t{2}}, {"strides", L{2, 1}}, {"pads", L{1, 0, 1, 0}}, {"dilations", L{1, 2}}}, 18},
      {"ConvDataGradient",
       {{2, 4, 5, 6}, {4, 3, 3, 2}},
       {{"group", std::int64_t{2}}, {"strides", L{2, 1}}, {"pads", L{1, 0, 1, 0}}, {"dilations", L{1, 2}}, {"input_shape", L{2, 6, 9, 8}}},
       12},
      {"ConvWeightGradient",
       {{2, 6, 9, 8}, {2, 4, 5, 6}},
       {{"group", std::int64_t{2}}, {"strides", L{2, 1}}, {"pads", L{1, 0, 1, 0}}, {"dilations", L{1, 2}}, {"weight_shape", L{4, 3, 3, 2}}},
       60},
      {"ReduceSum", {{3, 70, 4}}, {{"axes", L{1}}}, 70},
  };
  for (const Row& row : rows) {
    INFO(row.type);
    OneNode one;
    Draw draw(12);
    std::vector<std::vector<float>> values;
    for (const Shape& shape : row.shapes) {
      one.input(shape);
      values.push_back(draw.reals<float>(elements(shape), -1, 1));
    }
    const TensorId result = one.node(row.type, row.attributes);
    const auto single = one.run<float>(result, values);
    const auto exact = one.run<double>(result, values), magnitudes = one.run<double>(result, values, true);
    double worst = 0;
    for (std::size_t i = 0; i < exact.size(); ++i)
      worst = std::max(worst, std::fabs(static_cast<double>(single[i]) - exact[i]) / (magnitudes[i] * row.k * 0x1p-24));
    CHECK(worst <= 1.001);
    CHECK(worst > 0);  // single precision did round
  }
}

TEST_CASE("A node's result is rounded to its tensor's type when the node is done, and not before") {
  OneNode one;
  one.input({1, 3}, ElementType::bfloat16);
  const TensorId sum = one.node("ReduceSum", {{"axes", std::vector<std::int64_t>{1}}});
  // 256 + 1 + 1: after each step rounded to 8 bits it would stay 256 (257 is a tie to even); summed in fp32 first it is 258.
  CHECK(one.run<float>(sum, {{256, 1, 1}}) == std::vector<float>{258});
  CHECK(one.run<float>(sum, {{256, 1, 0}}) == std::vector<float>{256});
}

TEST_CASE("Rows of an embedding's gradient are added one by one in the gradient's type") {
  Graph graph;
  NodeWriter writer(graph);
  writer.layer = "node";
  const TensorId dy = writer.stored("dy", {ElementType::bfloat16, {3, 1}}, Role::input), at = writer.stored("at", {ElementType::int64, {3}}, Role::input);
  Attributes attributes;
  attributes.set("rows", std::int64_t{2});
  const TensorId result = writer.add("GatherGradient", {dy, at}, attributes);
  Interpreter<float> interpreter(graph);
  interpreter.set(dy, {256, 1, 1});
  interpreter.set_whole(at, {1, -1, 1});
  interpreter.run();
  CHECK(interpreter.real(result) == std::vector<float>{0, 256});  // 257 is a tie to even, twice
}

TEST_CASE("A NaN that a node makes is 0x7fc00000") {
  OneNode one;
  one.input({1}).input({1});
  const TensorId quotient = one.node("Div");
  CHECK(std::bit_cast<std::uint32_t>(one.run<float>(quotient, {{0}, {0}})[0]) == 0x7fc00000u);
}

TEST_CASE("Equal values: the first one of a maximum takes the gradient") {
  OneNode one;
  one.input({3}).input({3}).input({3});
  const std::vector<std::vector<float>> values = {{5, 6, 7}, {1, 2, 3}, {1, 3, 2}};
  CHECK(one.run<float>(one.node("MaxGradient", {{"ties", std::int64_t{1}}}), values) == std::vector<float>{5, 0, 7});
  CHECK(one.run<float>(one.node("MaxGradient"), values) == std::vector<float>{0, 0, 7});
  CHECK(one.run<float>(one.node("MinGradient"), values) == std::vector<float>{0, 6, 0});
}

TEST_CASE("Inference of the main job's LeNet as a graph has the bits of its reference") {
  const Graph graph = import_network("lenet-paper", {.batch = 32});
  LenetReference reference(ArithmeticPolicy::npu(), 1);
  const Batch batch = training_batch(draw_digits({32, 1, 1, {}}), 0);
  Interpreter<float> run(graph);
  const auto set = [&](const char* name, std::size_t offset, std::size_t outputs) {
    for (std::uint32_t t = 0; t < graph.tensors().size(); ++t) {
      if (graph.tensors()[t].name != name) continue;
      std::vector<float> values(count_of(graph, TensorId{t}));
      const std::size_t inputs = values.size() / outputs;
      for (std::size_t i = 0; i < values.size(); ++i) values[i] = reference.parameters()[offset + i % outputs * inputs + i / outputs];
      run.set(TensorId{t}, values);
      return;
    }
    FAIL(name);
  };
  set("conv1.weight", SPINVP_LENET_CONV1_WEIGHT_OFFSET, 1);
  set("conv1.bias", SPINVP_LENET_CONV1_BIAS_OFFSET, 1);
  set("conv2.weight", SPINVP_LENET_CONV2_WEIGHT_OFFSET, 1);
  set("conv2.bias", SPINVP_LENET_CONV2_BIAS_OFFSET, 1);
  set("fc1.weight", SPINVP_LENET_FC1_WEIGHT_OFFSET, 50);
  set("fc1.bias", SPINVP_LENET_FC1_BIAS_OFFSET, 50);
  set("fc2.weight", SPINVP_LENET_FC2_WEIGHT_OFFSET, 10);
  set("fc2.bias", SPINVP_LENET_FC2_BIAS_OFFSET, 10);
  run.set(TensorId{0}, batch.images);
  run.run();
  const auto logits = reference.forward(batch.images);
  CHECK(run.real(graph.outputs().at(0)) == std::vector<float>(logits.begin(), logits.end()));
}

TEST_CASE("A layer normalisation and a Gelu made of parts have the value and the gradients of the whole") {
  const auto trained = [](bool whole) {
    Graph graph;
    graph.source = "made";
    GraphBuilder b(graph);
    const auto axes = [] {
      Attributes attributes;
      attributes.set("axes", std::vector<std::int64_t>{-1});
      return attributes;
    };
    const TensorId x = b.input("x", {ElementType::float32, {3, 5}}), w = b.parameter("w", {5, 6}), scale = b.parameter("scale", {6}),
                   bias = b.parameter("bias", {6});
    const TensorId h = b.node("h", "MatMul", {x, w});
    TensorId y{};
    if (whole) {
      Attributes attributes;
      attributes.set("epsilon", 0x1p-10);
      y = b.node("y", "Gelu", {b.node("norm", "LayerNormalization", {h, scale, bias}, attributes)});
    } else {
      const auto single = [&](const char* name, double value) { return b.constant(name, {{ElementType::float32, {}}, {}, {value}}); };
      const TensorId d = b.node("d", "Sub", {h, b.node("mean", "ReduceMean", {h}, axes())});
      const TensorId variance = b.node("variance", "ReduceMean", {b.node("square", "Pow", {d, single("two", 2)})}, axes());
      const TensorId deviation = b.node("deviation", "Sqrt", {b.node("shifted", "Add", {variance, single("epsilon", 0x1p-10)})});
      const TensorId n = b.node("n", "Add", {b.node("scaled", "Mul", {b.node("normal", "Div", {d, deviation}), scale}), bias});
      // 1 / sqrt(2) in single precision differs from the exact one by 2e-8 of it.
      const TensorId e = b.node("plus", "Add", {b.node("erf", "Erf", {b.node("t", "Mul", {n, single("root", 0.70710678118654752)})}), single("one", 1)});
      y = b.node("y", "Mul", {b.node("product", "Mul", {n, e}), single("half", 0.5)});
    }
    graph.add_output(y);
    complete_graph(graph);
    const TrainingGraph training = make_training_graph(graph, {.loss = LossKind::mean_squared});
    TrainingRun<double> run(training, 1);
    set_inputs(run, training, Draw(3));
    Draw draw(8);
    for (const TensorId id : {w, scale, bias}) run.values().set(id, draw.reals<double>(count_of(graph, id), -1, 1));
    std::vector<double> values = {run.gradients()};
    for (const TensorId id : {w, scale, bias})
      for (const Replacement& r : training.gradients)
        if (r.stored == id) values.insert(values.end(), run.values().real(r.value).begin(), run.values().real(r.value).end());
    return values;
  };
  const auto whole = trained(true), parts = trained(false);
  REQUIRE(whole.size() == 1 + 30 + 6 + 6);
  REQUIRE(parts.size() == whole.size());
  for (std::size_t i = 0; i < whole.size(); ++i) CHECK(parts[i] == Approx(whole[i]).epsilon(1e-6).margin(1e-9));
}
