// Predicted traffic of every network that ships, against what no schedule can avoid.
#include <catch2/catch.hpp>

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

}  // namespace spinvp::platform
