// Host cost of the jobs of one LeNet training step (batch 32) on the default NPU, and of its arithmetic alone.
//
// Prints per job: simulated time, compute and stall cycles, bus transactions, host microseconds (best of several steps). Host times are of this machine.
#include <chrono>
#include <cstdio>
#include <cstdlib>

#include "models/npu/chain.h"
#include "tests/unit/npu/jobs.h"

using namespace spinvp;
using namespace spinvp::npu;
using namespace spinvp::npu::test;

namespace {

double seconds() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

struct NamedJob {
  const char* name;
  spinvp_npu_descriptor d;
};

class LenetStep {
 public:
  explicit LenetStep(Bench& bench, bool activations_on_chip) : bench_(bench), on_chip_(activations_on_chip) {
    const std::uint32_t batch = 32;
    const auto image = floats(batch * 784), conv1 = activation(batch * 5760), pool1 = activation(batch * 1440), conv2 = activation(batch * 1280),
               pool2 = activation(batch * 320);
    const auto win1 = activation(batch * 1440), win2 = activation(batch * 320), fc1 = activation(batch * 50), logits = activation(batch * 10);
    const auto dlogits = activation(batch * 10), dfc1 = activation(batch * 50), dpool2 = activation(batch * 320), dconv2 = activation(batch * 1280),
               dpool1 = activation(batch * 1440), dconv1 = activation(batch * 5760);
    const auto weights = floats(21840), gradients = floats(21840), labels = floats(batch), loss = floats(1);
    const auto w = [&](std::uint64_t offset) { return weights + 4 * offset; };
    const auto g = [&](std::uint64_t offset) { return gradients + 4 * offset; };
    auto c1 = convolution(SPINVP_NPU_CONV_FORWARD, batch, 1, 28, 28, 10, 5, 5), c2 = convolution(SPINVP_NPU_CONV_FORWARD, batch, 10, 12, 12, 20, 5, 5);
    auto p1 = convolution(SPINVP_NPU_MAXPOOL_FORWARD, batch, 10, 24, 24, 10, 2, 2, 2),
         p2 = convolution(SPINVP_NPU_MAXPOOL_FORWARD, batch, 20, 8, 8, 20, 2, 2, 2);
    add("conv1 forward", c1, image, w(0), conv1, w(250));
    add("pool1 forward", p1, conv1, 0, pool1, 0, win1);
    add("relu1 forward", elements(SPINVP_NPU_RELU_FORWARD, batch * 1440), pool1, 0, pool1);
    add("conv2 forward", c2, pool1, w(260), conv2, w(5260));
    add("pool2 forward", p2, conv2, 0, pool2, 0, win2);
    add("relu2 forward", elements(SPINVP_NPU_RELU_FORWARD, batch * 320), pool2, 0, pool2);
    add("fc1 forward", gemm(batch, 50, 320, SPINVP_NPU_TRANSPOSE_B | SPINVP_NPU_FUSE_RELU), pool2, w(5280), fc1, w(21280));
    add("fc2 forward", gemm(batch, 10, 50, SPINVP_NPU_TRANSPOSE_B), fc1, w(21330), logits, w(21830));
    spinvp_npu_descriptor softmax{};
    softmax.operation = SPINVP_NPU_SOFTMAX_CROSS_ENTROPY;
    softmax.m = batch;
    softmax.n = 10;
    add("softmax", softmax, logits, 0, dlogits, loss, labels);
    add("fc2 weights", gemm(10, 50, batch, SPINVP_NPU_TRANSPOSE_A), dlogits, fc1, g(21330));
    add("fc2 bias", bias(batch, 10, 1), dlogits, 0, g(21830));
    add("fc2 data", gemm(batch, 50, 10), dlogits, w(21330), dfc1);
    add("relu3 backward", elements(SPINVP_NPU_RELU_BACKWARD, batch * 50), dfc1, fc1, dfc1);
    add("fc1 weights", gemm(50, 320, batch, SPINVP_NPU_TRANSPOSE_A), dfc1, pool2, g(5280));
    add("fc1 bias", bias(batch, 50, 1), dfc1, 0, g(21280));
    add("fc1 data", gemm(batch, 320, 50), dfc1, w(5280), dpool2);
    add("relu2 backward", elements(SPINVP_NPU_RELU_BACKWARD, batch * 320), dpool2, pool2, dpool2);
    p2.operation = SPINVP_NPU_MAXPOOL_BACKWARD;
    add("pool2 backward", p2, dpool2, 0, dconv2, 0, win2);
    c2.operation = SPINVP_NPU_CONV_WEIGHT_GRADIENT;
    add("conv2 weights", c2, pool1, dconv2, g(260));
    add("conv2 bias", bias(batch, 20, 8), dconv2, 0, g(5260));
    c2.operation = SPINVP_NPU_CONV_DATA_GRADIENT;
    add("conv2 data", c2, dconv2, w(260), dpool1);
    add("relu1 backward", elements(SPINVP_NPU_RELU_BACKWARD, batch * 1440), dpool1, pool1, dpool1);
    p1.operation = SPINVP_NPU_MAXPOOL_BACKWARD;
    add("pool1 backward", p1, dpool1, 0, dconv1, 0, win1);
    c1.operation = SPINVP_NPU_CONV_WEIGHT_GRADIENT;
    add("conv1 weights", c1, image, dconv1, g(0));
    add("conv1 bias", bias(batch, 10, 24), dconv1, 0, g(250));
    auto sgd = elements(SPINVP_NPU_SGD_UPDATE, 21840);
    sgd.scalar = 0.01f;
    add("sgd", sgd, gradients, 0, weights);
  }
  std::vector<NamedJob> jobs;

