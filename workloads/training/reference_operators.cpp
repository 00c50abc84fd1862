#include "workloads/training/reference_operators.h"

#include <algorithm>

#include "models/abi/elementary.h"
#include "workloads/training/matrix_product.h"

namespace spinvp::workloads {
namespace {

// rows x columns -> columns x rows.
std::vector<float> transposed(std::size_t rows, std::size_t columns, ConstFloats matrix) {
  std::vector<float> result(rows * columns);
  for (std::size_t row = 0; row < rows; ++row)
    for (std::size_t column = 0; column < columns; ++column) result[column * rows + row] = matrix[row * columns + column];
  return result;
}

// [images][channels][pixels] <-> [channels][images][pixels]: the transfer is its own inverse with the counts exchanged.
std::vector<float> leading_axes_exchanged(std::size_t outer, std::size_t inner, std::size_t pixels, ConstFloats tensor) {
  std::vector<float> result(tensor.size());
  for (std::size_t i = 0; i < outer; ++i)
    for (std::size_t j = 0; j < inner; ++j)
      for (std::size_t pixel = 0; pixel < pixels; ++pixel) result[(j * outer + i) * pixels + pixel] = tensor[(i * inner + j) * pixels + pixel];
  return result;
}

// Input pixels under each weight: result[(ci, ky, kx)][(n, oy, ox)] = x[n][ci][oy + ky][ox + kx].
std::vector<float> unfolded_input(const ConvolutionShape& s, ConstFloats x) {
  const std::size_t out = s.out_side();
  std::vector<float> result;
  result.reserve(s.in_channels * s.kernel * s.kernel * s.images * out * out);
  for (std::size_t ci = 0; ci < s.in_channels; ++ci)
    for (std::size_t ky = 0; ky < s.kernel; ++ky)
      for (std::size_t kx = 0; kx < s.kernel; ++kx)
        for (std::size_t n = 0; n < s.images; ++n)
          for (std::size_t oy = 0; oy < out; ++oy) {
            const auto row = x.begin() + static_cast<std::ptrdiff_t>(((n * s.in_channels + ci) * s.in_side + oy + ky) * s.in_side + kx);
            result.insert(result.end(), row, row + static_cast<std::ptrdiff_t>(out));
          }
  return result;
}

// Output gradients that each weight carried into an input pixel: result[(co, ky, kx)][(n, y, x)] = dy[n][co][y - ky][x - kx], 0 outside.
std::vector<float> unfolded_output_gradient(const ConvolutionShape& s, ConstFloats dy) {
  const std::size_t out = s.out_side();
  std::vector<float> result;
  result.reserve(s.out_channels * s.kernel * s.kernel * s.images * s.in_side * s.in_side);
  for (std::size_t co = 0; co < s.out_channels; ++co)
    for (std::size_t ky = 0; ky < s.kernel; ++ky)
      for (std::size_t kx = 0; kx < s.kernel; ++kx)
        for (std::size_t n = 0; n < s.images; ++n)
          for (std::size_t y = 0; y < s.in_side; ++y)
            for (std::size_t x = 0; x < s.in_side; ++x) {
              const bool inside = y >= ky && y - ky < out && x >= kx && x - kx < out;
              result.push_back(inside ? dy[((n * s.out_channels + co) * out + y - ky) * out + x - kx] : 0.0f);
            }
  return result;
}

}  // namespace

void convolution_forward(const ArithmeticPolicy& policy, const ConvolutionShape& s, ConstFloats x, ConstFloats weight, ConstFloats bias, Floats y) {
  const std::size_t pixels = s.out_side() * s.out_side();
  const ProductShape shape{s.out_channels, s.images * pixels, s.in_channels * s.kernel * s.kernel};
  std::vector<float> sums(shape.rows * shape.columns);
  matrix_product(policy, shape, weight, unfolded_input(s, x), sums);
  for (std::size_t n = 0; n < s.images; ++n)
    for (std::size_t co = 0; co < s.out_channels; ++co)
      for (std::size_t pixel = 0; pixel < pixels; ++pixel)
        y[(n * s.out_channels + co) * pixels + pixel] = sums[(co * s.images + n) * pixels + pixel] + bias[co];
}

void convolution_data_gradient(const ArithmeticPolicy& policy, const ConvolutionShape& s, ConstFloats dy, ConstFloats weight, Floats dx) {
  const std::size_t window = s.kernel * s.kernel;
  const std::size_t pixels = s.in_side * s.in_side;
  const ProductShape shape{s.in_channels, s.images * pixels, s.out_channels * window};
  const auto weight_by_input = leading_axes_exchanged(s.out_channels, s.in_channels, window, weight);
  std::vector<float> sums(shape.rows * shape.columns);
  matrix_product(policy, shape, weight_by_input, unfolded_output_gradient(s, dy), sums);
  const auto by_image = leading_axes_exchanged(s.in_channels, s.images, pixels, sums);
  std::copy(by_image.begin(), by_image.end(), dx.begin());
}

void convolution_weight_gradient(const ArithmeticPolicy& policy, const ConvolutionShape& s, ConstFloats x, ConstFloats dy, Floats dweight) {
  const std::size_t pixels = s.out_side() * s.out_side();
  const ProductShape shape{s.out_channels, s.in_channels * s.kernel * s.kernel, s.images * pixels};
  const auto dy_by_channel = leading_axes_exchanged(s.images, s.out_channels, pixels, dy);
  matrix_product(policy, shape, dy_by_channel, transposed(shape.columns, shape.depth, unfolded_input(s, x)), dweight);
}

void bias_gradient(const ArithmeticPolicy& policy, std::size_t images, std::size_t channels, std::size_t pixels, ConstFloats dy, Floats dbias) {
  const std::size_t depth = images * pixels;
  const std::size_t group_depth = policy.bias_gradient_in_groups ? policy.group_depth(channels, depth) : depth;
  const auto by_channel = leading_axes_exchanged(images, channels, pixels, dy);
  for (std::size_t channel = 0; channel < channels; ++channel) {
    float sum = 0.0f;
    float partial = 0.0f;
    for (std::size_t k = 0; k < depth; ++k) {
      partial = partial + by_channel[channel * depth + k];
      if ((k + 1) % group_depth == 0 || k + 1 == depth) {
        sum = sum + partial;
        partial = 0.0f;
      }
    }
    dbias[channel] = sum;
  }
}

void dense_forward(const ArithmeticPolicy& policy, const DenseShape& s, ConstFloats x, ConstFloats weight, ConstFloats bias, Floats y) {
  matrix_product(policy, {s.images, s.outputs, s.inputs}, x, transposed(s.outputs, s.inputs, weight), y);
  for (std::size_t n = 0; n < s.images; ++n)
    for (std::size_t o = 0; o < s.outputs; ++o) y[n * s.outputs + o] = y[n * s.outputs + o] + bias[o];
}

void dense_data_gradient(const ArithmeticPolicy& policy, const DenseShape& s, ConstFloats dy, ConstFloats weight, Floats dx) {
  matrix_product(policy, {s.images, s.inputs, s.outputs}, dy, weight, dx);
}

void dense_weight_gradient(const ArithmeticPolicy& policy, const DenseShape& s, ConstFloats x, ConstFloats dy, Floats dweight) {
  matrix_product(policy, {s.outputs, s.inputs, s.images}, transposed(s.images, s.outputs, dy), x, dweight);
}

void max_pool_forward(std::size_t planes, std::size_t side, ConstFloats x, Floats y, std::span<std::uint8_t> winner) {
  const std::size_t out = side / 2;
  for (std::size_t plane = 0; plane < planes; ++plane)
    for (std::size_t oy = 0; oy < out; ++oy)
      for (std::size_t ox = 0; ox < out; ++ox) {
        const std::size_t corner = (plane * side + 2 * oy) * side + 2 * ox;
        std::uint8_t best = 0;
        float largest = x[corner];
        for (std::uint8_t i = 1; i < 4; ++i) {
          const float value = x[corner + (i >> 1) * side + (i & 1)];
          if (value > largest) {
            largest = value;
            best = i;
          }
        }
        y[(plane * out + oy) * out + ox] = largest;
        winner[(plane * out + oy) * out + ox] = best;
      }
}

void max_pool_backward(std::size_t planes, std::size_t side, ConstFloats dy, std::span<const std::uint8_t> winner, Floats dx) {
  const std::size_t out = side / 2;
  for (std::size_t plane = 0; plane < planes; ++plane)
    for (std::size_t oy = 0; oy < out; ++oy)
      for (std::size_t ox = 0; ox < out; ++ox) {
        const std::size_t window = (plane * out + oy) * out + ox;
        const std::size_t corner = (plane * side + 2 * oy) * side + 2 * ox;
        for (std::uint8_t i = 0; i < 4; ++i) dx[corner + (i >> 1) * side + (i & 1)] = winner[window] == i ? dy[window] : 0.0f;
      }
}

void relu_forward(ConstFloats x, Floats y) {
  for (std::size_t i = 0; i < x.size(); ++i) y[i] = x[i] > 0.0f ? x[i] : 0.0f;
}

void relu_backward(ConstFloats y, ConstFloats dy, Floats dx) {
  for (std::size_t i = 0; i < y.size(); ++i) dx[i] = y[i] > 0.0f ? dy[i] : 0.0f;
}

float softmax_cross_entropy(std::size_t images, std::size_t classes, ConstFloats x, std::span<const std::uint8_t> labels, Floats dx) {
  const float share = 1.0f / static_cast<float>(images);
  std::vector<float> powers(classes);
  float losses = 0.0f;
  for (std::size_t n = 0; n < images; ++n) {
    const ConstFloats row = x.subspan(n * classes, classes);
    float largest = row[0];
    for (const float value : row)
      if (value > largest) largest = value;
    float sum = 0.0f;
    for (std::size_t c = 0; c < classes; ++c) {
      powers[c] = spinvp_exp_f32(row[c] - largest);
      sum = sum + powers[c];
    }
    for (std::size_t c = 0; c < classes; ++c) {
      const float probability = powers[c] / sum;
      dx[n * classes + c] = (probability - (c == labels[n] ? 1.0f : 0.0f)) * share;
    }
    const float loss = spinvp_log_f32(sum) - (row[labels[n]] - largest);
    losses = losses + loss;
  }
  return losses * share;
}

void gradient_descent(const ArithmeticPolicy& policy, float rate, ConstFloats gradient, Floats parameter) {
  const bool fused = policy.accumulation == ArithmeticPolicy::Accumulation::fused;
  for (std::size_t i = 0; i < parameter.size(); ++i) {
    const float change = rate * gradient[i];
    parameter[i] = fused ? __builtin_fmaf(-rate, gradient[i], parameter[i]) : parameter[i] - change;
  }
}

std::vector<std::uint8_t> largest_of_rows(std::size_t rows, std::size_t columns, ConstFloats x) {
  std::vector<std::uint8_t> result(rows);
  for (std::size_t row = 0; row < rows; ++row)
    for (std::size_t column = 1; column < columns; ++column)
      if (x[row * columns + column] > x[row * columns + result[row]]) result[row] = static_cast<std::uint8_t>(column);
  return result;
}

}  // namespace spinvp::workloads
