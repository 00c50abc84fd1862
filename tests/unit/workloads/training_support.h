// Networks under training, for tests: random values, small graphs, finite differences.
#pragma once

#include <cmath>
#include <string>
#include <vector>

#include "models/abi/counter_hash.h"
#include "workloads/graph/inference.h"
#include "workloads/graph/shape.h"
#include "workloads/import/graph_builder.h"
#include "workloads/import/import.h"
#include "workloads/reference/training_run.h"
#include "workloads/training/training_graph.h"

namespace spinvp::workloads::test {

// Numbers that depend on the seed and on how many were drawn.
class Draw {
 public:
  explicit Draw(std::uint64_t seed) : seed_(spinvp_counter_hash(seed, 77)) {}
  std::int64_t whole(std::int64_t least, std::int64_t most) {
    return least + static_cast<std::int64_t>(spinvp_counter_hash(seed_, next_++) % static_cast<std::uint64_t>(most - least + 1));
  }
  // In [least, most).
  double real(double least, double most) { return least + (most - least) * static_cast<double>(spinvp_counter_hash(seed_, next_++) >> 11) * 0x1p-53; }
  template <typename T>
  std::vector<T> reals(std::uint64_t count, double least, double most) {
    std::vector<T> values(count);
    for (T& value : values) value = static_cast<T>(real(least, most));
    return values;
  }

 private:
  std::uint64_t seed_, next_ = 0;
};

inline std::uint64_t count_of(const Graph& graph, TensorId id) { return elements(graph.tensor(id).type.shape); }

// Gives every input and the target numbers: reals in [-1, 1), whole numbers below `below`.
template <typename T>
void set_inputs(TrainingRun<T>& run, const TrainingGraph& training, Draw draw, std::int64_t below = 2) {
  std::vector<TensorId> all = training.inputs;
  all.push_back(training.target);
  for (const TensorId id : all) {
    const std::uint64_t count = count_of(training.graph, id);
    if (is_floating(training.graph.tensor(id).type.element)) {
      run.values().set(id, draw.reals<T>(count, -1, 1));
      continue;
    }
    std::vector<std::int64_t> whole(count);
    for (std::int64_t& value : whole) value = draw.whole(0, below - 1);
    run.values().set_whole(id, std::move(whole));
  }
}

// ---- Small networks that learn
inline const char* const perceptron = R"(
input: {x: [$batch, 6]}
layers:
- {linear: up, features: 16}
- Tanh
- {linear: down, features: 3}
)";

inline const char* const convolutional = R"(
input: {image: [$batch, 2, 9, 9]}
blocks:
  residual:
  - {conv: conv, filters: 6, kernel: 3, pad: 1, bias: false}
  - {batch_norm: norm}
  - {Add: sum, from: [norm, $in]}
  - Relu
layers:
- {conv: first, filters: 6, kernel: 3, stride: 2}
- {batch_norm: first_norm}
- Relu
- {residual: stage, repeat: 3}
- {max_pool: pool, kernel: 2}
- GlobalAveragePool
- Flatten
- {linear: classes, features: 4}
)";

// Two hidden layers that drop.
inline const char* const dropping = R"(
input: {x: [$batch, 6]}
layers:
- {linear: up, features: 40}
- Relu
- {Dropout: first}
- {linear: middle, features: 70}
- Tanh
- {Dropout: second}
- {linear: down, features: 3}
)";

// With tied weights, a causal mask and the loss of every position.
inline const char* const transformer = R"(
input:
  token: {shape: [$batch, 6], element: int64}
  position: {shape: [6], element: int64}
  mask: [6, 6]
blocks:
  layer:
  - {layer_norm: norm1}
  - {linear: qkv, features: 48}
  - {Reshape: parts, shape: [$batch, 6, 3, 2, 8]}
  - {pick: q_part, axis: 2, at: 0, from: parts}
  - {Transpose: q, perm: [0, 2, 1, 3]}
  - {pick: k_part, axis: 2, at: 1, from: parts}
  - {Transpose: k, perm: [0, 2, 1, 3]}
  - {pick: v_part, axis: 2, at: 2, from: parts}
  - {Transpose: v, perm: [0, 2, 1, 3]}
  - {matmul: scores, from: [q, k], turned: true}
  - {scale: scaled, by: 0.35355339}
  - {Add: masked, from: [scaled, mask]}
  - {Softmax: weights, axis: -1}
  - {matmul: context, from: [weights, v]}
  - {Transpose: joined, perm: [0, 2, 1, 3]}
  - {Reshape: merged, shape: [$batch, 6, 16]}
  - {linear: project, features: 16}
  - {Add: sum1, from: [project, $in]}
  - {layer_norm: norm2}
  - {linear: up, features: 32}
  - Gelu
  - {linear: down, features: 16}
  - {Add: sum2, from: [down, sum1]}
layers:
- {embedding: words, rows: 11, width: 16, from: token}
- {embedding: places, rows: 6, width: 16, from: position}
- {Add: embedded, from: [words, places]}
- {layer: stage, repeat: 2}
- {layer_norm: last}
- {linear: head, weights: words, bias: false}
)";

inline Graph network(const char* text, std::uint64_t batch) { return import_yaml(text, "made.yaml", {.batch = batch}); }

// Losses of `steps` steps on one batch.
template <typename T>
std::vector<T> losses_of(TrainingRun<T>& run, std::size_t steps) {
  std::vector<T> losses;
  for (std::size_t i = 0; i < steps; ++i) losses.push_back(run.step());
  return losses;
}

}  // namespace spinvp::workloads::test
