#include <catch2/catch.hpp>

#include <algorithm>
#include <map>
#include <tuple>
#include <vector>

#include "jobs.h"
#include "models/npu/plan.h"

using namespace spinvp::npu;
using namespace spinvp::npu::test;

namespace {

MatrixJob job_of(const spinvp_npu_descriptor& d) { return std::get<MatrixJob>(check(d, Limits{})->work); }

spinvp_npu_descriptor random_shape(Random& random) {
  if (random.coin()) return random_convolution(random, random.between(SPINVP_NPU_CONV_FORWARD, SPINVP_NPU_CONV_WEIGHT_GRADIENT), 20);
  spinvp_npu_descriptor d = gemm(random.between(1, 300), random.between(1, 300), random.between(1, 600), random.below(4));
  if (random.below(3) == 0) d.batch = random.between(1, 20);
  if (random.below(4) == 0) d.flags |= SPINVP_NPU_SHARED_B;
  return d;
}

PlanLimits random_limits(Random& random) {
  PlanLimits limits;
  limits.array = {random.between(1, 40), random.between(1, 40)};
  limits.dataflow = static_cast<Dataflow>(random.below(3));
  limits.scratch_bytes = std::uint64_t{1} << random.between(10, 22);
  limits.tile_bytes = std::uint64_t{1} << random.between(8, 16);
  limits.buffer_bytes = random.below(4) == 0 ? 0 : std::uint64_t{1} << random.between(8, 21);
  limits.a_in_place = random.below(4) == 0;
  limits.b_in_place = random.below(4) == 0;
  limits.c_in_place = random.below(4) == 0;
  return limits;
}

}  // namespace

TEST_CASE("a plan's steps cover every product once, with k ascending, inside the scratch region and the operand buffer") {
  Random random(31);
  unsigned planned = 0;
  for (int i = 0; i < 400; ++i) {
    const MatrixJob job = job_of(random_shape(random));
    const PlanLimits limits = random_limits(random);
    const auto p = plan(job, limits);
    if (!p) continue;
    ++planned;
    CAPTURE(i, job.products, job.shape.m, job.shape.n, job.shape.k, p->tile_products, p->tile.m, p->tile.n, p->tile.k, limits.array.rows, limits.array.columns,
            static_cast<int>(limits.dataflow));
    REQUIRE(p->scratch_used <= limits.scratch_bytes);
    std::uint64_t macs = 0;
    std::map<std::tuple<std::uint64_t, std::uint64_t, std::uint64_t>, std::uint64_t> next_k;  // of the output tile that starts at (product, m, n)
    for (std::uint64_t s = 0; s < p->steps(); ++s) {
      const Step step = p->step(s);
      const std::uint64_t a = job.a.region(p->a_products(step), step.m, step.k).bytes(job.a.tensor());
      const std::uint64_t b = job.b.region(p->b_products(step), step.n, step.k).bytes(job.b.tensor());
      REQUIRE(a <= p->a.bytes);
      REQUIRE(b <= p->b.bytes);
      REQUIRE((p->hold_a ? a : 0) + (p->hold_b ? b : 0) <= limits.buffer_bytes);
      macs += work_of(*p, limits, step).macs;
      REQUIRE(step.products.size() * step.m.size() * step.n.size() * step.k.size() == work_of(*p, limits, step).macs);
      for (std::uint64_t product = step.products.first; product < step.products.last; ++product) {
        auto& k = next_k[{product, step.m.first, step.n.first}];
        REQUIRE(step.k.first == k);
        REQUIRE(step.first_chunk == (k == 0));
        k = step.k.last;
        REQUIRE(step.last_chunk == (k == job.shape.k));
      }
    }
    REQUIRE(macs == job.products * job.shape.macs());
    for (const auto& [at, k] : next_k) REQUIRE(k == job.shape.k);
  }
  CHECK(planned > 200);
}

