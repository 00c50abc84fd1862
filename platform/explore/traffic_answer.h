// What `spinvp layers --traffic` says: the DRAM traffic of each layer of a network against the on-chip memory that is free for tensors (beside the NPU's scratch), as the compiler predicts it.
//
//   compulsory   operands and results of the layer's kernels, each once
//   bound        of layers whose products are GEMMs alone: max(compulsory, 2 M K N / sqrt(S) - 2 S elements) for S elements of storage (scratch, operand buffer and accumulators), whatever the
//                schedule (Hong, Kung, STOC 1981; the constant of Smith et al., arXiv:1702.02017). It does not hold for convolutions, which reuse inputs inside their windows
// Both are of a layer by itself: with memory on chip, what a layer finds there costs no DRAM traffic, and the network's own compulsory traffic is what it reads and writes from outside.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "models/npu/npu_config.h"
#include "workloads/compiler/compile.h"
#include "workloads/graph/graph.h"

namespace spinvp::platform {

struct TrafficQuestion {
  npu::NpuConfig npu = {};
  std::vector<std::uint64_t> capacities = {};  // bytes; empty: 0 to 256 MiB and the default configuration's
};

struct LayerTraffic {
  std::string name = {};
  std::uint64_t compulsory_bytes = 0;
  std::optional<std::uint64_t> bound_bytes = {};
  std::vector<std::uint64_t> dram_bytes = {};  // by capacity
};

struct TrafficAnswer {
  std::string network = {};
  std::vector<std::uint64_t> capacities = {};
  std::vector<LayerTraffic> layers = {};
  std::vector<std::uint64_t> total_bytes = {};  // by capacity
  std::uint64_t compulsory_bytes = 0;           // of the network: inputs, weights that are read, outputs, each once
  std::uint64_t fit_bytes = 0;                  // the least of the capacities above with no more traffic than the largest
};

TrafficAnswer answer_traffic(const workloads::Graph& graph, const TrafficQuestion& question);
nlohmann::ordered_json to_json(const TrafficAnswer& answer);
std::string to_text(const TrafficAnswer& answer);

}  // namespace spinvp::platform
