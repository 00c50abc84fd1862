// Layers on the NPU: each call adds one job to the queue (firmware/drivers/npu.h) and returns; ring and wait are the caller's.
// All tensors fp32, dense, row by row, NCHW; arithmetic and order of sums: models/abi/npu.h.
#ifndef SPINVP_FIRMWARE_NPU_KERNELS_H
#define SPINVP_FIRMWARE_NPU_KERNELS_H

#include <stddef.h>
#include <stdint.h>

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

#endif
