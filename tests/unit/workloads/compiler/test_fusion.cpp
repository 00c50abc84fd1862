// Fusion and placement change no bit, whatever the network; expressions find their registers.
#include <catch2/catch.hpp>

#include "network.h"
#include "workloads/compiler/allocator.h"

namespace spinvp::workloads::compiler::test {
namespace {

using I = std::int64_t;

// A network drawn node by node: element-wise chains with side branches, products, reductions, transposes, concatenations between them.
struct Drawn {
  Network net;
  std::mt19937 engine;
  std::vector<TensorId> tensors;  // all [3, 4, 6]

  Drawn(ElementType element, std::uint32_t seed) : net(element), engine(seed) {
    for (std::uint32_t i = 0; i < 3; ++i) tensors.push_back(net.input("x" + std::to_string(i), {3, 4, 6}, drawn(72, seed * 7 + i)));
    for (int i = 0; i < 14; ++i) grow();
    // Some results are read from outside, so that some producers must write what they could have kept.
    for (std::size_t i = 3; i < tensors.size(); ++i)
      if (i + 1 == tensors.size() || below(4) == 0) net.graph.add_output(tensors[i]);
  }
  std::uint32_t below(std::uint32_t n) { return engine() % n; }
  TensorId any() { return tensors[tensors.size() - 1 - below(std::min<std::uint32_t>(5, static_cast<std::uint32_t>(tensors.size())))]; }
  void grow() {
    static constexpr const char* one[] = {"Relu", "Neg", "Tanh", "Sigmoid", "Abs", "LeakyRelu", "Gelu"};
    static constexpr const char* two[] = {"Add", "Sub", "Mul", "Max", "Min"};
    const std::string name = "n" + std::to_string(tensors.size());
    switch (below(8)) {
      case 0: {
        const TensorId w = net.weight(name + "w", {net.builder.element, {6, 6}}, drawn(36, engine()));
        return tensors.push_back(net.one("MatMul", {any(), w}));
      }
      case 1: {
        const TensorId bias = net.weight(name + "b", {net.builder.element, {6}}, drawn(6, engine()));
        return tensors.push_back(net.one("Add", {any(), bias}));
      }
      case 2: {
        const TensorId sum = net.one("ReduceMean", {net.one("Mul", {any(), any()})}, with({{"axes", Wholes{static_cast<I>(below(3))}}}));
        return tensors.push_back(net.one("Sub", {any(), sum}));
      }
      case 3: {
        const TensorId turned = net.one("Transpose", {any()}, with({{"perm", Wholes{2, 0, 1}}}));
        return tensors.push_back(net.one("Reshape", {turned}, with({{"shape", Wholes{3, 4, 6}}})));
      }
      case 4: {
        const auto halves = net.node("Split", {any()}, 2, with({{"axis", I{1}}}));
        return tensors.push_back(net.one("Concat", {halves[1], net.one("Neg", {halves[0]})}, with({{"axis", I{1}}})));
      }
      case 5: return tensors.push_back(net.one(two[below(5)], {any(), any()}));
      default: return tensors.push_back(net.one(one[below(7)], {any()}));
    }
  }
};

}  // namespace

TEST_CASE("fused and resident programs give the bits of plain ones, whatever the network") {
  std::size_t fused_away = 0;
  for (const ElementType element : {ElementType::float32, ElementType::bfloat16})
    for (std::uint32_t seed = 0; seed < 60; ++seed) {
      Drawn d(element, seed);
      // Little memory on chip, so that tensors lie in both.
      d.net.machine.onchip.bytes = 64 * (8 + seed % 24);
      auto plain = d.net.run({false, false, false});
      for (const CompileOptions& options : d.net.variants()) {
        auto other = d.net.run(options);
        for (const auto& [tensor, numbers] : plain.of) {
          INFO("seed " << seed << " tensor " << d.net.graph.tensor(tensor).name << (options.fusion ? " fused" : "") << (options.residency ? " resident" : ""));
          CHECK(first_difference(other.of[tensor], numbers) == -1);
        }
        if (options.fusion) fused_away += plain.program.kernels.size() - std::min(plain.program.kernels.size(), other.program.kernels.size());
      }
    }
  // The property means something: two variants of 120 networks lose more than two kernels each on average.
  CHECK(fused_away > 2 * 2 * 120);
}

TEST_CASE("a chain longer than a map program is cut, and still the same") {
  Network net;
  TensorId x = net.input("x", {8}, drawn(8, 1));
  for (int i = 0; i < 30; ++i) x = net.one(i % 2 == 0 ? "Gelu" : "Sigmoid", {x});
  net.graph.add_output(x);
  const auto fused = net.compiled();
  // 30 nodes of 5 and 4 steps, 48 to a program: three kernels at least.
  CHECK(fused.kernels.size() >= 3);
  CHECK(fused.kernels.size() < 30);
  for (const CompiledKernel& kernel : fused.kernels) CHECK(kernel.program->steps <= SPINVP_NPU_MAP_STEPS);
  CHECK(first_difference(net.run().of[x], net.run({false, false, false}).of[x]) == -1);
}

TEST_CASE("an expression that needs every register finds it, one more is refused") {
  for (const std::size_t inputs : {6, 7}) {
    // All products of neighbours live until the end: inputs + as many products, then a sum that frees them.
    Expression e;
    std::vector<Value> kept;
    for (std::uint32_t i = 0; i < inputs; ++i)
      for (std::uint32_t j = i; j < inputs && kept.size() < (inputs == 6 ? 10u : 12u); ++j) kept.push_back(e.multiply(Value::input(i), Value::input(j)));
    Value sum = kept[0];
    for (std::size_t i = 1; i < kept.size(); ++i) sum = e.add(sum, kept[i]);
    std::vector<Value> results = {sum};
    for (std::uint32_t i = 0; i < inputs; ++i) results.push_back(Value::input(i));
    std::vector<float> constants;
    // 6 inputs that stay and 10 products are 16 registers; 7 and 12 are 19.
    CHECK(assign(e, results, inputs, false, constants).has_value() == (inputs == 6));
  }
}

TEST_CASE("blocks that live at the same time lie apart; gaps are used, the smallest that holds the block first") {
  Allocator memory(1024);
  CHECK(memory.place(256, 0, 9) == 0u);
  CHECK(memory.place(128, 0, 3) == 256u);
  CHECK(memory.place(128, 0, 9) == 384u);
  CHECK(memory.place(256, 0, 3) == 512u);
  CHECK(memory.place(64, 0, 9) == 768u);
  // Kernels 4 ... 9: gaps of 128 at 256, of 256 at 512, and 192 at the end.
  CHECK(memory.place(100, 4, 9) == 256u);
  CHECK(memory.place(200, 4, 9) == 512u);
  CHECK(memory.place(256, 4, 9) == std::nullopt);
  CHECK(memory.place(192, 4, 9) == 832u);
  CHECK(memory.used() == 1024);
}

}  // namespace spinvp::workloads::compiler::test
