// What weights are before the first step, by how the network uses them.
#pragma once

#include "workloads/training/training_graph.h"

namespace spinvp::workloads {

// Values where the network has them; scales of normalisations and running variances are ones, biases and running means zeros; a weight of a product is uniform with the bound that the options ask for; tables of embeddings
// and tensors that are learned as they are: uniform with a standard deviation of 0.02 (Radford et al., 2018, section 4.1).
// The graph of an inference serves as well as that of a training.
StoredTensor start_of(const Graph& graph, InitialWeights initial, TensorId weight);
// Of all starts but `rounded`, which follows from a training's other tensors.
std::vector<float> start_values(const Graph& graph, const StoredTensor& stored, std::uint32_t seed);

}  // namespace spinvp::workloads
