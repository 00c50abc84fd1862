// What the hart computes itself in the PIM run: pooling, ReLU, loss and the gradients of biases. fp32, one rounding an operation,
// in the order of workloads/training/reference_operators.h; compiled with -ffp-contract=off. Planes are square, NCHW order.
#ifndef SPINVP_FIRMWARE_HART_KERNELS_H
#define SPINVP_FIRMWARE_HART_KERNELS_H

#include <stddef.h>
#include <stdint.h>

#include "firmware/kernels/pim_kernels.h"

// 2 x 2 windows, stride 2. The first maximum in scan order wins; `winner` holds 0..3, one an output.
void hart_max_pool_forward(uint32_t planes, uint32_t side, const float* x, float* y, uint8_t* winner);
// Into planes of side 2 * out_side that may be framed; the frame is not touched. Rows must start at a multiple of 8 bytes.
void hart_max_pool_backward(uint32_t planes, uint32_t out_side, const float* dy, const uint8_t* winner, struct framed_planes dx);

// x = x > 0 ? x : 0, and dy = y > 0 ? dy : 0, in place.
void hart_relu_forward(size_t count, float* x);
void hart_relu_backward(size_t count, const float* y, float* dy);

// dbias[channel] = sum of dy over images, rows and columns, ascending from +0.
void hart_bias_gradient(uint32_t images, uint32_t channels, uint32_t side, struct framed_planes dy, float* dbias);
// The same for a fully connected layer: one element a channel.
void hart_dense_bias_gradient(uint32_t images, uint32_t channels, const float* dy, float* dbias);

// Mean loss over the images; its gradient into dlogits. At most 64 classes.
float hart_softmax_cross_entropy(uint32_t images, uint32_t classes, const float* logits, const uint8_t* labels, float* dlogits);

// Index of the largest of `count` values; the first of equal ones.
uint32_t hart_largest(uint32_t count, const float* values);

#endif
