#include <catch2/catch.hpp>

#include <map>
#include <set>

#include "jobs.h"
#include "models/npu/plan.h"

using namespace spinvp::npu;
using namespace spinvp::npu::test;

namespace {

MatrixJob job_of(const spinvp_npu_descriptor& d) { return std::get<MatrixJob>(check(d, Limits{})->work); }

spinvp_npu_descriptor random_shape(Random& random) {
  if (random.coin()) return gemm(random.between(1, 300), random.between(1, 300), random.between(1, 600), random.below(4));
  return convolution(random.between(SPINVP_NPU_CONV_FORWARD, SPINVP_NPU_CONV_WEIGHT_GRADIENT), random.between(1, 4), random.between(1, 8),
                     random.between(5, 20), random.between(5, 20), random.between(1, 30), random.between(1, 5), random.between(1, 5), random.between(1, 2),
                     random.below(3));
}

PlanLimits random_limits(Random& random) {
  PlanLimits limits;
  limits.array = {random.between(1, 40), random.between(1, 40)};
  limits.dataflow = static_cast<Dataflow>(random.below(3));
  limits.scratch_bytes = std::uint64_t{1} << random.between(10, 22);
  limits.tile_bytes = std::uint64_t{1} << random.between(8, 16);
  limits.a_in_place = random.below(4) == 0;
  limits.b_in_place = random.below(4) == 0;
  limits.c_in_place = random.below(4) == 0;
  return limits;
}

}  // namespace

TEST_CASE("a plan's folds cover every product once, with k ascending, inside the scratch region") {
  Random random(31);
  unsigned planned = 0;
  for (int i = 0; i < 400; ++i) {
    const MatrixJob job = job_of(random_shape(random));
    const PlanLimits limits = random_limits(random);
    const auto p = plan(job, limits);
    if (!p) continue;
    ++planned;
    CAPTURE(i, job.shape.m, job.shape.n, job.shape.k, p->tile.m, p->tile.n, p->tile.k, limits.array.rows, limits.array.columns,
            static_cast<int>(limits.dataflow));
    REQUIRE(p->scratch_used <= limits.scratch_bytes);
    std::uint64_t products = 0;
    std::map<std::pair<std::uint64_t, std::uint64_t>, std::uint64_t> next_k;  // of the output block that starts at (m, n)
    for (std::uint64_t s = 0; s < p->steps(); ++s) {
      const Step step = p->step(s);
      REQUIRE(job.a.region(step.m, step.k).bytes(job.a.tensor()) <= p->a.bytes);
      REQUIRE(job.b.region(step.n, step.k).bytes(job.b.tensor()) <= p->b.bytes);
      for_each_fold(*p, limits, step, [&](const Fold& fold) {
        products += fold.m.size() * fold.n.size() * fold.k.size();
        auto& k = next_k[{fold.m.first, fold.n.first}];
        REQUIRE(fold.k.first == k);
        REQUIRE(fold.first == (k == 0));
        k = fold.k.last;
        REQUIRE(fold.last == (k == job.shape.k));
        // A fold is never larger than the array.
        const bool os = limits.dataflow == Dataflow::output_stationary;
        REQUIRE((os ? fold.m.size() : fold.k.size()) <= limits.array.rows);
        REQUIRE((limits.dataflow == Dataflow::input_stationary ? fold.m.size() : fold.n.size()) <= limits.array.columns);
        return true;
      });
    }
    REQUIRE(products == job.shape.macs());
  }
  CHECK(planned > 200);
}

TEST_CASE("with room for it, the cycles of all folds are the fold law's, for all dataflows") {
  Random random(32);
  for (int i = 0; i < 300; ++i) {
    const MatrixJob job = job_of(random_shape(random));
    PlanLimits limits;
    limits.array = {random.between(1, 40), random.between(1, 40)};
    limits.dataflow = static_cast<Dataflow>(random.below(3));
    limits.tile_bytes = std::uint64_t{1} << random.between(8, 16);
    const auto p = plan(job, limits);
    REQUIRE(p);
    std::uint64_t cycles = 0, a = 0, b = 0;
    for (std::uint64_t s = 0; s < p->steps(); ++s)
      for_each_fold(*p, limits, p->step(s), [&](const Fold& fold) {
        cycles += fold.cycles;
        a += fold.m.size() * fold.k.size();
        b += fold.n.size() * fold.k.size();
        return true;
      });
    const FoldLaw law = fold_law(limits.dataflow, limits.array, job.shape);
    CAPTURE(i, job.shape.m, job.shape.n, job.shape.k, p->tile.m, p->tile.n, p->tile.k, static_cast<int>(limits.dataflow));
    CHECK(cycles == law.cycles());
    CHECK(a == law.a_elements);
    CHECK(b == law.b_elements);
  }
}

TEST_CASE("output stationary keeps the fold law even where scratch forces k into chunks") {
  PlanLimits limits;
  limits.array = {16, 16};
  limits.scratch_bytes = 20000;
  const MatrixJob job = job_of(gemm(100, 50, 5000));
  const auto p = plan(job, limits);
  REQUIRE(p);
  CHECK(p->chunks() > 1);
  std::uint64_t cycles = 0;
  for (std::uint64_t s = 0; s < p->steps(); ++s)
    for_each_fold(*p, limits, p->step(s), [&](const Fold& fold) {
      cycles += fold.cycles;
      return true;
    });
  CHECK(cycles == fold_law(limits.dataflow, limits.array, job.shape).cycles());
}

TEST_CASE("small weights stay in scratch, and tiles are whole folds with room to overlap") {
  // Second convolution of LeNet, batch 32: 20 kB of weights.
  const MatrixJob job = job_of(convolution(SPINVP_NPU_CONV_FORWARD, 32, 10, 12, 12, 20, 5, 5));
  PlanLimits limits;
  const auto p = plan(job, limits);
  REQUIRE(p);
  CHECK(p->tile.m % limits.array.rows == 0);
  CHECK(p->tiles() >= 2);
  CHECK(p->chunks() == 1);
  CHECK(p->b.count == 1);  // the one block there is
  CHECK(p->scratch_used < limits.scratch_bytes);
}

TEST_CASE("where not even one product fits, there is no plan") {
  PlanLimits limits;
  limits.scratch_bytes = 128;
  CHECK_FALSE(plan(job_of(gemm(4, 4, 4)), limits));  // two double-buffered operands and outputs of at least 64 bytes a slot
  limits.scratch_bytes = 0;
  CHECK_FALSE(plan(job_of(gemm(1, 1, 1)), limits));
  limits.a_in_place = limits.b_in_place = limits.c_in_place = true;
  CHECK(plan(job_of(gemm(1000, 1000, 1000)), limits));  // nothing needs a tile
}
