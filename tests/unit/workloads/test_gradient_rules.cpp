// The gradient of every operator against central differences of the same network in double precision.
#include <catch2/catch.hpp>

#include <functional>
#include <set>

#include "graph_support.h"
#include "training_support.h"
#include "workloads/training/gradient_rules.h"

using namespace spinvp;
using namespace spinvp::workloads;
using namespace spinvp::workloads::test;

namespace {

// A network of a few nodes over weights of random values.
class Bench {
 public:
  explicit Bench(std::uint64_t seed) : draw(seed) { graph_.source = "made"; }

  Draw draw;

  std::int64_t extent() { return draw.whole(1, 4); }
  Shape shape(std::size_t rank) {
    Shape shape;
    for (std::size_t d = 0; d < rank; ++d) shape.push_back(extent());
    return shape;
  }
  // Uniform in [least, most).
  TensorId weight(const Shape& shape, double least = -1, double most = 1) {
    const TensorId id = builder_.parameter("w" + std::to_string(++names_), shape);
    starts_.push_back({id, draw.reals<double>(elements(shape), least, most)});
    return id;
  }
  // Magnitudes of 0.1 to 1: no kink at zero is within reach of a difference.
  TensorId apart_from_zero(const Shape& shape) {
    const TensorId id = weight(shape, 0.1, 1);
    for (double& value : starts_.back().second) value = draw.whole(0, 1) == 0 ? value : -value;
    return id;
  }
  // No two values nearer than 0.01: no choice of a maximum changes.
  TensorId distinct(const Shape& shape) {
    const TensorId id = weight(shape);
    auto& values = starts_.back().second;
    for (std::size_t i = 0; i < values.size(); ++i)
      values[i] = 0.01 * static_cast<double>((i * 7 + 3) % (values.size() + 7)) + 0.0001 * static_cast<double>(i) - 0.2;
    return id;
  }
  TensorId indices(const Shape& shape, std::int64_t rows) {
    const TensorId id = builder_.input("i" + std::to_string(++names_), {ElementType::int64, shape});
    std::vector<std::int64_t> values(elements(shape));
    for (std::int64_t& value : values) value = draw.whole(-rows, rows - 1);
    whole_.push_back({id, values});
    return id;
  }
  TensorId constant(std::vector<std::int64_t> values) {
    const auto count = static_cast<std::int64_t>(values.size());
    return builder_.constant("c" + std::to_string(++names_), whole_values(ElementType::int64, {count}, std::move(values)));
  }
  TensorId scalar(double value) { return builder_.constant("c" + std::to_string(++names_), {{ElementType::float32, {}}, {}, {value}}); }
  TensorId condition(const Shape& shape) {
    const TensorId id = builder_.input("b" + std::to_string(++names_), {ElementType::boolean, shape});
    std::vector<std::int64_t> values(elements(shape));
    for (std::int64_t& value : values) value = draw.whole(0, 1);
    whole_.push_back({id, values});
    return id;
  }
  TensorId node(const std::string& type, const std::vector<TensorId>& inputs, std::vector<std::pair<const char*, Attribute>> attributes = {}) {
    Attributes all;
    for (auto& [name, value] : attributes) all.set(name, value);
    return builder_.node(type + std::to_string(++names_), type, inputs, std::move(all));
  }
  // With the meaning that its operator had then.
  TensorId node_of(int opset, const std::string& type, const std::vector<TensorId>& inputs, std::vector<std::pair<const char*, Attribute>> attributes) {
    const TensorId result = node(type, inputs, std::move(attributes));
    graph_.node(*graph_.tensor(result).producer).opset = opset;
    return result;
  }
  std::vector<TensorId> split(TensorId from, std::int64_t axis, const std::vector<std::int64_t>& sizes) {
    Node node{.name = "Split", .type = "Split", .inputs = {from}};
    node.attributes.set("axis", axis);
    node.attributes.set("split", sizes);
    std::vector<TensorId> parts;
    for (const std::int64_t size : sizes) {
      Shape shape = builder_.shape(from);
      shape[static_cast<std::size_t>(axis)] = size;
      parts.push_back(graph_.add_tensor({.name = "part", .type = {ElementType::float32, shape}}));
      node.outputs.emplace_back(parts.back());
    }
    graph_.add_node(std::move(node));
    return parts;
  }
  [[nodiscard]] Shape shape_of(TensorId id) const { return builder_.shape(id); }
  TensorId statistics(std::int64_t channels) { return builder_.parameter("s" + std::to_string(++names_), {channels}); }

