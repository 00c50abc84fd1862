#include <catch2/catch.hpp>

#include "jobs.h"

using namespace spinvp;
using namespace spinvp::npu;
using namespace spinvp::npu::test;

namespace {

std::vector<std::uint64_t> event_counts(const Bench& bench) {
  std::vector<std::uint64_t> counts;
  for (const auto& event : bench.simulation.energy.events()) counts.push_back(event.count);
  return counts;
}
// What was added to the counts since `before`.
std::vector<std::uint64_t> since(const Bench& bench, const std::vector<std::uint64_t>& before) {
  std::vector<std::uint64_t> counts = event_counts(bench);
  for (std::size_t i = 0; i < counts.size(); ++i) counts[i] -= before[i];
  return counts;
}

spinvp_npu_descriptor random_descriptor(Random& random) {
  spinvp_npu_descriptor d{};
  const std::uint32_t operation = random.between(SPINVP_NPU_GEMM, SPINVP_NPU_CONV_WEIGHT_GRADIENT);
  if (operation == SPINVP_NPU_GEMM) {
    d = gemm(random.between(1, 200), random.between(1, 200), random.between(1, 300), random.below(4));
    if (random.coin()) d.batch = random.between(1, 6);
    if (random.below(4) == 0) d.flags |= SPINVP_NPU_SHARED_B;
  } else {
    d = random_convolution(random, operation, 30);
  }
  if (operation <= SPINVP_NPU_CONV_FORWARD && random.below(3) == 0) d.flags |= SPINVP_NPU_FUSE_RELU;
  if (random.below(4) == 0) d.flags |= SPINVP_NPU_ACCUMULATE;
  d.format = random.coin() ? SPINVP_NPU_BF16 : SPINVP_NPU_FP32;
  return d;
}

void phantoms_cost_what_real_jobs_cost(const char* dataflow, const char* fold_cost, std::uint64_t buffer, std::uint32_t seed, std::uint64_t options = 0) {
  NpuConfig config;
  config.sparse_group = 64;
  config.rows = 16;
  config.columns = 24;
  config.dataflow = dataflow;
  config.fold_cost = fold_cost;
  config.tile_size = core::Bytes{2048};
  config.operand_buffer = core::Bytes{buffer};
  Bench bench(config);
  bench.dram = {30'000, 400};
  bench.onchip = {7'000, 600};
  Random random(seed);
  unsigned done = 0;
  bench.run([&] {
    bench.start();
    for (unsigned i = 0; i < 150; ++i) {
      bench.free_all();
      spinvp_npu_descriptor d = random_descriptor(random);
      d.count = d.operation == SPINVP_NPU_CONV_WEIGHT_GRADIENT ? 0 : options;
      MatrixCase job = place(bench, random, d, random.coin(), true);
      const std::uint64_t scratch[] = {4096, 30000, 8 << 20};
      bench.write(Bench::scratch_size, scratch[random.below(3)], 8);
      auto& kernels = bench.simulation.kernels;
      const auto before = event_counts(bench);
      std::uint64_t transactions = bench.transactions;
      if (bench.execute(job.d) != SPINVP_NPU_DONE) continue;
      const auto real = since(bench, before);
      transactions = bench.transactions - transactions;
      ++done;
      const Values result = load_values(bench, job.d.c, job.c_count, job.d.format);
      // The phantom leaves what lies at its addresses alone.
      Values other = random.values(job.c_count);
      store_values(bench, job.d.c, other, job.d.format);
      job.d.flags |= SPINVP_NPU_PHANTOM;
      const auto between = event_counts(bench);
      const std::uint64_t so_far = bench.transactions;
      CAPTURE(i, job.d.operation, job.d.flags, job.d.format, job.d.groups, job.d.batch);
      REQUIRE(bench.execute(job.d) == SPINVP_NPU_DONE);
      CHECK(first_difference(load_values(bench, job.d.c, job.c_count, job.d.format), other) == -1);
      CHECK(since(bench, between) == real);
      CHECK(bench.transactions - so_far == transactions);
      const auto &r = kernels[kernels.size() - 2], &p = kernels.back();
      CHECK((p.end - p.start).ps() == (r.end - r.start).ps());
      CHECK(p.macs == r.macs);
      CHECK(p.compute_cycles == r.compute_cycles);
      CHECK(p.stall_cycles == r.stall_cycles);
      CHECK(p.tally.energy_j == r.tally.energy_j);
      CHECK(p.tally.dram_read_bytes == r.tally.dram_read_bytes);
      CHECK(p.tally.dram_write_bytes == r.tally.dram_write_bytes);
      CHECK(p.tally.onchip_read_bytes == r.tally.onchip_read_bytes);
      CHECK(p.tally.onchip_write_bytes == r.tally.onchip_write_bytes);
    }
  });
  CHECK(done > 100);
}

}  // namespace

TEST_CASE("a phantom job takes the time, traffic and energy of a real one and leaves memory alone, output stationary") {
  phantoms_cost_what_real_jobs_cost("os", "exact", 64 << 10, 71);
}
TEST_CASE("a phantom job takes the time, traffic and energy of a real one and leaves memory alone, weight stationary") {
  phantoms_cost_what_real_jobs_cost("ws", "pipelined", 2 << 20, 72);
}
TEST_CASE("a phantom job takes the time, traffic and energy of a real one and leaves memory alone, input stationary without an operand buffer") {
  phantoms_cost_what_real_jobs_cost("is", "exact", 0, 73);
}

TEST_CASE("a phantom job takes the time, traffic and energy of a real one that is sparse, whatever its values") {
  phantoms_cost_what_real_jobs_cost("os", "pipelined", 64 << 10, 74, 0x0802);  // 2:8
}

TEST_CASE("a phantom job takes the time, traffic and energy of a real one with every second row dropped") {
  phantoms_cost_what_real_jobs_cost("ws", "exact", 64 << 10, 75, std::uint64_t{0x010206} << 32);  // of k and n, rows, phase 1
}

TEST_CASE("a phantom job needs no memory: terabytes of products run with tensors that lie nowhere") {
  Bench bench;
  bench.phantom_space = true;
  bench.run([&] {
    bench.start();
    spinvp_npu_descriptor d = gemm(16384, 4096, 4096, SPINVP_NPU_PHANTOM);
    d.a = 0x8'0000'0000;
    d.b = 0x10'0000'0000;
    d.c = 0x18'0000'0000;
    REQUIRE(bench.execute(d) == SPINVP_NPU_DONE);
  });
  const auto& r = bench.simulation.kernels.at(0);
  CHECK(r.macs == 16384ull * 4096 * 4096);
  CHECK(r.compute_cycles == 128ull * 32 * (128 + 128 + 4096 - 2));
}
