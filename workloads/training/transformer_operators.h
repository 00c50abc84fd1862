// The operators of a transformer block that reference_operators.h does not have, forward and backward, on the host: what the kernels of
// firmware/kernels/pim_attention.h and hart_transformer.h are held against, bit for bit. Products are matrix_product's; all else is one
// rounding an operation in the order written, sums ascending from +0, exp of models/abi/elementary.h, square root and division of IEEE 754.
//
// A token is a row: tensors are [sequence][position][channel], fp32, row by row.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "workloads/training/arithmetic_policy.h"
#include "workloads/training/reference_operators.h"

namespace spinvp::workloads {

// x[row] = token[tokens[row]] + position[row mod length], vectors of `width`.
void embedding_forward(std::size_t length, std::size_t width, std::span<const std::uint8_t> tokens, ConstFloats token, ConstFloats position, Floats x);
// The gradients of both tables: rows added ascending.
void embedding_backward(std::size_t length, std::size_t width, std::span<const std::uint8_t> tokens, ConstFloats dx, Floats dtoken, Floats dposition);

// What a layer norm keeps for its way back: (x - mean) / sqrt(variance + epsilon), and that factor a row.
struct NormState {
  Floats normalized, inverse;
};
// Each row of x: mean = sum * (1 / width); variance = sum of (x - mean)^2 * (1 / width); inverse = 1 / sqrt(variance + epsilon);
// y = (x - mean) * inverse * gain + shift, channel by channel.
void layer_norm_forward(std::size_t width, float epsilon, ConstFloats x, ConstFloats gain, ConstFloats shift, const NormState& state, Floats y);
// dgain = sum over rows of dy * normalized, dshift = sum of dy. With g = dy * gain, and means over a row:
// dx = dx + (g - mean(g) - normalized * mean(g * normalized)) * inverse: the residual path's gradient stands in dx already.
void layer_norm_backward(std::size_t width, const NormState& state, ConstFloats gain, ConstFloats dy, Floats dgain, Floats dshift, Floats dx);

// Each row: s = x * scale; e = exp(s - largest s); x = e / sum of e. In place.
void softmax_forward(std::size_t columns, float scale, Floats x);
// Each row: dp = p * (dp - sum of dp * p) * scale, the gradient before scaling. In place.
void softmax_backward(std::size_t columns, float scale, ConstFloats p, Floats dp);

// q, k and v stand side by side in a row of qkv (3 * heads * head_width channels); probabilities are [head][sequence][query][key].
// A head's products are formed at once for all sequences, one head after the other.
struct AttentionShape {
  std::size_t sequences, length, heads, head_width;
};

// probabilities = softmax(scale * (q k^T + mask)), sum over channels; mixed[row][head] = probabilities v, sum over keys. `mask` is [query][key], or empty.
void attention_forward(const ArithmeticPolicy&, const AttentionShape&, float scale, ConstFloats mask, ConstFloats qkv, Floats probabilities, Floats mixed);
// dprobabilities = dmixed v^T (sum over channels), dv = probabilities^T dmixed (over queries); through the softmax; dq = dscores k (over keys),
// dk = dscores^T q (over queries). dscores holds the gradient of the products q k^T at the end.
void attention_backward(const ArithmeticPolicy&, const AttentionShape&, float scale, ConstFloats qkv, ConstFloats probabilities, ConstFloats dmixed,
                        Floats dscores, Floats dqkv);

// sum = sum + addend.
void add_to(ConstFloats addend, Floats sum);

}  // namespace spinvp::workloads
