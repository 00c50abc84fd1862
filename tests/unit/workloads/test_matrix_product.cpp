#include <catch2/catch.hpp>
#include <cmath>
#include <vector>

#include "models/abi/counter_hash.h"
#include "workloads/training/matrix_product.h"

using namespace spinvp::workloads;

namespace {

// Numbers of both signs over several powers of two, so that every order of additions has bits of its own.
std::vector<float> numbers(std::size_t count, std::uint64_t seed) {
  std::vector<float> values(count);
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint64_t bits = spinvp_counter_hash(seed, i);
    values[i] = std::ldexp(static_cast<float>(static_cast<std::int32_t>(bits >> 40) - 8388608), -23 - static_cast<int>(bits & 7));
  }
  return values;
}

// One output straight from the rule, term by term.
float sum_of(const std::vector<float>& a, const std::vector<float>& b, const ProductShape& s, std::size_t m, std::size_t n, bool fused,
             std::size_t group_depth) {
  float total = 0.0f;
  for (std::size_t start = 0; start < s.depth; start += group_depth) {
    float partial = 0.0f;
    for (std::size_t k = start; k < s.depth && k < start + group_depth; ++k) {
      const float left = a[m * s.depth + k];
      const float right = b[k * s.columns + n];
      if (fused) {
        partial = std::fmaf(left, right, partial);
      } else {
        const volatile float product = left * right;  // volatile: the rounding of the product cannot be contracted away
        partial = partial + product;
      }
    }
    total = start == 0 ? partial : total + partial;
  }
  return total;
}

void check_product(const ArithmeticPolicy& policy, const ProductShape& s, bool fused, std::size_t group_depth) {
  const auto a = numbers(s.rows * s.depth, 1);
  const auto b = numbers(s.depth * s.columns, 2);
  std::vector<float> c(s.rows * s.columns, 99.0f);
  matrix_product(policy, s, a, b, c);
  std::size_t wrong = 0;
  for (std::size_t m = 0; m < s.rows; ++m)
    for (std::size_t n = 0; n < s.columns; ++n) wrong += c[m * s.columns + n] != sum_of(a, b, s, m, n, fused, group_depth);
  INFO(s.rows << " x " << s.columns << " x " << s.depth);
  CHECK(wrong == 0);
}

}  // namespace

TEST_CASE("An NPU sum is one chain of fused multiply-adds with k ascending") {
  for (const ProductShape s : {ProductShape{1, 1, 1}, {3, 64, 7}, {5, 65, 33}, {2, 63, 500}, {50, 10, 320}})
    check_product(ArithmeticPolicy::npu(), s, true, s.depth);
}

TEST_CASE("A PIM sum with no lanes to spare is one chain of two roundings a step") {
  const ArithmeticPolicy policy = ArithmeticPolicy::pim(1024, 1024);
  for (const ProductShape s : {ProductShape{20, 30, 25}, {40, 65, 11}, {1, 600, 40}}) check_product(policy, s, false, s.depth);
}

TEST_CASE("A PIM sum is split into groups whose partial sums are added in ascending order") {
  // 5 x 13 = 65 outputs take 3 subarrays of 32 lanes; 320 lanes hold 3 groups (3.33); 40 terms give groups of 14, 14 and 12.
  check_product(ArithmeticPolicy::pim(320, 32), {5, 13, 40}, false, 14);
  // 1600 outputs take 2048 of 65536 lanes: 32 groups of 10 of the 320 terms.
  check_product(ArithmeticPolicy::pim(), {32, 50, 320}, false, 10);
}

TEST_CASE("Groups of the main job's sums follow from its shapes") {
  constexpr ArithmeticPolicy pim = ArithmeticPolicy::pim();
  struct Case {
    const char* what;
    std::size_t outputs, depth, groups, group_depth;
  };
  // Batch 32; outputs padded to multiples of 1024, 65536 lanes in all.
  for (const Case& c :
       {Case{"conv1 forward: 184320 outputs are more than the lanes", 32 * 576 * 10, 25, 1, 25},
        Case{"conv2 forward: 40960 of 65536", 32 * 64 * 20, 250, 1, 250}, Case{"conv2 data gradient: 46080", 32 * 144 * 10, 500, 1, 500},
        Case{"conv1 weight gradient: 1024 padded, 64 groups", 250, 18432, 64, 288},
        Case{"conv2 weight gradient: 5120 padded, floor(12.8)", 5000, 2048, 12, 171}, Case{"fc1 forward: 2048 padded", 32 * 50, 320, 32, 10},
        Case{"fc1 weight gradient: 16384 padded", 50 * 320, 32, 4, 8}, Case{"fc2 forward: 1024 padded, 64 groups but only 50 terms", 32 * 10, 50, 50, 1}}) {
    INFO(c.what);
    CHECK(pim.groups(c.outputs, c.depth) == c.groups);
    CHECK(pim.group_depth(c.outputs, c.depth) == c.group_depth);
    CHECK(ArithmeticPolicy::npu().groups(c.outputs, c.depth) == 1);
  }
}
