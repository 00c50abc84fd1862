// Training of a transformer block on the host, step by step: the reference that the app transformer_block_pim must equal bit for bit.
// Network, task and parameter layout: models/abi/transformer_init.h; the order of every sum: arithmetic_policy.h, reference_operators.h and
// transformer_operators.h. All gradients are taken before any update; then w -= rate * dw for every parameter.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "models/abi/transformer_init.h"
#include "workloads/training/arithmetic_policy.h"
#include "workloads/training/transformer_block.h"

namespace spinvp::workloads {

// Whole sequences: tokens and, the same for all positions of a sequence, labels.
struct SequenceBatch {
  std::vector<std::uint8_t> tokens, labels;
};
// Sequences first .. first + count - 1 of a stream of transformer_init.h.
[[nodiscard]] SequenceBatch sequence_batch(std::uint32_t seed, std::uint32_t stream, std::size_t first, std::size_t count);

class TransformerReference {
 public:
  // Parameters at their start values for `seed`. Throws core::InputError when the batch is 0.
  TransformerReference(const ArithmeticPolicy& policy, std::uint32_t seed, std::size_t batch = SPINVP_TRANSFORMER_BATCH);

  // `tokens`: batch * length. Returns the logits, one row of 8 a token; valid until the next call.
  std::span<const float> forward(std::span<const std::uint8_t> tokens);
  // Forward, loss, and all gradients; parameters unchanged. Returns the mean loss.
  float gradients_of(const SequenceBatch& batch);
  void update(float rate);

  [[nodiscard]] std::span<float> parameters() { return parameters_; }
  [[nodiscard]] std::span<const float> gradients() const { return gradients_; }  // same layout as the parameters

 private:
  ArithmeticPolicy policy_;
  std::size_t batch_;
  std::vector<float> parameters_, gradients_;
  TransformerBlock block_;
  std::vector<float> x_, logits_, dlogits_, dstream_;  // dstream: the gradient of the residual stream, from the block's result back to its input
  std::span<const float> result_;                      // of the block
};

struct TransformerTraining {
  std::size_t steps = SPINVP_TRANSFORMER_DEFAULT_STEPS;
  float learning_rate = 0;  // 0: the default for the batch
  std::uint32_t seed = 1;
  std::size_t batch = SPINVP_TRANSFORMER_BATCH;
};

struct TransformerResult {
  std::vector<float> losses;  // one a step, before its update
  double accuracy = 0;        // positions of the test sequences that are right
};

// All steps, then the test. The last test batch is filled up with further sequences, which are not counted.
[[nodiscard]] TransformerResult train_transformer(const ArithmeticPolicy& policy, const TransformerTraining& training = {});

}  // namespace spinvp::workloads
