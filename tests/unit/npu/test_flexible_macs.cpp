#include <catch2/catch.hpp>

#include <limits>

#include "jobs.h"
#include "models/npu/flexible_macs.h"
#include "models/npu/plan.h"
#include "phantom_twin.h"

using namespace spinvp;
using namespace spinvp::npu;
using namespace spinvp::npu::test;

namespace {

// The nearest number with so many significant bits, by division with the step of numbers of its size; exact in double.
float reference_rounded(float value, unsigned significant) {
  if (significant == 0 || !std::isfinite(value)) return value;
  int exponent = std::numeric_limits<float>::min_exponent;
  while (exponent <= 128 && std::fabs(static_cast<double>(value)) >= std::ldexp(1.0, exponent)) ++exponent;
  const double step = std::ldexp(1.0, exponent - static_cast<int>(significant));
  const double steps = value / step, whole = std::floor(steps), over = steps - whole;
  const bool up = over > 0.5 || (over == 0.5 && std::fmod(whole, 2.0) != 0);
  return static_cast<float>(std::copysign((up ? whole + 1 : whole) * step, static_cast<double>(value)));
}

std::uint64_t bits_option(std::uint64_t bits_a, std::uint64_t bits_b) {
  return spinvp_npu_with_option(spinvp_npu_with_option(0, SPINVP_NPU_BITS_A, static_cast<std::uint8_t>(bits_a)), SPINVP_NPU_BITS_B,
                                static_cast<std::uint8_t>(bits_b));
}

FlexibleMac mac_of(std::uint32_t format, std::uint64_t bits_a, std::uint64_t bits_b, std::uint64_t granule, std::uint32_t operation = SPINVP_NPU_GEMM) {
  spinvp_npu_descriptor d{};
  d.operation = operation;
  d.format = format;
  d.count = bits_option(bits_a, bits_b);
  return flexible_mac(d, granule).value();
}

spinvp_npu_descriptor random_descriptor(Random& random) {
  const std::uint32_t operation = random.between(SPINVP_NPU_GEMM, SPINVP_NPU_CONV_WEIGHT_GRADIENT);
  spinvp_npu_descriptor d = operation == SPINVP_NPU_GEMM ? gemm(random.between(1, 40), random.between(1, 40), random.between(1, 200), random.below(4))
                                                         : random_convolution(random, operation);
  if (operation == SPINVP_NPU_GEMM && random.below(3) == 0) d.batch = random.between(1, 5);
  d.format = random.below(3) == 0 ? SPINVP_NPU_BF16 : SPINVP_NPU_FP32;
  d.count = bits_option(random.coin() ? 0 : random.between(2, 24), random.coin() ? 0 : random.between(2, 24));
  return d;
}

NpuConfig bricked(std::uint64_t rows, std::uint64_t columns, const char* dataflow) {
  NpuConfig config;
  config.rows = rows;
  config.columns = columns;
  config.dataflow = dataflow;
  config.tile_size = core::Bytes{512};
  config.operand_buffer = core::Bytes{4096};
  config.mac_granule = 4;
  return config;
}

void jobs_equal_products_of_rounded_operands(const NpuConfig& config, std::uint32_t seed) {
  Bench bench(config);
  Random random(seed);
  bench.run([&] {
    bench.start();
    for (unsigned i = 0; i < 250; ++i) {
      bench.free_all();
      MatrixCase job = place(bench, random, random_descriptor(random), random.coin(), true, true);
      const auto& d = job.d;
      for (float& value : job.operands.a) value = reference_rounded(value, spinvp_npu_option_of(d.count, SPINVP_NPU_BITS_A));
      for (float& value : job.operands.b) value = reference_rounded(value, spinvp_npu_option_of(d.count, SPINVP_NPU_BITS_B));
      CAPTURE(i, d.operation, d.format, d.count, d.m, d.n, d.k);
      REQUIRE(bench.execute(d) == SPINVP_NPU_DONE);
      REQUIRE(first_difference(load_values(bench, d.c, job.c_count, d.format), reference_matrix(d, job.operands)) == -1);
    }
  });
}

}  // namespace

