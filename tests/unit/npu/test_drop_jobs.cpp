// Regular dropout on the NPU: what is counted, bits, cycles.
#include <catch2/catch.hpp>

#include "jobs.h"
#include "models/npu/plan.h"

using namespace spinvp;
using namespace spinvp::npu;
using namespace spinvp::npu::test;

namespace {

std::uint64_t options(unsigned axes, unsigned log_tile, unsigned period, unsigned phase) {
  const std::uint64_t drop = axes | log_tile << SPINVP_NPU_DROP_TILE_SHIFT;
  return drop << 32 | std::uint64_t{period} << 40 | std::uint64_t{phase} << 48;
}
std::uint64_t random_options(Random& random, unsigned axes) {
  const unsigned period = random.between(2, 6);
  return options(axes, random.below(4), period, random.below(period));
}
bool dropped(const spinvp_npu_descriptor& d, unsigned axis, std::uint64_t i) {
  const std::uint64_t drop = d.count >> 32 & 0xff, period = d.count >> 40 & 0xff, phase = d.count >> 48 & 0xff;
  return (drop & axis) != 0 && (i >> (drop >> SPINVP_NPU_DROP_TILE_SHIFT)) % period == phase;
}
std::uint64_t kept(const spinvp_npu_descriptor& d, unsigned axis, std::uint64_t count) {
  std::uint64_t left = 0;
  for (std::uint64_t i = 0; i < count; ++i) left += dropped(d, axis, i) ? 0 : 1;
  return left;
}

struct Sizes {
  std::size_t taps, groups, ci, co, outputs, inputs;  // channels of one group; positions of one image
  explicit Sizes(const spinvp_npu_descriptor& d)
      : taps(std::size_t{d.kernel_h} * d.kernel_w),
        groups(d.groups == 0 ? 1 : d.groups),
        ci(d.in_channels / groups),
        co(d.out_channels / groups),
        outputs(std::size_t{d.out_h} * d.out_w),
        inputs(std::size_t{d.in_h} * d.in_w) {}
};

// b with zeros where k is dropped: such a term changes no sum of ordinary numbers.
void zero_dropped_k(const spinvp_npu_descriptor& d, Values& b) {
  for (std::size_t i = 0; i < b.size(); ++i) {
    std::size_t k = 0;
    const Sizes s(d);
    if (d.operation == SPINVP_NPU_GEMM)
      k = (d.flags & SPINVP_NPU_TRANSPOSE_B) != 0 ? i % d.k : i / d.n % d.k;
    else if (d.operation == SPINVP_NPU_CONV_FORWARD)
      k = i % (s.ci * s.taps);
    else
      k = i / (s.ci * s.taps) % s.co * s.taps + i % s.taps;
    if (dropped(d, SPINVP_NPU_DROP_K, k)) b[i] = 0;
  }
}
// m and n of element i of c.
std::pair<std::size_t, std::size_t> place_in_product(const spinvp_npu_descriptor& d, std::size_t i) {
  const Sizes s(d);
  switch (d.operation) {
    case SPINVP_NPU_GEMM: return {i / d.n % d.m, i % d.n};
    case SPINVP_NPU_CONV_FORWARD: return {i / (d.out_channels * s.outputs) * s.outputs + i % s.outputs, i / s.outputs % s.co};
    case SPINVP_NPU_CONV_DATA_GRADIENT: return {i / (d.in_channels * s.inputs) * s.inputs + i % s.inputs, i / s.inputs % s.ci};
    default: return {i / (s.ci * s.taps) % s.co, i % (s.ci * s.taps)};
  }
}
std::size_t channel_of_bias(const spinvp_npu_descriptor& d, std::size_t i) {
  return d.operation == SPINVP_NPU_GEMM ? i % d.n : i / Sizes(d).outputs % d.out_channels;
}

spinvp_npu_descriptor random_job(Random& random) {
  spinvp_npu_descriptor d = random.coin() ? random_convolution(random, random.between(SPINVP_NPU_CONV_FORWARD, SPINVP_NPU_CONV_WEIGHT_GRADIENT))
                                          : gemm(random.between(1, 60), random.between(1, 60), random.between(1, 100), random.below(4));
  if (d.operation == SPINVP_NPU_GEMM && random.coin()) d.batch = random.between(1, 4);
  const unsigned axes = d.operation == SPINVP_NPU_CONV_WEIGHT_GRADIENT ? random.between(1, 3) : random.between(1, 7);
  d.count = random_options(random, axes);
  return d;
}

void drop_jobs_equal_the_reference(const char* dataflow, std::uint64_t rows, std::uint64_t columns, std::uint32_t seed) {
  NpuConfig config;
  config.rows = rows;
  config.columns = columns;
  config.dataflow = dataflow;
  config.tile_size = core::Bytes{512};
  Bench bench(config);
  Random random(seed);
  unsigned done = 0;
  bench.run([&] {
    bench.start();
    for (unsigned i = 0; i < 300; ++i) {
      bench.free_all();
      spinvp_npu_descriptor d = random_job(random);
      d.format = random.coin() ? SPINVP_NPU_BF16 : SPINVP_NPU_FP32;
      if (d.operation <= SPINVP_NPU_CONV_FORWARD && random.coin()) d.flags |= SPINVP_NPU_FUSE_RELU;
      MatrixCase job = place(bench, random, d, random.coin(), true);
      zero_dropped_k(d, d.operation == SPINVP_NPU_CONV_WEIGHT_GRADIENT ? job.operands.c : job.operands.b);
      Values wanted = reference_matrix(job.d, job.operands);
      for (std::size_t o = 0; o < wanted.size(); ++o) {
        const auto [m, n] = place_in_product(d, o);
        if (!dropped(d, SPINVP_NPU_DROP_M, m) && !dropped(d, SPINVP_NPU_DROP_N, n)) continue;
        wanted[o] = finish(d, 0, d.operation <= SPINVP_NPU_CONV_FORWARD ? job.operands.bias : Values{}, channel_of_bias(d, o));
      }
      const std::uint64_t scratch[] = {2048, 9000, 8 << 20};
      bench.write(Bench::scratch_size, scratch[random.below(3)], 8);
      CAPTURE(i, d.operation, d.format, d.flags, d.m, d.n, d.k, d.batch, d.groups, d.in_channels, d.out_channels, d.kernel_h, d.kernel_w, d.count);
      const std::uint32_t status = bench.execute(job.d);
      if (status == SPINVP_NPU_NO_SPACE) continue;
      REQUIRE(status == SPINVP_NPU_DONE);
      ++done;
      REQUIRE(first_difference(load_values(bench, job.d.c, job.c_count, job.d.format), wanted) == -1);
    }
  });
  CHECK(done > 250);
}

MatrixJob job_of(const spinvp_npu_descriptor& d) { return std::get<MatrixJob>(check(d, Limits{})->work); }

}  // namespace

