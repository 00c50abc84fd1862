// What weights are before the first step, by how the network uses them.
#pragma once

#include "workloads/training/training_graph.h"

namespace spinvp::workloads {

// Values where the network has them; scales of normalisations and running variances are ones, biases and running means zeros; a weight of a product is uniform with the bound that the options ask for; tables of embeddings
// and tensors that are learned as they are: uniform with a standard deviation of 0.02 (Radford et al., 2018, section 4.1).
// Of `training` only the graph and options.initial count: the graph of an inference serves as well.
StoredTensor start_of(const TrainingGraph& training, TensorId weight);

}  // namespace spinvp::workloads
