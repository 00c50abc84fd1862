// Several cores: the bits of one, the time that a ceiling division says where the arrays are the limit, that of the memory where it is not.
#include <catch2/catch.hpp>

#include "map_jobs.h"
#include "phantom_twin.h"

using namespace spinvp;
using namespace spinvp::npu;
using namespace spinvp::npu::test;

namespace {

NpuConfig several(std::uint64_t cores, const char* partition = "auto", const char* dataflow = "os") {
  NpuConfig config;
  config.cores = cores;
  config.partition = partition;
  config.dataflow = dataflow;
  config.rows = 8;
  config.columns = 6;
  config.tile_size = core::Bytes{512};
  config.operand_buffer = core::Bytes{4096};
  config.partition_bytes = 0;  // the bench's memories have rates of their own
  return config;
}

spinvp_npu_descriptor random_descriptor(Random& random) {
  spinvp_npu_descriptor d{};
  const std::uint32_t operation = random.between(SPINVP_NPU_GEMM, SPINVP_NPU_CONV_WEIGHT_GRADIENT);
  if (operation == SPINVP_NPU_GEMM) {
    d = gemm(random.between(1, 90), random.between(1, 90), random.between(1, 70), random.below(4));
    if (random.below(3) == 0) d.batch = random.between(1, 9);
    if (random.below(4) == 0) d.flags |= SPINVP_NPU_SHARED_B;
  } else {
    d = random_convolution(random, operation, 16);
  }
  if (operation <= SPINVP_NPU_CONV_FORWARD && random.below(3) == 0) d.flags |= SPINVP_NPU_FUSE_RELU;
  if (random.below(4) == 0) d.flags |= SPINVP_NPU_ACCUMULATE;
  d.format = random.below(3) == 0 ? SPINVP_NPU_BF16 : SPINVP_NPU_FP32;
  return d;
}

// Random products equal the plain loops, and their phantoms cost what they cost. Of a named partition some are refused: those that do not divide.
void products_have_the_bits_of_one_core(const NpuConfig& config, std::uint32_t seed, unsigned jobs) {
  Bench bench(config);
  bench.dram = {30'000, 400};
  bench.onchip = {7'000, 600};
  Random random(seed);
  unsigned done = 0, in_parts = 0;
  bench.run([&] {
    bench.start();
    for (unsigned i = 0; i < jobs; ++i) {
      bench.free_all();
      const MatrixCase job = place(bench, random, random_descriptor(random), random.coin(), true);
      const Values wanted = reference_matrix(job.d, job.operands);
      bench.write(Bench::scratch_size, random.coin() ? 8 << 20 : 64 << 10, 8);
      const std::uint32_t status = bench.execute(job.d);
      const auto& d = job.d;
      CAPTURE(i, d.operation, d.format, d.flags, d.m, d.n, d.k, d.batch, d.groups, d.in_channels, d.in_h, d.in_w, d.out_channels, d.out_h, d.out_w);
      if (status == SPINVP_NPU_BAD_SHAPE) {
        REQUIRE(config.partition != "auto");
        continue;
      }
      REQUIRE(status == SPINVP_NPU_DONE);
      REQUIRE(first_difference(load_values(bench, d.c, job.c_count, d.format), wanted) == -1);
      const auto& record = bench.simulation.kernels.back();
      const auto checked = check(d, config.limits());
      const auto& matrix = std::get<MatrixJob>(checked->work);
      CHECK(record.macs == matrix.shape.macs() * matrix.products);
      const auto parts = divide(divisible(matrix, false, false, false), config.core_setup());
      in_parts += parts->size() > 1 ? 1 : 0;
      if ((d.flags & SPINVP_NPU_ACCUMULATE) == 0) REQUIRE(phantom_differs(bench, d).empty());
      ++done;
    }
  });
  CHECK(done > jobs / 20);
  CHECK(in_parts > done / 2);
}

std::uint64_t span(const core::KernelRecord& record) { return (record.end - record.start).ps(); }

}  // namespace

TEST_CASE("products have the bits of the plain loops on 2 cores, and phantoms their cost") { products_have_the_bits_of_one_core(several(2), 201, 120); }
TEST_CASE("products have the bits of the plain loops on 5 cores, weight stationary") { products_have_the_bits_of_one_core(several(5, "auto", "ws"), 202, 120); }
TEST_CASE("products have the bits of the plain loops on 7 cores, input stationary") { products_have_the_bits_of_one_core(several(7, "auto", "is"), 203, 120); }
TEST_CASE("products have the bits of the plain loops on 16 cores") { products_have_the_bits_of_one_core(several(16), 204, 120); }
TEST_CASE("products have the bits of the plain loops where 2 cores divide the batch") { products_have_the_bits_of_one_core(several(2, "batch"), 205, 150); }
TEST_CASE("products have the bits of the plain loops where 3 cores divide the channels") {
  products_have_the_bits_of_one_core(several(3, "channels"), 206, 150);
}
TEST_CASE("products have the bits of the plain loops where 4 cores divide the rows") { products_have_the_bits_of_one_core(several(4, "rows"), 207, 150); }

TEST_CASE("maps and reductions have the bits of their definition on several cores, and phantoms their cost") {
  NpuConfig config = several(3);
  config.stream_buffer = core::Bytes{256};
  Bench bench(config);
  bench.dram = {50'000, 3'000};
  Random random(211);
  bench.run([&] {
    bench.start();
    for (int i = 0; i < 200; ++i) {
      bench.free_all();
      const bool reduces = random.coin();
      const spinvp_npu_map map = random_map(bench, random, reduces, 3000);
      const Stored wanted = reference_map(bench, map, reduces);
      const spinvp_npu_descriptor d = map_job(bench, map, reduces);
      CAPTURE(i, reduces);
      REQUIRE(bench.execute(d) == SPINVP_NPU_DONE);
      REQUIRE(first_wrong(bench, wanted) == 0);
      REQUIRE(phantom_differs(bench, d).empty());
    }
  });
}

// 64 x 48 x 40 on arrays of 8 x 6: 8 x 8 folds of 8 + 6 + 40 - 2 = 52 cycles. `folds`: of the longest part.
void takes_the_folds_of_the_longest_part(std::uint64_t cores, std::uint64_t folds) {
  Bench bench(several(cores));
  Random random(221);
  bench.run([&] {
    bench.start();
    REQUIRE(bench.execute(place(bench, random, gemm(64, 48, 40), false, false).d) == SPINVP_NPU_DONE);
  });
  const auto& record = bench.simulation.kernels.at(0);
  CHECK(record.compute_cycles == folds * 52);
  CHECK(span(record) == (32 + folds * 52) * 1000);
  CHECK(record.macs == 64 * 48 * 40);
}
TEST_CASE("where memories take no time a job on 2 cores takes half of its folds") { takes_the_folds_of_the_longest_part(2, 8 / 2 * 8); }
TEST_CASE("where memories take no time a job on 3 cores takes ceil(8 / 3) rows of its folds") { takes_the_folds_of_the_longest_part(3, 3 * 8); }
TEST_CASE("where memories take no time a job on 16 cores takes a sixteenth of its folds") { takes_the_folds_of_the_longest_part(16, 8 / 4 * (8 / 4)); }

// 512 x 6 x 64: 64 folds of 8 + 6 + 64 - 2 = 76 cycles, 4.9 us on one core; A alone, 128 KiB at 6.4 GB/s, takes the one channel 20.5 us.
void lasts_what_the_channel_takes(std::uint64_t cores) {
  Bench bench(several(cores));
  bench.one_dram_channel = true;
  bench.dram = {0, 10'000};
  Random random(227);
  bench.run([&] {
    bench.start();
    REQUIRE(bench.execute(place(bench, random, gemm(512, 6, 64), false, false).d) == SPINVP_NPU_DONE);
  });
  const auto& record = bench.simulation.kernels.at(0);
  const std::uint64_t a = 512 * 64 * 4, b = 64 * 6 * 4, c = 512 * 6 * 4;
  CHECK(record.tally.dram_read_bytes == a + cores * b + 128);
  const std::uint64_t channel = (a + cores * b + c) / 64 * 10'000;
  CHECK(span(record) >= channel);
  CHECK(span(record) < channel + channel / 20);
}
TEST_CASE("a job that memory bounds lasts what the DRAM channel takes, on one core") { lasts_what_the_channel_takes(1); }
TEST_CASE("a job that memory bounds lasts what the DRAM channel takes, on eight cores as well") { lasts_what_the_channel_takes(8); }

TEST_CASE("eleven folds along m on four cores: the longest part has ceil(11 / 4), and who is done earlier waits") {
  // 88 x 6 x 40: 11 folds along m, one along n. Parts of 2, 3, 3 and 3 folds.
  Bench bench(several(4));
  Random random(222);
  bench.run([&] {
    bench.start();
    REQUIRE(bench.execute(place(bench, random, gemm(88, 6, 40), false, false).d) == SPINVP_NPU_DONE);
  });
  const auto& record = bench.simulation.kernels.at(0);
  CHECK(record.compute_cycles == 3 * 52);
  CHECK(span(record) == (32 + 3 * 52) * 1000);
  std::map<std::string, std::uint64_t> counters;
  for (const core::Counter& c : bench.npu.counters()) counters[c.name] = c.value;
  CHECK(counters["core0_compute_cycles"] == 2 * 52);
  CHECK(counters["core3_compute_cycles"] == 3 * 52);
  CHECK(counters["core0_waiting_cycles"] == 52);
  CHECK(counters["core3_waiting_cycles"] == 0);
  CHECK(bench.read(0x070) == 4);
}

TEST_CASE("an element-wise job of the vector unit takes its chunks' cycles divided by the cores, and no byte more") {
  NpuConfig config = several(4);
  config.stream_buffer = core::Bytes{4096};
  Bench bench(config);
  bench.run([&] {
    bench.start();
    spinvp_npu_descriptor d{};
    d.operation = SPINVP_NPU_RELU_FORWARD;
    d.count = 16 * 1024;
    d.a = bench.allocate(4 * d.count);
    d.c = bench.allocate(4 * d.count);
    REQUIRE(bench.execute(d) == SPINVP_NPU_DONE);
    // A sum to one element is one chain: 1000 elements are 1000 cycles, whatever the cores.
    d = {};
    d.operation = SPINVP_NPU_BIAS_GRADIENT;
    d.batch = 10;
    d.out_channels = 1;
    d.out_h = 10, d.out_w = 10;
    d.a = bench.allocate(4000);
    d.c = bench.allocate(4);
    REQUIRE(bench.execute(d) == SPINVP_NPU_DONE);
  });
  // 16 chunks of 1024 elements, 8 cycles each: four a core.
  CHECK(bench.simulation.kernels.at(0).compute_cycles == 4 * 8);
  CHECK(bench.simulation.kernels.at(0).tally.dram_read_bytes == 16 * 4096 + 128);
  CHECK(bench.simulation.kernels.at(0).tally.dram_write_bytes == 16 * 4096 + 4);
  CHECK(bench.simulation.kernels.at(1).compute_cycles == 1000);
}

TEST_CASE("a map that writes where others read stays on one core: what it gives does not depend on who is ahead") {
  NpuConfig config = several(4);
  config.stream_buffer = core::Bytes{64};
  Bench bench(config);
  Random random(223);
  bench.run([&] {
    bench.start();
    Values x = random.values(400);
    spinvp_npu_map map{};
    map.axes = 1;
    map.extent[0] = 384;
    map.inputs = map.outputs = 1;
    map.input[0].stride[0] = map.output[0].stride[0] = 1;
    map.output[0].address = bench.allocate(1600);
    map.input[0].address = map.output[0].address + 4 * 16;  // a chunk further on: shifted down by 16 elements
    store_values(bench, map.output[0].address, x, SPINVP_NPU_FP32);
    REQUIRE(bench.execute(map_job(bench, map, false)) == SPINVP_NPU_DONE);
    const Values shifted(x.begin() + 16, x.end());
    CHECK(first_difference(load_values(bench, map.output[0].address, 384, SPINVP_NPU_FP32), shifted) == -1);
  });
  CHECK(bench.simulation.kernels.at(0).compute_cycles == 384 / 16);  // 24 chunks of a cycle, all on one core
}

TEST_CASE("a partition that does not divide is refused with its status, and the queue goes on") {
  Bench bench(several(4, "rows"));
  Random random(224);
  bench.run([&] {
    bench.start();
    CHECK(bench.execute(place(bench, random, gemm(30, 8, 8), false, false).d) == SPINVP_NPU_BAD_SHAPE);
    CHECK(bench.execute(place(bench, random, gemm(32, 8, 8), false, false).d) == SPINVP_NPU_DONE);
  });
}

TEST_CASE("a bus error of one core ends the job on all of them, and the next job runs") {
  Bench bench(several(4));
  Random random(225);
  bench.run([&] {
    bench.start();
    MatrixCase job = place(bench, random, gemm(64, 48, 40), false, false);
    const std::uint64_t good = job.d.a;
    job.d.a = Bench::dram_base + (64 << 20) - 32 * 40 * 4;  // its second half lies beyond the memory: the parts of the last cores
    CHECK(bench.execute(job.d) == SPINVP_NPU_BAD_ADDRESS);
    job.d.a = good;
    CHECK(bench.execute(job.d) == SPINVP_NPU_DONE);
    CHECK(first_difference(load_values(bench, job.d.c, job.c_count, 0), reference_matrix(job.d, job.operands)) == -1);
  });
}

TEST_CASE("a reset while several cores work drops the job on all of them") {
  Bench bench(several(4));
  bench.dram = {500'000, 10'000};
  Random random(226);
  bench.run([&] {
    bench.start();
    const MatrixCase job = place(bench, random, gemm(64, 48, 40), false, false);
    bench.post(job.d);
    sc_core::wait(3, sc_core::SC_US);
    bench.write(Bench::control, 2);
    bench.start();
    CHECK(bench.execute(job.d) == SPINVP_NPU_DONE);
    CHECK(first_difference(load_values(bench, job.d.c, job.c_count, 0), reference_matrix(job.d, job.operands)) == -1);
  });
}
