// What the hart computes of a transformer block: embeddings, layer norm, softmax and residual sums. fp32, one rounding an operation, in the
// order of workloads/training/transformer_operators.h; compiled with -ffp-contract=off. A token is a row of `width` floats.
#ifndef SPINVP_FIRMWARE_HART_TRANSFORMER_H
#define SPINVP_FIRMWARE_HART_TRANSFORMER_H

#include <stddef.h>
#include <stdint.h>

// x[row] = token[tokens[row]] + position[row mod length].
void hart_embedding_forward(uint32_t rows, uint32_t length, uint32_t width, const uint8_t* tokens, const float* token, const float* position, float* x);
// The gradients of both tables: rows added ascending. `kinds` different tokens.
void hart_embedding_backward(uint32_t rows, uint32_t length, uint32_t width, uint32_t kinds, const uint8_t* tokens, const float* dx, float* dtoken,
                             float* dposition);

// What a layer norm keeps for its way back: normalized[rows][width], inverse[rows]. `means`: room for 2 * rows floats, which the NPU alone needs.
struct hart_norm {
  uint32_t rows, width;
  float *normalized, *inverse, *means;
};
// y = (x - mean) / sqrt(variance + epsilon) * gain + shift, a row at a time.
void hart_layer_norm_forward(const struct hart_norm* norm, float epsilon, const float* x, const float* gain, const float* shift, float* y);
// The gradient through the norm is added to dx, which holds that of the path beside it.
void hart_layer_norm_backward(const struct hart_norm* norm, const float* gain, const float* dy, float* dgain, float* dshift, float* dx);

// x = softmax(scale * x), a row at a time, in place; dp becomes the gradient before scaling.
void hart_softmax_forward(uint32_t rows, uint32_t columns, float scale, float* x);
void hart_softmax_backward(uint32_t rows, uint32_t columns, float scale, const float* p, float* dp);

// sum = sum + addend.
void hart_add(size_t count, const float* addend, float* sum);

#endif
