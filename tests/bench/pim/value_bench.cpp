// Host time of one element of each operation in the loops of HostValues, by arithmetic and vector width: the best of several rounds over planes that stay in
// the first-level cache.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <vector>

#include <systemc>

#include "models/pim/host_values.h"
#include "tests/support/float_operands.h"

namespace {

using namespace spinvp::pim;

double nanoseconds_an_element(const HostValues& values, FloatOperation operation, const FloatFormat& format) {
  constexpr std::size_t lanes = 1024;
  std::vector<std::uint32_t> d(lanes), a(lanes), b(lanes);
  test::FloatDraw draw(format, 1);
  // Numbers in [1, 4) with both signs: the host may take longer for subnormal ones.
  const auto number = [&] {
    const std::uint64_t exponent = static_cast<std::uint64_t>(format.bias()) + draw.next() % 2;
    return static_cast<std::uint32_t>(exponent << format.mantissa_bits | (draw.next() & (format.mantissa_mask() | format.sign_bit())));
  };
  for (std::size_t i = 0; i < lanes; ++i) a[i] = number(), b[i] = number(), d[i] = number();
  using Clock = std::chrono::steady_clock;
  double best = 1e9;
  for (int round = 0; round < 20; ++round) {
    constexpr int repeats = 50;
    const auto start = Clock::now();
    for (int i = 0; i < repeats; ++i) values.run(operation, d.data(), a.data(), b.data(), lanes);
    best = std::min(best, std::chrono::duration<double, std::nano>(Clock::now() - start).count() / (repeats * lanes));
  }
  return best;
}

}  // namespace

int sc_main(int, char**) {
  const FloatArithmetic arithmetics[] = {{fp32, Semantics::ieee, Rounding::nearest_even},  {fp32, Semantics::ieee, Rounding::truncate},
                                         {fp32, Semantics::published, Rounding::truncate}, {fp16, Semantics::ieee, Rounding::nearest_even},
                                         {bf16, Semantics::ieee, Rounding::nearest_even},  {bf16, Semantics::published, Rounding::truncate}};
  std::printf("%-26s %-14s %8s %8s %8s %8s %8s %8s %8s   ns an element\n", "arithmetic", "vectors", "mul", "add", "sub", "mac", "compare", "max", "relu");
  for (const FloatArithmetic& arithmetic : arithmetics)
    for (const VectorWidth width : {VectorWidth::portable, VectorWidth::avx2, VectorWidth::avx512}) {
      const HostValues values(arithmetic, width);
      std::printf("%-4s %-9s %-11s %-14s", name_of(arithmetic.format).c_str(), arithmetic.semantics == Semantics::ieee ? "ieee" : "published",
                  arithmetic.rounding == Rounding::truncate ? "truncate" : "nearest", values.width_name());
      for (unsigned operation = 0; operation < 7; ++operation)
        std::printf(" %8.3f", nanoseconds_an_element(values, static_cast<FloatOperation>(operation), arithmetic.format));
      std::printf("\n");
    }
  return 0;
}
