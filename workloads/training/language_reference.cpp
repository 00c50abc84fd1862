#include "workloads/training/language_reference.h"

#include <algorithm>

#include "models/core/error.h"
#include "workloads/training/reference_operators.h"

namespace spinvp::workloads {
namespace {

constexpr std::size_t length = SPINVP_LANGUAGE_LENGTH;
constexpr std::size_t width = SPINVP_TRANSFORMER_WIDTH;
constexpr std::size_t tokens_known = SPINVP_LANGUAGE_TOKENS;
constexpr std::size_t layers = SPINVP_LANGUAGE_LAYERS;

static_assert(SPINVP_LANGUAGE_POSITION_OFFSET == tokens_known * width && SPINVP_LANGUAGE_BLOCKS_OFFSET == (tokens_known + length) * width);
static_assert(SPINVP_LANGUAGE_HEAD_BIAS_OFFSET == SPINVP_LANGUAGE_HEAD_WEIGHT_OFFSET + tokens_known * width);
static_assert(tokens_known == language_tokens);

template <typename Float>
struct Parts {
  explicit Parts(std::span<Float> all)
      : embedding(all, SPINVP_LANGUAGE_TOKEN_OFFSET, SPINVP_LANGUAGE_POSITION_OFFSET, SPINVP_LANGUAGE_BLOCKS_OFFSET),
        blocks(all.subspan(SPINVP_LANGUAGE_BLOCKS_OFFSET, layers * SPINVP_TRANSFORMER_BLOCK_PARAMETERS)),
        head(all, SPINVP_LANGUAGE_HEAD_WEIGHT_OFFSET, SPINVP_LANGUAGE_HEAD_BIAS_OFFSET, SPINVP_LANGUAGE_PARAMETERS) {}
  [[nodiscard]] std::span<Float> block(std::size_t layer) const {
    return blocks.subspan(layer * SPINVP_TRANSFORMER_BLOCK_PARAMETERS, SPINVP_TRANSFORMER_BLOCK_PARAMETERS);
  }
  TensorPair<Float> embedding;
  std::span<Float> blocks;
  TensorPair<Float> head;
};

std::vector<float> causal_mask() {
  std::vector<float> mask(length * length);
  for (std::size_t query = 0; query < length; ++query)
    for (std::size_t key = query + 1; key < length; ++key) mask[query * length + key] = SPINVP_LANGUAGE_UNSEEN;
  return mask;
}

}  // namespace

WordBatch word_batch(std::span<const std::uint8_t> sentences, std::size_t words, std::size_t first, std::size_t count) {
  WordBatch batch;
  for (std::size_t i = 0; i < count; ++i) {
    const auto sentence = sentences.subspan((first + i) % (sentences.size() / (words + 1)) * (words + 1), words + 1);
    batch.tokens.insert(batch.tokens.end(), sentence.begin(), sentence.end() - 1);
    batch.labels.insert(batch.labels.end(), sentence.begin() + 1, sentence.end());
  }
  return batch;
}

LanguageReference::LanguageReference(const LayerPolicies& policies, std::uint32_t seed, std::size_t batch)
    : policies_(policies), batch_(batch), parameters_(SPINVP_LANGUAGE_PARAMETERS), gradients_(SPINVP_LANGUAGE_PARAMETERS) {
  if (batch == 0) throw core::InputError("training: a batch of 0 sentences, at least 1 is needed");
  for (std::uint32_t i = 0; i < SPINVP_LANGUAGE_PARAMETERS; ++i) parameters_[i] = spinvp_language_initial_parameter(seed, i);
  for (const ArithmeticPolicy& policy : policies) blocks_.emplace_back(policy, batch, causal_mask());
  for (auto* tensor : {&x_, &dstream_}) tensor->resize(batch * length * width);
  for (auto* tensor : {&logits_, &dlogits_}) tensor->resize(batch * length * tokens_known);
}

std::span<const float> LanguageReference::forward(std::span<const std::uint8_t> tokens) {
  const Parts<const float> p(parameters_);
  embedding_forward(length, width, tokens, p.embedding.weight, p.embedding.bias, x_);
  result_ = x_;
  for (std::size_t layer = 0; layer < layers; ++layer) result_ = blocks_[layer].forward(p.block(layer), result_);
  dense_forward(policies_.back(), {batch_ * length, width, tokens_known}, result_, p.head.weight, p.head.bias, logits_);
  return logits_;
}

float LanguageReference::gradients_of(const WordBatch& batch) {
  const Parts<const float> p(parameters_);
  const Parts<float> d(gradients_);
  forward(batch.tokens);
  const float loss = softmax_cross_entropy(batch_ * length, tokens_known, logits_, batch.labels, dlogits_);
  dense_backward(policies_.back(), {batch_ * length, width, tokens_known}, result_, p.head, dlogits_, d.head, dstream_);
  for (std::size_t layer = layers; layer-- > 0;) blocks_[layer].backward(p.block(layer), d.block(layer), dstream_);
  embedding_backward(length, width, batch.tokens, dstream_, d.embedding.weight, d.embedding.bias);
  return loss;
}

void LanguageReference::update(float rate) {
  // The first layer's part of the parameters ends where its block does.
  const std::size_t border = SPINVP_LANGUAGE_BLOCKS_OFFSET + SPINVP_TRANSFORMER_BLOCK_PARAMETERS;
  static_assert(layers == 2);
  const std::span<const float> gradients(gradients_);
  const std::span<float> parameters(parameters_);
  gradient_descent(policies_.front(), rate, gradients.first(border), parameters.first(border));
  gradient_descent(policies_.back(), rate, gradients.subspan(border), parameters.subspan(border));
}

LanguageResult train_language(const Text& text, const LayerPolicies& policies, const LanguageTraining& training) {
  LanguageReference network(policies, training.seed, training.batch);
  LanguageResult result;
  for (std::size_t step = 0; step < training.steps; ++step) {
    result.losses.push_back(network.gradients_of(word_batch(text.train, text.length, step * training.batch, training.batch)));
    network.update(training.learning_rate);
  }
  std::size_t correct = 0;
  for (std::size_t first = 0; first < text.test_count(); first += training.batch) {
    const WordBatch batch = word_batch(text.test, text.length, first, training.batch);
    const auto answers = largest_of_rows(batch.labels.size(), tokens_known, network.forward(batch.tokens));
    const std::size_t counted = std::min(training.batch, text.test_count() - first) * length;
    for (std::size_t row = 0; row < counted; ++row) correct += answers[row] == batch.labels[row];
  }
  result.accuracy = static_cast<double>(correct) / static_cast<double>(text.test_count() * length);
  result.fingerprint = spinvp_language_fingerprint(0, 0, network.parameters().data(), SPINVP_LANGUAGE_PARAMETERS);
  return result;
}

}  // namespace spinvp::workloads