TEST_CASE("products with dropout have the bits of plain loops in which dropped terms are zero and dropped outputs empty sums, output stationary") {
  drop_jobs_equal_the_reference("os", 8, 8, 91);
}
TEST_CASE("products with dropout have the bits of plain loops in which dropped terms are zero and dropped outputs empty sums, weight stationary") {
  drop_jobs_equal_the_reference("ws", 5, 19, 92);
}
TEST_CASE("products with dropout have the bits of plain loops in which dropped terms are zero and dropped outputs empty sums, input stationary") {
  drop_jobs_equal_the_reference("is", 16, 6, 93);
}

TEST_CASE("what dropout keeps of a range is what a count gives") {
  Random random(94);
  for (int i = 0; i < 2000; ++i) {
    spinvp_npu_descriptor d = gemm(4, 4, 4);
    d.count = random_options(random, SPINVP_NPU_DROP_N);
    const DropPattern drop = job_of(d).dropout();
    const std::uint64_t first = random.below(200), last = first + random.below(200);
    CHECK(drop.kept_n({first, last}) == kept(d, SPINVP_NPU_DROP_N, last) - kept(d, SPINVP_NPU_DROP_N, first));
    CHECK(drop.kept_m({first, last}) == last - first);
    // As many whole periods as fill the places.
    const std::uint64_t places = random.between(1, 300), filling = drop.filling(true, places), left = drop.kept_n({0, filling});
    if (filling != places) {
      CHECK(left <= places);
      CHECK(left + (drop.period - 1) * drop.tile > places);
    }
  }
}

