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

// Lanes (batch, row, column), terms (k). The first dimension of the lanes is left to the groups that share k.
void pim_batched_product(const struct pim_product* p) {
  pim_sum(&(struct pim_sum){.lanes = {1, p->batches, p->rows, p->columns},
                            .terms = {1, 1, p->terms},
                            .a = {.address = (uintptr_t)p->a.first,
                                  .lane_stride = {0, bytes(p->a.batch_stride), bytes(p->a.lane_stride), 0},
                                  .term_stride = {0, 0, bytes(p->a.term_stride)}},
                            .b = {.address = (uintptr_t)p->b.first,
                                  .lane_stride = {0, bytes(p->b.batch_stride), 0, bytes(p->b.lane_stride)},
                                  .term_stride = {0, 0, bytes(p->b.term_stride)}},
                            .bias = (uintptr_t)p->bias,
                            .bias_stride = {0, 0, bytes(p->bias_row_stride), bytes(1)},
                            .result = (uintptr_t)p->result,
                            .result_stride = {0, bytes(p->result_batch_stride), bytes(p->result_row_stride), bytes(1)}});
}

void pim_dense_forward(const struct pim_dense* shape, const float* x, const float* weight, const float* bias, float* y) {
  pim_batched_product(&(struct pim_product){.batches = 1,
                                            .rows = shape->images,
                                            .columns = shape->outputs,
                                            .terms = shape->inputs,
                                            .a = {x, 0, shape->inputs, 1},
                                            .b = {weight, 0, shape->inputs, 1},
                                            .bias = bias,
                                            .result = y,
                                            .result_row_stride = shape->outputs});
}

void pim_dense_data_gradient(const struct pim_dense* shape, const float* dy, const float* weight, float* dx) {
  pim_batched_product(&(struct pim_product){.batches = 1,
                                            .rows = shape->images,
                                            .columns = shape->inputs,
                                            .terms = shape->outputs,
                                            .a = {dy, 0, shape->outputs, 1},
                                            .b = {weight, 0, 1, shape->inputs},
                                            .result = dx,
                                            .result_row_stride = shape->inputs});
}

void pim_dense_weight_gradient(const struct pim_dense* shape, const float* x, const float* dy, float* dweight) {
  pim_batched_product(&(struct pim_product){.batches = 1,
                                            .rows = shape->outputs,
                                            .columns = shape->inputs,
                                            .terms = shape->images,
                                            .a = {dy, 0, 1, shape->outputs},
                                            .b = {x, 0, 1, shape->inputs},
                                            .result = dweight,
                                            .result_row_stride = shape->inputs});
}
