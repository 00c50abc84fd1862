// Training of the two-layer language model on the host, step by step: the reference that the app train_transformer must equal bit for bit. Network and parameter
// layout: models/abi/language_model.h. Each layer has the arithmetic of the unit that computes it; the embedding goes with the first one, the head and its
// gradients with the last one. All gradients are taken before any update; then w -= rate * dw for every parameter.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "models/abi/language_model.h"
#include "workloads/datasets/toy_language.h"
#include "workloads/training/arithmetic_policy.h"
#include "workloads/training/transformer_block.h"

namespace spinvp::workloads {

using LayerPolicies = std::array<ArithmeticPolicy, SPINVP_LANGUAGE_LAYERS>;

// Sentences first .. first + count - 1 of a set, which begins again behind its last one; tokens and what follows each, [sentence][position].
struct WordBatch {
  std::vector<std::uint8_t> tokens, labels;
};
[[nodiscard]] WordBatch word_batch(std::span<const std::uint8_t> sentences, std::size_t length, std::size_t first, std::size_t count);

class LanguageReference {
 public:
  // Parameters at their start values for `seed`. Throws core::InputError when the batch is 0.
  LanguageReference(const LayerPolicies& policies, std::uint32_t seed, std::size_t batch = SPINVP_LANGUAGE_BATCH);

  // `tokens`: batch * length. Returns the logits, one row of 16 a token; valid until the next call.
  std::span<const float> forward(std::span<const std::uint8_t> tokens);
  // Forward, loss, and all gradients; parameters unchanged. Returns the mean loss.
  float gradients_of(const WordBatch& batch);
  void update(float rate);

  [[nodiscard]] std::span<float> parameters() { return parameters_; }
  [[nodiscard]] std::span<const float> gradients() const { return gradients_; }  // same layout as the parameters

 private:
  LayerPolicies policies_;
  std::size_t batch_;
  std::vector<float> parameters_, gradients_;
  std::vector<TransformerBlock> blocks_;
  std::vector<float> x_, logits_, dlogits_, dstream_;
  std::span<const float> result_;  // of the last block
};

struct LanguageTraining {
  std::size_t steps = SPINVP_LANGUAGE_DEFAULT_STEPS;
  float learning_rate = SPINVP_LANGUAGE_DEFAULT_LEARNING_RATE;
  std::uint32_t seed = 1;
  std::size_t batch = SPINVP_LANGUAGE_BATCH;
};

struct LanguageResult {
  std::vector<float> losses;      // one a step, before its update
  double accuracy = 0;            // words of the test sentences that are right
  std::uint64_t fingerprint = 0;  // of the parameters at the end
};

// All steps, then the test. The last test batch is filled up from the start of the set; the surplus does not count.
[[nodiscard]] LanguageResult train_language(const Text& text, const LayerPolicies& policies, const LanguageTraining& training = {});

}  // namespace spinvp::workloads
