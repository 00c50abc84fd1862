// What `spinvp layers` says of a network: what each layer costs on a systolic array, or on those of several cores (models/npu/partition.h), whose memory is never late (models/npu/fold_law.h), and the passes that the array does not run.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "models/npu/partition.h"
#include "workloads/graph/graph.h"
#include "workloads/graph/work.h"

namespace spinvp::platform {

struct LayersQuestion {
  npu::ArrayShape array = {};
  npu::Dataflow dataflow = npu::Dataflow::output_stationary;
  npu::FoldCost fold_cost = npu::FoldCost::exact;
  std::uint64_t cores = 1;  // arrays of that size each, that share a layer
  npu::Partition partition = npu::Partition::automatic;
  std::optional<std::uint64_t> batch = {};  // as it was asked for; not given: what the file says
};

// A layer runs on the array: it has matrix products.
struct LayerCost {
  std::string name = {}, type = {};  // type: the operator
  workloads::NodeWork work = {};
  std::uint64_t folds = 0, compute_cycles = 0;  // of all cores; of the one with the most, product by product
  std::uint64_t parts = 0;                      // that its product with the most of them is divided into
  double utilisation = 0;                       // macs / (cycles x rows x columns x cores)
};

// A pass does not: element by element, a reduction, data moved. It is charged by its elements and bytes, without cycles.
struct PassCost {
  std::string name = {}, type = {};
  bool known = true;  // false: an operator that --allow-unknown let through
  workloads::NodeWork work = {};
};

struct LayersAnswer {
  std::string network = {};
  LayersQuestion question = {};
  std::uint64_t parameters = 0;
  std::vector<LayerCost> layers = {};
  std::vector<PassCost> passes = {};  // without views, which move nothing
  std::uint64_t total_macs = 0, total_cycles = 0;
  double utilisation = 0;
};

// Throws core::InputError where the cycles of all layers exceed 64 bits, or a layer cannot be divided as asked.
LayersAnswer answer_layers(const workloads::Graph& graph, const LayersQuestion& question);

nlohmann::ordered_json to_json(const LayersAnswer& answer);
// For people. With `all_passes` each of them has a line of its own, otherwise each kind.
std::string to_text(const LayersAnswer& answer, bool all_passes);

}  // namespace spinvp::platform
