// Element-wise operators, forward and backward: each result equals its definition bit for bit, in fp32 and in bf16, fused or not.
#include <catch2/catch.hpp>

#include "network.h"

namespace spinvp::workloads::compiler::test {
namespace {

using Of = float (*)(float, float, float);
struct Row {
  const char* type;
  std::size_t operands;
  Attributes attributes;
  Of value;
  float low = -2, high = 2;
};

float e(float x) { return spinvp_exp_f32(x); }
float erf_of(float x) { return spinvp_erf_f32(x); }
float tanh_of(float x) { return spinvp_tanh_f32(x); }

// The definitions of docs and of graph/operators/activation_gradients.cpp, written once more.
std::vector<Row> rows() {
  return {
      {"Abs", 1, {}, [](float x, float, float) { return x < 0 ? -x : x; }},
      {"Add", 2, {}, [](float a, float b, float) { return a + b; }},
      {"Ceil", 1, {}, [](float x, float, float) { return std::ceil(x); }},
      {"Clip", 1, with({{"min", -0.5}, {"max", 0.75}}), [](float x, float, float) { return x < -0.5f   ? -0.5f
                                                                                           : x > 0.75f ? 0.75f
                                                                                                       : x; }},
      {"Div", 2, {}, [](float a, float b, float) { return a / b; }},
      {"Elu", 1, with({{"alpha", 0.7}}), [](float x, float, float) { return x > 0 ? x : 0.7f * (e(x) - 1.0f); }},
      {"Erf", 1, {}, [](float x, float, float) { return erf_of(x); }},
      {"Exp", 1, {}, [](float x, float, float) { return e(x); }},
      {"Floor", 1, {}, [](float x, float, float) { return std::floor(x); }},
      {"Gelu", 1, {}, [](float x, float, float) { return (x * 0.5f) * (erf_of(x * 0.70710678f) + 1.0f); }},
      {"Gelu", 1, with({{"approximate", std::string("tanh")}}),
       [](float x, float, float) { return (x * 0.5f) * (tanh_of(0.79788456f * (x + 0.044715f * ((x * x) * x))) + 1.0f); }},
      {"HardSigmoid", 1, {}, [](float x, float, float) { return std::max(0.0f, std::min(1.0f, (x * 0.2f) + 0.5f)); }, -5, 5},
      {"HardSwish", 1, {}, [](float x, float, float) { return x * std::max(0.0f, std::min(1.0f, (x * (1.0f / 6.0f)) + 0.5f)); }, -5, 5},
      {"LeakyRelu", 1, with({{"alpha", 0.1}}), [](float x, float, float) { return x > 0 ? x : x * 0.1f; }},
      {"Log", 1, {}, [](float x, float, float) { return spinvp_log_f32(x); }, 0.1f, 4},
      {"Max", 3, {}, [](float a, float b, float c) { return std::max(std::max(a, b), c); }},
      {"Min", 3, {}, [](float a, float b, float c) { return std::min(std::min(a, b), c); }},
      {"Mul", 2, {}, [](float a, float b, float) { return a * b; }},
      {"Neg", 1, {}, [](float x, float, float) { return -x; }},
      {"PRelu", 2, {}, [](float x, float slope, float) { return x > 0 ? x : x * slope; }},
      {"Pow", 2, {}, [](float x, float p, float) { return e(p * spinvp_log_f32(x)); }, 0.1f, 3},
      {"Reciprocal", 1, {}, [](float x, float, float) { return 1.0f / x; }},
      {"Relu", 1, {}, [](float x, float, float) { return x > 0 ? x : 0.0f; }},
      {"Sigmoid", 1, {}, [](float x, float, float) { return 1.0f / (1.0f + e(0.0f - x)); }},
      {"Softplus", 1, {}, [](float x, float, float) { return spinvp_log_f32(1.0f + e(x)); }},
      {"Sqrt", 1, {}, [](float x, float, float) { return std::sqrt(x); }, 0, 4},
      {"Sub", 2, {}, [](float a, float b, float) { return a - b; }},
      {"Tanh", 1, {}, [](float x, float, float) { return tanh_of(x); }},
      {"AbsGradient", 2, {}, [](float dy, float x, float) { return dy * ((x > 0 ? 1.0f : 0.0f) - (0 > x ? 1.0f : 0.0f)); }},
      {"ClipGradient", 2, with({{"low", -0.5}, {"high", 0.75}}), [](float dy, float x, float) { return -0.5f <= x && x <= 0.75f ? dy : 0.0f; }},
      {"ClipGradient", 2, with({{"high", 0.75}}), [](float dy, float x, float) { return x <= 0.75f ? dy : 0.0f; }},
      {"EluGradient", 2, with({{"alpha", 0.7}}), [](float dy, float x, float) { return x > 0 ? dy : dy * (0.7f * e(x)); }},
      {"ErfGradient", 2, {}, [](float dy, float x, float) { return dy * (1.1283792f * e(0.0f - (x * x))); }},
      {"GeluGradient",
       2,
       {},
       [](float dy, float x, float) {
         const float t = x * 0.70710678f, cdf = (erf_of(t) + 1.0f) * 0.5f, pdf = e(0.0f - (t * t)) * 0.3989423f;
         return dy * (cdf + (x * pdf));
       }},
      {"GeluGradient", 2, with({{"approximate", std::string("tanh")}}),
       [](float dy, float x, float) {
         const float t = tanh_of(0.79788456f * (x + (0.044715f * ((x * x) * x)))), slope = 0.79788456f * (1.0f + (0.134145f * (x * x)));
         return dy * (((t + 1.0f) * 0.5f) + (((x * 0.5f) * (1.0f - (t * t))) * slope));
       }},
      {"HardSigmoidGradient",
       2,
       {},
       [](float dy, float x, float) {
         const float t = (x * 0.2f) + 0.5f;
         return 0 < t && t < 1 ? dy * 0.2f : 0.0f;
       },
       -5,
       5},
      {"HardSwishGradient",
       2,
       {},
       [](float dy, float x, float) {
         const float s = x * (1.0f / 6.0f), t = s + 0.5f;
         return dy * (std::max(0.0f, std::min(1.0f, t)) + (0 < t && t < 1 ? s : 0.0f));
       },
       -5,
       5},
      {"LeakyReluGradient", 2, with({{"alpha", 0.1}}), [](float dy, float x, float) { return x > 0 ? dy : dy * 0.1f; }},
      {"MaxGradient", 3, {}, [](float dy, float a, float b) { return a > b ? dy : 0.0f; }},
      {"MinGradient", 3, with({{"ties", std::int64_t{1}}}), [](float dy, float a, float b) { return a <= b ? dy : 0.0f; }},
      {"PowGradient", 2, with({{"exponent", 3.0}}), [](float dy, float x, float) { return (dy * 3.0f) * (x * x); }},
      {"PowGradient", 2, with({{"exponent", 1.5}}), [](float dy, float x, float) { return (dy * 1.5f) * std::sqrt(x); }, 0.1f, 3},
      {"ReluGradient", 2, {}, [](float dy, float y, float) { return y > 0 ? dy : 0.0f; }},
      {"SigmoidGradient", 2, {}, [](float dy, float y, float) { return (dy * y) * (1.0f - y); }},
      {"SoftplusGradient", 2, {}, [](float dy, float x, float) { return dy * (1.0f / (1.0f + e(0.0f - x))); }},
      {"SqrtGradient", 2, {}, [](float dy, float y, float) { return (dy * 0.5f) / y; }, 0.1f, 3},
      {"TanhGradient", 2, {}, [](float dy, float y, float) { return dy * (1.0f - (y * y)); }},
  };
}

}  // namespace

TEST_CASE("an element-wise operator is its definition, step by step, rounded once to its type") {
  for (const ElementType element : {ElementType::float32, ElementType::bfloat16})
    for (const Row& row : rows()) {
      Network net(element);
      const Shape shape = {2, 3, 5};
      std::vector<std::optional<TensorId>> operands;
      for (std::uint32_t i = 0; i < row.operands; ++i) operands.emplace_back(net.input("x" + std::to_string(i), shape, drawn(30, 7 + i, row.low, row.high)));
      const TensorId y = net.one(row.type, operands, row.attributes);
      net.graph.add_output(y);
      Numbers wanted;
      for (std::size_t i = 0; i < 30; ++i) {
        float at[3] = {};
        for (std::size_t o = 0; o < row.operands; ++o) at[o] = net.values[*operands[o]][i];
        wanted.push_back(row.value(at[0], at[1], at[2]));
      }
      INFO(row.type << " in " << name_of(element));
      CHECK(first_difference(net.run().of[y], rounded(wanted, element)) == -1);
    }
}

TEST_CASE("constant exponents are products and roots") {
  for (const auto& [exponent, value] : std::vector<std::pair<double, Of>>{{2, [](float x, float, float) { return x * x; }},
                                                                          {3, [](float x, float, float) { return (x * x) * x; }},
                                                                          {0.5, [](float x, float, float) { return std::sqrt(x); }},
                                                                          {1.7, [](float x, float, float) { return e(1.7f * spinvp_log_f32(x)); }}}) {
    Network net;
    const TensorId x = net.input("x", {20}, drawn(20, 1, 0.1f, 3));
    const TensorId y = net.one("Pow", {x, net.builder.constant("p", {{ElementType::float32, {}}, {}, {exponent}})});
    net.graph.add_output(y);
    Numbers wanted;
    for (const float v : net.values[x]) wanted.push_back(value(v, 0, 0));
    INFO(exponent);
    CHECK(first_difference(net.run().of[y], wanted) == -1);
  }
}

TEST_CASE("operands repeat along extents of 1 and missing extents") {
  Network net;
  const TensorId a = net.input("a", {2, 1, 3}, drawn(6, 1)), b = net.input("b", {4, 1}, drawn(4, 2));
  const TensorId y = net.one("Sub", {a, b});
  net.graph.add_output(y);
  Numbers wanted;
  for (std::size_t i = 0; i < 2; ++i)
    for (std::size_t j = 0; j < 4; ++j)
      for (std::size_t k = 0; k < 3; ++k) wanted.push_back(net.values[a][i * 3 + k] - net.values[b][j]);
  CHECK(first_difference(net.run().of[y], wanted) == -1);
}

TEST_CASE("truth values are 1 and 0, and choose") {
  Network net;
  const TensorId a = net.input("a", {12}, drawn(12, 1)), b = net.input("b", {12}, drawn(12, 2));
  const TensorId less = net.one("Less", {a, b}), positive = net.one("Greater", {a, net.builder.constant("zero", {{ElementType::float32, {}}, {}, {0.0}})});
  const TensorId both = net.one("And", {less, positive}), either = net.one("Or", {less, net.one("Not", {positive})});
  const TensorId y = net.one("Where", {both, a, b}), z = net.one("Where", {either, a, b});
  net.graph.add_output(y);
  net.graph.add_output(z);
  Numbers wanted_y, wanted_z;
  for (std::size_t i = 0; i < 12; ++i) {
    const float p = net.values[a][i], q = net.values[b][i];
    wanted_y.push_back(p < q && p > 0 ? p : q);
    wanted_z.push_back(p < q || !(p > 0) ? p : q);
  }
  for (const CompileOptions& options : net.variants()) {
    auto result = net.run(options);
    CHECK(first_difference(result.of[y], wanted_y) == -1);
    CHECK(first_difference(result.of[z], wanted_z) == -1);
  }
}

TEST_CASE("a cast between floats rounds, one to whole numbers cuts") {
  Network net;
  const TensorId x = net.input("x", {9}, drawn(9, 3, -5, 5));
  const TensorId narrow = net.one("Cast", {x}, with({{"to", std::string("bfloat16")}})),
                 wide = net.one("Cast", {narrow}, with({{"to", std::string("float32")}}));
  const TensorId whole = net.one("Cast", {x}, with({{"to", std::string("int64")}})), real = net.one("Cast", {whole}, with({{"to", std::string("float32")}}));
  net.graph.add_output(wide);
  net.graph.add_output(real);
  Numbers wanted;
  for (const float v : net.values[x]) wanted.push_back(std::trunc(v));
  for (const CompileOptions& options : net.variants()) {
    auto result = net.run(options);
    CHECK(first_difference(result.of[wide], rounded(net.values[x], ElementType::bfloat16)) == -1);
    CHECK(first_difference(result.of[real], wanted) == -1);
  }
}

}  // namespace spinvp::workloads::compiler::test
