#include <catch2/catch.hpp>
#include <cmath>
#include <set>
#include <vector>

#include "models/abi/lenet_init.h"

namespace {

struct Range {
  std::uint32_t first, end;
  double inputs;  // of one output
};

// Counted from the network's shapes: 5x5 windows on 1 and on 10 channels, 20 channels of 4x4, 50 hidden units.
constexpr Range weights[] = {{0, 250, 25}, {260, 5260, 250}, {5280, 21280, 320}, {21330, 21830, 50}};
constexpr Range biases[] = {{250, 260, 0}, {5260, 5280, 0}, {21280, 21330, 0}, {21830, 21840, 0}};

}  // namespace

TEST_CASE("The network has 21,840 parameters") {
  CHECK(10 * (1 * 25 + 1) + 20 * (10 * 25 + 1) + 50 * (320 + 1) + 10 * (50 + 1) == 21840);
  CHECK(SPINVP_LENET_PARAMETERS == 21840);
  CHECK(SPINVP_LENET_CONV2_WEIGHT_OFFSET - SPINVP_LENET_CONV1_WEIGHT_OFFSET == 10 * (25 + 1));
  CHECK(SPINVP_LENET_FC1_WEIGHT_OFFSET - SPINVP_LENET_CONV2_WEIGHT_OFFSET == 20 * (250 + 1));
  CHECK(SPINVP_LENET_FC2_WEIGHT_OFFSET - SPINVP_LENET_FC1_WEIGHT_OFFSET == 50 * (320 + 1));
}

TEST_CASE("Weights start uniform with variance 1 over the inputs, and biases at 0") {
  for (const Range& range : weights) {
    double sum = 0.0;
    double squares = 0.0;
    const double count = range.end - range.first;
    for (std::uint32_t i = range.first; i < range.end; ++i) {
      const double value = static_cast<double>(spinvp_lenet_initial_parameter(1, i));
      REQUIRE(std::fabs(value) <= std::sqrt(3.0 / range.inputs) * (1 + 1e-7));
      sum += value;
      squares += value * value;
    }
    // Four standard errors: of a mean sqrt(v / n), of a uniform variable's mean square v sqrt(4 / 5 / n).
    CHECK(std::fabs(sum / count) < 4 * std::sqrt(1 / range.inputs / count));
    CHECK(std::fabs(squares / count * range.inputs - 1) < 4 * std::sqrt(0.8 / count));
  }
  for (const Range& range : biases)
    for (std::uint32_t i = range.first; i < range.end; ++i) REQUIRE(spinvp_lenet_initial_parameter(1, i) == 0.0f);
}

TEST_CASE("Another seed gives other weights, and no weight comes twice in a row") {
  std::set<float> seen;
  for (std::uint32_t seed = 1; seed <= 4; ++seed)
    for (std::uint32_t i = 0; i < 250; ++i) seen.insert(spinvp_lenet_initial_parameter(seed, i));
  CHECK(seen.size() > 990);  // 1000 draws of 2^24 values: 0.03 pairs expected
}
