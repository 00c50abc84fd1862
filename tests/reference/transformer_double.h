// The transformers of models/abi/transformer_init.h and language_model.h once more: forward and loss alone, in double, as nested loops straight from the
// formulas, one sequence at a time. It shares no code with workloads/training, so finite differences of it check the gradients there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace spinvp::reference {

// How many blocks, how many different tokens, and whether a position sees only itself and those before it.
struct TransformerShape {
  std::size_t blocks = 1, kinds = 8;
  bool causal = false;
};

// Mean softmax cross-entropy over all positions, under parameters in the order of transformer_init.h: embeddings, blocks, head.
double transformer_loss(const std::vector<double>& parameters, const std::vector<std::uint8_t>& tokens, const std::vector<std::uint8_t>& labels,
                        const TransformerShape& shape = {});

}  // namespace spinvp::reference
