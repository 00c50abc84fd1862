#include "workloads/training/transformer_operators.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "models/abi/elementary.h"
#include "workloads/training/matrix_product.h"

namespace spinvp::workloads {
namespace {

// One head's columns of a tensor with `row_width` channels, from channel `first` on: matrices [sequence][position][channel], or each transposed.
std::vector<float> head_of(const AttentionShape& s, ConstFloats tensor, std::size_t row_width, std::size_t first, bool transposed) {
  std::vector<float> result(s.sequences * s.length * s.head_width);
  for (std::size_t n = 0; n < s.sequences; ++n)
    for (std::size_t i = 0; i < s.length; ++i)
      for (std::size_t d = 0; d < s.head_width; ++d) {
        const std::size_t at = transposed ? (n * s.head_width + d) * s.length + i : (n * s.length + i) * s.head_width + d;
        result[at] = tensor[(n * s.length + i) * row_width + first + d];
      }
  return result;
}

void put_head(const AttentionShape& s, ConstFloats head, std::size_t row_width, std::size_t first, Floats tensor) {
  for (std::size_t row = 0; row < s.sequences * s.length; ++row)
    for (std::size_t d = 0; d < s.head_width; ++d) tensor[row * row_width + first + d] = head[row * s.head_width + d];
}

std::vector<float> each_transposed(std::size_t count, std::size_t side, ConstFloats matrices) {
  std::vector<float> result(matrices.size());
  for (std::size_t n = 0; n < count; ++n)
    for (std::size_t i = 0; i < side; ++i)
      for (std::size_t j = 0; j < side; ++j) result[(n * side + j) * side + i] = matrices[(n * side + i) * side + j];
  return result;
}

}  // namespace

void embedding_forward(std::size_t length, std::size_t width, std::span<const std::uint8_t> tokens, ConstFloats token, ConstFloats position, Floats x) {
  for (std::size_t row = 0; row < tokens.size(); ++row)
    for (std::size_t c = 0; c < width; ++c) x[row * width + c] = token[tokens[row] * width + c] + position[row % length * width + c];
}

void embedding_backward(std::size_t length, std::size_t width, std::span<const std::uint8_t> tokens, ConstFloats dx, Floats dtoken, Floats dposition) {
  std::fill(dtoken.begin(), dtoken.end(), 0.0f);
  std::fill(dposition.begin(), dposition.end(), 0.0f);
  for (std::size_t row = 0; row < tokens.size(); ++row) {
    const ConstFloats gradient = dx.subspan(row * width, width);
    add_to(gradient, dtoken.subspan(tokens[row] * width, width));
    add_to(gradient, dposition.subspan(row % length * width, width));
  }
}

void layer_norm_forward(std::size_t width, float epsilon, ConstFloats x, ConstFloats gain, ConstFloats shift, const NormState& state, Floats y) {
  const float share = 1.0f / static_cast<float>(width);
  for (std::size_t row = 0; row < state.inverse.size(); ++row) {
    const ConstFloats in = x.subspan(row * width, width);
    float sum = 0.0f;
    for (const float value : in) sum = sum + value;
    const float mean = sum * share;
    float squares = 0.0f;
    for (const float value : in) {
      const float off = value - mean;
      const float square = off * off;
      squares = squares + square;
    }
    const float inverse = 1.0f / std::sqrt(squares * share + epsilon);
    state.inverse[row] = inverse;
    for (std::size_t c = 0; c < width; ++c) {
      const float normalized = (in[c] - mean) * inverse;
      state.normalized[row * width + c] = normalized;
      y[row * width + c] = normalized * gain[c] + shift[c];
    }
  }
}

void layer_norm_backward(std::size_t width, const NormState& state, ConstFloats gain, ConstFloats dy, Floats dgain, Floats dshift, Floats dx) {
  const float share = 1.0f / static_cast<float>(width);
  std::fill(dgain.begin(), dgain.end(), 0.0f);
  std::fill(dshift.begin(), dshift.end(), 0.0f);
  for (std::size_t row = 0; row < state.inverse.size(); ++row) {
    const std::size_t first = row * width;
    float sum = 0.0f, along = 0.0f;
    for (std::size_t c = 0; c < width; ++c) {
      dgain[c] = dgain[c] + dy[first + c] * state.normalized[first + c];
      dshift[c] = dshift[c] + dy[first + c];
      const float g = dy[first + c] * gain[c];
      sum = sum + g;
      along = along + g * state.normalized[first + c];
    }
    const float mean = sum * share, mean_along = along * share;
    for (std::size_t c = 0; c < width; ++c) {
      const float g = dy[first + c] * gain[c];
      const float centred = (g - mean) - state.normalized[first + c] * mean_along;
      dx[first + c] = dx[first + c] + centred * state.inverse[row];
    }
  }
}

void softmax_forward(std::size_t columns, float scale, Floats x) {
  for (std::size_t first = 0; first < x.size(); first += columns) {
    const Floats row = x.subspan(first, columns);
    for (float& value : row) value = value * scale;
    float largest = row[0];
    for (const float value : row)
      if (value > largest) largest = value;
    float sum = 0.0f;
    for (float& value : row) {
      value = spinvp_exp_f32(value - largest);
      sum = sum + value;
    }
    for (float& value : row) value = value / sum;
  }
}

void softmax_backward(std::size_t columns, float scale, ConstFloats p, Floats dp) {
  for (std::size_t first = 0; first < dp.size(); first += columns) {
    float expected = 0.0f;
    for (std::size_t c = first; c < first + columns; ++c) expected = expected + dp[c] * p[c];
    for (std::size_t c = first; c < first + columns; ++c) dp[c] = p[c] * (dp[c] - expected) * scale;
  }
}

void attention_forward(const ArithmeticPolicy& policy, const AttentionShape& s, float scale, ConstFloats mask, ConstFloats qkv, Floats probabilities,
                       Floats mixed) {
  const std::size_t width = s.heads * s.head_width;
  const std::size_t head_scores = s.sequences * s.length * s.length;
  std::vector<float> mixed_head(s.sequences * s.length * s.head_width);
  for (std::size_t h = 0; h < s.heads; ++h) {
    const std::size_t channel = h * s.head_width;
    const Floats p = probabilities.subspan(h * head_scores, head_scores);
    batched_product(policy, s.sequences, {s.length, s.length, s.head_width}, head_of(s, qkv, 3 * width, channel, false),
                    head_of(s, qkv, 3 * width, width + channel, true), p);
    if (!mask.empty())
      for (std::size_t n = 0; n < s.sequences; ++n) add_to(mask, p.subspan(n * mask.size(), mask.size()));
    softmax_forward(s.length, scale, p);
    batched_product(policy, s.sequences, {s.length, s.head_width, s.length}, p, head_of(s, qkv, 3 * width, 2 * width + channel, false), mixed_head);
    put_head(s, mixed_head, width, channel, mixed);
  }
}

void attention_backward(const ArithmeticPolicy& policy, const AttentionShape& s, float scale, ConstFloats qkv, ConstFloats probabilities, ConstFloats dmixed,
                        Floats dscores, Floats dqkv) {
  const std::size_t width = s.heads * s.head_width;
  const std::size_t head_scores = s.sequences * s.length * s.length;
  const ProductShape to_scores{s.length, s.length, s.head_width}, to_channels{s.length, s.head_width, s.length};
  std::vector<float> gradient(s.sequences * s.length * s.head_width);
  for (std::size_t h = 0; h < s.heads; ++h) {
    const std::size_t query = h * s.head_width, key = width + query, value = 2 * width + query;
    const ConstFloats p = probabilities.subspan(h * head_scores, head_scores);
    const Floats ds = dscores.subspan(h * head_scores, head_scores);
    const auto dmixed_head = head_of(s, dmixed, width, query, false);

    batched_product(policy, s.sequences, to_scores, dmixed_head, head_of(s, qkv, 3 * width, value, true), ds);
    batched_product(policy, s.sequences, to_channels, each_transposed(s.sequences, s.length, p), dmixed_head, gradient);
    put_head(s, gradient, 3 * width, value, dqkv);

    softmax_backward(s.length, scale, p, ds);

    batched_product(policy, s.sequences, to_channels, ds, head_of(s, qkv, 3 * width, key, false), gradient);
    put_head(s, gradient, 3 * width, query, dqkv);
    batched_product(policy, s.sequences, to_channels, each_transposed(s.sequences, s.length, ds), head_of(s, qkv, 3 * width, query, false), gradient);
    put_head(s, gradient, 3 * width, key, dqkv);
  }
}

void add_to(ConstFloats addend, Floats sum) {
  for (std::size_t i = 0; i < sum.size(); ++i) sum[i] = sum[i] + addend[i];
}

}  // namespace spinvp::workloads