TEST_CASE("a product with dropout does the multiply-accumulates of what is kept, each once, in no more cycles than whole") {
  Random random(95);
  for (int i = 0; i < 500; ++i) {
    const spinvp_npu_descriptor d = random_job(random);
    const MatrixJob job = job_of(d);
    MatrixJob whole = job;
    whole.options = {};
    PlanLimits limits;
    limits.array = {random.between(1, 40), random.between(1, 40)};
    limits.dataflow = static_cast<Dataflow>(random.below(3));
    const auto p = plan(job, limits), q = plan(whole, limits);
    REQUIRE(p);
    REQUIRE(q);
    const auto total = [&](const Plan& plan) {
      StepWork sum;
      for (std::uint64_t s = 0; s < plan.steps(); ++s) {
        const StepWork work = work_of(plan, limits, plan.step(s));
        sum.cycles += work.cycles;
        sum.macs += work.macs;
      }
      return sum;
    };
    CAPTURE(i, d.operation, d.count, job.shape.m, job.shape.n, job.shape.k, limits.array.rows, limits.array.columns, static_cast<int>(limits.dataflow));
    CHECK(total(*p).macs ==
          job.products * kept(d, SPINVP_NPU_DROP_M, job.shape.m) * kept(d, SPINVP_NPU_DROP_N, job.shape.n) * kept(d, SPINVP_NPU_DROP_K, job.shape.k));
    CHECK(total(*p).cycles <= total(*q).cycles);
  }
}

TEST_CASE("every second row dropped: half of the folds along n, half of the cycles along k, a quarter of the multiply-accumulates") {
  NpuConfig config;
  config.rows = config.columns = 8;
  Bench bench(config);
  Random random(96);
  bench.run([&] {
    bench.start();
    for (const unsigned axes : {0u, 2u, 4u, 6u, 7u}) {
      spinvp_npu_descriptor d = gemm(32, 64, 128);
      if (axes != 0) d.count = options(axes, 0, 2, 1);
      REQUIRE(bench.execute(place(bench, random, d, false, false).d) == SPINVP_NPU_DONE);
    }
  });
  const auto& kernels = bench.simulation.kernels;
  // 4 x 8 folds of 8 + 8 + 128 - 2 cycles; then 4 x 4; the same of 8 + 8 + 64 - 2; both; and 2 x 4 of them.
  CHECK(kernels.at(0).compute_cycles == 32 * 142);
  CHECK(kernels.at(1).compute_cycles == 16 * 142);
  CHECK(kernels.at(2).compute_cycles == 32 * 78);
  CHECK(kernels.at(3).compute_cycles == 16 * 78);
  CHECK(kernels.at(4).compute_cycles == 8 * 78);
  CHECK(kernels.at(3).macs == 32 * 32 * 64);
  CHECK(kernels.at(4).macs == 16 * 32 * 64);
  CHECK(kernels.at(3).tally.dram_read_bytes == kernels.at(0).tally.dram_read_bytes);
}

TEST_CASE("dropout without an axis, with a period below 2 or a phase beyond it, of an accumulation or along a sparse k is refused") {
  const auto good = [](std::uint64_t count, std::uint32_t flags = 0) {
    spinvp_npu_descriptor d = gemm(16, 16, 16, flags);
    d.count = count;
    Limits limits;
    limits.sparse_group = 8;
    const auto result = check(d, limits);
    CHECK((result || result.error().status == SPINVP_NPU_BAD_OPERATION));
    return result.has_value();
  };
  CHECK(good(options(7, 15, 255, 254)));
  CHECK_FALSE(good(options(0, 3, 2, 0)));
  CHECK_FALSE(good(options(0, 0, 2, 0)));
  CHECK_FALSE(good(options(1, 0, 1, 0)));
  CHECK_FALSE(good(options(1, 0, 0, 0)));
  CHECK_FALSE(good(options(1, 0, 4, 4)));
  CHECK_FALSE(good(options(1, 16, 4, 0)));
  CHECK_FALSE(good(options(1, 0, 4, 0), SPINVP_NPU_ACCUMULATE));
  CHECK_FALSE(good(options(6, 0, 4, 0), SPINVP_NPU_ACCUMULATE));
  CHECK(good(options(4, 0, 4, 0), SPINVP_NPU_ACCUMULATE));
  CHECK_FALSE(good(options(4, 0, 4, 0) | 0x0802));
  CHECK(good(options(3, 0, 4, 0) | 0x0802));
}
