#include <catch2/catch.hpp>

#include "map_jobs.h"
#include "phantom_twin.h"

using namespace spinvp;
using namespace spinvp::npu;
using namespace spinvp::npu::test;

namespace {

// Register 0 is the result of the array. Inputs 1 to `inputs`, random steps over six registers and a few constants.
spinvp_npu_map random_epilogue(Bench& bench, Random& random, const spinvp_npu_descriptor& d) {
  spinvp_npu_map map{};
  const bool is_gemm = d.operation == SPINVP_NPU_GEMM;
  const std::uint32_t batch = d.batch == 0 ? 1 : d.batch;
  const std::array<std::uint32_t, 3> extent = {batch, is_gemm ? d.m : d.out_channels, is_gemm ? d.n : d.out_h * d.out_w};
  const bool two = is_gemm && batch == 1 && random.coin();
  map.axes = two ? 2 : 3;
  for (unsigned axis = 0; axis < map.axes; ++axis) map.extent[axis] = extent[axis + (two ? 1 : 0)];
  map.inputs = random.below(4);
  for (unsigned i = 0; i < map.inputs; ++i) {
    spinvp_npu_stream& s = map.input[i];
    s.format = random.below(3);
    // Row-major with some axes repeated, now and then backwards.
    std::int64_t distance = 1;
    std::uint64_t below = 0;
    for (unsigned axis = map.axes; axis-- > 0;) {
      if (random.below(3) == 0) continue;
      s.stride[axis] = random.below(5) == 0 ? -distance : distance;
      if (s.stride[axis] < 0) below += static_cast<std::uint64_t>(distance) * (map.extent[axis] - 1);
      distance *= map.extent[axis];
    }
    const std::uint64_t element = s.format == SPINVP_NPU_BF16 ? 2 : 4;
    const std::uint64_t at = bench.allocate(static_cast<std::uint64_t>(distance) * element, random.coin());
    for (std::int64_t j = 0; j < distance; ++j) {
      const float v = random.value();
      const auto whole = static_cast<std::int32_t>(v * 100);
      const std::uint16_t half = reference_bf16(v);
      const void* from = s.format == SPINVP_NPU_FP32 ? static_cast<const void*>(&v) : s.format == SPINVP_NPU_BF16 ? static_cast<const void*>(&half) : &whole;
      bench.fill(at + static_cast<std::uint64_t>(j) * element, from, element);
    }
    s.address = at + below * element;
  }
  map.steps = random.below(8);
  for (unsigned i = 0; i < map.steps; ++i) {
    const auto operand = [&] { return static_cast<std::uint8_t>(random.coin() ? random.below(6) : 16 + random.below(3)); };
    map.step[i] = {static_cast<std::uint8_t>(random.below(SPINVP_NPU_MAP_OPERATIONS)), static_cast<std::uint8_t>(random.below(6)), operand(), operand()};
  }
  for (unsigned i = 0; i < 3; ++i) map.constant[i] = random.value();
  map.result[0] = static_cast<std::uint8_t>(random.below(6));
  return map;
}

// The plain product, in fp32 and not rounded, through the steps one output at a time.
Values reference_epilogue(Bench& bench, spinvp_npu_descriptor d, const Operands& operands, const spinvp_npu_map& map) {
  const std::uint32_t format = d.format;
  d.format = SPINVP_NPU_FP32;
  Values values = reference_matrix(d, operands);
  const bool two = map.axes == 2;
  const std::uint64_t units = map.extent[map.axes - 1], channels = map.extent[map.axes - 2];
  for (std::uint64_t i = 0; i < values.size(); ++i) {
    const std::array<std::uint64_t, 3> at = {i / units / channels, i / units % channels, i % units};
    std::array<float, 16> registers{};
    registers[0] = values[i];
    for (unsigned j = 0; j < map.inputs; ++j) {
      std::int64_t index = 0;
      for (unsigned axis = 0; axis < map.axes; ++axis) index += map.input[j].stride[axis] * static_cast<std::int64_t>(at[axis + (two ? 1 : 0)]);
      registers[j + 1] = reference_load(bench, map.input[j], index);
    }
    reference_steps(map, 0, map.steps, registers);
    values[i] = to_format(registers[map.result[0]], format);
  }
  return values;
}

std::uint64_t store_program(Bench& bench, const spinvp_npu_map& map) {
  const std::uint64_t at = bench.allocate(sizeof map);
  bench.fill(at, &map, sizeof map);
  return at;
}

void random_epilogues(const NpuConfig& config, std::uint32_t seed, unsigned jobs) {
  Bench bench(config);
  Random random(seed);
  unsigned done = 0;
  bench.run([&] {
    bench.start();
    for (unsigned i = 0; i < jobs; ++i) {
      bench.free_all();
      spinvp_npu_descriptor d{};
      if (random.coin()) {
        d = gemm(random.between(1, 40), random.between(1, 40), random.between(1, 50), random.below(4));
        if (random.coin()) d.batch = random.between(1, 5);
      } else {
        d = random_convolution(random, SPINVP_NPU_CONV_FORWARD);
      }
      if (random.below(3) == 0) d.flags |= SPINVP_NPU_FUSE_RELU;
      if (random.below(4) == 0) d.flags |= SPINVP_NPU_ACCUMULATE;
      d.format = random.coin() ? SPINVP_NPU_BF16 : SPINVP_NPU_FP32;
      MatrixCase job = place(bench, random, d, random.coin(), true);
      const spinvp_npu_map map = random_epilogue(bench, random, job.d);
      job.d.flags |= SPINVP_NPU_EPILOGUE;
      job.d.aux = store_program(bench, map);
      const Values wanted = reference_epilogue(bench, job.d, job.operands, map);
      const std::uint64_t scratch[] = {2048, 9000, 8 << 20};
      bench.write(Bench::scratch_size, scratch[random.below(3)], 8);
      const std::uint32_t status = bench.execute(job.d);
      if (status == SPINVP_NPU_NO_SPACE) continue;
      CAPTURE(i, job.d.operation, job.d.format, job.d.flags, job.d.batch, job.d.groups, map.axes, map.inputs, map.steps);
      REQUIRE(status == SPINVP_NPU_DONE);
      REQUIRE(first_difference(load_values(bench, job.d.c, job.c_count, job.d.format), wanted) == -1);
      ++done;
      if (i % 10 == 0) REQUIRE(phantom_differs(bench, job.d) == "");
    }
  });
  CHECK(done > jobs / 2);
}

}  // namespace

