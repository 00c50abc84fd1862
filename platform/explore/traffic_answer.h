// What `spinvp layers --traffic` says: what the layers of a network (an inference, or a training step) need of memories. Predicted from the compiled program; nothing is simulated.
//
// DRAM traffic of each layer against the on-chip memory that is free for tensors, beside the NPU's own stores (its scratch on chip, its operand buffer and accumulators):
//   compulsory   operands and results of the layer's kernels, each once
//   bound        of layers whose products are GEMMs alone: max(compulsory, 2 M K N / sqrt(S) - 2 S elements) for S elements of storage (scratch, operand buffer and accumulators), whatever the
//                schedule (Hong, Kung, STOC 1981; the constant of Smith et al., arXiv:1702.02017). It does not hold for convolutions, which reuse inputs inside their windows
// Both are of a layer by itself: with memory on chip, what a layer finds there costs no DRAM traffic, and the network's own compulsory traffic is what it reads and writes from outside.
//
// What the array asks for (array_demand.h), working sets (layer_demand.h), banks that serve the array (bank_demand.h), and the DRAM bandwidth that keeps it busy: bytes over the array's cycles, as
// if all traffic went on beside it.
//
// Where more memory stops helping: the floor is the traffic with any amount of it; the knee the least capacity from which on traffic stays within `knee_share` of the floor. All doublings from
// 64 KiB to what the network can use are compiled, then the last one that misses is narrowed down to a 64th; what lies between doublings is not looked at otherwise.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "models/npu/npu_config.h"
#include "platform/explore/bank_demand.h"
#include "platform/explore/layer_demand.h"
#include "workloads/graph/graph.h"
#include "workloads/training/training_graph.h"

namespace spinvp::platform {

struct TrafficQuestion {
  npu::NpuConfig npu = {};
  std::vector<std::uint64_t> capacities = {};  // bytes; empty: 0 to 256 MiB and the default configuration's
  std::vector<technology::MemoryTechnology> technologies = {technology::MemoryTechnology::sram, technology::MemoryTechnology::stt,
                                                            technology::MemoryTechnology::sot};
  std::uint64_t bank_bytes = 1 << 20;
  double knee_share = 0.05;
  bool knee = true;  // look for it
};

struct LayerTraffic {
  std::string name = {};
  workloads::Phase phase = workloads::Phase::forward;
  std::uint64_t compulsory_bytes = 0;
  std::optional<std::uint64_t> bound_bytes = {};
  std::vector<std::uint64_t> dram_bytes = {};  // by capacity
  WorkingSet working = {};
  ArrayDemand array = {};
};

struct CapacityPoint {
  std::uint64_t capacity = 0, dram_bytes = 0;
};

struct Knee {
  std::uint64_t floor_bytes = 0;              // DRAM bytes with any amount of memory
  std::uint64_t useful_bytes = 0;             // on-chip memory that is taken then
  std::uint64_t knee_bytes = 0;               // the least capacity from which on traffic stays within the share of the floor
  std::vector<CapacityPoint> doublings = {};  // 0, 64 KiB, 128 KiB ... to the first that holds all that is useful
};

struct TrafficAnswer {
  std::string network = {};
  bool training = false;
  TrafficQuestion question = {};
  std::vector<std::uint64_t> capacities = {};
  std::vector<LayerTraffic> layers = {};
  std::vector<std::uint64_t> total_bytes = {};  // by capacity
  std::uint64_t compulsory_bytes = 0;           // of the network: inputs, weights that are read, outputs, in training new weights, each once
  std::uint64_t fit_bytes = 0;                  // the least of the capacities above with no more traffic than the largest
  NetworkDemand network_demand = {};
  ArrayDemand array = {};
  std::size_t largest = 0;  // the layer of the largest working set
  std::vector<BankDemand> banks = {};
  std::optional<Knee> knee = {};

  // GB/s: 10^9 bytes a second.
  [[nodiscard]] double gbps(double bytes_per_cycle) const { return bytes_per_cycle * question.npu.clock.si() * 1e-9; }
  // DRAM bandwidth that keeps the array busy at capacity c: of the whole, and of a layer (0 without a product).
  [[nodiscard]] double dram_gbps(std::size_t c) const;
  [[nodiscard]] double dram_gbps(const LayerTraffic& layer, std::size_t c) const;
};

TrafficAnswer answer_traffic(const workloads::Graph& graph, const TrafficQuestion& question);
TrafficAnswer answer_traffic(const workloads::TrainingGraph& training, const TrafficQuestion& question);
nlohmann::ordered_json to_json(const TrafficAnswer& answer);
std::string to_text(const TrafficAnswer& answer);
// A line a network.
std::string summary_text(const std::vector<TrafficAnswer>& answers);

}  // namespace spinvp::platform
