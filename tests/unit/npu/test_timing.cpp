#include <catch2/catch.hpp>

#include "jobs.h"

using namespace spinvp;
using namespace spinvp::npu;
using namespace spinvp::npu::test;

namespace {

// 8 x 8 array at 1 GHz: a cycle is 1000 ps.
NpuConfig small(std::uint64_t columns = 8) {
  NpuConfig config;
  config.rows = 8;
  config.columns = columns;
  return config;
}
constexpr std::uint64_t cycle = 1000;

std::uint64_t span(const core::KernelRecord& record) { return (record.end - record.start).ps(); }

// 64 x 8 x 64: eight tiles of eight rows, each one fold of 8 + 8 + 64 - 2 = 78 cycles; A and B blocks are 2 KiB, C tiles 256 B, one burst each.
struct EightTiles {
  NpuConfig config = small();
  spinvp_npu_descriptor d = gemm(64, 8, 64);
  EightTiles() {
    config.tile_size = core::Bytes{2048};
    config.accumulator_size = core::Bytes{64};  // no sums wait there: k stays whole
  }
  static constexpr std::uint64_t folds = 8, fold = 78 * cycle, block = 2048, output = 256;
};

}  // namespace

TEST_CASE("a compute-bound job lasts the first load and fetch, the folds of the law, and the last drain and store: exactly") {
  const EightTiles job;
  Bench bench(job.config);
  bench.dram = {10'000, 100};
  bench.onchip = {5'000, 50};
  Random random(61);
  bench.run([&] {
    bench.start();
    REQUIRE(bench.execute(place(bench, random, job.d, false, false).d) == SPINVP_NPU_DONE);
  });
  const auto dram = [&](std::uint64_t bytes) { return bench.dram.burst_ps(bytes); };
  const auto chip = [&](std::uint64_t bytes) { return bench.onchip.burst_ps(bytes); };
  const std::uint64_t fetch = dram(128) + 32 * cycle, load = dram(job.block) + chip(job.block), store = chip(job.output) + dram(job.output);
  REQUIRE(chip(job.block) < job.fold);  // the fetch of a strip of A hides behind the fold before
  const auto& record = bench.simulation.kernels.at(0);
  CHECK(span(record) == fetch + 2 * load + 2 * chip(job.block) + job.folds * job.fold + chip(job.output) + store + dram(4));
  CHECK(record.compute_cycles == job.folds * 78);
  CHECK(record.stall_cycles == span(record) / cycle - record.compute_cycles);
  CHECK(record.macs == 64 * 8 * 64);
}

TEST_CASE("a load-bound job lasts its loads, one fetch and one fold: computation hides behind them") {
  const EightTiles job;
  Bench bench(job.config);
  bench.dram = {200'000, 1'000};
  bench.onchip = {5'000, 50};
  Random random(62);
  bench.run([&] {
    bench.start();
    REQUIRE(bench.execute(place(bench, random, job.d, false, false).d) == SPINVP_NPU_DONE);
    // The same with room for no more than double buffers: 2 x A, B, 2 x C.
    bench.write(Bench::scratch_size, 2 * 2048 + 2048 + 2 * 256, 8);
    REQUIRE(bench.execute(place(bench, random, job.d, false, false).d) == SPINVP_NPU_DONE);
  });
  const auto dram = [&](std::uint64_t bytes) { return bench.dram.burst_ps(bytes); };
  const auto chip = [&](std::uint64_t bytes) { return bench.onchip.burst_ps(bytes); };
  const std::uint64_t load = dram(job.block) + chip(job.block);
  REQUIRE(load > job.fold);
  const std::uint64_t expected =
      dram(128) + 32 * cycle + (1 + job.folds) * load + chip(job.block) + job.fold + chip(job.output) + chip(job.output) + dram(job.output) + dram(4);
  CHECK(span(bench.simulation.kernels.at(0)) == expected);
  CHECK(span(bench.simulation.kernels.at(1)) == expected);
}

TEST_CASE("a store-bound job lasts the first tile and its stores") {
  // 256 x 64 x 1 on 8 x 64: four tiles of 64 rows, eight folds of 8 + 64 + 1 - 2 = 71 cycles each; a C tile is 16 KiB, four bursts each way.
  NpuConfig config = small(64);
  config.tile_size = core::Bytes{16384};
  Bench bench(config);
  bench.dram = {200'000, 0};
  bench.onchip = {5'000, 0};
  Random random(63);
  bench.run([&] {
    bench.start();
    REQUIRE(bench.execute(place(bench, random, gemm(256, 64, 1), false, false).d) == SPINVP_NPU_DONE);
  });
  // The next burst is read while the last one is written.
  const std::uint64_t dram = 200'000, chip = 5'000, store = chip + 4 * dram;
  REQUIRE(store > 8 * 71 * cycle);
  CHECK(span(bench.simulation.kernels.at(0)) == dram + 32 * cycle + 2 * (dram + chip) + 2 * chip + 8 * 71 * cycle + chip + 4 * store + dram);
}

TEST_CASE("operands on chip are used in place: no load, no store, and no copy in scratch") {
  const EightTiles job;
  Bench bench(job.config);
  bench.dram = {10'000, 100};
  bench.onchip = {5'000, 50};
  Random random(64);
  MatrixCase placed;
  bench.run([&] {
    bench.start();
    placed = place(bench, random, job.d, false, false);
    for (std::uint64_t* address : {&placed.d.a, &placed.d.b, &placed.d.c}) {
      const std::uint64_t there = bench.allocate(64 * 64 * 4, true);
      std::memcpy(bench.at(there), bench.at(*address), 64 * 64 * 4);
      *address = there;
    }
    REQUIRE(bench.execute(placed.d) == SPINVP_NPU_DONE);
    CHECK(first_difference(load_values(bench, placed.d.c, placed.c_count, 0), reference_matrix(placed.d, placed.operands)) == -1);
  });
  const auto& record = bench.simulation.kernels.at(0);
  CHECK(span(record) == bench.dram.burst_ps(128) + 32 * cycle + 2 * bench.onchip.burst_ps(job.block) + job.folds * job.fold +
                            bench.onchip.burst_ps(job.output) + bench.dram.burst_ps(4));
  // The operand buffer takes each operand once; outputs leave once.
  CHECK(record.tally.onchip_read_bytes == (64 * 64 + 64 * 8) * 4);
  CHECK(record.tally.onchip_write_bytes == 64 * 8 * 4);
  CHECK(record.tally.dram_read_bytes == 128);
  CHECK(record.tally.dram_write_bytes == 4);
}

TEST_CASE("without an operand buffer a fold lasts as long as its reads where the memory is slower than the array, and the difference counts as stall") {
  EightTiles job;
  job.config.operand_buffer = core::Bytes{0};
  Bench bench(job.config);
  bench.onchip = {100'000, 0};
  Random random(65);
  bench.run([&] {
    bench.start();
    REQUIRE(bench.execute(place(bench, random, job.d, false, false).d) == SPINVP_NPU_DONE);
  });
  // DRAM answers at once; a load is one scratch write, a fold two reads, drain and store one access each. Loads (100 ns) keep ahead of folds (200 ns).
  const auto& record = bench.simulation.kernels.at(0);
  CHECK(span(record) == 32 * cycle + 2 * 100'000 + 8 * 200'000 + 100'000 + 100'000);
  CHECK(record.compute_cycles == 8 * 78);
  CHECK(record.stall_cycles == span(record) / cycle - 8 * 78);
}

TEST_CASE("with an operand buffer the array waits for the one operand that changes, and the fetch of the next strip overlaps with the fold") {
  const EightTiles job;
  Bench bench(job.config);
  bench.onchip = {100'000, 0};
  Random random(65);
  bench.run([&] {
    bench.start();
    REQUIRE(bench.execute(place(bench, random, job.d, false, false).d) == SPINVP_NPU_DONE);
  });
  // As above, but B is fetched once, and a fold of 78 ns runs while the next strip of A takes its 100 ns: the last of eight folds starts 7 x 100 ns after the first.
  CHECK(span(bench.simulation.kernels.at(0)) == 32 * cycle + 2 * 100'000 + 2 * 100'000 + 7 * 100'000 + 78 * cycle + 100'000 + 100'000);
}

TEST_CASE("pipelined folds: a job of eight takes one whole fold and seven times its stream of 64") {
  EightTiles job;
  job.config.fold_cost = "pipelined";
  Bench bench(job.config);
  Random random(65);
  bench.run([&] {
    bench.start();
    REQUIRE(bench.execute(place(bench, random, job.d, false, false).d) == SPINVP_NPU_DONE);
  });
  CHECK(span(bench.simulation.kernels.at(0)) == (32 + 78 + 7 * 64) * cycle);  // memories take no time
  CHECK(bench.simulation.kernels.at(0).compute_cycles == 78 + 7 * 64);
}

TEST_CASE("a tile drains as its folds end: the last burst alone comes after the last fold") {
  // 64 x 64 x 1 on 8 x 8: one tile of 64 folds of 15 cycles and 16 KiB: four bursts, each after 16 folds.
  NpuConfig config = small();
  Bench bench(config);
  bench.onchip = {50'000, 0};
  Random random(69);
  bench.run([&] {
    bench.start();
    REQUIRE(bench.execute(place(bench, random, gemm(64, 64, 1), false, false).d) == SPINVP_NPU_DONE);
  });
  // Two loads of 50 ns, two fetches, 64 x 15 cycles, one burst of the drain, four of the store.
  REQUIRE(bench.simulation.kernels.at(0).compute_cycles == 64 * 15);
  CHECK(span(bench.simulation.kernels.at(0)) == (32 + 64 * 15) * cycle + (2 + 2 + 1 + 4) * 50'000);
}

// 40 x 20 x 30 on 8 x 8: column folds ceil(20/8) = 3, row folds ceil(40/8) = 5; all of it is one tile.
TEST_CASE("traffic of a product without an operand buffer: operands once from DRAM, per fold from scratch, as the fold law says") {
  NpuConfig config = small();
  config.operand_buffer = core::Bytes{0};
  Bench bench(config);
  Random random(66);
  bench.run([&] {
    bench.start();
    REQUIRE(bench.execute(place(bench, random, gemm(40, 20, 30), false, false).d) == SPINVP_NPU_DONE);
  });
  const auto& tally = bench.simulation.kernels.at(0).tally;
  const std::uint64_t a = 40 * 30 * 4, b = 30 * 20 * 4, c = 40 * 20 * 4;
  CHECK(tally.dram_read_bytes == a + b + 128);
  CHECK(tally.dram_write_bytes == c + 4);
  CHECK(tally.onchip_write_bytes == a + b + c);
  CHECK(tally.onchip_read_bytes == 3 * a + 5 * b + c);
}

TEST_CASE("traffic of a product with an operand buffer: from scratch once too, and the buffer's words are counted") {
  Bench bench(small());
  Random random(66);
  bench.run([&] {
    bench.start();
    REQUIRE(bench.execute(place(bench, random, gemm(40, 20, 30), false, false).d) == SPINVP_NPU_DONE);
  });
  const auto& tally = bench.simulation.kernels.at(0).tally;
  const std::uint64_t a = 40 * 30 * 4, b = 30 * 20 * 4, c = 40 * 20 * 4;
  CHECK(tally.dram_read_bytes == a + b + 128);
  CHECK(tally.onchip_write_bytes == a + b + c);
  CHECK(tally.onchip_read_bytes == a + b + c);
  const auto event = [&](const std::string& name) {
    for (const auto& e : bench.simulation.energy.events())
      if (e.event == name) return e;
    return core::EnergyAccount::EventView{};
  };
  // 4800 and 2400 bytes are 75 and 38 words of 64 bytes.
  CHECK(event("buffer_write").count == 75 + 38);
  CHECK(event("buffer_read").count == 3 * 75 + 5 * 38);
  CHECK(event("buffer_read").each.si() > 0);
}

TEST_CASE("a convolution's input comes from DRAM once, and its energy is that of its multiply-accumulates and operands") {
  Bench bench;
  Random random(67);
  const spinvp_npu_descriptor d = convolution(SPINVP_NPU_CONV_FORWARD, 4, 10, 12, 12, 20, 5, 5);
  bench.run([&] {
    bench.start();
    REQUIRE(bench.execute(place(bench, random, d, false, false).d) == SPINVP_NPU_DONE);
  });
  const auto& record = bench.simulation.kernels.at(0);
  const std::uint64_t macs = 4 * 64 * 20 * 250, x = 4 * 10 * 144 * 4, w = 5000 * 4;
  CHECK(record.macs == macs);
  // Tiles meet inside an image at most once here: the halo that is loaded twice is less than one image.
  CHECK(record.tally.dram_read_bytes >= x + w + 128);
  CHECK(record.tally.dram_read_bytes <= x + w + 128 + 1440 * 4);
  const auto counts = [&](const std::string& name) {
    for (const auto& event : bench.simulation.energy.events())
      if (event.event == name) return event.count;
    return std::uint64_t{0};
  };
  CHECK(counts("mac_fp32") == macs);
  CHECK(counts("mac_bf16") == 0);
  // Two row folds of 128 windows: each takes 250 x 128 inputs and all 5000 weights into the array.
  CHECK(counts("operand_fp32") == 256 * 250 + 2 * 5000);
  CHECK(record.tally.energy_j > 0);
}

TEST_CASE("a vector operation that memory bounds lasts its loads, one chunk of computation and one store") {
  NpuConfig config = small();
  config.stream_buffer = core::Bytes{4096};
  Bench bench(config);
  bench.dram = {100'000, 0};
  Random random(68);
  bench.run([&] {
    bench.start();
    spinvp_npu_descriptor d{};
    d.operation = SPINVP_NPU_RELU_BACKWARD;
    d.count = 8 * 1024;
    d.a = bench.allocate(4 * d.count);
    d.b = bench.allocate(4 * d.count);
    d.c = bench.allocate(4 * d.count);
    REQUIRE(bench.execute(d) == SPINVP_NPU_DONE);
  });
  // Eight chunks of two reads and one write of 4 KiB; 1024 elements take 1024 / 128 = 8 cycles.
  const auto& record = bench.simulation.kernels.at(0);
  CHECK(span(record) == 100'000 + 32 * cycle + 8 * 200'000 + 8 * cycle + 100'000 + 100'000);
  CHECK(record.compute_cycles == 64);
}

TEST_CASE("an ordered sum takes a cycle an element of its chain, however many lanes there are") {
  NpuConfig config = small();
  Bench bench(config);
  bench.run([&] {
    bench.start();
    spinvp_npu_descriptor d{};
    d.operation = SPINVP_NPU_BIAS_GRADIENT;
    d.batch = 4;
    d.out_channels = 10;
    d.out_h = d.out_w = 10;
    d.a = bench.allocate(16000);
    d.c = bench.allocate(40);
    REQUIRE(bench.execute(d) == SPINVP_NPU_DONE);
  });
  CHECK(bench.simulation.kernels.at(0).compute_cycles == 400);  // 4000 elements over 10 channels, in one chunk of 16 KiB
}