 private:
  Bench& bench_;
  bool on_chip_;
  Random random_{1};
  std::uint64_t fill(std::uint64_t address, std::uint64_t count) {
    for (std::uint64_t i = 0; i < count; ++i) {
      const float v = 0.05f * random_.value();
      bench_.fill(address + 4 * i, &v, 4);
    }
    return address;
  }
  std::uint64_t floats(std::uint64_t count) { return fill(bench_.allocate(4 * count), count); }
  // Labels and winners must be small numbers: zero bytes do.
  std::uint64_t activation(std::uint64_t count) { return bench_.allocate(4 * count, on_chip_); }
  static spinvp_npu_descriptor elements(std::uint32_t operation, std::uint64_t count) {
    spinvp_npu_descriptor d{};
    d.operation = operation;
    d.count = count;
    return d;
  }
  static spinvp_npu_descriptor bias(std::uint32_t batch, std::uint32_t channels, std::uint32_t side) {
    spinvp_npu_descriptor d{};
    d.operation = SPINVP_NPU_BIAS_GRADIENT;
    d.batch = batch;
    d.out_channels = channels;
    d.out_h = d.out_w = side;
    return d;
  }
  void add(const char* name, spinvp_npu_descriptor d, std::uint64_t a, std::uint64_t b, std::uint64_t c, std::uint64_t bias_at = 0, std::uint64_t aux = 0) {
    d.a = a;
    d.b = b;
    d.c = c;
    d.bias = bias_at;
    d.aux = aux;
    if (d.operation == SPINVP_NPU_SOFTMAX_CROSS_ENTROPY) std::memset(bench_.at(aux), 0, 32);
    jobs.push_back({name, d});
  }
};

void run_steps(bool on_chip) {
  NpuConfig config;
  config.dataflow = "os";
  Bench bench(config);
  bench.dram = {60'000, 250};      // 60 ns, 256 GB/s
  bench.onchip = {10'000, 1'000};  // 10 ns, 64 GB/s
  bench.run([&] {
    bench.start();
    const LenetStep step(bench, on_chip);
    std::vector<double> best(step.jobs.size(), 1e9);
    std::vector<std::uint64_t> transactions(step.jobs.size());
    for (int repeat = 0; repeat < 10; ++repeat)
      for (std::size_t i = 0; i < step.jobs.size(); ++i) {
        const std::uint64_t before = bench.transactions;
        const double start = seconds();
        if (bench.execute(step.jobs[i].d) != SPINVP_NPU_DONE) std::printf("%s failed\n", step.jobs[i].name);
        best[i] = std::min(best[i], seconds() - start);
        transactions[i] = bench.transactions - before;
      }
    std::printf("%-16s %10s %10s %10s %10s %8s %9s\n", on_chip ? "on chip" : "in DRAM", "us", "cycles", "stalls", "macs", "bursts", "host us");
    double host = 0, simulated = 0;
    std::uint64_t bursts = 0, macs = 0;
    for (std::size_t i = 0; i < step.jobs.size(); ++i) {
      const auto& r = bench.simulation.kernels[i];
      std::printf("%-16s %10.2f %10llu %10llu %10llu %8llu %9.1f\n", step.jobs[i].name, (r.end - r.start).seconds() * 1e6,
                  static_cast<unsigned long long>(r.compute_cycles), static_cast<unsigned long long>(r.stall_cycles), static_cast<unsigned long long>(r.macs),
                  static_cast<unsigned long long>(transactions[i]), best[i] * 1e6);
      host += best[i];
      simulated += (r.end - r.start).seconds();
      bursts += transactions[i];
      macs += r.macs;
    }
    std::printf("%-16s %10.2f %10s %10s %10llu %8llu %9.1f\n\n", "step", simulated * 1e6, "", "", static_cast<unsigned long long>(macs),
                static_cast<unsigned long long>(bursts), host * 1e6);
  });
}

void run_arithmetic() {
  const std::size_t rows = 128, columns = 128, depth = 512;
  Values a(rows * depth, 0.5f), b(padded_stride(columns) * depth, 0.25f), sums(rows * columns);
  for (const ChainUnit unit : {ChainUnit::fmaf, ChainUnit::avx2, ChainUnit::avx512}) {
    if (!has_chain_unit(unit)) continue;
    const ChainBlock block{sums.data(), columns, a.data(), depth, 1, b.data(), padded_stride(columns), rows, columns, depth};
    double best = 1e9;
    for (int i = 0; i < (unit == ChainUnit::fmaf ? 2 : 50); ++i) {
      const double start = seconds();
      run_chain(block, unit);
      best = std::min(best, seconds() - start);
    }
    std::printf("%-8s %.2f GMAC/s\n", name_of(unit), static_cast<double>(rows * columns * depth) / best * 1e-9);
  }
}

}  // namespace

int sc_main(int argc, char** argv) {
  run_arithmetic();
  run_steps(argc > 1 && std::string(argv[1]) == "on-chip");
  return 0;
}
