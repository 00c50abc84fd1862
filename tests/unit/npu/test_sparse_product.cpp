// N:M sparsity without a bus: which terms are kept, and the time of what is left.
#include <catch2/catch.hpp>

#include <cmath>
#include <limits>

#include "jobs.h"
#include "models/npu/plan.h"

using namespace spinvp::npu;
using namespace spinvp::npu::test;

namespace {

std::vector<std::uint32_t> places_of(const SparsePattern& pattern, const Values& column) {
  KeptTerms kept;
  keep_largest(pattern, column.data(), column.size(), kept);
  for (std::size_t i = 0; i < kept.places.size(); ++i) CHECK(bits(kept.values[i]) == bits(column[kept.places[i]]));
  return kept.places;
}

Limits reaching(std::uint64_t group) {
  Limits limits;
  limits.sparse_group = group;
  return limits;
}

}  // namespace

TEST_CASE("of each group the largest magnitudes are kept, in order, of equals the first, and up to N of a last group that is short") {
  using Places = std::vector<std::uint32_t>;
  const SparsePattern pattern{2, 4};
  CHECK(places_of(pattern, {1, -5, 2, 3, 0, 0, 0, -0.0f, 7}) == Places{1, 3, 4, 5, 8});
  CHECK(places_of(pattern, {4, 4, -4, 4, -1, 2, -3, 1, 1, 2, 3}) == Places{0, 1, 5, 6, 9, 10});
  const float nan = std::numeric_limits<float>::quiet_NaN(), infinity = std::numeric_limits<float>::infinity();
  CHECK(places_of(pattern, {1, infinity, 2, -nan}) == Places{1, 3});
  CHECK(places_of({1, 3}, {1e-40f, -2e-40f, 0}) == Places{1});
}

TEST_CASE("kept terms and comparisons are those that a count over groups gives") {
  for (std::uint64_t group = 2; group <= 9; ++group)
    for (std::uint64_t keep = 1; keep < group; ++keep)
      for (std::uint64_t k = 1; k <= 40; ++k) {
        const SparsePattern pattern{keep, group};
        CAPTURE(keep, group, k);
        const Values column(k, 1.0f);
        CHECK(pattern.kept(k) == places_of(pattern, column).size());
        // N passes, each of which compares the largest so far with what is left.
        std::uint64_t comparisons = 0;
        for (std::uint64_t first = 0; first < k; first += group)
          for (std::uint64_t pass = 0, left = std::min(group, k - first); pass < keep && left > 0; ++pass, --left) comparisons += left - 1;
        CHECK(pattern.comparisons(k) == comparisons);
        // Whole folds along k: the least number of whole groups that fills rows.
        const std::uint64_t rows = k, whole = pattern.whole_folds(rows);
        CHECK(whole % group == 0);
        CHECK(pattern.kept(whole) % rows == 0);
        for (std::uint64_t less = group; less < whole; less += group) CHECK(pattern.kept(less) % rows != 0);
      }
  CHECK(SparsePattern{}.kept(77) == 77);
  CHECK(SparsePattern{}.comparisons(77) == 0);
}

TEST_CASE("a chain of kept terms has the bits of fmaf, on each kind of host") {
  Random random(51);
  for (const ChainUnit unit : {ChainUnit::fmaf, ChainUnit::avx2, ChainUnit::avx512}) {
    if (!has_chain_unit(unit)) continue;
    for (const std::size_t width : {std::size_t{1}, std::size_t{17}, std::size_t{150}}) {
      const std::size_t depth = 40, stride = padded_stride(width);
      const Values column = random.values(depth), terms = random.values(depth * stride), before = random.values(stride);
      KeptTerms kept;
      keep_largest({3, 7}, column.data(), depth, kept);
      Values sums = before;
      run_kept_chain(kept, terms.data(), stride, sums.data(), width, unit);
      for (std::size_t j = 0; j < width; ++j) {
        float sum = before[j];
        for (std::size_t t = 0; t < kept.values.size(); ++t) sum = std::fmaf(kept.values[t], terms[kept.places[t] * stride + j], sum);
        CHECK(bits(sums[j]) == bits(sum));
      }
    }
  }
}

