// Operators that move elements: as views, copies or gathered rows they end where NumPy would put them.
#include <catch2/catch.hpp>

#include "models/core/error.h"
#include "network.h"

namespace spinvp::workloads::compiler::test {
namespace {

using I = std::int64_t;

Numbers counted(std::uint64_t count) {
  Numbers v(count);
  for (std::size_t i = 0; i < count; ++i) v[i] = static_cast<float>(i + 1);
  return v;
}

// The result of `build` on x, whose elements are 1, 2, ...; as it is and behind a map, so that views meet both readers of strides and readers of whole tensors.
Numbers moved(const Shape& shape, const std::function<TensorId(Network&, TensorId)>& build, bool fills = false) {
  Numbers first;
  for (const bool behind_map : {false, true}) {
    if (behind_map && fills) continue;
    Network net;
    const TensorId x = net.input("x", shape, counted(elements(shape)));
    TensorId y = build(net, behind_map ? net.one("Neg", {x}) : x);
    if (behind_map) y = net.one("Neg", {y});
    net.graph.add_output(y);
    for (const CompileOptions& options : net.variants()) {
      const Numbers got = net.run(options).of[y];
      if (first.empty()) first = got;
      CHECK(first_difference(got, first) == -1);
    }
  }
  return first;
}

std::optional<TensorId> wholes(Network& net, const Wholes& values) {
  return net.builder.constant("c" + std::to_string(net.graph.tensors().size()), whole_values(ElementType::int64, {static_cast<I>(values.size())}, values));
}

}  // namespace

TEST_CASE("transposes, slices, splits, reshapes of what lies across") {
  CHECK(moved({2, 3}, [](Network& n, TensorId x) { return n.one("Transpose", {x}); }) == Numbers{1, 4, 2, 5, 3, 6});
  CHECK(moved({2, 3}, [](Network& n, TensorId x) {
          return n.one("Reshape", {n.one("Transpose", {x})}, with({{"shape", Wholes{6}}}));
        }) == Numbers{1, 4, 2, 5, 3, 6});
  CHECK(moved({3, 4}, [](Network& n, TensorId x) {
          return n.one("Slice", {x}, with({{"axes", Wholes{1}}, {"starts", Wholes{1}}, {"ends", Wholes{3}}}));
        }) == Numbers{2, 3, 6, 7, 10, 11});
  // Backwards, every second one.
  CHECK(moved({5}, [](Network& n, TensorId x) {
          return n.one("Slice", {x, wholes(n, {4}), wholes(n, {-9}), wholes(n, {0}), wholes(n, {-2})});
        }) == Numbers{5, 3, 1});
  CHECK(moved({2, 4}, [](Network& n, TensorId x) { return n.node("Split", {x}, 2, with({{"axis", I{1}}}))[1]; }) == Numbers{3, 4, 7, 8});
  CHECK(moved({1, 3}, [](Network& n, TensorId x) { return n.one("Expand", {x, wholes(n, {2, 3})}); }) == Numbers{1, 2, 3, 1, 2, 3});
  CHECK(moved({2, 2, 1}, [](Network& n, TensorId x) { return n.one("Flatten", {n.one("Squeeze", {x})}); }) == Numbers{1, 2, 3, 4});
}

TEST_CASE("concatenations and pads write their pieces") {
  CHECK(moved({2, 2}, [](Network& n, TensorId x) {
          return n.one("Concat", {x, n.one("Neg", {x}), x}, with({{"axis", I{1}}}));
        }) == Numbers{1, 2, -1, -2, 1, 2, 3, 4, -3, -4, 3, 4});
  CHECK(moved(
            {2, 2},
            [](Network& n, TensorId x) {
              return n.one("Pad", {x}, with({{"pads", Wholes{0, 1, 1, 0}}, {"value", 9.0}}));
            },
            true) == Numbers{9, 1, 2, 9, 3, 4, 9, 9, 9});
  CHECK(moved(
            {4},
            [](Network& n, TensorId x) {
              return n.one("Pad", {x, wholes(n, {-1, 2})});
            },
            true) == Numbers{2, 3, 4, 0, 0});
}

TEST_CASE("rows and slices by index") {
  // One index, an even list and an uneven one; from the end where it is negative; along the first axis and another one.
  CHECK(moved({3, 2}, [](Network& n, TensorId x) {
          return n.one("Gather", {x, n.builder.constant("i", whole_values(ElementType::int64, {}, {-1}))});
        }) == Numbers{5, 6});
  CHECK(moved({2, 4}, [](Network& n, TensorId x) { return n.one("Gather", {x, wholes(n, {3, 1})}, with({{"axis", I{1}}})); }) == Numbers{4, 2, 8, 6});
  CHECK(moved({2, 4}, [](Network& n, TensorId x) { return n.one("Gather", {x, wholes(n, {0, 1, 3})}, with({{"axis", I{1}}})); }) == Numbers{1, 2, 4, 5, 6, 8});
  CHECK(moved({3, 2}, [](Network& n, TensorId x) {
          return n.one("Gather", {x, n.builder.constant("i", whole_values(ElementType::int64, {2, 2}, {2, 0, 0, 1}))});
        }) == Numbers{5, 6, 1, 2, 1, 2, 3, 4});
}

TEST_CASE("indices that are fed choose rows, and their gradients add up there") {
  Network net;
  const TensorId table = net.weight("table", {ElementType::float32, {4, 3}}, counted(12));
  // The second column of the fed pairs: a view that must be brought together.
  const TensorId pairs = net.input("pairs", {ElementType::int64, {3, 2}}, {9, 2, 9, 0, 9, 2});
  const TensorId rows = net.one("Gather", {pairs, net.builder.constant("one", whole_values(ElementType::int64, {}, {1}))}, with({{"axis", I{1}}}));
  const TensorId y = net.one("Gather", {table, rows}), dy = net.input("dy", {3, 3}, counted(9));
  const TensorId back = net.one("GatherGradient", {dy, rows}, with({{"rows", I{4}}}));
  net.graph.add_output(y);
  net.graph.add_output(back);
  for (const CompileOptions& options : net.variants()) {
    auto result = net.run(options);
    CHECK(result.of[y] == Numbers{7, 8, 9, 1, 2, 3, 7, 8, 9});
    CHECK(result.of[back] == Numbers{4, 5, 6, 0, 0, 0, 8, 10, 12, 0, 0, 0});
  }
}

TEST_CASE("what has no kernel is refused with its node") {
  const auto refusal = [](const std::function<void(Network&, TensorId)>& build, const CompileOptions& options = {}) -> std::string {
    Network net;
    const TensorId x = net.input("x", {2, 3, 4, 4, 4}, counted(384));
    build(net, x);
    try {
      (void)net.compiled(options);
    } catch (const core::InputError& error) {
      return error.what();
    }
    return "";
  };
  const auto product = refusal([](Network& n, TensorId x) { n.graph.add_output(n.one("ReduceProd", {x}, with({{"axes", Wholes{1}}}))); });
  CHECK(product.find("test: node 'ReduceProd' (ReduceProd): the NPU has no kernels for this operator, it has for Abs, AbsGradient, ") == 0);
  const auto volume = refusal([](Network& n, TensorId x) {
    n.graph.add_output(n.one("Conv", {x, n.weight("w", {ElementType::float32, {1, 3, 1, 1, 1}}, counted(3))}));
  });
  CHECK(volume.find("a tensor of 5 dimensions, the NPU has convolutions of 3 and 4") != std::string::npos);
  const auto narrow = refusal([](Network& n, TensorId x) { n.graph.add_output(n.one("Cast", {x}, with({{"to", std::string("float16")}}))); });
  CHECK(narrow.find("float16, allowed are float32, bfloat16 and whole numbers") != std::string::npos);
}

TEST_CASE("a network that DRAM does not hold is refused with what it needs and what would help") {
  Network net;
  net.machine.dram.bytes = 1 << 20;
  const TensorId x = net.input("x", {1 << 18}, {}), y = net.one("Relu", {x});
  net.graph.add_output(y);
  try {
    (void)net.compiled({.phantom = true});
    FAIL("it was taken");
  } catch (const core::InputError& error) {
    // 1 MiB each.
    CHECK(std::string(error.what()) ==
          "test: network 'test' needs 3 MiB of DRAM, 1 MiB are available: a smaller batch, recomputed activations or a larger devices.dram.size help");
  }
}

}  // namespace spinvp::workloads::compiler::test
