// Layers on the PIM arrays, as sums of firmware/kernels/pim_sum.h. Each call adds commands to the PIM's queue and returns.
// All tensors fp32, NCHW, dense but for the gradient of a convolution's output, which lies in a frame of zeros (see below).
#ifndef SPINVP_FIRMWARE_PIM_KERNELS_H
#define SPINVP_FIRMWARE_PIM_KERNELS_H

#include <stddef.h>
#include <stdint.h>

struct pim_convolution {  // stride 1, no padding, square images and kernels
  uint32_t images, in_channels, in_side, out_channels, kernel;
};
static inline uint32_t pim_convolution_out_side(const struct pim_convolution* shape) { return shape->in_side - shape->kernel + 1; }

// A stack of square planes in which rows and planes may lie further apart than they are long. Strides in elements.
struct framed_planes {
  float* first;  // element (0, 0) of plane 0
  uint32_t row_stride, plane_stride;
};

// dy inside a frame of kernel - 1 zeros on each side: the data gradient reads them where a tap falls outside of dy. The frame is
// all zeros once and for all; who writes dy writes only the inside. `floats` must hold framed_floats() elements.
size_t framed_floats(const struct pim_convolution* shape);
struct framed_planes framed_output_gradient(const struct pim_convolution* shape, float* floats);
// The same planes without a frame.
struct framed_planes dense_planes(uint32_t side, float* floats);

void pim_convolution_forward(const struct pim_convolution* shape, const float* x, const float* weight, const float* bias, float* y);
// dy must be framed by zeros.
void pim_convolution_data_gradient(const struct pim_convolution* shape, struct framed_planes dy, const float* weight, float* dx);
// dy framed or dense.
void pim_convolution_weight_gradient(const struct pim_convolution* shape, const float* x, struct framed_planes dy, float* dweight);

// Matrix products of one shape, all formed at once: result[batch][row][column] = sum over k of a(batch, row, k) * b(batch, column, k), + bias[column] where
// there is a bias ([row][column] where it has a row stride). Strides in elements, so that a factor may be a part of a tensor or lie transposed.
struct pim_factor {
  const float* first;
  uint32_t batch_stride, lane_stride, term_stride;  // lane: a's row, b's column
};
struct pim_product {
  uint32_t batches, rows, columns, terms;
  struct pim_factor a, b;
  const float* bias;
  float* result;
  uint32_t result_batch_stride, result_row_stride, bias_row_stride;
};
void pim_batched_product(const struct pim_product* product);

struct pim_dense {
  uint32_t images, inputs, outputs;
};

// y[image][output] = sum of x[image][input] * weight[output][input], + bias[output].
void pim_dense_forward(const struct pim_dense* shape, const float* x, const float* weight, const float* bias, float* y);
void pim_dense_data_gradient(const struct pim_dense* shape, const float* dy, const float* weight, float* dx);
void pim_dense_weight_gradient(const struct pim_dense* shape, const float* x, const float* dy, float* dweight);

#endif