  // The largest of |analytic - difference| / (1e-4 + |difference|) over all weights, with the loss sum((y + input - target)^2) / N, and how many gradients there were.
  void check(TensorId y) {
    const TensorId shift = builder_.input("shift", {ElementType::float32, builder_.shape(y)});
    graph_.add_output(node("Add", {y, shift}));
    complete_graph(graph_);
    const TrainingGraph training = make_training_graph(graph_, {.loss = LossKind::mean_squared});
    for (const NodeId id : training.graph.order()) types.insert(training.graph.node(id).type);
    TrainingRun<double> run(training, 1);
    set_inputs(run, training, draw);
    for (const auto& [id, values] : whole_) run.values().set_whole(id, values);
    for (const auto& [id, values] : starts_) run.values().set(id, values);
    (void)run.gradients();
    std::vector<std::vector<double>> analytic;
    for (const auto& [id, values] : starts_) {
      std::vector<double> gradient;
      for (const Replacement& r : training.gradients)
        if (r.stored == id) gradient = run.values().real(r.value);
      REQUIRE(gradient.size() == values.size());
      analytic.push_back(std::move(gradient));
    }
    // A central difference over 2h errs by h^2 / 6 times the third derivative, some 1e-10 here, and by rounding of 1e-16 / h = 1e-11.
    constexpr double h = 1e-5;
    for (std::size_t w = 0; w < starts_.size(); ++w) {
      auto values = starts_[w].second;
      for (std::size_t i = 0; i < values.size(); ++i) {
        const double at = values[i];
        const auto loss = [&](double value) {
          values[i] = value;
          run.values().set(starts_[w].first, values);
          return run.gradients();
        };
        const double difference = (loss(at + h) - loss(at - h)) / (2 * h);
        (void)loss(at);
        values[i] = at;
        INFO("weight " << w << ", element " << i << " of " << text_of(builder_.shape(starts_[w].first)));
        CHECK(analytic[w][i] == Approx(difference).epsilon(1e-6).margin(1e-8));
      }
    }
  }

  std::set<std::string> types;  // of the nodes of the training graph

