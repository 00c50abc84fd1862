// The layers of a small convolutional network, forward and backward, on the host: what the NPU's and the PIM's kernels are held
// against, bit for bit. Plain and short on purpose: a convolution is written as "unfold, then one matrix product", so the order
// of every sum is that of matrix_product over the index k named beside each function.
//
// All tensors are fp32, row by row, NCHW: [image][channel][y][x]. Weights of a convolution: [output channel][input channel][ky][kx];
// of a fully connected layer: [output][input]. Stride 1, no padding. Outputs are overwritten.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "workloads/training/arithmetic_policy.h"

namespace spinvp::workloads {

using ConstFloats = std::span<const float>;
using Floats = std::span<float>;

struct ConvolutionShape {
  std::size_t images, in_channels, in_side, out_channels, kernel;
  [[nodiscard]] constexpr std::size_t out_side() const { return in_side - kernel + 1; }
};

// y = conv(x, w) + bias. k = (input channel, ky, kx).
void convolution_forward(const ArithmeticPolicy&, const ConvolutionShape&, ConstFloats x, ConstFloats weight, ConstFloats bias, Floats y);
// dx[n][ci][y][x] = sum of w[co][ci][ky][kx] * dy[n][co][y - ky][x - kx], k = (co, ky, kx): ky and kx count in the stored weight.
// Terms outside dy are multiplied as zeros and added like the others.
void convolution_data_gradient(const ArithmeticPolicy&, const ConvolutionShape&, ConstFloats dy, ConstFloats weight, Floats dx);
// dw[co][ci][ky][kx] = sum of dy[n][co][oy][ox] * x[n][ci][oy + ky][ox + kx], k = (n, oy, ox).
void convolution_weight_gradient(const ArithmeticPolicy&, const ConvolutionShape&, ConstFloats x, ConstFloats dy, Floats dweight);
// dbias[co] = sum over (n, oy, ox) of dy: additions in ascending order from +0. A fully connected layer has one pixel a channel.
void bias_gradient(const ArithmeticPolicy&, std::size_t images, std::size_t channels, std::size_t pixels, ConstFloats dy, Floats dbias);

struct DenseShape {
  std::size_t images, inputs, outputs;
};

// y[n][o] = sum over inputs (k) of x[n][i] w[o][i], then + bias[o].
void dense_forward(const ArithmeticPolicy&, const DenseShape&, ConstFloats x, ConstFloats weight, ConstFloats bias, Floats y);
// dx[n][i] = sum over outputs (k) of dy[n][o] w[o][i].
void dense_data_gradient(const ArithmeticPolicy&, const DenseShape&, ConstFloats dy, ConstFloats weight, Floats dx);
// dw[o][i] = sum over images (k) of dy[n][o] x[n][i].
void dense_weight_gradient(const ArithmeticPolicy&, const DenseShape&, ConstFloats x, ConstFloats dy, Floats dweight);

// 2 x 2 windows, stride 2, over planes of side x side (side even). The first maximum in the order (0,0) (0,1) (1,0) (1,1) wins (a
// later value replaces it only when strictly greater); `winner` holds 0..3, one a window, and the gradient goes there alone.
void max_pool_forward(std::size_t planes, std::size_t side, ConstFloats x, Floats y, std::span<std::uint8_t> winner);
void max_pool_backward(std::size_t planes, std::size_t side, ConstFloats dy, std::span<const std::uint8_t> winner, Floats dx);

// y = x > 0 ? x : +0, and dx = y > 0 ? dy : +0; in place is allowed.
void relu_forward(ConstFloats x, Floats y);
void relu_backward(ConstFloats y, ConstFloats dy, Floats dx);

// Softmax cross-entropy over `classes` columns, its mean over the images, and the gradient of that mean.
// Each image: largest x; e = exp(x - largest) with spinvp_exp_f32; sum of e, ascending; p = e / sum;
// loss = log(sum) - (x[label] - largest). Mean: sum over images ascending, times (1 / images). dx = (p - onehot) * (1 / images).
[[nodiscard]] float softmax_cross_entropy(std::size_t images, std::size_t classes, ConstFloats x, std::span<const std::uint8_t> labels, Floats dx);

// parameter -= rate * gradient. NPU: fmaf(-rate, gradient, parameter), one rounding. PIM: the product is rounded, then the difference.
void gradient_descent(const ArithmeticPolicy&, float rate, ConstFloats gradient, Floats parameter);

// Index of the largest value in each row; the first of equal ones.
[[nodiscard]] std::vector<std::uint8_t> largest_of_rows(std::size_t rows, std::size_t columns, ConstFloats x);

}  // namespace spinvp::workloads
