// Layers without weights on the unit that the boot block names: hart, NPU or PIM arrays. Each call is done when it returns; false, with a line printed, if a
// command failed. The values are the same on all units. Tensors fp32, dense, NCHW. Pools, ReLUs and residual sums go to its pooling_unit; softmax, loss and layer norms, which need
// exponentials, roots and quotients, to its loss_unit.
#ifndef SPINVP_FIRMWARE_UNWEIGHTED_H
#define SPINVP_FIRMWARE_UNWEIGHTED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "firmware/kernels/hart_transformer.h"
#include "firmware/kernels/pim_kernels.h"

// Starts the NPU if a layer goes there; who uses the PIM has started it.
void unweighted_start(void);

// 2 x 2 windows, stride 2, of a stack of planes of side 2 * out_side, and the ReLU of what they leave.
struct unweighted_pool {
  uint32_t images, channels, out_side;
  float* x;
  float* y;
  uint8_t* winner;  // one byte an output, for hart and NPU
};
bool unweighted_pool_forward(const struct unweighted_pool* pool);
// After the gradient of the ReLU on y, if there is one. dx may be framed; x is lost where the NPU, which writes dense tensors alone, serves a framed one.
bool unweighted_pool_backward(const struct unweighted_pool* pool, const float* dy, struct framed_planes dx);

bool unweighted_relu_forward(size_t count, float* x);
bool unweighted_relu_backward(size_t count, const float* y, float* dy);

// x = softmax(scale * x), a row of `columns` at a time, in place; dp becomes the gradient before scaling.
bool unweighted_softmax_forward(uint32_t rows, uint32_t columns, float scale, float* x);
bool unweighted_softmax_backward(uint32_t rows, uint32_t columns, float scale, const float* p, float* dp);

// sum = sum + addend.
bool unweighted_add(size_t count, const float* addend, float* sum);

// As in firmware/kernels/hart_transformer.h.
bool unweighted_layer_norm_forward(const struct hart_norm* norm, float epsilon, const float* x, const float* gain, const float* shift, float* y);
bool unweighted_layer_norm_backward(const struct hart_norm* norm, const float* gain, const float* dy, float* dgain, float* dshift, float* dx);

// Mean loss over the images into *loss, its gradient into dlogits.
bool unweighted_loss(uint32_t images, uint32_t classes, const float* logits, const uint8_t* labels, float* dlogits, float* loss);

#endif
