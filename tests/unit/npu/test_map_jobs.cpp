#include <catch2/catch.hpp>

#include "map_jobs.h"
#include "phantom_twin.h"

using namespace spinvp;
using namespace spinvp::npu;
using namespace spinvp::npu::test;

namespace {

NpuConfig chunks_of(std::uint64_t bytes) {
  NpuConfig config;
  config.stream_buffer = core::Bytes{bytes};
  return config;
}

// Random programs at chunks of `bytes`: every bit must be the reference's.
void compare(bool reduces, std::uint64_t bytes, std::uint32_t most_points, int programs, std::uint32_t seed) {
  Bench bench(chunks_of(bytes));
  Random random(seed);
  bench.run([&] {
    bench.start();
    for (int i = 0; i < programs; ++i) {
      bench.free_all();
      const spinvp_npu_map map = random_map(bench, random, reduces, most_points);
      const Stored wanted = reference_map(bench, map, reduces);
      CAPTURE(i, map.axes, map.inputs, map.outputs, map.steps, map.reduced);
      REQUIRE(bench.execute(map_job(bench, map, reduces)) == SPINVP_NPU_DONE);
      REQUIRE(first_wrong(bench, wanted) == 0);
    }
  });
}

}  // namespace

// A process simulates once: a test case for each size of chunks.
TEST_CASE("maps equal their definition in chunks of a few elements: any program, formats, orders and directions of streams") {
  compare(false, 64, 300, 300, 81);
}
TEST_CASE("maps equal their definition in chunks of some rows") { compare(false, 1024, 3000, 200, 82); }
TEST_CASE("maps equal their definition in chunks of the default size") { compare(false, 16384, 20000, 60, 83); }
TEST_CASE("reductions equal their definition in chunks of a few elements: sums and largest values in the order of the iteration space, and finishing steps") {
  compare(true, 64, 300, 300, 84);
}
TEST_CASE("reductions equal their definition in chunks of some rows") { compare(true, 1024, 3000, 200, 85); }
TEST_CASE("reductions equal their definition in chunks of the default size") { compare(true, 16384, 20000, 60, 86); }

TEST_CASE("a map may work in place") {
  Bench bench(chunks_of(128));
  Random random(87);
  bench.run([&] {
    bench.start();
    spinvp_npu_map map{};
    map.axes = 2;
    map.extent[0] = 40, map.extent[1] = 30;
    map.inputs = 2, map.outputs = 1, map.steps = 1;
    map.step[0] = {SPINVP_NPU_MAP_ADD, 0, 0, 1};
    Values x = random.values(1200), bias = random.values(30), wanted = x;
    for (std::size_t i = 0; i < wanted.size(); ++i) wanted[i] = wanted[i] + bias[i % 30];
    map.input[0].address = map.output[0].address = bench.allocate(4800);
    map.input[1].address = bench.allocate(120);
    map.input[0].stride[0] = map.output[0].stride[0] = 30;
    map.input[0].stride[1] = map.output[0].stride[1] = map.input[1].stride[1] = 1;
    store_values(bench, map.input[0].address, x, SPINVP_NPU_FP32);
    store_values(bench, map.input[1].address, bias, SPINVP_NPU_FP32);
    REQUIRE(bench.execute(map_job(bench, map, false)) == SPINVP_NPU_DONE);
    CHECK(first_difference(load_values(bench, map.output[0].address, 1200, SPINVP_NPU_FP32), wanted) == -1);
  });
}

TEST_CASE("phantom maps and reductions take the time, the traffic and the energy of real ones") {
  Bench bench(chunks_of(1024));
  bench.dram = {50'000, 3'000};
  bench.onchip = {5'000, 500};
  Random random(88);
  bench.run([&] {
    bench.start();
    for (int i = 0; i < 80; ++i) {
      bench.free_all();
      const bool reduces = random.coin();
      const spinvp_npu_map map = random_map(bench, random, reduces, 3000);
      CAPTURE(i, reduces);
      REQUIRE(phantom_differs(bench, map_job(bench, map, reduces)).empty());
    }
  });
}

TEST_CASE("phantom tensors may lie where a real one of that size would, and stay untouched") {
  Bench bench;
  Random random(89);
  bench.run([&] {
    bench.start();
    spinvp_npu_map map = random_map(bench, random, false, 2000);
    const Stored wanted = reference_map(bench, map, false);
    Stored before;
    for (const auto& [address, value] : wanted) {
      std::uint32_t there = 0;
      std::memcpy(&there, bench.at(address), value.second);
      before[address] = {there, value.second};
    }
    spinvp_npu_descriptor d = map_job(bench, map, false);
    d.flags = SPINVP_NPU_PHANTOM;
    REQUIRE(bench.execute(d) == SPINVP_NPU_DONE);
    CHECK(first_wrong(bench, before) == 0);
  });
}
