// The LeNet of models/abi/lenet_init.h once more: forward and loss alone, in double, as nested loops straight from the formulas, one
// image at a time. It shares no code with workloads/training, so finite differences of it check the gradients there.
#pragma once

#include <cstdint>
#include <vector>

namespace spinvp::reference {

// Mean softmax cross-entropy of the images (784 values each) under 21,840 parameters in the order of lenet_init.h.
double lenet_loss(const std::vector<double>& parameters, const std::vector<double>& images, const std::vector<std::uint8_t>& labels);

}  // namespace spinvp::reference