TEST_CASE("results pass a program on their way out, bit for bit, whatever the tiles") {
  NpuConfig config;
  config.rows = config.columns = 8;
  config.tile_size = core::Bytes{512};
  random_epilogues(config, 91, 300);
}
TEST_CASE("results pass a program on their way out, bit for bit, on four cores") {
  NpuConfig config;
  config.rows = config.columns = 8;
  config.cores = 4;
  config.partition_bytes = 0;
  random_epilogues(config, 93, 200);
}
TEST_CASE("results pass a program on their way out, bit for bit, on the default array") { random_epilogues({}, 92, 200); }

TEST_CASE("a program whose axes are not those of the output, or that is none, is refused") {
  Bench bench;
  Random random(93);
  bench.run([&] {
    bench.start();
    MatrixCase job = place(bench, random, gemm(6, 5, 4, SPINVP_NPU_EPILOGUE), false, false);
    CHECK(bench.execute(job.d) == SPINVP_NPU_BAD_ADDRESS);  // at 0
    spinvp_npu_map map{};
    map.axes = 2;
    map.extent[0] = 6;
    map.extent[1] = 5;
    const auto with = [&](const spinvp_npu_map& m) {
      job.d.aux = store_program(bench, m);
      return bench.execute(job.d);
    };
    CHECK(with(map) == SPINVP_NPU_DONE);
    spinvp_npu_map wrong = map;
    wrong.extent[0] = 5;
    CHECK(with(wrong) == SPINVP_NPU_BAD_SHAPE);
    wrong = map;
    wrong.axes = 1;
    CHECK(with(wrong) == SPINVP_NPU_BAD_SHAPE);
    wrong = map;
    wrong.outputs = 1;
    CHECK(with(wrong) == SPINVP_NPU_BAD_SHAPE);
    job.d.aux = 0x1000;  // nothing is there
    CHECK(bench.execute(job.d) == SPINVP_NPU_BAD_ADDRESS);
    job.d.aux += 4;
    CHECK(bench.execute(job.d) == SPINVP_NPU_BAD_ADDRESS);
    job.d.operation = SPINVP_NPU_CONV_DATA_GRADIENT;
    CHECK(bench.execute(job.d) == SPINVP_NPU_BAD_OPERATION);
  });
}

TEST_CASE("an epilogue's time is the vector unit's for each burst, and its inputs are read while the array works") {
  // 32 x 8 x 64 on 8 x 8, four steps of 78 cycles; a tile is 8 x 8 outputs, one burst. Two additions on four lanes: 64 / 4 x 2 = 32 cycles.
  NpuConfig config;
  config.rows = config.columns = 8;
  config.vector_lanes = 4;
  config.accumulator_size = core::Bytes{64};  // no sums wait there: k stays whole
  config.tile_size = core::Bytes{2048};
  Bench bench(config);
  bench.dram = {20'000, 0};
  Random random(94);
  bench.run([&] {
    bench.start();
    MatrixCase job = place(bench, random, gemm(32, 8, 64, SPINVP_NPU_EPILOGUE), false, false);
    spinvp_npu_map map{};
    map.axes = 2;
    map.extent[0] = 32;
    map.extent[1] = 8;
    map.inputs = 1;
    map.input[0].address = bench.allocate(32 * 8 * 4);
    map.input[0].stride[0] = 8;
    map.input[0].stride[1] = 1;
    map.steps = 2;
    map.step[0] = map.step[1] = {SPINVP_NPU_MAP_ADD, 0, 0, 1};
    job.d.aux = store_program(bench, map);
    REQUIRE(bench.execute(job.d) == SPINVP_NPU_DONE);
  });
  // Descriptor, program, two loads, four folds, the last tile's 32 cycles, its store, the status; the on-chip memory takes no time, the input's 20 ns hide behind a fold.
  const auto& record = bench.simulation.kernels.at(0);
  CHECK((record.end - record.start).ps() == 2 * 20'000 + 32'000 + 2 * 20'000 + 4 * 78'000 + 32'000 + 20'000 + 20'000);
  CHECK(record.tally.dram_read_bytes == 128 + sizeof(spinvp_npu_map) + (32 * 64 + 64 * 8 + 32 * 8) * 4);
}
