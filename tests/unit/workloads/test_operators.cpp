#include <catch2/catch.hpp>
#include <cmath>
#include <vector>

#include "models/abi/counter_hash.h"
#include "models/abi/elementary.h"
#include "workloads/training/reference_operators.h"

using namespace spinvp::workloads;

namespace {

using Values = std::vector<float>;

Values numbers(std::size_t count, std::uint64_t seed) {
  Values values(count);
  for (std::size_t i = 0; i < count; ++i) values[i] = static_cast<float>(static_cast<std::int32_t>(spinvp_counter_hash(seed, i) >> 40) - 8388608) * 0x1p-23f;
  return values;
}

constexpr ConvolutionShape shape{3, 2, 9, 4, 3};  // 3 images, 2 channels of 9 x 9 -> 4 channels of 7 x 7, kernel 3 x 3
constexpr std::size_t in = 9, out = 7, kernel = 3;

const Values x = numbers(3 * 2 * in * in, 1);
const Values w = numbers(4 * 2 * kernel * kernel, 2);
const Values dy = numbers(3 * 4 * out * out, 3);

float x_at(std::size_t n, std::size_t ci, std::size_t y, std::size_t column) { return x[((n * 2 + ci) * in + y) * in + column]; }
float w_at(std::size_t co, std::size_t ci, std::size_t ky, std::size_t kx) { return w[((co * 2 + ci) * kernel + ky) * kernel + kx]; }
float dy_at(std::size_t n, std::size_t co, std::size_t y, std::size_t column) { return dy[((n * 4 + co) * out + y) * out + column]; }

}  // namespace

TEST_CASE("A convolution sums over input channel, row and column of the window, then adds the bias") {
  const Values bias = numbers(4, 4);
  Values y(3 * 4 * out * out);
  convolution_forward(ArithmeticPolicy::npu(), shape, x, w, bias, y);
  std::size_t wrong = 0;
  for (std::size_t i = 0; i < y.size(); ++i) {
    const std::size_t n = i / (4 * out * out), co = i / (out * out) % 4, oy = i / out % out, ox = i % out;
    float sum = 0.0f;
    for (std::size_t ci = 0; ci < 2; ++ci)
      for (std::size_t ky = 0; ky < kernel; ++ky)
        for (std::size_t kx = 0; kx < kernel; ++kx) sum = std::fmaf(w_at(co, ci, ky, kx), x_at(n, ci, oy + ky, ox + kx), sum);
    wrong += y[i] != sum + bias[co];
  }
  CHECK(wrong == 0);
}

TEST_CASE("A data gradient sums over output channel and the stored weight's row and column") {
  Values dx(x.size());
  convolution_data_gradient(ArithmeticPolicy::npu(), shape, dy, w, dx);
  std::size_t wrong = 0;
  for (std::size_t i = 0; i < dx.size(); ++i) {
    const std::size_t n = i / (2 * in * in), ci = i / (in * in) % 2, y = i / in % in, column = i % in;
    float sum = 0.0f;
    for (std::size_t co = 0; co < 4; ++co)
      for (std::size_t ky = 0; ky < kernel; ++ky)
        for (std::size_t kx = 0; kx < kernel; ++kx) {
          const bool inside = y >= ky && y < ky + out && column >= kx && column < kx + out;
          sum = std::fmaf(w_at(co, ci, ky, kx), inside ? dy_at(n, co, y - ky, column - kx) : 0.0f, sum);
        }
    wrong += dx[i] != sum;
  }
  CHECK(wrong == 0);
}

TEST_CASE("A weight gradient sums over image, row and column of the output") {
  Values dw(w.size());
  convolution_weight_gradient(ArithmeticPolicy::npu(), shape, x, dy, dw);
  std::size_t wrong = 0;
  for (std::size_t i = 0; i < dw.size(); ++i) {
    const std::size_t co = i / 18, ci = i / 9 % 2, ky = i / 3 % 3, kx = i % 3;
    float sum = 0.0f;
    for (std::size_t n = 0; n < 3; ++n)
      for (std::size_t oy = 0; oy < out; ++oy)
        for (std::size_t ox = 0; ox < out; ++ox) sum = std::fmaf(dy_at(n, co, oy, ox), x_at(n, ci, oy + ky, ox + kx), sum);
    wrong += dw[i] != sum;
  }
  CHECK(wrong == 0);
}

TEST_CASE("A bias gradient is a plain ascending sum, and in groups only where the policy says so") {
  const auto expected = [](std::size_t co, std::size_t group_depth) {
    float total = 0.0f, partial = 0.0f;
    std::size_t k = 0;
    for (std::size_t n = 0; n < 3; ++n)
      for (std::size_t pixel = 0; pixel < out * out; ++pixel) {
        if (k > 0 && k % group_depth == 0) {
          total = total + partial;
          partial = 0.0f;
        }
        partial = partial + dy_at(n, co, pixel / out, pixel % out);
        ++k;
      }
    return total + partial;
  };
  Values plain(4), grouped(4);
  ArithmeticPolicy policy = ArithmeticPolicy::pim(40, 4);  // 4 outputs fill one subarray: 10 groups, of ceil(147 / 10) = 15 terms
  bias_gradient(policy, 3, 4, out * out, dy, plain);
  policy.bias_gradient_in_groups = true;
  bias_gradient(policy, 3, 4, out * out, dy, grouped);
  for (std::size_t co = 0; co < 4; ++co) {
    CHECK(plain[co] == expected(co, 1000));
    CHECK(grouped[co] == expected(co, 15));
  }
}

