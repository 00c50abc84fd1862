// A network's training step as a graph: forward, loss, backward and update, made from its inference graph by reverse-mode differentiation.
//
// The graph's tensors begin with those of the inference graph, under the same ids; its nodes are new. Nodes stand in the order in which they run (graph.order() is ascending): each
// weight is updated as soon as its gradient is complete, and behind everything that reads it, so that its new value may take its place (`replacements`).
// What becomes of operators on the way: BatchNormalization takes the batch's statistics and renews the running ones (BatchNormalizationTraining); MaxPool gives its winners,
// LayerNormalization its mean and 1 / standard deviation; a last Softmax is absorbed into the cross entropy; Dropout passes on, or drops
// regularly (regular_dropout.h); what the loss does not need is left out.
// Several uses of a tensor add up their gradients by Add, the last use in forward order first. An operator without a gradient: InputError that names the node and the operators that have
// one (gradient_rules.h).
//
// Mixed precision: activations, gradients and the weights that products read are bfloat16; master weights, optimisers' moments, statistics and the loss are float32. The gradient of the
// loss is multiplied by loss_scale, and each update divides by it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "workloads/graph/graph.h"
#include "workloads/training/regular_dropout.h"

namespace spinvp::workloads {

enum class LossKind : std::uint8_t {
  automatic,      // cross entropy where the result comes from a softmax or a product (and its bias) of several columns, otherwise mean squared
  cross_entropy,  // of int32 labels, one for each row of the result: all its extents but the last are rows
  mean_squared,   // of a target that looks like the result
};
enum class Optimiser : std::uint8_t { sgd, momentum, adam };
enum class Activations : std::uint8_t {
  automatic,  // kept where they fit into activation_bytes, otherwise recomputed in as few segments as fit, or in those that need least
  stash,      // what the backward pass reads is kept
  recompute,  // only what crosses a cut between segments is kept; the rest is computed again, to the same bits
};
enum class InitialWeights : std::uint8_t {
  kaiming,  // uniform, bound sqrt(6 / inputs of an output): He et al., ICCV 2015, equation 10
  xavier,   // uniform, bound sqrt(6 / (inputs + outputs)): Glorot, Bengio, AISTATS 2010, equation 16
};

struct TrainingOptions {
  LossKind loss = LossKind::automatic;
  std::string result = {};  // the network's output that the loss is taken of; empty: the last one, which must depend on all weights
  Optimiser optimiser = Optimiser::sgd;
  double rate = 0.01, momentum = 0.9, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8;
  bool mixed_precision = false;
  double loss_scale = 1;  // a power of two loses nothing
  Activations activations = Activations::stash;
  std::uint64_t activation_bytes = 0;
  InitialWeights initial = InitialWeights::kaiming;
  RegularDropout dropout = {};
};

// A tensor that lives from step to step, and what it is before the first one.
struct StoredTensor {
  enum class Start : std::uint8_t {
    values,  // the tensor has them (Tensor::values)
    zeros,
    ones,
    uniform,  // in [-bound, bound), from the seed
    rounded,  // of a weight's bfloat16 copy: the master's start, rounded
  };
  TensorId tensor;
  Start start = Start::zeros;
  float bound = 0;           // of uniform
  std::uint32_t stream = 0;  // of uniform: which of the seed's streams; by parameter, so that optimiser and precision do not change it
  TensorId of = tensor;      // the inference graph's tensor that it is or serves
};

struct Replacement {
  TensorId stored, value;
};

// A scalar input whose value changes by step.
struct StepScalar {
  enum class Kind : std::uint8_t { rate, epsilon };
  TensorId tensor;
  Kind kind;
};

struct TrainingGraph {
  Graph graph;
  TrainingOptions options;
  std::vector<TensorId> inputs;  // of the network, as the inference graph has them
  TensorId target{};             // labels or target
  LossKind loss_kind{};          // never automatic
  TensorId loss{};               // a float32 scalar
  TensorId result{};             // what the loss is taken of: logits, for a cross entropy
  std::vector<StepScalar> scalars;
  std::vector<TensorId> masks;  // inputs, of regular dropout: one for each number of features
  std::vector<StoredTensor> stored;
  std::vector<Replacement> replacements;
  std::vector<Replacement> gradients;  // of each weight, by the tensor that the forward pass reads
  std::uint64_t stashed_bytes = 0;     // activations that the forward pass leaves to the backward pass
  std::uint64_t segments = 1;          // of the forward pass; above 1: recomputed
};

TrainingGraph make_training_graph(const Graph& inference, const TrainingOptions& options = {});

// Of step 0, 1, ...: the rate, and for Adam both scalars with the corrections of the moments' bias folded in (Kingma, Ba, ICLR 2015, end of section 2), in double and rounded once.
float value_at(const TrainingGraph& training, const StepScalar& scalar, std::uint64_t step);
// The elements of a stored tensor before the first step. The same seed gives the same bits whatever is drawn before.
std::vector<float> start_values(const TrainingGraph& training, const StoredTensor& stored, std::uint32_t seed);

}  // namespace spinvp::workloads
