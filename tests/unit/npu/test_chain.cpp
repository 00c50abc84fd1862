#include <catch2/catch.hpp>

#include "jobs.h"
#include "models/npu/chain.h"

using namespace spinvp::npu;
using namespace spinvp::npu::test;

namespace {

struct Problem {
  std::size_t rows, columns, depth;
  bool a_by_k;
  Values a, b, sums;
  [[nodiscard]] ChainBlock block(Values& out) const {
    return {out.data(), padded_width(columns), a.data(), a_by_k ? 1 : depth, a_by_k ? rows : 1, b.data(), padded_stride(columns), rows, columns, depth};
  }
};

Problem random_problem(Random& random) {
  Problem p{random.between(1, 21), random.between(1, 70), random.between(1, 600), random.coin(), {}, {}, {}};
  p.a = random.values(p.rows * p.depth, true);
  p.b = random.values(padded_stride(p.columns) * p.depth, true);
  p.sums = random.values(padded_width(p.columns) * p.rows, true);
  return p;
}

std::uint32_t comparable(float v) { return v != v ? 0x7fc00000 : bits(v); }

}  // namespace

TEST_CASE("every unit of this host gives the bits of a chain of fmaf") {
  Random random(11);
  for (int i = 0; i < 60; ++i) {
    const Problem p = random_problem(random);
    for (const ChainUnit unit : {ChainUnit::fmaf, ChainUnit::avx2, ChainUnit::avx512}) {
      if (!has_chain_unit(unit)) continue;
      Values out = p.sums;
      run_chain(p.block(out), unit);
      for (std::size_t r = 0; r < p.rows; ++r)
        for (std::size_t c = 0; c < p.columns; ++c) {
          float sum = p.sums[r * padded_width(p.columns) + c];
          for (std::size_t k = 0; k < p.depth; ++k)
            sum = std::fmaf(p.a_by_k ? p.a[k * p.rows + r] : p.a[r * p.depth + k], p.b[k * padded_stride(p.columns) + c], sum);
          CAPTURE(name_of(unit), p.rows, p.columns, p.depth, r, c);
          REQUIRE(comparable(out[r * padded_width(p.columns) + c]) == comparable(sum));
        }
    }
  }
}

TEST_CASE("a row stride never falls on an even number of cache lines") {
  for (std::size_t columns = 1; columns < 300; ++columns) {
    CHECK(padded_stride(columns) >= columns);
    CHECK(padded_stride(columns) / chain_width % 2 == 1);
  }
}
