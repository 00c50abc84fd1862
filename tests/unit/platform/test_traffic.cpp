// Predicted traffic of every network that ships, against what no schedule can avoid.
#include <catch2/catch.hpp>

#include "../npu/bench.h"
#include "platform/explore/product_reads.h"
#include "platform/explore/traffic_answer.h"
#include "workloads/import/import.h"
#include "workloads/networks/shipped.h"

namespace spinvp::platform {

TEST_CASE("without memory for tensors every layer moves at least its compulsory traffic, and a GEMM at least its bound") {
  for (const workloads::ShippedNetwork& network : workloads::shipped_networks()) {
    const TrafficAnswer answer = answer_traffic(workloads::import_network(network.name, {.batch = 8}), {.capacities = {0}});
    std::size_t bounded = 0;
    for (const LayerTraffic& layer : answer.layers) {
      INFO(network.name << " " << layer.name);
      CHECK(layer.dram_bytes[0] >= layer.compulsory_bytes);
      if (!layer.bound_bytes) continue;
      ++bounded;
      CHECK(*layer.bound_bytes >= layer.compulsory_bytes);
      CHECK(layer.dram_bytes[0] >= *layer.bound_bytes);
    }
    CHECK(bounded > 0);
  }
}

TEST_CASE("where everything fits a network moves its inputs, its weights and its outputs, each once") {
  npu::NpuConfig roomy;
  roomy.scratch_size = core::Bytes{std::uint64_t{8} << 30};
  for (const workloads::ShippedNetwork& network : workloads::shipped_networks()) {
    INFO(network.name);
    const TrafficAnswer answer = answer_traffic(workloads::import_network(network.name, {.batch = 2}), {.npu = roomy, .capacities = {std::uint64_t{1} << 40}});
    // Small tensors that are read again are not worth a copy: at most 64 KiB is saved by each that is left out (workloads/compiler/placement.cpp).
    CHECK(answer.total_bytes[0] >= answer.compulsory_bytes);
    CHECK(answer.total_bytes[0] - answer.compulsory_bytes <= answer.compulsory_bytes / 50);
  }
  // These read nothing twice.
  for (const char* name : {"alexnet", "vgg16", "resnet18", "resnet50", "lenet5", "mobilenet-v2"}) {
    INFO(name);
    const TrafficAnswer answer = answer_traffic(workloads::import_network(name), {.npu = roomy, .capacities = {std::uint64_t{1} << 40}});
    CHECK(answer.total_bytes[0] == answer.compulsory_bytes);
  }
}

TEST_CASE("more memory on chip never costs the shipped networks traffic at the sizes of the table") {
  for (const char* name : {"alexnet", "resnet50", "bert-base"}) {
    const TrafficAnswer answer = answer_traffic(workloads::import_network(name, {.batch = 4}), {});
    for (std::size_t c = 1; c < answer.capacities.size(); ++c) {
      INFO(name << " at " << answer.capacities[c]);
      CHECK(answer.total_bytes[c] <= answer.total_bytes[c - 1]);
    }
  }
}

TEST_CASE("a product that scratch holds is read once; a long one as its plan says") {
  const auto reads = product_reads(npu::NpuConfig{});
  spinvp_npu_descriptor d{};
  d.operation = SPINVP_NPU_GEMM;
  d.m = d.n = d.k = 256;
  const auto small = reads(d, false, false, false);
  CHECK(small.a == 256 * 256 * 4);
  CHECK(small.b == 256 * 256 * 4);
  // 64 MiB each, 8 MiB of scratch: at least one operand comes several times.
  d.m = d.n = d.k = 4096;
  const auto large = reads(d, false, false, false);
  CHECK(large.a + large.b > 3ull * 4096 * 4096 * 4);
  CHECK(large.a % (4096 * 4096 * 4) == 0);
  // An operand on chip is used in place.
  CHECK(reads(d, true, true, true).a == 4096ull * 4096 * 4);
}

namespace {

void loads_the_predicted_bytes(std::uint64_t cores) {
  using npu::test::Bench;
  npu::NpuConfig config;
  config.cores = cores;
  config.rows = config.columns = 16;
  config.scratch_size = core::Bytes{(96 << 10) * cores};  // too small for most operands below
  config.tile_size = core::Bytes{8 << 10};
  config.operand_buffer = core::Bytes{16 << 10};
  Bench bench(config);
  const auto reads = product_reads(config);
  bench.run([&] {
    bench.start();
    std::uint64_t repeated = 0;
    for (std::uint32_t i = 0; i < 60; ++i) {
      // Extents that differ from case to case: multiples of primes.
      spinvp_npu_descriptor d{};
      d.format = i % 2;
      d.flags = SPINVP_NPU_PHANTOM;
      const std::uint64_t e = d.format == SPINVP_NPU_BF16 ? 2 : 4;
      std::uint64_t a_bytes = 0, b_bytes = 0, c_bytes = 0;
      if (i % 3 != 2) {
        d.operation = SPINVP_NPU_GEMM;
        d.batch = i % 5 == 0 ? 1 + i % 4 : 0;
        d.m = 1 + i * 37 % 301;
        d.n = 1 + i * 53 % 263;
        d.k = 1 + i * 71 % 397;
        d.flags |= (i % 4 == 1 ? SPINVP_NPU_TRANSPOSE_A : 0) | (i % 4 >= 2 ? SPINVP_NPU_TRANSPOSE_B : 0) | (i % 10 == 0 ? SPINVP_NPU_SHARED_B : 0);
        const std::uint64_t batch = std::max<std::uint32_t>(1, d.batch);
        a_bytes = batch * d.m * d.k * e;
        b_bytes = (i % 10 == 0 ? 1 : batch) * d.k * d.n * e;
        c_bytes = batch * d.m * d.n * e;
      } else {
        d.operation = SPINVP_NPU_CONV_FORWARD;
        d.batch = 1 + i % 3;
        d.groups = static_cast<std::uint16_t>(i % 4 == 0 ? 2 : 1);
        d.in_channels = d.groups * (1 + i % 13);
        d.out_channels = d.groups * (1 + i * 7 % 40);
        d.in_h = d.in_w = 12 + i % 17;
        d.kernel_h = d.kernel_w = 1 + i % 3;
        d.stride_h = d.stride_w = static_cast<std::uint16_t>(1 + i % 2);
        d.out_h = d.out_w = (d.in_h - d.kernel_h) / d.stride_h + 1;
        a_bytes = std::uint64_t{d.batch} * d.in_channels * d.in_h * d.in_w * e;
        b_bytes = std::uint64_t{d.out_channels} * (d.in_channels / d.groups) * d.kernel_h * d.kernel_w * e;
        c_bytes = std::uint64_t{d.batch} * d.out_channels * d.out_h * d.out_w * e;
      }
      bench.free_all();
      d.a = bench.allocate(a_bytes);
      d.b = bench.allocate(b_bytes);
      d.c = bench.allocate(c_bytes);
      std::uint64_t a = 0, b = 0;
      bench.on_burst = [&](const tlm::tlm_generic_payload& payload) {
        const std::uint64_t address = payload.get_address();
        if (!payload.is_read()) return;
        if (address >= d.a && address < d.a + a_bytes) a += payload.get_data_length();
        if (address >= d.b && address < d.b + b_bytes) b += payload.get_data_length();
      };
      INFO("case " << i);
      CHECK(bench.execute(d) == SPINVP_NPU_DONE);
      bench.on_burst = nullptr;
      const auto predicted = reads(d, false, false, false);
      CHECK(predicted.a == a);
      CHECK(predicted.b == b);
      repeated += predicted.a + predicted.b > a_bytes + b_bytes ? 1 : 0;
    }
    // The cases mean something: many operands come more than once.
    CHECK(repeated >= 10);
  });
}

}  // namespace

TEST_CASE("the predicted reads of a product are the bytes that the NPU loads") { loads_the_predicted_bytes(1); }
TEST_CASE("the predicted reads of a product are the bytes that three cores load") { loads_the_predicted_bytes(3); }
TEST_CASE("the predicted reads of a product are the bytes that sixteen cores load") { loads_the_predicted_bytes(16); }

}  // namespace spinvp::platform