 private:
  Graph graph_;
  GraphBuilder builder_{graph_};
  std::vector<std::pair<TensorId, std::vector<double>>> starts_;
  std::vector<std::pair<TensorId, std::vector<std::int64_t>>> whole_;
  int names_ = 0;
};

using Build = std::function<TensorId(Bench&)>;
struct Case {
  const char* operator_name;
  Build build;
};

Build of_one(const char* type, std::vector<std::pair<const char*, Attribute>> attributes = {}) {
  return [=](Bench& b) { return b.node(type, {b.apart_from_zero(b.shape(3))}, attributes); };
}
Build of_positive(const char* type) {
  return [=](Bench& b) { return b.node(type, {b.weight(b.shape(2), 0.3, 1.5)}); };
}
// Random extents of 1 and missing leading extents: both operands repeat.
Build of_two(const char* type, double least = 0.3) {
  return [=](Bench& b) {
    const Shape shape = {b.draw.whole(2, 4), b.draw.whole(2, 3), b.draw.whole(2, 4)};
    Shape left = shape, right = shape;
    left[static_cast<std::size_t>(b.draw.whole(0, 2))] = 1;
    right[static_cast<std::size_t>(b.draw.whole(0, 2))] = 1;
    if (b.draw.whole(0, 1) == 0) right.erase(right.begin());
    const TensorId a = b.weight(left, least, 1.5), c = b.weight(right, least, 1.5);
    return b.draw.whole(0, 1) == 0 ? b.node(type, {a, c}) : b.node(type, {c, a});
  };
}
Build to_power(double exponent) {
  return [=](Bench& b) { return b.node("Pow", {b.weight(b.shape(2), 0.3, 1.5), b.scalar(exponent)}); };
}

TensorId convolution(Bench& b) {
  const std::int64_t groups = b.draw.whole(1, 2), in = groups * b.draw.whole(1, 2), out = groups * b.draw.whole(1, 2), images = b.draw.whole(1, 2);
  const std::int64_t h = b.draw.whole(5, 7), w = b.draw.whole(5, 7), kh = b.draw.whole(1, 3), kw = b.draw.whole(1, 3);
  const std::vector<std::int64_t> strides = {b.draw.whole(1, 3), b.draw.whole(1, 2)}, dilations = {b.draw.whole(1, 2), b.draw.whole(1, 2)};
  const std::vector<std::int64_t> pads = {b.draw.whole(0, 1), b.draw.whole(0, 1), b.draw.whole(0, 1), b.draw.whole(0, 1)};
  return b.node("Conv", {b.weight({images, in, h, w}), b.weight({out, in / groups, kh, kw}), b.weight({out})},
                {{"group", groups}, {"strides", strides}, {"dilations", dilations}, {"pads", pads}});
}

TensorId same_padded(Bench& b) {
  return b.node("Conv", {b.weight({1, 1, b.draw.whole(5, 8), 6}), b.weight({2, 1, b.draw.whole(2, 4), 3})},
                {{"auto_pad", std::string(b.draw.whole(0, 1) == 0 ? "SAME_UPPER" : "SAME_LOWER")}, {"strides", std::vector<std::int64_t>{2, 1}}});
}

TensorId line_convolution(Bench& b) { return b.node("Conv", {b.weight({2, 2, 7}), b.weight({3, 2, 3})}, {{"strides", std::vector<std::int64_t>{2}}}); }

TensorId gemm(Bench& b) {
  const std::int64_t m = b.extent(), k = b.extent(), n = b.extent(), turn_a = b.draw.whole(0, 1), turn_b = b.draw.whole(0, 1);
  const Shape bias[] = {{n}, {1, n}, {m, 1}, {m, n}};
  return b.node("Gemm",
                {b.weight(turn_a != 0 ? Shape{k, m} : Shape{m, k}), b.weight(turn_b != 0 ? Shape{n, k} : Shape{k, n}), b.weight(bias[b.draw.whole(0, 3)])},
                {{"transA", turn_a}, {"transB", turn_b}, {"alpha", 0.75}, {"beta", 1.5}});
}

TensorId matmul(Bench& b) {
  const std::int64_t m = b.extent(), k = b.extent(), n = b.extent(), s = b.draw.whole(2, 3), t = b.draw.whole(2, 3);
  const std::pair<Shape, Shape> shapes[] = {
      {{m, k}, {k, n}}, {{s, t, m, k}, {k, n}}, {{s, t, m, k}, {s, t, k, n}}, {{s, 1, m, k}, {t, k, n}}, {{m, k}, {s, k, n}}, {{k}, {k, n}},
      {{s, m, k}, {k}}, {{k}, {s, k, n}},       {{s, m, k}, {1, k, n}},       {{1, m, k}, {s, t, k, n}}, {{k}, {k}}};
  const auto& [left, right] = shapes[b.draw.whole(0, 10)];
  return b.node("MatMul", {b.weight(left), b.weight(right)});
}

TensorId pooled(Bench& b, const char* type) {
  const std::vector<std::int64_t> kernel = {b.draw.whole(2, 3), b.draw.whole(1, 3)}, strides = {b.draw.whole(1, 2), b.draw.whole(1, 3)};
  const std::vector<std::int64_t> pads = {b.draw.whole(0, 1), 0, b.draw.whole(0, 1), 0};
  std::vector<std::pair<const char*, Attribute>> attributes = {{"kernel_shape", kernel}, {"strides", strides}, {"pads", pads}};
  if (std::string(type) == "AveragePool") attributes.emplace_back("count_include_pad", b.draw.whole(0, 1));
  return b.node(type, {b.distinct({b.draw.whole(1, 2), 2, 6, 5})}, attributes);
}

TensorId batch_norm(Bench& b) {
  const std::int64_t channels = b.draw.whole(1, 3);
  return b.node("BatchNormalization",
                {b.weight({3, channels, 2, 2}), b.weight({channels}), b.weight({channels}), b.statistics(channels), b.statistics(channels)},
                {{"epsilon", 0.01}});
}

TensorId layer_norm(Bench& b) {
  const Shape x = {2, b.draw.whole(2, 3), b.draw.whole(2, 4)};
  const std::int64_t axis = b.draw.whole(1, 2);
  const Shape tail(x.begin() + axis, x.end());
  return b.node("LayerNormalization", {b.weight(x), b.weight(tail), b.weight(tail)}, {{"axis", axis}, {"epsilon", 0.01}});
}

TensorId softmax(Bench& b, const char* type) { return b.node(type, {b.weight(b.shape(3), -2, 2)}, {{"axis", b.draw.whole(-3, 2)}}); }

TensorId reduced(Bench& b, const char* type) {
  const std::int64_t first = b.draw.whole(0, 1);
  return b.node(type, {b.weight(b.shape(3))}, {{"axes", std::vector<std::int64_t>{first, -1}}, {"keepdims", b.draw.whole(0, 1)}});
}

TensorId gathered(Bench& b, std::int64_t axis) {
  const Shape data = {b.draw.whole(2, 4), b.draw.whole(2, 3), b.draw.whole(2, 3)};
  const std::int64_t rows = data[static_cast<std::size_t>(axis)];
  if (axis == 0) return b.node("Gather", {b.weight(data), b.indices(b.shape(2), rows)}, {{"axis", axis}});
  std::vector<std::int64_t> places;
  for (std::int64_t i = b.draw.whole(1, 4); i > 0; --i) places.push_back(b.draw.whole(-rows, rows - 1));
  return b.node("Gather", {b.weight(data), b.constant(places)}, {{"axis", axis}});
}

TensorId sliced(Bench& b) {
  using L = std::vector<std::int64_t>;
  const std::int64_t step = b.draw.whole(0, 2);
  const L steps[] = {{1, 1}, {2, 1}, {-2, 1}};
  const bool back = step == 2;
  return b.node("Slice", {b.weight({5, 4, 2}), b.constant(back ? L{-1, 1} : L{1, 0}), b.constant(back ? L{-100, 3} : L{5, -1}), b.constant({0, 1}),
                          b.constant(steps[step])});
}

TensorId split(Bench& b) {
  const auto parts = b.split(b.weight({2, 6}), 1, {1, 3, 2});
  // All parts reach the loss, or only two.
  const TensorId both = b.node("Mul", {parts[0], parts[1]});
  return b.draw.whole(0, 1) == 0 ? both : b.node("Add", {both, b.node("ReduceSum", {parts[2]}, {{"axes", std::vector<std::int64_t>{1}}})});
}

const std::vector<Case>& cases() {
  using L = std::vector<std::int64_t>;
  static const std::vector<Case> all = {
      {"Abs", of_one("Abs")},
      {"Add", of_two("Add")},
      {"AveragePool", [](Bench& b) { return pooled(b, "AveragePool"); }},
      {"BatchNormalizationTraining", batch_norm},
      {"Cast", of_one("Cast", {{"to", std::string("float32")}})},
      {"Clip",
       [](Bench& b) {
         return b.node("Clip", {b.apart_from_zero(b.shape(2)), b.scalar(-0.5), b.scalar(0.5)});
       }},
      {"Clip",
       [](Bench& b) {
         return b.node("Clip", {b.apart_from_zero(b.shape(2)), b.scalar(0.05)});
       }},
      {"Clip",
       [](Bench& b) {
         return b.node_of(9, "Clip", {b.apart_from_zero(b.shape(2))}, {{"min", -0.5}, {"max", 0.5}});
       }},
      {"Concat",
       [](Bench& b) {
         return b.node("Concat", {b.weight({2, 3}), b.weight({2, 1}), b.weight({2, 2})}, {{"axis", std::int64_t{1}}});
       }},
      {"Conv", convolution},
      {"Conv", same_padded},
      {"Conv", line_convolution},
      {"Div", of_two("Div")},
      {"Dropout", of_one("Dropout")},
      {"Elu", of_one("Elu", {{"alpha", 0.7}})},
      {"Erf", of_one("Erf")},
      {"Exp", of_one("Exp")},
      {"Expand",
       [](Bench& b) {
         return b.node("Expand", {b.weight({2, 1, 3}), b.constant({4, 2, 3, 3})});
       }},
      {"Flatten", of_one("Flatten")},
      {"Gather", [](Bench& b) { return gathered(b, 0); }},
      {"Gather", [](Bench& b) { return gathered(b, b.draw.whole(1, 2)); }},
      {"Gelu", of_one("Gelu")},
      {"Gelu", of_one("Gelu", {{"approximate", std::string("tanh")}})},
      {"Gemm", gemm},
      {"GlobalAveragePool",
       [](Bench& b) {
         return b.node("GlobalAveragePool", {b.weight({2, 3, b.extent(), b.extent()})});
       }},
      {"HardSigmoid", of_one("HardSigmoid", {{"alpha", 0.9}, {"beta", 0.41}})},
      {"HardSwish", [](Bench& b) { return b.node("HardSwish", {b.weight(b.shape(3), -5, 5)}); }},
      {"Identity", of_one("Identity")},
      {"LayerNormalization", layer_norm},
      {"LeakyRelu", of_one("LeakyRelu", {{"alpha", 0.3}})},
      {"Log", of_positive("Log")},
      {"LogSoftmax", [](Bench& b) { return softmax(b, "LogSoftmax"); }},
      {"MatMul", matmul},
      {"Max",
       [](Bench& b) {
         return b.node("Max", {b.distinct({3, 4}), b.weight({4}, 0, 0.5), b.weight({3, 1}, -0.2, 0.2)});
       }},
      {"MaxPool", [](Bench& b) { return pooled(b, "MaxPool"); }},
      {"MaxPool",
       [](Bench& b) {
         return b.node("GlobalMaxPool", {b.distinct({2, 3, b.extent(), b.extent()})});
       }},
      {"Min",
       [](Bench& b) {
         return b.node("Min", {b.distinct({3, 4}), b.weight({4}, 0, 0.5), b.weight({3, 1}, -0.2, 0.2)});
       }},
      {"Mul", of_two("Mul")},
      {"Mul",
       [](Bench& b) {
         const TensorId w = b.weight({3, 2});
         return b.node("Mul", {w, b.node("Mul", {w, w})});
       }},
      {"Neg", of_one("Neg")},
      {"Pad",
       [](Bench& b) {
         return b.node("Pad", {b.weight({3, 4}), b.constant({1, b.draw.whole(-1, 1), 2, b.draw.whole(-1, 2)})});
       }},
      {"Pad",
       [](Bench& b) {
         return b.node_of(9, "Pad", {b.weight({3, 4})}, {{"pads", L{0, 2, 1, 0}}});
       }},
      {"PRelu",
       [](Bench& b) {
         return b.node("PRelu", {b.apart_from_zero({2, 3, 4}), b.weight({3, 1})});
       }},
      {"Pow", to_power(2)},
      {"Pow", to_power(3)},
      {"Pow", to_power(0.5)},
      {"Pow", to_power(-1.5)},
      {"Pow", to_power(4)},
      {"Reciprocal", of_positive("Reciprocal")},
      {"ReduceMean", [](Bench& b) { return reduced(b, "ReduceMean"); }},
      {"ReduceSum", [](Bench& b) { return reduced(b, "ReduceSum"); }},
      {"Relu", of_one("Relu")},
      {"Reshape",
       [](Bench& b) {
         return b.node("Reshape", {b.weight({2, 3, 4})}, {{"shape", L{4, -1}}});
       }},
      {"Sigmoid", of_one("Sigmoid")},
      {"Slice", sliced},
      {"Softmax", [](Bench& b) { return softmax(b, "Softmax"); }},
      {"Softmax", [](Bench& b) { return b.node_of(11, "Softmax", {b.weight(b.shape(3), -2, 2)}, {}); }},
      {"Softplus", of_one("Softplus")},
      {"Slice",
       [](Bench& b) {
         return b.node_of(9, "Slice", {b.weight({4, 3})}, {{"axes", L{0}}, {"starts", L{1}}, {"ends", L{-1}}});
       }},
      {"Split", split},
      {"Sqrt", of_positive("Sqrt")},
      {"Squeeze",
       [](Bench& b) {
         return b.node("Squeeze", {b.weight({2, 1, 3})});
       }},
      {"Sub", of_two("Sub")},
      {"Tanh", of_one("Tanh")},
      {"Transpose",
       [](Bench& b) {
         return b.node("Transpose", {b.weight({2, 3, 4})}, {{"perm", L{2, 0, 1}}});
       }},
      {"Unsqueeze",
       [](Bench& b) {
         return b.node("Unsqueeze", {b.weight({2, 3})}, {{"axes", L{0, 3}}});
       }},
      {"Where",
       [](Bench& b) {
         return b.node("Where", {b.condition({3, 4}), b.weight({3, 1}), b.weight({4})});
       }},
  };
  return all;
}

}  // namespace

