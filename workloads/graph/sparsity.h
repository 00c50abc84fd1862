// N:M sparsity of the products of weights: which nodes take part with only the N largest of every M consecutive k of their weights (models/abi/npu_product.h says which those are).
//
// Marked are products whose right operand is a weight (Gemm, MatMul, Conv) and the gradients of their data (a Gemm or MatMul by the weight's transpose, ConvDataGradient), each pruned along its
// own k. Weight gradients, products of activations with each other (attention), and the weights themselves stay dense: SAT's bidirectional weight pruning (BDWP, arXiv 2309.13015).
// Left dense are products whose k has less than M channels (columns, for a matrix): the first convolution of an image, depth-wise convolutions.
// A mark is two attributes of the node, which the host's reference and the compiler read.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "workloads/graph/graph.h"

namespace spinvp::workloads {

struct Sparsity {
  std::int64_t keep = 0, group = 0;  // N of M; 0 of 0: dense
  [[nodiscard]] bool dense() const { return group == 0; }
  bool operator==(const Sparsity&) const = default;
};

inline constexpr std::int64_t most_sparse_group = 64;
// "none", or "N:M" with 1 <= N < M <= most_sparse_group; otherwise nothing.
std::optional<Sparsity> parse_sparsity(std::string_view text);
// What parse_sparsity takes, for messages.
std::string allowed_sparsity();

// Of a node; dense where it is not marked.
Sparsity sparsity_of(const Node& node);
// Marks all nodes of a graph that take the pattern, and returns how many.
std::uint64_t mark_sparse(Graph& graph, const Sparsity& sparsity);

}  // namespace spinvp::workloads