TEST_CASE("significands are rounded to nearest even: as by division, for every number of bits and sizes from subnormal to infinite") {
  Random random(201);
  for (unsigned significant = 0; significant <= 24; ++significant)
    for (int i = 0; i < 4000; ++i) {
      const std::uint32_t word = random.below(0xffffffff) ^ random.below(0xffffffff) << 1;
      float value = 0;
      std::memcpy(&value, &word, 4);
      // Halfway cases of the last kept bit are rare in random words.
      if (random.coin() && significant >= 2 && significant < 24)
        value = std::ldexp(static_cast<float>(2 * random.below(1u << significant) + 1), -static_cast<int>(random.below(150)));
      if (value != value) continue;
      std::vector<float> one = {value};
      round_significands(one, significant);
      CAPTURE(significant, value);
      REQUIRE(bits(one[0]) == bits(reference_rounded(value, significant)));
    }
}

TEST_CASE("eight significant bits of an fp32 value are its bf16") {
  Random random(202);
  for (int i = 0; i < 20000; ++i) {
    std::vector<float> one = {random.value(true)};
    const float wanted = from_bf16(reference_bf16(one[0]));
    round_significands(one, 8);
    REQUIRE(bits(one[0]) == bits(wanted));
  }
}

TEST_CASE("an element takes as many terms at once as its bricks hold narrow products") {
  // fp32 with bricks of 4 bits: ceil(24 / 4)^2 = 36 bricks.
  CHECK(mac_of(SPINVP_NPU_FP32, 0, 0, 4).bricks == 36);
  CHECK(mac_of(SPINVP_NPU_FP32, 0, 0, 4).terms == 1);
  CHECK(mac_of(SPINVP_NPU_FP32, 8, 8, 4).bricks == 4);
  CHECK(mac_of(SPINVP_NPU_FP32, 8, 8, 4).terms == 9);
  CHECK(mac_of(SPINVP_NPU_FP32, 6, 8, 4).terms == 9);    // 6 bits fill two bricks as 8 do
  CHECK(mac_of(SPINVP_NPU_FP32, 16, 16, 4).terms == 2);  // 16 of 36: two products, four bricks idle
  CHECK(mac_of(SPINVP_NPU_FP32, 4, 24, 4).bricks == 6);
  CHECK(mac_of(SPINVP_NPU_FP32, 3, 3, 4).terms == 36);
  // bf16: 8 bits, four bricks.
  CHECK(mac_of(SPINVP_NPU_BF16, 16, 0, 4).bricks == 4);  // more than the format has is what it has
  CHECK(mac_of(SPINVP_NPU_BF16, 4, 4, 4).terms == 4);
  CHECK(mac_of(SPINVP_NPU_BF16, 4, 8, 2).terms == 2);  // 16 bricks of 2 bits, eight of them at work
  // The descriptor's a is the product's B where weights' gradients are formed.
  CHECK(mac_of(SPINVP_NPU_FP32, 4, 12, 4, SPINVP_NPU_CONV_WEIGHT_GRADIENT).bits_a == 12);
  CHECK(mac_of(SPINVP_NPU_FP32, 4, 12, 4, SPINVP_NPU_CONV_DATA_GRADIENT).bits_a == 4);
  CHECK(mac_of(SPINVP_NPU_FP32, 0, 0, 0).bricks == 0);
}

TEST_CASE("bits are refused without bricks, below 2 and beyond 24") {
  const auto status = [](std::uint64_t bits_a, std::uint64_t bits_b, std::uint64_t granule) {
    spinvp_npu_descriptor d = gemm(4, 4, 4);
    d.count = bits_option(bits_a, bits_b);
    Limits limits;
    limits.mac_granule = granule;
    const auto job = check(d, limits);
    return job ? static_cast<std::uint32_t>(SPINVP_NPU_DONE) : job.error().status;
  };
  CHECK(status(8, 8, 4) == SPINVP_NPU_DONE);
  CHECK(status(8, 8, 0) == SPINVP_NPU_BAD_OPERATION);
  CHECK(status(0, 1, 4) == SPINVP_NPU_BAD_OPERATION);
  CHECK(status(25, 0, 4) == SPINVP_NPU_BAD_OPERATION);
}

