#include "workloads/training/transformer_reference.h"

#include <algorithm>

#include "models/core/error.h"
#include "workloads/training/reference_operators.h"

namespace spinvp::workloads {
namespace {

constexpr std::size_t length = SPINVP_TRANSFORMER_LENGTH;
constexpr std::size_t width = SPINVP_TRANSFORMER_WIDTH;
constexpr std::size_t classes = SPINVP_TRANSFORMER_TOKENS;

// The parts of an array laid out as the parameters are.
template <typename Float>
struct Parts {
  explicit Parts(std::span<Float> all)
      : embedding(all, SPINVP_TRANSFORMER_TOKEN_OFFSET, SPINVP_TRANSFORMER_POSITION_OFFSET, SPINVP_TRANSFORMER_BLOCK_OFFSET),
        block(all.subspan(SPINVP_TRANSFORMER_BLOCK_OFFSET, SPINVP_TRANSFORMER_BLOCK_PARAMETERS)),
        head(all, SPINVP_TRANSFORMER_HEAD_WEIGHT_OFFSET, SPINVP_TRANSFORMER_HEAD_BIAS_OFFSET, SPINVP_TRANSFORMER_PARAMETERS) {}
  TensorPair<Float> embedding;
  std::span<Float> block;
  TensorPair<Float> head;
};

}  // namespace

SequenceBatch sequence_batch(std::uint32_t seed, std::uint32_t stream, std::size_t first, std::size_t count) {
  SequenceBatch batch{std::vector<std::uint8_t>(count * length), {}};
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint8_t label = spinvp_transformer_sequence(seed, stream, static_cast<std::uint32_t>(first + i), batch.tokens.data() + i * length);
    batch.labels.insert(batch.labels.end(), length, label);
  }
  return batch;
}

TransformerReference::TransformerReference(const ArithmeticPolicy& policy, std::uint32_t seed, std::size_t batch)
    : policy_(policy), batch_(batch), parameters_(SPINVP_TRANSFORMER_PARAMETERS), gradients_(SPINVP_TRANSFORMER_PARAMETERS), block_(policy, batch) {
  if (batch == 0) throw core::InputError("training: a batch of 0 sequences, at least 1 is needed");
  for (std::uint32_t i = 0; i < SPINVP_TRANSFORMER_PARAMETERS; ++i) parameters_[i] = spinvp_transformer_initial_parameter(seed, i);
  for (auto* tensor : {&x_, &dstream_}) tensor->resize(batch * length * width);
  for (auto* tensor : {&logits_, &dlogits_}) tensor->resize(batch * length * classes);
}

std::span<const float> TransformerReference::forward(std::span<const std::uint8_t> tokens) {
  const Parts<const float> p(parameters_);
  embedding_forward(length, width, tokens, p.embedding.weight, p.embedding.bias, x_);
  result_ = block_.forward(p.block, x_);
  dense_forward(policy_, {batch_ * length, width, classes}, result_, p.head.weight, p.head.bias, logits_);
  return logits_;
}

float TransformerReference::gradients_of(const SequenceBatch& batch) {
  const Parts<const float> p(parameters_);
  const Parts<float> d(gradients_);
  forward(batch.tokens);
  const float loss = softmax_cross_entropy(batch_ * length, classes, logits_, batch.labels, dlogits_);
  dense_backward(policy_, {batch_ * length, width, classes}, result_, p.head, dlogits_, d.head, dstream_);
  block_.backward(p.block, d.block, dstream_);
  embedding_backward(length, width, batch.tokens, dstream_, d.embedding.weight, d.embedding.bias);
  return loss;
}

void TransformerReference::update(float rate) { gradient_descent(policy_, rate, gradients_, parameters_); }

TransformerResult train_transformer(const ArithmeticPolicy& policy, const TransformerTraining& training) {
  TransformerReference network(policy, training.seed, training.batch);
  const float rate =
      training.learning_rate != 0 ? training.learning_rate : spinvp_transformer_default_learning_rate(static_cast<std::uint32_t>(training.batch));
  TransformerResult result;
  for (std::size_t step = 0; step < training.steps; ++step) {
    result.losses.push_back(network.gradients_of(sequence_batch(training.seed, SPINVP_TRANSFORMER_SEQUENCE_STREAM, step * training.batch, training.batch)));
    network.update(rate);
  }

  constexpr std::size_t tested = SPINVP_TRANSFORMER_TEST_SEQUENCES;
  std::size_t correct = 0;
  for (std::size_t first = 0; first < tested; first += training.batch) {
    const SequenceBatch batch = sequence_batch(training.seed, SPINVP_TRANSFORMER_TEST_STREAM, first, training.batch);
    const auto answers = largest_of_rows(batch.labels.size(), classes, network.forward(batch.tokens));
    const std::size_t counted = std::min(training.batch, tested - first) * length;
    for (std::size_t row = 0; row < counted; ++row) correct += answers[row] == batch.labels[row];
  }
  result.accuracy = static_cast<double>(correct) / static_cast<double>(tested * length);
  return result;
}

}  // namespace spinvp::workloads
