// Layers on the NPU: each call adds one job to the queue (firmware/drivers/npu.h) and returns; ring and wait are the caller's.
// All tensors fp32, dense, row by row, NCHW; arithmetic and order of sums: models/abi/npu.h.
#ifndef SPINVP_FIRMWARE_NPU_KERNELS_H
#define SPINVP_FIRMWARE_NPU_KERNELS_H

#include <stddef.h>
#include <stdint.h>

#include "models/abi/npu.h"
#include "models/abi/npu_map.h"

struct npu_convolution {  // stride 1, no padding, square images and kernels
  uint32_t images, in_channels, in_side, out_channels, kernel;
};
static inline uint32_t npu_convolution_out_side(const struct npu_convolution* shape) { return shape->in_side - shape->kernel + 1; }

void npu_convolution_forward(const struct npu_convolution* shape, const float* x, const float* weight, const float* bias, float* y);
void npu_convolution_data_gradient(const struct npu_convolution* shape, const float* dy, const float* weight, float* dx);
void npu_convolution_weight_gradient(const struct npu_convolution* shape, const float* x, const float* dy, float* dweight);
// dbias[channel] = sum of dy[image][channel][pixel]. A fully connected layer has one pixel a channel.
void npu_bias_gradient(uint32_t images, uint32_t channels, uint32_t side, const float* dy, float* dbias);

struct npu_dense {
  uint32_t images, inputs, outputs;
};

// y[image][output] = sum of x[image][input] * weight[output][input], + bias[output].
void npu_dense_forward(const struct npu_dense* shape, const float* x, const float* weight, const float* bias, float* y);
void npu_dense_data_gradient(const struct npu_dense* shape, const float* dy, const float* weight, float* dx);
void npu_dense_weight_gradient(const struct npu_dense* shape, const float* x, const float* dy, float* dweight);

// 2 x 2 windows, stride 2; `winner`: one byte an output.
void npu_max_pool_forward(uint32_t images, uint32_t channels, uint32_t side, const float* x, float* y, uint8_t* winner);
void npu_max_pool_backward(uint32_t images, uint32_t channels, uint32_t side, const float* dy, const uint8_t* winner, float* dx);
void npu_relu_forward(size_t count, const float* x, float* y);
void npu_relu_backward(size_t count, const float* y, const float* dy, float* dx);

// x = softmax(scale * x) by rows, in place; dp becomes the gradient before scaling.
void npu_softmax_forward(uint32_t rows, uint32_t columns, float scale, float* x);
void npu_softmax_backward(uint32_t rows, uint32_t columns, float scale, const float* p, float* dp);

// Mean loss over the images into *loss, its gradient into dlogits.
void npu_softmax_cross_entropy(uint32_t images, uint32_t classes, const float* logits, const uint8_t* labels, float* dlogits, float* loss);
void npu_gradient_descent(size_t count, float rate, const float* gradient, float* parameter);
void npu_copy(size_t count, const float* from, float* to);

// c[batch][m][n] = sum over k of A(m,k) B(k,n), matrices one behind the other; `flags` are SPINVP_NPU_TRANSPOSE_A and _B. `addend` [m][n], the same for all products, is added to
// each; null: nothing is.
struct npu_product {
  uint32_t batches, m, n, k, flags;
  const float* addend;
};
void npu_batched_product(const struct npu_product* product, const float* a, const float* b, float* c);

// Programs of the vector unit (models/abi/npu_map.h), built step by step: npu_new_program() of the driver, then these, then one of npu_map() and npu_reduce(), before anything else is queued.
static inline void npu_axis(struct spinvp_npu_map* p, uint32_t extent) { p->extent[p->axes++] = extent; }
// Up to four axes; strides in elements. An input is loaded into the register of its number.
static inline void npu_stream(struct spinvp_npu_stream* s, const float* first, int64_t s0, int64_t s1, int64_t s2, int64_t s3) {
  s->address = (uintptr_t)first;
  s->stride[0] = s0;
  s->stride[1] = s1;
  s->stride[2] = s2;
  s->stride[3] = s3;
}
static inline void npu_input(struct spinvp_npu_map* p, const float* first, int64_t s0, int64_t s1, int64_t s2, int64_t s3) {
  npu_stream(&p->input[p->inputs++], first, s0, s1, s2, s3);
}
static inline void npu_output(struct spinvp_npu_map* p, uint8_t from_register, float* first, int64_t s0, int64_t s1, int64_t s2, int64_t s3) {
  p->result[p->outputs] = from_register;
  npu_stream(&p->output[p->outputs++], first, s0, s1, s2, s3);
}
static inline void npu_step(struct spinvp_npu_map* p, enum spinvp_npu_map_operation operation, uint8_t to, uint8_t left, uint8_t right) {
  p->step[p->steps++] = (struct spinvp_npu_map_step){(uint8_t)operation, to, left, right};
}
// Finishing steps of a reduction; they come behind all others.
static inline void npu_finish(struct spinvp_npu_map* p, enum spinvp_npu_map_operation operation, uint8_t to, uint8_t left, uint8_t right) {
  p->step[p->steps + p->finish_steps++] = (struct spinvp_npu_map_step){(uint8_t)operation, to, left, right};
}
void npu_map(const struct spinvp_npu_map* program);
void npu_reduce(struct spinvp_npu_map* program, unsigned axis);  // sums along this axis

// to[i] = table[rows[i]], vectors of `width`; table[rows[i]] += from[i], i ascending. `kinds` rows in the table.
void npu_gather(uint32_t count, uint32_t width, uint32_t kinds, const int32_t* rows, const float* table, float* to);
void npu_scatter_add(uint32_t count, uint32_t width, uint32_t kinds, const int32_t* rows, const float* from, float* table);

#endif
