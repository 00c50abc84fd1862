#include "workloads/graph/work.h"

#include <algorithm>
#include <set>

#include "workloads/graph/shape.h"

namespace spinvp::workloads {

NodeWork work_of(const Graph& graph, const Node& node) {
  NodeWork work;
  const OperatorRules& rules = *node.rules;
  if (rules.products != nullptr) work.products = rules.products(NodeView(graph, node));
  for (const MatrixProduct& p : work.products) work.macs += p.count * p.m * p.n * p.k;
  if (rules.moves == Moves::nothing) return work;

  std::uint64_t written = 0, largest = 0;
  for (const auto& id : node.outputs) {
    if (!id) continue;
    const Tensor& t = graph.tensor(*id);
    const std::uint64_t count = elements(t.type.shape);
    work.output_bytes += bytes_of(count, t.type.element);
    written += count;
    largest = std::max(largest, count);
  }
  std::set<TensorId> read;
  for (std::size_t i = 0; i < node.inputs.size(); ++i) {
    const auto id = node.inputs[i];
    const bool setting = i < 32 && (rules.settings >> i & 1) != 0;
    if (!id || setting || !read.insert(*id).second) continue;
    const Tensor& t = graph.tensor(*id);
    std::uint64_t count = elements(t.type.shape);
    // The first input is the one that is taken from.
    if (rules.moves == Moves::what_it_takes && i == 0) count = std::min(count, written);
    (t.varies() ? work.input_bytes : work.weight_bytes) += bytes_of(count, t.type.element);
    largest = std::max(largest, count);
  }
  if (work.products.empty()) work.elements = largest;
  return work;
}

}  // namespace spinvp::workloads
