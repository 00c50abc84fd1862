// Host cost of large phantom jobs of the array on the default NPU: simulated time, the array's share of it, traffic, steps, bursts, host microseconds (best of several).
//
// Memories here cost the host nothing, so this is the NPU's own cost and that of SystemC's threads. Host times are of this machine.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "tests/unit/npu/jobs.h"

using namespace spinvp;
using namespace spinvp::npu;
using namespace spinvp::npu::test;

namespace {

double seconds() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

struct NamedJob {
  std::string name;
  spinvp_npu_descriptor d;
  unsigned count = 1;  // how often it occurs
};

void add(std::vector<NamedJob>& jobs, const std::string& name, spinvp_npu_descriptor d, unsigned count = 1) {
  d.flags |= SPINVP_NPU_PHANTOM;
  // Disjoint places in DRAM; a phantom needs no memory there.
  d.a = 0x8'0000'0000;
  d.b = 0x10'0000'0000;
  d.c = 0x18'0000'0000;
  jobs.push_back({name, d, count});
}

void add_convolution(std::vector<NamedJob>& jobs, const std::string& name, std::uint32_t batch, std::uint32_t ci, std::uint32_t side, std::uint32_t co,
                     std::uint32_t kernel, std::uint32_t stride, unsigned count, std::uint16_t groups = 1) {
  const char* names[] = {"", "", "forward", "data", "weights"};
  for (const std::uint32_t operation : {SPINVP_NPU_CONV_FORWARD, SPINVP_NPU_CONV_DATA_GRADIENT, SPINVP_NPU_CONV_WEIGHT_GRADIENT}) {
    auto d = convolution(operation, batch, ci, side, side, co, kernel, kernel, stride, kernel / 2);
    d.groups = groups;
    d.format = SPINVP_NPU_BF16;
    add(jobs, name + " " + names[operation], d, count);
  }
}

spinvp_npu_descriptor product(std::uint32_t m, std::uint32_t n, std::uint32_t k, std::uint32_t format, std::uint32_t flags = 0, std::uint32_t batch = 1) {
  spinvp_npu_descriptor d = gemm(m, n, k, flags);
  d.batch = batch;
  d.format = format;
  return d;
}

std::vector<NamedJob> jobs() {
  std::vector<NamedJob> j;
  add(j, "gemm 8192x3072x768 fp32", product(8192, 3072, 768, SPINVP_NPU_FP32));
  add(j, "gemm 8192x3072x768 bf16", product(8192, 3072, 768, SPINVP_NPU_BF16), 12);
  add(j, "gemm 8192x768x3072 bf16", product(8192, 768, 3072, SPINVP_NPU_BF16), 12);
  add(j, "gemm 768x3072x8192 bf16 (dW)", product(768, 3072, 8192, SPINVP_NPU_BF16, SPINVP_NPU_TRANSPOSE_A), 12);
  add(j, "gemm 8192x768x768 bf16", product(8192, 768, 768, SPINVP_NPU_BF16), 96);
  add(j, "192 x gemm 512x512x64 bf16", product(512, 512, 64, SPINVP_NPU_BF16, SPINVP_NPU_TRANSPOSE_B, 192), 36);
  add(j, "192 x gemm 512x64x512 bf16", product(512, 64, 512, SPINVP_NPU_BF16, 0, 192), 36);
  add(j, "gemm 1000x1x10000000 long", product(100, 1, 1000000, SPINVP_NPU_BF16));
  // ResNet-50, batch 16 (stride of the first 3 x 3 of a stage as published in v1.5).
  add_convolution(j, "conv 7x7/2 3->64 @224", 16, 3, 224, 64, 7, 2, 1);
  add_convolution(j, "conv 1x1 64->64 @56", 16, 64, 56, 64, 1, 1, 1);
  add_convolution(j, "conv 3x3 64->64 @56", 16, 64, 56, 64, 3, 1, 3);
  add_convolution(j, "conv 1x1 64->256 @56", 16, 64, 56, 256, 1, 1, 4);
  add_convolution(j, "conv 1x1 256->64 @56", 16, 256, 56, 64, 1, 1, 2);
  add_convolution(j, "conv 3x3/2 128->128 @56", 16, 128, 56, 128, 3, 2, 1);
  add_convolution(j, "conv 3x3 128->128 @28", 16, 128, 28, 128, 3, 1, 3);
  add_convolution(j, "conv 1x1 128->512 @28", 16, 128, 28, 512, 1, 1, 4);
  add_convolution(j, "conv 1x1 512->128 @28", 16, 512, 28, 128, 1, 1, 3);
  add_convolution(j, "conv 1x1/2 256->512 @56", 16, 256, 56, 512, 1, 2, 1);
  add_convolution(j, "conv 3x3 256->256 @14", 16, 256, 14, 256, 3, 1, 5);
  add_convolution(j, "conv 1x1 256->1024 @14", 16, 256, 14, 1024, 1, 1, 6);
  add_convolution(j, "conv 1x1 1024->256 @14", 16, 1024, 14, 256, 1, 1, 5);
  add_convolution(j, "conv 3x3 512->512 @7", 16, 512, 7, 512, 3, 1, 2);
  add_convolution(j, "conv 1x1 512->2048 @7", 16, 512, 7, 2048, 1, 1, 3);
  add_convolution(j, "conv 1x1 2048->512 @7", 16, 2048, 7, 512, 1, 1, 2);
  // MobileNetV2, batch 16.
  add_convolution(j, "depthwise 32 @112", 16, 32, 112, 32, 3, 1, 1, 32);
  add_convolution(j, "depthwise/2 96 @112", 16, 96, 112, 96, 3, 2, 1, 96);
  add_convolution(j, "depthwise 384 @14", 16, 384, 14, 384, 3, 1, 4, 384);
  add_convolution(j, "depthwise 960 @7", 16, 960, 7, 960, 3, 1, 3, 960);
  return j;
}

std::uint64_t counter(const Bench& bench, const std::string& name) {
  for (const core::Counter& c : bench.npu.counters())
    if (c.name == name) return c.value;
  return 0;
}

void run(const NpuConfig& config) {
  Bench bench(config);
  bench.phantom_space = true;
  bench.poll_us = 200;
  bench.dram = {60'000, 250};    // 60 ns, 256 GB/s
  bench.onchip = {10'000, 500};  // 10 ns, 128 GB/s
  bench.run([&] {
    bench.start();
    std::printf("%-34s %5s %10s %8s %9s %9s %7s %7s %9s\n", config.dataflow.c_str(), "count", "us", "array %", "DRAM MB", "chip MB", "steps", "bursts",
                "host us");
    double total = 0, worst = 0;
    unsigned count = 0;
    for (const NamedJob& job : jobs()) {
      double best = 1e9;
      const std::uint64_t bursts = bench.transactions;
      std::uint64_t steps = 0;
      for (int repeat = 0; repeat < 5; ++repeat) {
        const std::uint64_t before = counter(bench, "steps");
        const double start = seconds();
        const std::uint32_t status = bench.execute(job.d);
        best = std::min(best, seconds() - start);
        if (status != SPINVP_NPU_DONE) {
          std::printf("%-34s failed with status %u\n", job.name.c_str(), status);
          break;
        }
        steps = counter(bench, "steps") - before;
      }
      const auto& r = bench.simulation.kernels.back();
      const double us = (r.end - r.start).seconds() * 1e6;
      std::printf("%-34s %5u %10.1f %8.1f %9.2f %9.2f %7llu %7llu %9.1f\n", job.name.c_str(), job.count, us,
                  static_cast<double>(r.compute_cycles) / (us * 1e3) * 100, static_cast<double>(r.tally.dram_read_bytes + r.tally.dram_write_bytes) * 1e-6,
                  static_cast<double>(r.tally.onchip_read_bytes + r.tally.onchip_write_bytes) * 1e-6, static_cast<unsigned long long>(steps),
                  static_cast<unsigned long long>((bench.transactions - bursts) / 5), best * 1e6);
      total += best * job.count;
      worst = std::max(worst, best);
      count += job.count;
    }
    std::printf("%u jobs: %.3f s, %.1f us a job, longest %.1f us\n\n", count, total, total / count * 1e6, worst * 1e6);
  });
}

}  // namespace

int sc_main(int argc, char** argv) {
  NpuConfig config;
  if (argc > 1) config.dataflow = argv[1];
  if (argc > 2) config.operand_buffer = core::Bytes{std::strtoull(argv[2], nullptr, 0)};
  if (argc > 3) config.fold_cost = argv[3];
  run(config);
  return 0;
}
