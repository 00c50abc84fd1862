// A transformer block on the NPU: what firmware/kernels/hart_transformer.h does, as programs of the vector unit, and the products of attention. Each call adds jobs to the queue
// (firmware/drivers/npu.h) and returns. fp32; values and order of sums as in workloads/training/transformer_operators.h, sums of products fused as models/abi/npu.h says.
#ifndef SPINVP_FIRMWARE_NPU_TRANSFORMER_H
#define SPINVP_FIRMWARE_NPU_TRANSFORMER_H

#include <stddef.h>
#include <stdint.h>

#include "firmware/kernels/hart_transformer.h"

// x[row] = token[tokens[row]] + position[row mod length]; and the gradients of both tables, rows added ascending.
void npu_embedding_forward(uint32_t rows, uint32_t length, uint32_t width, uint32_t kinds, const int32_t* tokens, const float* token, const float* position,
                           float* x);
void npu_embedding_backward(uint32_t rows, uint32_t length, uint32_t width, uint32_t kinds, const int32_t* tokens, const float* dx, float* dtoken,
                            float* dposition);

void npu_layer_norm_forward(const struct hart_norm* norm, float epsilon, const float* x, const float* gain, const float* shift, float* y);
void npu_layer_norm_backward(const struct hart_norm* norm, const float* gain, const float* dy, float* dgain, float* dshift, float* dx);

// sum = sum + addend.
void npu_add(size_t count, const float* addend, float* sum);

// Shapes as in firmware/kernels/pim_attention.h. The array takes dense matrices alone, so the vector unit lays the heads' parts of a row one behind the other, [part][head][sequence][position][channel]:
// `parts` holds queries, keys and values, and `dparts` their gradients (3 parts); `mixed` one part.
struct npu_attention {
  uint32_t sequences, length, heads, head_width;
  float *parts, *dparts, *mixed;
};

// scores = q k^T + mask, not scaled (mask [query][key], or null); mixed = probabilities v. The first one brings qkv into `parts`, which the others read.
void npu_attention_scores(const struct npu_attention* shape, const float* mask, const float* qkv, float* scores);
void npu_attention_mix(const struct npu_attention* shape, const float* probabilities, float* mixed);
// dprobabilities = dmixed v^T, and dv; then, after the softmax's gradient, dq and dk, and all three into dqkv.
void npu_attention_mix_gradient(const struct npu_attention* shape, const float* dmixed, const float* probabilities, float* dprobabilities);
void npu_attention_scores_gradient(const struct npu_attention* shape, const float* dscores, float* dqkv);

#endif