TEST_CASE("a sparse product's steps cut k between groups, and take the fold law's cycles for what is kept, while all of a enters") {
  Random random(52);
  for (int i = 0; i < 600; ++i) {
    spinvp_npu_descriptor d = random.coin() ? random_convolution(random, random.between(SPINVP_NPU_CONV_FORWARD, SPINVP_NPU_CONV_DATA_GRADIENT), 20)
                                            : gemm(random.between(1, 300), random.between(1, 300), random.between(1, 600), random.below(4));
    const std::uint32_t group = random.between(2, 16), keep = random.between(1, group - 1);
    d.count = keep | group << 8;
    const auto checked = check(d, reaching(16));
    REQUIRE(checked);
    const MatrixJob& job = std::get<MatrixJob>(checked->work);
    PlanLimits limits;
    limits.array = {random.between(1, 40), random.between(1, 40)};
    limits.dataflow = static_cast<Dataflow>(random.below(3));
    limits.fold_cost = random.coin() ? FoldCost::exact : FoldCost::pipelined;
    limits.tile_bytes = std::uint64_t{1} << random.between(8, 16);
    limits.buffer_bytes = random.coin() ? 2 << 20 : 0;
    const auto p = plan(job, limits);
    REQUIRE(p);
    CAPTURE(i, keep, group, job.products, job.shape.m, job.shape.n, job.shape.k, p->tile.m, p->tile.n, p->tile.k, static_cast<int>(limits.dataflow));
    std::uint64_t cycles = 0, macs = 0, a = 0, b = 0;
    for (std::uint64_t s = 0; s < p->steps(); ++s) {
      const Step step = p->step(s);
      REQUIRE(step.k.first % group == 0);
      const StepWork work = work_of(*p, limits, step);
      cycles += work.cycles;
      macs += work.macs;
      a += work.a_elements;
      b += work.b_elements;
    }
    const Values column(job.shape.k, 1.0f);
    const std::uint64_t kept = places_of({keep, group}, column).size();
    const FoldLaw law = fold_law(limits.dataflow, limits.array, {job.shape.m, job.shape.n, kept}, limits.fold_cost);
    CHECK(cycles == law.cycles(job.products));
    CHECK(macs == job.products * job.shape.m * job.shape.n * kept);
    CHECK(b == job.products * law.b_elements);
    CHECK(a * kept == job.products * law.a_elements * job.shape.k);
  }
}

TEST_CASE("a pattern that is none, that the selectors do not reach, or of a weight gradient is refused") {
  const auto status_of = [](std::uint64_t keep, std::uint64_t group, std::uint64_t reach, std::uint32_t operation = SPINVP_NPU_GEMM) {
    spinvp_npu_descriptor d = operation == SPINVP_NPU_GEMM ? gemm(4, 4, 16) : convolution(operation, 1, 4, 8, 8, 4, 3, 3);
    d.count = keep | group << 8;
    const auto result = check(d, reaching(reach));
    return result ? static_cast<std::uint32_t>(SPINVP_NPU_DONE) : result.error().status;
  };
  CHECK(status_of(2, 8, 8) == SPINVP_NPU_DONE);
  CHECK(status_of(7, 8, 64) == SPINVP_NPU_DONE);
  for (const auto& [keep, group, reach] : {std::tuple{0, 8, 8}, {8, 8, 8}, {9, 8, 64}, {2, 0, 8}, {2, 8, 7}, {1, 2, 0}})
    CHECK(status_of(static_cast<std::uint64_t>(keep), static_cast<std::uint64_t>(group), static_cast<std::uint64_t>(reach)) == SPINVP_NPU_BAD_OPERATION);
  CHECK(status_of(2, 8, 8, SPINVP_NPU_CONV_DATA_GRADIENT) == SPINVP_NPU_DONE);
  CHECK(status_of(2, 8, 8, SPINVP_NPU_CONV_WEIGHT_GRADIENT) == SPINVP_NPU_BAD_OPERATION);
}
