#include "workloads/training/transformer_reference.h"

#include <algorithm>

#include "models/core/error.h"
#include "workloads/training/reference_operators.h"
#include "workloads/training/transformer_operators.h"

namespace spinvp::workloads {
namespace {

constexpr std::size_t length = SPINVP_TRANSFORMER_LENGTH;
constexpr std::size_t width = SPINVP_TRANSFORMER_WIDTH;
constexpr std::size_t wide = SPINVP_TRANSFORMER_QKV;
constexpr std::size_t feed_forward = SPINVP_TRANSFORMER_FEED_FORWARD;
constexpr std::size_t classes = SPINVP_TRANSFORMER_TOKENS;
constexpr float scale = SPINVP_TRANSFORMER_SCALE;
constexpr float epsilon = SPINVP_TRANSFORMER_EPSILON;

static_assert(wide == 3 * width && width == SPINVP_TRANSFORMER_HEADS * SPINVP_TRANSFORMER_HEAD_WIDTH);
static_assert(scale * scale * SPINVP_TRANSFORMER_HEAD_WIDTH == 1.0f);

constexpr AttentionShape attention(std::size_t batch) { return {batch, length, SPINVP_TRANSFORMER_HEADS, SPINVP_TRANSFORMER_HEAD_WIDTH}; }

// A layer's two tensors (weight and bias, gain and shift, token and position) inside an array laid out as the parameters are.
template <typename Float>
struct Pair {
  Pair(std::span<Float> all, std::size_t begin, std::size_t middle, std::size_t end)
      : weight(all.subspan(begin, middle - begin)), bias(all.subspan(middle, end - middle)) {}
  std::span<Float> weight, bias;
};

template <typename Float>
struct Parts {
  explicit Parts(std::span<Float> all)
      : embedding(all, SPINVP_TRANSFORMER_TOKEN_OFFSET, SPINVP_TRANSFORMER_POSITION_OFFSET, SPINVP_TRANSFORMER_NORM1_GAIN_OFFSET),
        norm1(all, SPINVP_TRANSFORMER_NORM1_GAIN_OFFSET, SPINVP_TRANSFORMER_NORM1_SHIFT_OFFSET, SPINVP_TRANSFORMER_QKV_WEIGHT_OFFSET),
        qkv(all, SPINVP_TRANSFORMER_QKV_WEIGHT_OFFSET, SPINVP_TRANSFORMER_QKV_BIAS_OFFSET, SPINVP_TRANSFORMER_OUTPUT_WEIGHT_OFFSET),
        output(all, SPINVP_TRANSFORMER_OUTPUT_WEIGHT_OFFSET, SPINVP_TRANSFORMER_OUTPUT_BIAS_OFFSET, SPINVP_TRANSFORMER_NORM2_GAIN_OFFSET),
        norm2(all, SPINVP_TRANSFORMER_NORM2_GAIN_OFFSET, SPINVP_TRANSFORMER_NORM2_SHIFT_OFFSET, SPINVP_TRANSFORMER_FF1_WEIGHT_OFFSET),
        ff1(all, SPINVP_TRANSFORMER_FF1_WEIGHT_OFFSET, SPINVP_TRANSFORMER_FF1_BIAS_OFFSET, SPINVP_TRANSFORMER_FF2_WEIGHT_OFFSET),
        ff2(all, SPINVP_TRANSFORMER_FF2_WEIGHT_OFFSET, SPINVP_TRANSFORMER_FF2_BIAS_OFFSET, SPINVP_TRANSFORMER_HEAD_WEIGHT_OFFSET),
        head(all, SPINVP_TRANSFORMER_HEAD_WEIGHT_OFFSET, SPINVP_TRANSFORMER_HEAD_BIAS_OFFSET, SPINVP_TRANSFORMER_PARAMETERS) {}
  Pair<Float> embedding, norm1, qkv, output, norm2, ff1, ff2, head;
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
    : policy_(policy), batch_(batch), parameters_(SPINVP_TRANSFORMER_PARAMETERS), gradients_(SPINVP_TRANSFORMER_PARAMETERS) {
  if (batch == 0) throw core::InputError("training: a batch of 0 sequences, at least 1 is needed");
  for (std::uint32_t i = 0; i < SPINVP_TRANSFORMER_PARAMETERS; ++i) parameters_[i] = spinvp_transformer_initial_parameter(seed, i);
  const std::size_t rows = batch * length;
  for (auto* tensor : {&act_.x, &act_.normalized1, &act_.norm1, &act_.mixed, &act_.middle, &act_.normalized2, &act_.norm2, &act_.result, &act_.dstream,
                       &act_.dnorm, &act_.dmixed})
    tensor->resize(rows * width);
  for (auto* tensor : {&act_.inverse1, &act_.inverse2}) tensor->resize(rows);
  for (auto* tensor : {&act_.qkv, &act_.dqkv}) tensor->resize(rows * wide);
  for (auto* tensor : {&act_.probabilities, &act_.dscores}) tensor->resize(SPINVP_TRANSFORMER_HEADS * rows * length);
  for (auto* tensor : {&act_.hidden, &act_.dhidden}) tensor->resize(rows * feed_forward);
  for (auto* tensor : {&act_.logits, &act_.dlogits}) tensor->resize(rows * classes);
}

std::span<const float> TransformerReference::forward(std::span<const std::uint8_t> tokens) {
  const Parts<const float> p(parameters_);
  Activations& a = act_;
  const std::size_t rows = batch_ * length;
  embedding_forward(length, width, tokens, p.embedding.weight, p.embedding.bias, a.x);

  layer_norm_forward(width, epsilon, a.x, p.norm1.weight, p.norm1.bias, {a.normalized1, a.inverse1}, a.norm1);
  dense_forward(policy_, {rows, width, wide}, a.norm1, p.qkv.weight, p.qkv.bias, a.qkv);
  attention_forward(policy_, attention(batch_), scale, a.qkv, a.probabilities, a.mixed);
  dense_forward(policy_, {rows, width, width}, a.mixed, p.output.weight, p.output.bias, a.middle);
  add_to(a.x, a.middle);

  layer_norm_forward(width, epsilon, a.middle, p.norm2.weight, p.norm2.bias, {a.normalized2, a.inverse2}, a.norm2);
  dense_forward(policy_, {rows, width, feed_forward}, a.norm2, p.ff1.weight, p.ff1.bias, a.hidden);
  relu_forward(a.hidden, a.hidden);
  dense_forward(policy_, {rows, feed_forward, width}, a.hidden, p.ff2.weight, p.ff2.bias, a.result);
  add_to(a.middle, a.result);

  dense_forward(policy_, {rows, width, classes}, a.result, p.head.weight, p.head.bias, a.logits);
  return a.logits;
}

float TransformerReference::gradients_of(const SequenceBatch& batch) {
  const Parts<const float> p(parameters_);
  const Parts<float> d(gradients_);
  Activations& a = act_;
  const std::size_t rows = batch_ * length;
  forward(batch.tokens);
  const float loss = softmax_cross_entropy(rows, classes, a.logits, batch.labels, a.dlogits);

  const auto dense_backward = [&](const DenseShape& shape, ConstFloats x, const Pair<const float>& parameters, ConstFloats dy, const Pair<float>& gradients,
                                  Floats dx) {
    dense_weight_gradient(policy_, shape, x, dy, gradients.weight);
    bias_gradient(policy_, rows, shape.outputs, 1, dy, gradients.bias);
    dense_data_gradient(policy_, shape, dy, parameters.weight, dx);
  };
  // The gradient of the residual stream, from the block's result back to its input.
  dense_backward({rows, width, classes}, a.result, p.head, a.dlogits, d.head, a.dstream);

  dense_backward({rows, feed_forward, width}, a.hidden, p.ff2, a.dstream, d.ff2, a.dhidden);
  relu_backward(a.hidden, a.dhidden, a.dhidden);
  dense_backward({rows, width, feed_forward}, a.norm2, p.ff1, a.dhidden, d.ff1, a.dnorm);
  layer_norm_backward(width, {a.normalized2, a.inverse2}, p.norm2.weight, a.dnorm, d.norm2.weight, d.norm2.bias, a.dstream);

  dense_backward({rows, width, width}, a.mixed, p.output, a.dstream, d.output, a.dmixed);
  attention_backward(policy_, attention(batch_), scale, a.qkv, a.probabilities, a.dmixed, a.dscores, a.dqkv);
  dense_backward({rows, width, wide}, a.norm1, p.qkv, a.dqkv, d.qkv, a.dnorm);
  layer_norm_backward(width, {a.normalized1, a.inverse1}, p.norm1.weight, a.dnorm, d.norm1.weight, d.norm1.bias, a.dstream);

  embedding_backward(length, width, batch.tokens, a.dstream, d.embedding.weight, d.embedding.bias);
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
