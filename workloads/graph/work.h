// What a node costs whatever runs it: matrix products, bytes in and out, elements of a vector pass.
#pragma once

#include <cstdint>
#include <vector>

#include "workloads/graph/operator_rules.h"

namespace spinvp::workloads {

struct NodeWork {
  std::vector<MatrixProduct> products;  // empty for a pass of the vector unit
  std::uint64_t macs = 0;
  std::uint64_t input_bytes = 0;   // of the tensors that vary with the input, each once
  std::uint64_t weight_bytes = 0;  // of parameters, statistics, constants and what is derived from them, each once
  std::uint64_t output_bytes = 0;
  std::uint64_t elements = 0;  // of a pass: of its largest tensor; 0 for a product and for a view
};

// Of a node that complete_graph did not fold. Settings (shapes, axes, bounds) carry no data.
NodeWork work_of(const Graph& graph, const Node& node);

}  // namespace spinvp::workloads
