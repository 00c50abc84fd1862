// Regular dropout in a training graph: masks, what the reference computes, and which products leave what out.
#include <catch2/catch.hpp>

#include <map>
#include <set>

#include "models/abi/npu_product.h"
#include "models/core/error.h"
#include "training_support.h"

namespace spinvp::workloads::test {
namespace {

TrainingGraph trained(const char* text, const RegularDropout& dropout) { return make_training_graph(network(text, 4), {.rate = 0.05, .dropout = dropout}); }

}  // namespace

TEST_CASE("each feature is dropped once in as many steps as the period, and what is kept is scaled to the same mean") {
  for (const RegularDropout& dropout : {RegularDropout{2, 1}, RegularDropout{5, 1}, RegularDropout{3, 4}}) {
    std::vector<double> sum(60, 0.0);
    for (std::uint64_t step = 7; step < 7 + dropout.period; ++step) {
      const std::vector<float> mask = mask_at(dropout, 60, step);
      for (std::size_t i = 0; i < mask.size(); ++i) {
        CHECK((mask[i] == 0) == (i / dropout.tile % dropout.period == step % dropout.period));
        sum[i] += static_cast<double>(mask[i]);
      }
    }
    for (const double s : sum) CHECK(s == Approx(static_cast<double>(dropout.period)));
  }
}

TEST_CASE("of two layers that drop, every product around them leaves out what the masks make zeros or multiply by 0") {
  const TrainingGraph training = trained(dropping, {2, 1});
  REQUIRE(training.masks.size() == 2);  // of 40 and 70 features
  constexpr std::int64_t m = SPINVP_NPU_DROP_M, n = SPINVP_NPU_DROP_N, k = SPINVP_NPU_DROP_K;
  std::map<std::string, std::multiset<std::int64_t>> axes;  // by layer
  for (const NodeId id : training.graph.order()) {
    const Node& node = training.graph.node(id);
    if (node.type == "Gemm" || node.type == "MatMul") axes[node.layer].insert(dropped_axes_of(node).axes);
  }
  // Forward: outputs of up and middle are dropped, inputs of middle and down. Gradients of data, the same turned round; of weights, rows (what came in was dropped) and columns (what went out).
  CHECK(axes.at("up") == std::multiset<std::int64_t>{n, n});
  CHECK(axes.at("middle") == std::multiset<std::int64_t>{n | k, n | k, m | n});
  CHECK(axes.at("down") == std::multiset<std::int64_t>{k, n, m});
}

TEST_CASE("without dropout, and in networks without Dropout nodes, nothing is masked and nothing marked") {
  for (const TrainingGraph& training : {trained(dropping, {}), trained(perceptron, {2, 1})}) {
    CHECK(training.masks.empty());
    for (const NodeId id : training.graph.order()) CHECK(dropped_axes_of(training.graph.node(id)).axes == 0);
  }
}

TEST_CASE("gradients of a network with dropout are those of central differences in double precision, with the same mask") {
  const TrainingGraph training = trained(dropping, {3, 2});
  TrainingRun<double> run(training, 3);
  set_inputs(run, training, Draw(4), 3);
  Draw draw(5);
  for (const Replacement& gradient : training.gradients) {
    run.gradients();
    const std::vector<double> by_rule = run.values().real(gradient.value), weights = run.values().real(gradient.stored);
    for (int i = 0; i < 5; ++i) {
      const auto at = static_cast<std::size_t>(draw.whole(0, static_cast<std::int64_t>(weights.size()) - 1));
      constexpr double step = 1e-5;
      double loss[2] = {};
      for (const int side : {0, 1}) {
        std::vector<double> moved = weights;
        moved[at] += side == 0 ? -step : step;
        run.values().set(gradient.stored, moved);
        loss[side] = run.gradients();
      }
      run.values().set(gradient.stored, weights);
      CHECK(by_rule[at] == Approx((loss[1] - loss[0]) / (2 * step)).epsilon(1e-6).margin(1e-8));
    }
  }
}

TEST_CASE("a period below 2 or a tile that is no power of two is refused, and Dropout behind a convolution") {
  CHECK_THROWS_AS(trained(dropping, {1, 1}), core::InputError);
  CHECK_THROWS_AS(trained(dropping, {256, 1}), core::InputError);
  CHECK_THROWS_AS(trained(dropping, {2, 3}), core::InputError);
  CHECK_THROWS_AS(
      trained("\ninput: {x: [$batch, 2, 5, 5]}\nlayers:\n- {conv: c, filters: 3, kernel: 3}\n- Dropout\n- Flatten\n- {linear: l, features: 2}\n", {2, 1}),
      core::InputError);
}

}  // namespace spinvp::workloads::test
