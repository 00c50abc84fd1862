// Sparse products on the NPU: bits, cycles and energy.
#include <catch2/catch.hpp>

#include <algorithm>
#include <numeric>

#include "jobs.h"

using namespace spinvp;
using namespace spinvp::npu;
using namespace spinvp::npu::test;

namespace {

// Zeros where the pattern leaves b out: by definition, element for element; `column` gives the places in b of a column's k.
void prune(Values& b, const std::vector<std::size_t>& column, std::size_t keep, std::size_t group) {
  for (std::size_t first = 0; first < column.size(); first += group) {
    std::vector<std::size_t> places(column.begin() + static_cast<long>(first), column.begin() + static_cast<long>(std::min(first + group, column.size())));
    std::stable_sort(places.begin(), places.end(), [&](std::size_t left, std::size_t right) { return std::fabs(b[left]) > std::fabs(b[right]); });
    for (std::size_t i = keep; i < places.size(); ++i) b[places[i]] = 0;
  }
}

// The job's b with zeros for what takes no part: every element of a weight belongs to one chain of one column.
Values pruned(const spinvp_npu_descriptor& d, Values b) {
  const std::size_t keep = d.count & 0xff, group = d.count >> 8 & 0xff;
  if (d.operation == SPINVP_NPU_GEMM) {
    const std::size_t batch = (d.flags & SPINVP_NPU_SHARED_B) != 0 || d.batch == 0 ? 1 : d.batch;
    for (std::size_t p = 0; p < batch; ++p)
      for (std::size_t n = 0; n < d.n; ++n) {
        std::vector<std::size_t> column;
        for (std::size_t k = 0; k < d.k; ++k) column.push_back(p * d.k * d.n + ((d.flags & SPINVP_NPU_TRANSPOSE_B) != 0 ? n * d.k + k : k * d.n + n));
        prune(b, column, keep, group);
      }
    return b;
  }
  const std::size_t groups = d.groups == 0 ? 1 : d.groups, taps = std::size_t{d.kernel_h} * d.kernel_w, ci = d.in_channels / groups,
                    co = d.out_channels / groups;
  const bool forward = d.operation == SPINVP_NPU_CONV_FORWARD;
  for (std::size_t g = 0; g < groups; ++g)
    for (std::size_t n = 0; n < (forward ? co : ci); ++n) {
      std::vector<std::size_t> column;
      for (std::size_t channel = 0; channel < (forward ? ci : co); ++channel)
        for (std::size_t tap = 0; tap < taps; ++tap) column.push_back(((g * co + (forward ? n : channel)) * ci + (forward ? channel : n)) * taps + tap);
      prune(b, column, keep, group);
    }
  return b;
}

void sparse_jobs_equal_the_reference(NpuConfig config, std::uint32_t seed) {
  config.sparse_group = 16;
  config.tile_size = core::Bytes{512};
  Bench bench(config);
  Random random(seed);
  unsigned done = 0;
  bench.run([&] {
    bench.start();
    for (unsigned i = 0; i < 300; ++i) {
      bench.free_all();
      spinvp_npu_descriptor d = random.coin() ? random_convolution(random, random.between(SPINVP_NPU_CONV_FORWARD, SPINVP_NPU_CONV_DATA_GRADIENT))
                                              : gemm(random.between(1, 40), random.between(1, 40), random.between(1, 150), random.below(4));
      if (d.operation == SPINVP_NPU_GEMM && random.coin()) d.batch = random.between(1, 4);
      if (d.operation == SPINVP_NPU_GEMM && random.below(4) == 0) d.flags |= SPINVP_NPU_SHARED_B;
      if (random.below(4) == 0) d.flags |= SPINVP_NPU_ACCUMULATE;
      d.format = random.coin() ? SPINVP_NPU_BF16 : SPINVP_NPU_FP32;
      const std::uint32_t group = random.between(2, 16);
      d.count = random.between(1, group - 1) | group << 8;
      MatrixCase job = place(bench, random, d, random.coin(), true);
      job.operands.b = pruned(d, job.operands.b);
      const std::uint64_t scratch[] = {2048, 9000, 8 << 20};
      bench.write(Bench::scratch_size, scratch[random.below(3)], 8);
      CAPTURE(i, d.operation, d.format, d.flags, d.m, d.n, d.k, d.batch, d.groups, d.in_channels, d.out_channels, d.kernel_h, d.kernel_w, d.count);
      const std::uint32_t status = bench.execute(job.d);
      if (status == SPINVP_NPU_NO_SPACE) continue;
      REQUIRE(status == SPINVP_NPU_DONE);
      ++done;
      REQUIRE(first_difference(load_values(bench, job.d.c, job.c_count, job.d.format), reference_matrix(job.d, job.operands)) == -1);
    }
  });
  CHECK(done > 250);
}

NpuConfig array(std::uint64_t rows, std::uint64_t columns, const char* dataflow) {
  NpuConfig config;
  config.rows = rows;
  config.columns = columns;
  config.dataflow = dataflow;
  return config;
}

}  // namespace

