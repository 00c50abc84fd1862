#include "tests/reference/lenet_double.h"

#include <algorithm>
#include <cmath>

namespace spinvp::reference {
namespace {

using Values = std::vector<double>;

// 5x5 convolution, 2x2 max-pool, ReLU: `in` channels of side x side -> `out` channels of (side - 4) / 2 squared.
Values convolve_pool_rectify(const Values& x, int in, int side, int out, const double* weight, const double* bias) {
  const int conv = side - 4;
  const int half = conv / 2;
  Values y(static_cast<std::size_t>(out * half * half));
  const auto pixel = [&](int co, int oy, int ox) {
    double sum = bias[co];
    for (int ci = 0; ci < in; ++ci)
      for (int ky = 0; ky < 5; ++ky)
        for (int kx = 0; kx < 5; ++kx) sum += weight[((co * in + ci) * 5 + ky) * 5 + kx] * x[static_cast<std::size_t>((ci * side + oy + ky) * side + ox + kx)];
    return sum;
  };
  for (int co = 0; co < out; ++co)
    for (int py = 0; py < half; ++py)
      for (int px = 0; px < half; ++px) {
        const double largest =
            std::max({pixel(co, 2 * py, 2 * px), pixel(co, 2 * py, 2 * px + 1), pixel(co, 2 * py + 1, 2 * px), pixel(co, 2 * py + 1, 2 * px + 1)});
        y[static_cast<std::size_t>((co * half + py) * half + px)] = std::max(largest, 0.0);
      }
  return y;
}

Values connect(const Values& x, std::size_t out, const double* weight, const double* bias) {
  Values y(bias, bias + out);
  for (std::size_t o = 0; o < out; ++o)
    for (std::size_t i = 0; i < x.size(); ++i) y[o] += weight[o * x.size() + i] * x[i];
  return y;
}

}  // namespace

double lenet_loss(const std::vector<double>& parameters, const std::vector<double>& images, const std::vector<std::uint8_t>& labels) {
  const double* conv1 = parameters.data();
  const double* conv2 = conv1 + 10 * 25 + 10;
  const double* fc1 = conv2 + 20 * 10 * 25 + 20;
  const double* fc2 = fc1 + 50 * 320 + 50;
  double loss = 0.0;
  for (std::size_t n = 0; n < labels.size(); ++n) {
    const Values image(images.begin() + static_cast<std::ptrdiff_t>(n * 784), images.begin() + static_cast<std::ptrdiff_t>((n + 1) * 784));
    const Values first = convolve_pool_rectify(image, 1, 28, 10, conv1, conv1 + 250);
    const Values second = convolve_pool_rectify(first, 10, 12, 20, conv2, conv2 + 5000);
    Values hidden = connect(second, 50, fc1, fc1 + 16000);
    for (double& value : hidden) value = std::max(value, 0.0);
    const Values logits = connect(hidden, 10, fc2, fc2 + 500);
    double sum = 0.0;
    for (const double value : logits) sum += std::exp(value);
    loss += std::log(sum) - logits[labels[n]];
  }
  return loss / static_cast<double>(labels.size());
}

}  // namespace spinvp::reference
