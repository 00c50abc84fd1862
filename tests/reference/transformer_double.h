// The transformer block of models/abi/transformer_init.h once more: forward and loss alone, in double, as nested loops straight from the
// formulas, one sequence at a time. It shares no code with workloads/training, so finite differences of it check the gradients there.
#pragma once

#include <cstdint>
#include <vector>

namespace spinvp::reference {

// Mean softmax cross-entropy over all positions, under 9,576 parameters in the order of transformer_init.h.
double transformer_loss(const std::vector<double>& parameters, const std::vector<std::uint8_t>& tokens, const std::vector<std::uint8_t>& labels);

}  // namespace spinvp::reference