TEST_CASE("with room for it, the cycles of all steps are the fold law's, for all dataflows and both fold costs, however many products there are") {
  Random random(32);
  for (int i = 0; i < 600; ++i) {
    const MatrixJob job = job_of(random_shape(random));
    PlanLimits limits;
    limits.array = {random.between(1, 40), random.between(1, 40)};
    limits.dataflow = static_cast<Dataflow>(random.below(3));
    limits.fold_cost = random.coin() ? FoldCost::exact : FoldCost::pipelined;
    limits.tile_bytes = std::uint64_t{1} << random.between(8, 16);
    limits.buffer_bytes = random.coin() ? 2 << 20 : 0;
    const auto p = plan(job, limits);
    REQUIRE(p);
    std::uint64_t cycles = 0, folds = 0, a = 0, b = 0;
    for (std::uint64_t s = 0; s < p->steps(); ++s) {
      const StepWork work = work_of(*p, limits, p->step(s));
      cycles += work.cycles;
      folds += work.folds;
      a += work.a_elements;
      b += work.b_elements;
    }
    const FoldLaw law = fold_law(limits.dataflow, limits.array, job.shape, limits.fold_cost);
    CAPTURE(i, job.products, job.shape.m, job.shape.n, job.shape.k, p->tile.m, p->tile.n, p->tile.k, static_cast<int>(limits.dataflow));
    CHECK(cycles == law.cycles(job.products));
    // Output stationary counts a fold once for each chunk of its k.
    CHECK(folds == job.products * law.folds() * (limits.dataflow == Dataflow::output_stationary ? p->chunks() : 1));
    CHECK(a == job.products * law.a_elements);
    CHECK(b == job.products * law.b_elements);
  }
}

TEST_CASE("the number of steps is bounded by about 64 where the operand buffer does not ask for more, and small products come many at a time") {
  PlanLimits limits;
  // MobileNet: 960 groups of 7 x 7, batch 16.
  spinvp_npu_descriptor d = convolution(SPINVP_NPU_CONV_FORWARD, 16, 960, 7, 7, 960, 3, 3, 1, 1);
  d.groups = 960;
  auto p = plan(job_of(d), limits);
  REQUIRE(p);
  CHECK(p->tile_products > 10);
  CHECK(p->steps() <= 64);
  // Attention: 192 heads.
  d = gemm(512, 512, 64, SPINVP_NPU_TRANSPOSE_B);
  d.batch = 192;
  p = plan(job_of(d), limits);
  REQUIRE(p);
  CHECK(p->steps() <= 2 * 192);  // a tile of 1 MiB of outputs
  // An image of an ImageNet batch, first layer.
  p = plan(job_of(convolution(SPINVP_NPU_CONV_FORWARD, 16, 3, 224, 224, 64, 7, 7, 2, 3)), limits);
  REQUIRE(p);
  CHECK(p->steps() <= 128);
}

TEST_CASE("where both operands have several tiles, the tile is long along one of them, so that the buffer keeps that one while the other passes") {
  // 4096 x 4096 x 256 in fp32: strips of 128 rows are 128 KiB. The buffer of 1 MiB takes six that stay and two that pass in turn.
  PlanLimits limits;
  limits.buffer_bytes = 1 << 20;
  const auto p = plan(job_of(gemm(4096, 4096, 256)), limits);
  REQUIRE(p);
  CHECK(p->chunks() == 1);
  CHECK(p->hold_a);
  CHECK(p->hold_b);
  CHECK(std::max(p->tile.m, p->tile.n) >= 4 * 128);
  CHECK(std::max(p->tile.m, p->tile.n) <= 6 * 128);
  CHECK(std::min(p->tile.m, p->tile.n) == 128);
  CHECK(p->n_outside == (p->tile.n > p->tile.m));
}