TEST_CASE("The three products of a fully connected layer have their own k: inputs, outputs, images") {
  constexpr DenseShape s{4, 6, 5};
  const Values input = numbers(24, 5), weight = numbers(30, 6), bias = numbers(5, 7), gradient = numbers(20, 8);
  Values y(20), dx(24), dw(30);
  dense_forward(ArithmeticPolicy::npu(), s, input, weight, bias, y);
  dense_data_gradient(ArithmeticPolicy::npu(), s, gradient, weight, dx);
  dense_weight_gradient(ArithmeticPolicy::npu(), s, input, gradient, dw);
  for (std::size_t n = 0; n < 4; ++n)
    for (std::size_t o = 0; o < 5; ++o) {
      float sum = 0.0f;
      for (std::size_t i = 0; i < 6; ++i) sum = std::fmaf(input[n * 6 + i], weight[o * 6 + i], sum);
      CHECK(y[n * 5 + o] == sum + bias[o]);
    }
  for (std::size_t n = 0; n < 4; ++n)
    for (std::size_t i = 0; i < 6; ++i) {
      float sum = 0.0f;
      for (std::size_t o = 0; o < 5; ++o) sum = std::fmaf(gradient[n * 5 + o], weight[o * 6 + i], sum);
      CHECK(dx[n * 6 + i] == sum);
    }
  for (std::size_t o = 0; o < 5; ++o)
    for (std::size_t i = 0; i < 6; ++i) {
      float sum = 0.0f;
      for (std::size_t n = 0; n < 4; ++n) sum = std::fmaf(gradient[n * 5 + o], input[n * 6 + i], sum);
      CHECK(dw[o * 6 + i] == sum);
    }
}

TEST_CASE("The first of equal maxima wins a pooling window and takes the whole gradient") {
  // Four windows: all equal; maximum first at (0,1) and again at (1,1); negative numbers; maximum at (1,0).
  const Values plane{1,  1,  0, 5,  //
                     1,  1,  2, 5,  //
                     -4, -3, 1, 2,  //
                     -2, -1, 9, 3};
  Values y(4), dx(16, 99.0f);
  std::vector<std::uint8_t> winner(4);
  max_pool_forward(1, 4, plane, y, winner);
  CHECK(y == Values{1, 5, -1, 9});
  CHECK(winner == std::vector<std::uint8_t>{0, 1, 3, 2});
  max_pool_backward(1, 4, Values{10, 20, 30, 40}, winner, dx);
  CHECK(dx == Values{10, 0, 0, 20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 30, 40, 0});
}

TEST_CASE("ReLU passes what is above zero, and +0 for everything else") {
  Values y(4), dx(4);
  relu_forward(Values{2.0f, -1.0f, -0.0f, 0x1p-149f}, y);
  CHECK(y == Values{2.0f, 0.0f, 0.0f, 0x1p-149f});
  CHECK_FALSE(std::signbit(y[2]));
  relu_backward(y, Values{5, 6, 7, 8}, dx);
  CHECK(dx == Values{5, 0, 0, 8});
}

TEST_CASE("Equal logits lose the logarithm of the number of classes, and the gradients of an image sum to zero") {
  Values dx(20);
  const std::vector<std::uint8_t> labels{3, 9};
  const float loss = softmax_cross_entropy(2, 10, Values(20, 7.5f), labels, dx);
  CHECK(loss == spinvp_log_f32(10.0f));
  CHECK(static_cast<double>(loss) == Approx(2.302585093).epsilon(1e-7));
  CHECK(dx[0] == 0.1f / 2);
  CHECK(dx[3] == (0.1f - 1.0f) / 2);

  const Values logits = numbers(20, 9);
  (void)softmax_cross_entropy(2, 10, logits, labels, dx);
  double sum = 0.0;
  for (std::size_t c = 0; c < 10; ++c) sum += static_cast<double>(dx[c]);
  CHECK(std::fabs(sum) < 1e-7);
}

TEST_CASE("Softmax cross-entropy agrees with double precision, large logits included") {
  const Values logits{1000.0f, 999.0f, -1000.0f, 0.5f, -0.25f, 3.0f};
  Values dx(6);
  const float loss = softmax_cross_entropy(2, 3, logits, std::vector<std::uint8_t>{1, 2}, dx);
  const double first = std::log1p(std::exp(1.0));  // label one below the largest, the third term vanishes
  const double second = std::log(std::exp(0.5) + std::exp(-0.25) + std::exp(3.0)) - 3.0;
  CHECK(static_cast<double>(loss) == Approx((first + second) / 2).epsilon(1e-6));
}

TEST_CASE("The update of a parameter rounds once on the NPU and twice on the PIM") {
  // 3 (1 + 2^-23) = 3 + 3 * 2^-23 lies halfway between the floats 3 + 2^-22 and 3 + 2^-21 and rounds to the even one, the latter:
  // from 3 the PIM therefore gets -2^-21, the NPU the exact -3 * 2^-23.
  const float rate = 3.0f;
  const Values gradient{0x1.000002p0f};
  Values npu{3.0f}, pim{3.0f};
  gradient_descent(ArithmeticPolicy::npu(), rate, gradient, npu);
  gradient_descent(ArithmeticPolicy::pim(), rate, gradient, pim);
  CHECK(npu[0] == -0x1.8p-22f);
  CHECK(pim[0] == -0x1p-21f);
}

TEST_CASE("The first of equal largest values is the answer") { CHECK(largest_of_rows(2, 3, Values{1, 4, 4, -1, -3, -1}) == std::vector<std::uint8_t>{1, 0}); }