TEST_CASE("products of rounded operands have the bits of the plain loops, output stationary") {
  jobs_equal_products_of_rounded_operands(bricked(8, 8, "os"), 203);
}
TEST_CASE("products of rounded operands have the bits of the plain loops, weight stationary") {
  jobs_equal_products_of_rounded_operands(bricked(5, 12, "ws"), 204);
}
TEST_CASE("products of rounded operands have the bits of the plain loops, input stationary") {
  jobs_equal_products_of_rounded_operands(bricked(16, 6, "is"), 205);
}

TEST_CASE("the cycles of all steps are the fold law's with ceil(K / G) in place of K, for all dataflows and both fold costs") {
  Random random(206);
  for (int i = 0; i < 600; ++i) {
    spinvp_npu_descriptor d = random_descriptor(random);
    Limits checks;
    checks.mac_granule = random.between(1, 6);
    const MatrixJob job = std::get<MatrixJob>(check(d, checks)->work);
    PlanLimits limits;
    limits.array = {random.between(1, 40), random.between(1, 40)};
    limits.dataflow = static_cast<Dataflow>(random.below(3));
    limits.fold_cost = random.coin() ? FoldCost::exact : FoldCost::pipelined;
    limits.tile_bytes = std::uint64_t{1} << random.between(8, 16);
    limits.buffer_bytes = random.coin() ? 2 << 20 : 0;
    const auto p = plan(job, limits);
    REQUIRE(p);
    std::uint64_t cycles = 0;
    for (std::uint64_t s = 0; s < p->steps(); ++s) cycles += work_of(*p, limits, p->step(s)).cycles;
    const std::uint64_t groups = (job.shape.k + job.mac.terms - 1) / job.mac.terms;
    CAPTURE(i, job.shape.m, job.shape.n, job.shape.k, job.mac.terms, static_cast<int>(limits.dataflow), p->tile.k);
    REQUIRE(cycles == fold_law(limits.dataflow, limits.array, {job.shape.m, job.shape.n, groups}, limits.fold_cost).cycles(job.products));
  }
}

// 64 x 64 x 720 on 8 x 8, both operands of 8 bits in bricks of 4: groups of 9 terms, 64 folds of 8 + 8 + 80 - 2 cycles.
TEST_CASE("a job of narrow products takes the cycles and the energy of its brick products") {
  NpuConfig config = bricked(8, 8, "os");
  config.operand_buffer = core::Bytes{4 << 20};
  Bench bench(config);
  Random random(207);
  bench.run([&] {
    bench.start();
    spinvp_npu_descriptor d = gemm(64, 64, 720);
    d.count = bits_option(8, 8);
    REQUIRE(bench.execute(place(bench, random, d, false, false).d) == SPINVP_NPU_DONE);
  });
  const auto& record = bench.simulation.kernels.at(0);
  CHECK(record.macs == 64 * 64 * 720);
  CHECK(record.compute_cycles == 64 * (8 + 8 + 720 / 9 - 2));
  const auto event = [&](const std::string& name) {
    for (const auto& e : bench.simulation.energy.events())
      if (e.event == name) return e;
    return core::EnergyAccount::EventView{};
  };
  CHECK(event("mac_fp32").count == 0);
  CHECK(event("sum_fp32").count == record.macs);
  CHECK(event("brick_product_fp32").count == 4 * record.macs);
  // 45 nm: 3.7 pJ a multiplication over 36 bricks, and 8 bits of addition, 0.03 pJ.
  CHECK(event("brick_product_fp32").each.si() == Approx(3.7e-12 / 36 + 0.03e-12));
}

TEST_CASE("a phantom of a job with narrow products costs what the job costs") {
  NpuConfig config = bricked(16, 24, "ws");
  config.operand_buffer = core::Bytes{64 << 10};
  Bench bench(config);
  bench.dram = {30'000, 400};
  bench.onchip = {7'000, 600};
  Random random(208);
  bench.run([&] {
    bench.start();
    for (unsigned i = 0; i < 60; ++i) {
      bench.free_all();
      const MatrixCase job = place(bench, random, random_descriptor(random), random.coin(), true);
      CAPTURE(i, job.d.operation, job.d.count);
      CHECK(phantom_differs(bench, job.d) == "");
    }
  });
}
