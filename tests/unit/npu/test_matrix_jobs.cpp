#include <catch2/catch.hpp>

#include "jobs.h"

using namespace spinvp;
using namespace spinvp::npu;
using namespace spinvp::npu::test;

namespace {

spinvp_npu_descriptor random_descriptor(Random& random) {
  spinvp_npu_descriptor d{};
  const std::uint32_t operation = random.between(SPINVP_NPU_GEMM, SPINVP_NPU_CONV_WEIGHT_GRADIENT);
  if (operation == SPINVP_NPU_GEMM) {
    d = gemm(random.between(1, 40), random.between(1, 40), random.between(1, 70));
    if (random.coin()) d.flags |= SPINVP_NPU_TRANSPOSE_A;
    if (random.coin()) d.flags |= SPINVP_NPU_TRANSPOSE_B;
    if (random.below(3) == 0) d.batch = random.between(1, 6);
    if (random.below(4) == 0) d.flags |= SPINVP_NPU_SHARED_B;
  } else {
    d = random_convolution(random, operation);
  }
  if (operation <= SPINVP_NPU_CONV_FORWARD && random.below(3) == 0) d.flags |= SPINVP_NPU_FUSE_RELU;
  if (random.below(4) == 0) d.flags |= SPINVP_NPU_ACCUMULATE;
  d.format = random.below(3) == 0 ? SPINVP_NPU_BF16 : SPINVP_NPU_FP32;
  return d;
}

// Random jobs with scratch regions from almost nothing to plenty: the values never depend on the tiles.
void random_jobs_equal_the_reference(NpuConfig config, std::uint32_t seed, unsigned jobs, bool odd = false) {
  Bench bench(config);
  Random random(seed);
  unsigned refused = 0;
  bench.run([&] {
    bench.start();
    for (unsigned i = 0; i < jobs; ++i) {
      bench.free_all();
      const MatrixCase job = place(bench, random, random_descriptor(random), random.coin(), true, odd);
      const Values wanted = reference_matrix(job.d, job.operands);
      const std::uint64_t scratch[] = {256, 700, 2048, 9000, 65536, 8 << 20};
      bench.write(Bench::scratch_size, scratch[random.below(6)], 8);
      const std::uint32_t status = bench.execute(job.d);
      const auto& d = job.d;
      CAPTURE(i, d.operation, d.format, d.flags, d.m, d.n, d.k, d.batch, d.groups, d.in_channels, d.in_h, d.in_w, d.out_channels, d.out_h, d.out_w);
      CAPTURE(d.kernel_h, d.kernel_w, d.stride_h, d.stride_w, d.pad_top, d.pad_left, d.dilation_h, d.dilation_w, bench.read(Bench::scratch_size, 8));
      if (status == SPINVP_NPU_NO_SPACE) {
        ++refused;
        REQUIRE(bench.read(Bench::scratch_size, 8) < 2048);
        continue;
      }
      REQUIRE(status == SPINVP_NPU_DONE);
      REQUIRE(first_difference(load_values(bench, d.c, job.c_count, d.format), wanted) == -1);
    }
  });
  CHECK(refused < jobs / 2);
}

NpuConfig small_array(std::uint64_t rows, std::uint64_t columns, const char* dataflow, std::uint64_t buffer = 4096) {
  NpuConfig config;
  config.rows = rows;
  config.columns = columns;
  config.dataflow = dataflow;
  config.tile_size = core::Bytes{512};
  config.operand_buffer = core::Bytes{buffer};
  return config;
}

}  // namespace

TEST_CASE("matrix jobs equal the plain loops bit for bit, output stationary, on an array of 8 x 8") {
  random_jobs_equal_the_reference(small_array(8, 8, "os"), 1, 400);
}
TEST_CASE("matrix jobs equal the plain loops bit for bit, output stationary, on a ragged array of 5 x 19") {
  random_jobs_equal_the_reference(small_array(5, 19, "os"), 2, 400);
}
TEST_CASE("matrix jobs equal the plain loops bit for bit without an operand buffer") { random_jobs_equal_the_reference(small_array(8, 8, "os", 0), 9, 300); }
TEST_CASE("matrix jobs equal the plain loops bit for bit with an operand buffer for hardly anything") {
  random_jobs_equal_the_reference(small_array(8, 8, "ws", 300), 10, 300);
}
TEST_CASE("matrix jobs equal the plain loops bit for bit, weight stationary") { random_jobs_equal_the_reference(small_array(8, 16, "ws"), 3, 400); }
TEST_CASE("matrix jobs equal the plain loops bit for bit, input stationary") { random_jobs_equal_the_reference(small_array(16, 6, "is"), 4, 400); }
TEST_CASE("matrix jobs equal the plain loops bit for bit on the default array") { random_jobs_equal_the_reference({}, 5, 300); }
TEST_CASE("infinities, zeros of both signs and subnormals give the bits of the plain loops, NaN being canonical") {
  random_jobs_equal_the_reference(small_array(8, 8, "os"), 6, 300, true);
}

TEST_CASE("sums accumulated over many tiles in k do not depend on where they are cut") {
  Bench bench;
  Random random(7);
  bench.run([&] {
    bench.start();
    for (const std::uint32_t format : {SPINVP_NPU_FP32, SPINVP_NPU_BF16}) {
      spinvp_npu_descriptor d = gemm(70, 50, 3000, SPINVP_NPU_TRANSPOSE_B);
      d.format = format;
      const MatrixCase job = place(bench, random, d, true, false);
      const Values wanted = reference_matrix(job.d, job.operands);
      for (const std::uint64_t scratch : {std::uint64_t{20000}, std::uint64_t{100000}, std::uint64_t{8 << 20}}) {
        bench.write(Bench::scratch_size, scratch, 8);
        REQUIRE(bench.execute(job.d) == SPINVP_NPU_DONE);
        CHECK(first_difference(load_values(bench, job.d.c, job.c_count, format), wanted) == -1);
      }
    }
  });
}

TEST_CASE("what the array computes is what the bus delivered from scratch") {
  // One bit flipped by the memory while the array reads must show in the result: values do not take a short cut round the bus.
  Bench bench;
  Random random(8);
  bool flip = false;
  bench.run([&] {
    bench.start();
    const MatrixCase job = place(bench, random, gemm(16, 16, 16), false, false);
    const Values wanted = reference_matrix(job.d, job.operands);
    REQUIRE(bench.execute(job.d) == SPINVP_NPU_DONE);
    REQUIRE(first_difference(load_values(bench, job.d.c, job.c_count, SPINVP_NPU_FP32), wanted) == -1);
    // The first read of scratch is the array's: until then loads only write there.
    bench.on_burst = [&](const tlm::tlm_generic_payload& payload) {
      if (flip || !payload.is_read() || payload.get_address() < Bench::onchip_base) return;
      flip = true;
      *bench.at(payload.get_address() + 2) ^= 0x10;
    };
    REQUIRE(bench.execute(job.d) == SPINVP_NPU_DONE);
    CHECK(flip);
    CHECK(first_difference(load_values(bench, job.d.c, job.c_count, SPINVP_NPU_FP32), wanted) >= 0);
  });
}
