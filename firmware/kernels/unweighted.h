// Layers without weights on the unit that the boot block names: hart, NPU or PIM arrays. Each call is done when it returns; false, with a line printed, if a
// command failed. The values are the same on all units. Tensors fp32, dense, NCHW; the driver of the unit must have been started.
#ifndef SPINVP_FIRMWARE_UNWEIGHTED_H
#define SPINVP_FIRMWARE_UNWEIGHTED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "firmware/kernels/pim_kernels.h"
#include "models/abi/boot.h"

// 2 x 2 windows, stride 2, of a stack of planes of side 2 * out_side, and the ReLU of what they leave.
struct unweighted_pool {
  uint32_t images, channels, out_side;
  const float* x;
  float* y;
  uint8_t* winner;  // one byte an output, for hart and NPU
};
bool unweighted_pool_forward(enum spinvp_unit unit, const struct unweighted_pool* pool);
// After the gradient of the ReLU on y, if there is one. dx may be framed; `dense_dx`, as many floats as x, is in use where the NPU cannot write the frame.
bool unweighted_pool_backward(enum spinvp_unit unit, const struct unweighted_pool* pool, const float* dy, struct framed_planes dx, float* dense_dx);

bool unweighted_relu_forward(enum spinvp_unit unit, size_t count, float* x);
bool unweighted_relu_backward(enum spinvp_unit unit, size_t count, const float* y, float* dy);

// Mean loss over the images into *loss, its gradient into dlogits. Hart or NPU.
bool unweighted_loss(enum spinvp_unit unit, uint32_t images, uint32_t classes, const float* logits, const uint8_t* labels, float* dlogits, float* loss);

#endif