TEST_CASE("sparse products have the bits of plain loops over pruned weights, output stationary") { sparse_jobs_equal_the_reference(array(8, 8, "os"), 81); }
TEST_CASE("sparse products have the bits of plain loops over pruned weights, weight stationary on a ragged array") {
  sparse_jobs_equal_the_reference(array(5, 19, "ws"), 82);
}
TEST_CASE("sparse products have the bits of plain loops over pruned weights, input stationary") { sparse_jobs_equal_the_reference(array(16, 6, "is"), 83); }

TEST_CASE("what is left out is no part of the chain: an infinity or a NaN beside it does not show, and a negative zero stays") {
  NpuConfig config;
  config.sparse_group = 4;
  Bench bench(config);
  bench.run([&] {
    bench.start();
    spinvp_npu_descriptor d = gemm(2, 1, 4, SPINVP_NPU_ACCUMULATE);
    d.count = 1 | 4 << 8;
    d.a = bench.allocate(32);
    d.b = bench.allocate(16);
    d.c = bench.allocate(8);
    // Row 0 has an infinity and a NaN where b is small. Row 1: -0 + (-0 x 3) is -0; a term +0 would make it +0.
    const float a[] = {INFINITY, 2, NAN, INFINITY, 1, -0.0f, 1, 1}, b[] = {0, 3, 1, -2}, c[] = {1, -0.0f};
    bench.fill(d.a, a, sizeof a);
    bench.fill(d.b, b, sizeof b);
    bench.fill(d.c, c, sizeof c);
    REQUIRE(bench.execute(d) == SPINVP_NPU_DONE);
    const Values result = load_values(bench, d.c, 2, SPINVP_NPU_FP32);
    CHECK(result[0] == 7);
    CHECK(bits(result[1]) == 0x80000000u);
  });
}

TEST_CASE("2:8 takes the cycles, the multiply-accumulates and the operand energy of a quarter of k, and pays for comparing and selecting") {
  NpuConfig config = array(8, 8, "os");
  config.sparse_group = 8;
  Bench bench(config);
  Random random(84);
  const auto count_of = [&](const std::string& name) {
    for (const auto& event : bench.simulation.energy.events())
      if (event.event == name) return event.count;
    return std::uint64_t{0};
  };
  bench.run([&] {
    bench.start();
    spinvp_npu_descriptor d = gemm(64, 24, 128);
    d.count = 2 | 8 << 8;
    REQUIRE(bench.execute(place(bench, random, d, false, false).d) == SPINVP_NPU_DONE);
  });
  const auto& record = bench.simulation.kernels.at(0);
  // 8 x 3 folds of 8 + 8 + 32 - 2 cycles.
  CHECK(record.compute_cycles == 24 * 46);
  CHECK(record.macs == 64 * 24 * 32);
  CHECK(count_of("mac_fp32") == 64 * 24 * 32);
  // a three times (columns of folds), all of it; b eight times, a quarter of it.
  CHECK(count_of("operand_fp32") == 3 * 64 * 128 + 8 * 24 * 32);
  CHECK(count_of("sparse_index") == 8 * 24 * 32);
  CHECK(count_of("sparse_selection_fp32") == 64 * 24 * 32);
  // Each time b passes, 16 groups of each of 24 columns take 7 + 6 comparisons.
  CHECK(count_of("sparse_comparison_fp32") == 8 * 24 * 16 * 13);
  CHECK(count_of("sparse_comparison_bf16") == 0);
}
