#include "firmware/kernels/unweighted.h"

#include <stdio.h>
#include <string.h>

#include "firmware/drivers/npu.h"
#include "firmware/drivers/pim.h"
#include "firmware/hal/boot.h"
#include "firmware/kernels/hart_kernels.h"
#include "firmware/kernels/npu_kernels.h"
#include "firmware/kernels/npu_transformer.h"
#include "firmware/kernels/pim_elementwise.h"

// Off the platform nobody fills the boot block in: then it is all zeros, and the unit the hart.
static enum spinvp_unit pooling_unit(void) { return (enum spinvp_unit)spinvp_boot.pooling_unit; }
static enum spinvp_unit loss_unit(void) { return (enum spinvp_unit)spinvp_boot.loss_unit; }

void unweighted_start(void) {
  if (pooling_unit() == SPINVP_UNIT_NPU || loss_unit() == SPINVP_UNIT_NPU) npu_start();
}

// Starts what was queued for the unit and waits for it.
static bool finish(enum spinvp_unit unit) {
  if (unit == SPINVP_UNIT_HART) return true;
  const uint32_t status = unit == SPINVP_UNIT_NPU ? npu_wait() : pim_wait();
  if (status != 0) printf("failed: a layer without weights on the %s, status %u\n", unit == SPINVP_UNIT_NPU ? "NPU" : "PIM arrays", (unsigned)status);
  return status == 0;
}

bool unweighted_pool_forward(const struct unweighted_pool* p) {
  const uint32_t planes = p->images * p->channels;
  switch (pooling_unit()) {
    case SPINVP_UNIT_HART: hart_max_pool_forward(planes, 2 * p->out_side, p->x, p->y, p->winner); break;
    case SPINVP_UNIT_NPU: npu_max_pool_forward(p->images, p->channels, 2 * p->out_side, p->x, p->y, p->winner); break;
    case SPINVP_UNIT_PIM: pim_max_pool_forward(planes, p->out_side, p->x, p->y); break;
  }
  return finish(pooling_unit());
}

// The NPU writes dense tensors alone: the hart moves the rows into their frame.
static void into_frame(uint32_t planes, uint32_t side, const float* dense, struct framed_planes framed) {
  for (uint32_t plane = 0; plane < planes; ++plane)
    for (uint32_t row = 0; row < side; ++row, dense += side)
      memcpy(framed.first + (size_t)plane * framed.plane_stride + (size_t)row * framed.row_stride, dense, side * sizeof(float));
}

bool unweighted_pool_backward(const struct unweighted_pool* p, const float* dy, struct framed_planes dx) {
  const uint32_t planes = p->images * p->channels, side = 2 * p->out_side;
  const bool framed = dx.row_stride != side;
  switch (pooling_unit()) {
    case SPINVP_UNIT_HART: hart_max_pool_backward(planes, p->out_side, dy, p->winner, dx); break;
    case SPINVP_UNIT_NPU: npu_max_pool_backward(p->images, p->channels, side, dy, p->winner, framed ? p->x : dx.first); break;
    case SPINVP_UNIT_PIM: pim_max_pool_backward(planes, p->out_side, p->x, p->y, dy, dx); break;
  }
  if (!finish(pooling_unit())) return false;
  if (pooling_unit() == SPINVP_UNIT_NPU && framed) into_frame(planes, side, p->x, dx);
  return true;
}

bool unweighted_relu_forward(size_t count, float* x) {
  switch (pooling_unit()) {
    case SPINVP_UNIT_HART: hart_relu_forward(count, x); break;
    case SPINVP_UNIT_NPU: npu_relu_forward(count, x, x); break;
    case SPINVP_UNIT_PIM: pim_relu_forward(count, x); break;
  }
  return finish(pooling_unit());
}

bool unweighted_relu_backward(size_t count, const float* y, float* dy) {
  switch (pooling_unit()) {
    case SPINVP_UNIT_HART: hart_relu_backward(count, y, dy); break;
    case SPINVP_UNIT_NPU: npu_relu_backward(count, y, dy, dy); break;
    case SPINVP_UNIT_PIM: pim_relu_backward(count, y, dy); break;
  }
  return finish(pooling_unit());
}

bool unweighted_softmax_forward(uint32_t rows, uint32_t columns, float scale, float* x) {
  if (loss_unit() == SPINVP_UNIT_NPU)
    npu_softmax_forward(rows, columns, scale, x);
  else
    hart_softmax_forward(rows, columns, scale, x);
  return finish(loss_unit());
}

bool unweighted_softmax_backward(uint32_t rows, uint32_t columns, float scale, const float* p, float* dp) {
  if (loss_unit() == SPINVP_UNIT_NPU)
    npu_softmax_backward(rows, columns, scale, p, dp);
  else
    hart_softmax_backward(rows, columns, scale, p, dp);
  return finish(loss_unit());
}

bool unweighted_add(size_t count, const float* addend, float* sum) {
  switch (pooling_unit()) {
    case SPINVP_UNIT_HART: hart_add(count, addend, sum); break;
    case SPINVP_UNIT_NPU: npu_add(count, addend, sum); break;
    case SPINVP_UNIT_PIM: pim_add(count, addend, sum); break;
  }
  return finish(pooling_unit());
}

bool unweighted_layer_norm_forward(const struct hart_norm* norm, float epsilon, const float* x, const float* gain, const float* shift, float* y) {
  if (loss_unit() == SPINVP_UNIT_NPU)
    npu_layer_norm_forward(norm, epsilon, x, gain, shift, y);
  else
    hart_layer_norm_forward(norm, epsilon, x, gain, shift, y);
  return finish(loss_unit());
}

bool unweighted_layer_norm_backward(const struct hart_norm* norm, const float* gain, const float* dy, float* dgain, float* dshift, float* dx) {
  if (loss_unit() == SPINVP_UNIT_NPU)
    npu_layer_norm_backward(norm, gain, dy, dgain, dshift, dx);
  else
    hart_layer_norm_backward(norm, gain, dy, dgain, dshift, dx);
  return finish(loss_unit());
}

bool unweighted_loss(uint32_t images, uint32_t classes, const float* logits, const uint8_t* labels, float* dlogits, float* loss) {
  if (loss_unit() == SPINVP_UNIT_NPU)
    npu_softmax_cross_entropy(images, classes, logits, labels, dlogits, loss);
  else
    *loss = hart_softmax_cross_entropy(images, classes, logits, labels, dlogits);
  return finish(loss_unit());
}
