#include "firmware/kernels/pim_kernels.h"

#include "firmware/kernels/pim_sum.h"

static int32_t bytes(uint32_t elements) { return (int32_t)(elements * sizeof(float)); }

size_t framed_floats(const struct pim_convolution* shape) {
  const size_t side = pim_convolution_out_side(shape) + 2 * (shape->kernel - 1);
  return shape->images * shape->out_channels * side * side;
}

struct framed_planes framed_output_gradient(const struct pim_convolution* shape, float* floats) {
  const uint32_t frame = shape->kernel - 1;
  const uint32_t side = pim_convolution_out_side(shape) + 2 * frame;
  return (struct framed_planes){.first = floats + frame * side + frame, .row_stride = side, .plane_stride = side * side};
}

struct framed_planes dense_planes(uint32_t side, float* floats) {
  return (struct framed_planes){.first = floats, .row_stride = side, .plane_stride = side * side};
}

// Lanes (image, output channel, y, x); terms (input channel, ky, kx).
void pim_convolution_forward(const struct pim_convolution* shape, const float* x, const float* weight, const float* bias, float* y) {
  const uint32_t in = shape->in_side;
  const uint32_t out = pim_convolution_out_side(shape);
  const uint32_t window = shape->kernel * shape->kernel;
  pim_sum(&(struct pim_sum){.lanes = {shape->images, shape->out_channels, out, out},
                            .terms = {shape->in_channels, shape->kernel, shape->kernel},
                            .a = {.address = (uintptr_t)weight,
                                  .lane_stride = {0, bytes(shape->in_channels * window), 0, 0},
                                  .term_stride = {bytes(window), bytes(shape->kernel), bytes(1)}},
                            .b = {.address = (uintptr_t)x,
                                  .lane_stride = {bytes(shape->in_channels * in * in), 0, bytes(in), bytes(1)},
                                  .term_stride = {bytes(in * in), bytes(in), bytes(1)}},
                            .bias = (uintptr_t)bias,
                            .bias_stride = {0, bytes(1), 0, 0},
                            .result = (uintptr_t)y,
                            .result_stride = {bytes(shape->out_channels * out * out), bytes(out * out), bytes(out), bytes(1)}});
}

// dx[n][ci][y][x] = sum of w[co][ci][ky][kx] * dy[n][co][y - ky][x - kx]. Lanes (n, ci, y, x); terms (co, ky, kx).
void pim_convolution_data_gradient(const struct pim_convolution* shape, struct framed_planes dy, const float* weight, float* dx) {
  const uint32_t in = shape->in_side;
  const uint32_t window = shape->kernel * shape->kernel;
  pim_sum(&(struct pim_sum){.lanes = {shape->images, shape->in_channels, in, in},
                            .terms = {shape->out_channels, shape->kernel, shape->kernel},
                            .a = {.address = (uintptr_t)weight,
                                  .lane_stride = {0, bytes(window), 0, 0},
                                  .term_stride = {bytes(shape->in_channels * window), bytes(shape->kernel), bytes(1)}},
                            .b = {.address = (uintptr_t)dy.first,
                                  .lane_stride = {bytes(shape->out_channels * dy.plane_stride), 0, bytes(dy.row_stride), bytes(1)},
                                  .term_stride = {bytes(dy.plane_stride), -bytes(dy.row_stride), -bytes(1)}},
                            .result = (uintptr_t)dx,
                            .result_stride = {bytes(shape->in_channels * in * in), bytes(in * in), bytes(in), bytes(1)}});
}

// dw[co][ci][ky][kx] = sum of dy[n][co][y][x] * x[n][ci][y + ky][x + kx]. Lanes (co, ci, ky, kx); terms (n, y, x).
void pim_convolution_weight_gradient(const struct pim_convolution* shape, const float* x, struct framed_planes dy, float* dweight) {
  const uint32_t in = shape->in_side;
  const uint32_t out = pim_convolution_out_side(shape);
  const uint32_t window = shape->kernel * shape->kernel;
  pim_sum(&(struct pim_sum){.lanes = {shape->out_channels, shape->in_channels, shape->kernel, shape->kernel},
                            .terms = {shape->images, out, out},
                            .a = {.address = (uintptr_t)dy.first,
                                  .lane_stride = {bytes(dy.plane_stride), 0, 0, 0},
                                  .term_stride = {bytes(shape->out_channels * dy.plane_stride), bytes(dy.row_stride), bytes(1)}},
                            .b = {.address = (uintptr_t)x,
                                  .lane_stride = {0, bytes(in * in), bytes(in), bytes(1)},
                                  .term_stride = {bytes(shape->in_channels * in * in), bytes(in), bytes(1)}},
                            .result = (uintptr_t)dweight,
                            .result_stride = {bytes(shape->in_channels * window), bytes(window), bytes(shape->kernel), bytes(1)}});
}

// A matrix product: lanes (row, column), terms (k); strides in elements.
struct factor {
  const float* first;
  uint32_t lane_stride, term_stride;  // along its own lane dimension, and along k
};

static void product(uint32_t rows, uint32_t columns, uint32_t terms, struct factor a, struct factor b, const float* bias, float* result) {
  pim_sum(&(struct pim_sum){.lanes = {1, 1, rows, columns},
                            .terms = {1, 1, terms},
                            .a = {.address = (uintptr_t)a.first, .lane_stride = {0, 0, bytes(a.lane_stride), 0}, .term_stride = {0, 0, bytes(a.term_stride)}},
                            .b = {.address = (uintptr_t)b.first, .lane_stride = {0, 0, 0, bytes(b.lane_stride)}, .term_stride = {0, 0, bytes(b.term_stride)}},
                            .bias = (uintptr_t)bias,
                            .bias_stride = {0, 0, 0, bytes(1)},
                            .result = (uintptr_t)result,
                            .result_stride = {0, 0, bytes(columns), bytes(1)}});
}

void pim_dense_forward(const struct pim_dense* shape, const float* x, const float* weight, const float* bias, float* y) {
  product(shape->images, shape->outputs, shape->inputs, (struct factor){x, shape->inputs, 1}, (struct factor){weight, shape->inputs, 1}, bias, y);
}

void pim_dense_data_gradient(const struct pim_dense* shape, const float* dy, const float* weight, float* dx) {
  product(shape->images, shape->inputs, shape->outputs, (struct factor){dy, shape->outputs, 1}, (struct factor){weight, 1, shape->inputs}, NULL, dx);
}

void pim_dense_weight_gradient(const struct pim_dense* shape, const float* x, const float* dy, float* dweight) {
  product(shape->outputs, shape->inputs, shape->images, (struct factor){dy, 1, shape->outputs}, (struct factor){x, 1, shape->inputs}, NULL, dweight);
}
