// How fast a real-data GEMM runs inside the NPU, beside Eigen on one core with -march=native.
//
// Three figures a size: the chains alone (operands unfolded already), by unit of the host; the whole job through ring, bus, scratch and operand buffer; both in GFLOP/s and as a part of Eigen's.
// The job's bits are those of a chain of fmaf for each output; Eigen's are not. Host times are of this machine, the best of several.
#include <algorithm>
#include <chrono>
#include <cstdio>

#include "models/npu/chain.h"
#include "tests/bench/npu/eigen_product.h"
#include "tests/unit/npu/jobs.h"

using namespace spinvp;
using namespace spinvp::npu;
using namespace spinvp::npu::test;

namespace {

double seconds() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

template <typename Work>
double best_of(int times, Work&& work) {
  double best = 1e9;
  for (int i = 0; i < times; ++i) {
    const double start = seconds();
    work();
    best = std::min(best, seconds() - start);
  }
  return best;
}

double gflops(std::size_t size, double s) { return 2e-9 * static_cast<double>(size * size * size) / s; }

}  // namespace

int sc_main(int, char**) {
  Bench bench(NpuConfig{}, 256 << 20);
  bench.poll_us = 20;
  bench.run([&] {
    bench.start();
    Random random(1);
    std::printf("%6s %8s %8s %8s | %8s %8s %8s %8s   GFLOP/s\n", "size", "eigen", "avx2", "avx512", "job fp32", "of eigen", "job bf16", "of eigen");
    for (const std::uint32_t size : {256u, 384u, 512u, 768u, 1024u}) {
      bench.free_all();
      const std::size_t n = size;
      Values a = random.values(n * n), b = random.values(n * n), c(n * n);
      const double eigen = gflops(n, best_of(20, [&] { eigen_product(a.data(), b.data(), c.data(), static_cast<long>(n)); }));
      double chain[2] = {0, 0};
      for (const ChainUnit unit : {ChainUnit::avx2, ChainUnit::avx512}) {
        if (!has_chain_unit(unit)) continue;
        Values unfolded(padded_stride(n) * n, 0.5f), sums(padded_width(n) * n);
        const ChainBlock block{sums.data(), padded_width(n), a.data(), n, 1, unfolded.data(), padded_stride(n), n, n, n};
        chain[unit == ChainUnit::avx512 ? 1 : 0] = gflops(n, best_of(10, [&] { run_chain(block, unit); }));
      }
      double job[2] = {0, 0};
      for (const std::uint32_t format : {SPINVP_NPU_FP32, SPINVP_NPU_BF16}) {
        spinvp_npu_descriptor d = gemm(size, size, size);
        d.format = format;
        const MatrixCase placed = place(bench, random, d, false, false);
        job[format] = gflops(n, best_of(10, [&] {
                               if (bench.execute(placed.d) != SPINVP_NPU_DONE) std::printf("failed\n");
                             }));
      }
      std::printf("%6u %8.1f %8.1f %8.1f | %8.1f %8.2f %8.1f %8.2f\n", size, eigen, chain[0], chain[1], job[0], job[0] / eigen, job[1], job[1] / eigen);
    }
  });
  return 0;
}