TEST_CASE("The gradient of every operator that has a rule equals the central difference") {
  std::set<std::string> untested;
  for (const std::string& name : differentiable_operators()) untested.insert(name);
  std::uint64_t seed = 0;
  for (const Case& c : cases()) {
    for (int round = 0; round < 4; ++round) {
      INFO(c.operator_name << ", round " << round);
      Bench bench(++seed);
      bench.check(c.build(bench));
      REQUIRE(bench.types.contains(c.operator_name));
    }
    untested.erase(c.operator_name);
  }
  CHECK(untested.empty());
}

TEST_CASE("Cross entropy and mean squared error have the gradients of their mean") {
  for (const LossKind loss : {LossKind::cross_entropy, LossKind::mean_squared}) {
    Graph graph = network(perceptron, 3);
    const TrainingGraph training = make_training_graph(graph, {.loss = loss});
    TrainingRun<double> run(training, 5);
    set_inputs(run, training, Draw(9), 3);
    for (const Replacement& r : training.gradients) {
      (void)run.gradients();
      const std::vector<double> gradient = run.values().real(r.value), start = run.values().real(r.stored);
      for (std::size_t i = 0; i < start.size(); i += 5) {
        const auto loss_at = [&](double value) {
          auto values = start;
          values[i] = value;
          run.values().set(r.stored, values);
          return run.gradients();
        };
        const double difference = (loss_at(start[i] + 1e-5) - loss_at(start[i] - 1e-5)) / 2e-5;
        run.values().set(r.stored, start);
        CHECK(gradient[i] == Approx(difference).epsilon(1e-6).margin(1e-9));
      }
    }
  }
}