TEST_CASE("the inner loop turns round: where the outer one moves on, the inner block stays") {
  const auto p = plan(job_of(gemm(4096, 4096, 256)), PlanLimits{});
  REQUIRE(p);
  REQUIRE(p->chunks() == 1);
  REQUIRE(std::min(p->tiles_m(), p->tiles_n()) > 1);
  unsigned turns = 0;
  for (std::uint64_t s = 1; s < p->steps(); ++s) {
    const Step before = p->step(s - 1), now = p->step(s);
    // One operand's block stays from each step to the next, but where a group ends.
    if (p->a_block(before) == p->a_block(now) || p->b_block(before) == p->b_block(now)) ++turns;
  }
  const std::uint64_t inner = p->n_outside ? p->tiles_m() : p->tiles_n(), groups = (inner + p->group - 1) / p->group;
  CHECK(turns == p->steps() - groups);
}

TEST_CASE("where scratch keeps neither operand, the inner loop goes over groups of tiles that it keeps") {
  // 8192 x 3072 x 768 in fp32: 24 and 9 MiB, for 8 MiB of scratch.
  PlanLimits limits;
  const MatrixJob job = job_of(gemm(8192, 3072, 768));
  const auto p = plan(job, limits);
  REQUIRE(p);
  CHECK(p->group < (p->n_outside ? p->tiles_m() : p->tiles_n()));
  // Loads, as the slots of scratch will find them: least recently used out.
  std::uint64_t loaded = 0;
  std::vector<std::uint64_t> a_kept, b_kept;
  const auto touch = [&](std::vector<std::uint64_t>& kept, std::uint64_t block, const Slots& slots, std::uint64_t bytes) {
    const auto it = std::find(kept.begin(), kept.end(), block);
    if (it != kept.end())
      kept.erase(it);
    else
      loaded += bytes;
    kept.push_back(block);
    if (kept.size() > slots.count) kept.erase(kept.begin());
  };
  for (std::uint64_t s = 0; s < p->steps(); ++s) {
    const Step step = p->step(s);
    touch(a_kept, p->a_block(step), p->a, step.m.size() * step.k.size() * 4);
    touch(b_kept, p->b_block(step), p->b, step.n.size() * step.k.size() * 4);
  }
  // One operand once, the other as often as there are groups: here less than three times all operands.
  CHECK(loaded < 3 * (job.a.tensor().bytes() + job.b.tensor().bytes()));
}

TEST_CASE("long sums of several folds wait in the accumulators, so that each operand passes about as often as tiles of that size ask for") {
  // The gradient of weights of a feed-forward layer of BERT-base, batch 16, sequence 512: 12 and 48 MiB in bf16. Tiles of one fold would read A 24 and B 6 times.
  PlanLimits limits;
  spinvp_npu_descriptor d = gemm(768, 3072, 8192, SPINVP_NPU_TRANSPOSE_A);
  d.format = SPINVP_NPU_BF16;
  const MatrixJob job = job_of(d);
  const auto p = plan(job, limits);
  REQUIRE(p);
  CHECK(p->tile.m * p->tile.n * 4 <= limits.accumulator_bytes);
  CHECK(p->tile.k >= 2 * limits.array.rows);
  std::uint64_t moved = 0, cycles = 0, exchanged = 0;
  for (std::uint64_t s = 0; s < p->steps(); ++s) {
    const StepWork work = work_of(*p, limits, p->step(s));
    moved += (work.a_elements / work.a_passes + work.b_elements / work.b_passes) * 2;
    cycles += work.cycles;
    exchanged += work.sums_exchanged;
  }
  // 4 MiB of sums are 1024 x 1024: A three times and B once.
  CHECK(moved <= 3 * job.a.tensor().bytes() + job.b.tensor().bytes());
  CHECK(cycles == fold_law(limits.dataflow, limits.array, job.shape).cycles());
  // Out after each chunk but the last, in before each but the first.
  CHECK(exchanged == 2 * 768 * 3072 * (p->chunks() - 1));
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
  for (std::uint64_t s = 0; s < p->steps(); ++s) cycles += work_of(*p, limits, p->step(s)).cycles;
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
