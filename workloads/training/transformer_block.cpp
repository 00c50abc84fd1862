#include "workloads/training/transformer_block.h"

#include <utility>

namespace spinvp::workloads {
namespace {

constexpr std::size_t length = SPINVP_TRANSFORMER_LENGTH;
constexpr std::size_t width = SPINVP_TRANSFORMER_WIDTH;
constexpr std::size_t wide = SPINVP_TRANSFORMER_QKV;
constexpr std::size_t feed_forward = SPINVP_TRANSFORMER_FEED_FORWARD;
constexpr float scale = SPINVP_TRANSFORMER_SCALE;
constexpr float epsilon = SPINVP_TRANSFORMER_EPSILON;

static_assert(wide == 3 * width && width == SPINVP_TRANSFORMER_HEADS * SPINVP_TRANSFORMER_HEAD_WIDTH);
static_assert(scale * scale * SPINVP_TRANSFORMER_HEAD_WIDTH == 1.0f);

constexpr AttentionShape attention(std::size_t batch) { return {batch, length, SPINVP_TRANSFORMER_HEADS, SPINVP_TRANSFORMER_HEAD_WIDTH}; }

template <typename Float>
struct Parts {
  explicit Parts(std::span<Float> all)
      : norm1(pair(all, SPINVP_TRANSFORMER_NORM1_GAIN_OFFSET, SPINVP_TRANSFORMER_NORM1_SHIFT_OFFSET, SPINVP_TRANSFORMER_QKV_WEIGHT_OFFSET)),
        qkv(pair(all, SPINVP_TRANSFORMER_QKV_WEIGHT_OFFSET, SPINVP_TRANSFORMER_QKV_BIAS_OFFSET, SPINVP_TRANSFORMER_OUTPUT_WEIGHT_OFFSET)),
        output(pair(all, SPINVP_TRANSFORMER_OUTPUT_WEIGHT_OFFSET, SPINVP_TRANSFORMER_OUTPUT_BIAS_OFFSET, SPINVP_TRANSFORMER_NORM2_GAIN_OFFSET)),
        norm2(pair(all, SPINVP_TRANSFORMER_NORM2_GAIN_OFFSET, SPINVP_TRANSFORMER_NORM2_SHIFT_OFFSET, SPINVP_TRANSFORMER_FF1_WEIGHT_OFFSET)),
        ff1(pair(all, SPINVP_TRANSFORMER_FF1_WEIGHT_OFFSET, SPINVP_TRANSFORMER_FF1_BIAS_OFFSET, SPINVP_TRANSFORMER_FF2_WEIGHT_OFFSET)),
        ff2(pair(all, SPINVP_TRANSFORMER_FF2_WEIGHT_OFFSET, SPINVP_TRANSFORMER_FF2_BIAS_OFFSET, SPINVP_TRANSFORMER_HEAD_WEIGHT_OFFSET)) {}
  TensorPair<Float> norm1, qkv, output, norm2, ff1, ff2;

 private:
  static TensorPair<Float> pair(std::span<Float> all, std::size_t begin, std::size_t middle, std::size_t end) {
    constexpr std::size_t first = SPINVP_TRANSFORMER_BLOCK_OFFSET;
    return {all, begin - first, middle - first, end - first};
  }
};

}  // namespace

void dense_backward(const ArithmeticPolicy& policy, const DenseShape& shape, ConstFloats x, const TensorPair<const float>& parameters, ConstFloats dy,
                    const TensorPair<float>& gradients, Floats dx) {
  dense_weight_gradient(policy, shape, x, dy, gradients.weight);
  bias_gradient(policy, shape.images, shape.outputs, 1, dy, gradients.bias);
  dense_data_gradient(policy, shape, dy, parameters.weight, dx);
}

TransformerBlock::TransformerBlock(const ArithmeticPolicy& policy, std::size_t batch, std::vector<float> mask)
    : policy_(policy), batch_(batch), mask_(std::move(mask)) {
  const std::size_t rows = batch * length;
  for (auto* tensor : {&normalized1_, &norm1_, &mixed_, &middle_, &normalized2_, &norm2_, &result_, &dnorm_, &dmixed_}) tensor->resize(rows * width);
  for (auto* tensor : {&inverse1_, &inverse2_}) tensor->resize(rows);
  for (auto* tensor : {&qkv_, &dqkv_}) tensor->resize(rows * wide);
  for (auto* tensor : {&probabilities_, &dscores_}) tensor->resize(SPINVP_TRANSFORMER_HEADS * rows * length);
  for (auto* tensor : {&hidden_, &dhidden_}) tensor->resize(rows * feed_forward);
}

std::span<const float> TransformerBlock::forward(ConstFloats parameters, ConstFloats x) {
  const Parts<const float> p(parameters);
  const std::size_t rows = batch_ * length;
  layer_norm_forward(width, epsilon, x, p.norm1.weight, p.norm1.bias, {normalized1_, inverse1_}, norm1_);
  dense_forward(policy_, {rows, width, wide}, norm1_, p.qkv.weight, p.qkv.bias, qkv_);
  attention_forward(policy_, attention(batch_), scale, mask_, qkv_, probabilities_, mixed_);
  dense_forward(policy_, {rows, width, width}, mixed_, p.output.weight, p.output.bias, middle_);
  add_to(x, middle_);

  layer_norm_forward(width, epsilon, middle_, p.norm2.weight, p.norm2.bias, {normalized2_, inverse2_}, norm2_);
  dense_forward(policy_, {rows, width, feed_forward}, norm2_, p.ff1.weight, p.ff1.bias, hidden_);
  relu_forward(hidden_, hidden_);
  dense_forward(policy_, {rows, feed_forward, width}, hidden_, p.ff2.weight, p.ff2.bias, result_);
  add_to(middle_, result_);
  return result_;
}

void TransformerBlock::backward(ConstFloats parameters, Floats gradients, Floats dstream) {
  const Parts<const float> p(parameters);
  const Parts<float> d(gradients);
  const std::size_t rows = batch_ * length;
  dense_backward(policy_, {rows, feed_forward, width}, hidden_, p.ff2, dstream, d.ff2, dhidden_);
  relu_backward(hidden_, dhidden_, dhidden_);
  dense_backward(policy_, {rows, width, feed_forward}, norm2_, p.ff1, dhidden_, d.ff1, dnorm_);
  layer_norm_backward(width, {normalized2_, inverse2_}, p.norm2.weight, dnorm_, d.norm2.weight, d.norm2.bias, dstream);

  dense_backward(policy_, {rows, width, width}, mixed_, p.output, dstream, d.output, dmixed_);
  attention_backward(policy_, attention(batch_), scale, qkv_, probabilities_, dmixed_, dscores_, dqkv_);
  dense_backward(policy_, {rows, width, wide}, norm1_, p.qkv, dqkv_, d.qkv, dnorm_);
  layer_norm_backward(width, {normalized1_, inverse1_}, p.norm1.weight, dnorm_, d.norm1.weight, d.norm1.bias, dstream);
}

}  // namespace spinvp::workloads
