#include <catch2/catch.hpp>

#include "jobs.h"

using namespace spinvp;
using namespace spinvp::npu;
using namespace spinvp::npu::test;

namespace {

spinvp_npu_descriptor pool(std::uint32_t operation, Random& random) {
  const std::uint32_t kh = random.between(1, 4), kw = random.between(1, 4);
  spinvp_npu_descriptor d =
      convolution(operation, random.between(1, 3), random.between(1, 4), random.between(kh, 14), random.between(kw, 14), 1, kh, kw, random.between(1, 5), 0);
  d.out_channels = 0;
  d.format = random.below(3) == 0 ? SPINVP_NPU_BF16 : SPINVP_NPU_FP32;
  return d;
}

}  // namespace

namespace {
void element_wise_operations(std::uint64_t cores) {
  Bench bench(small_chunks(256, cores));
  Random random(51);
  bench.run([&] {
    bench.start();
    for (int i = 0; i < 200; ++i) {
      bench.free_all();
      spinvp_npu_descriptor d{};
      const std::uint32_t operations[] = {SPINVP_NPU_RELU_FORWARD, SPINVP_NPU_RELU_BACKWARD, SPINVP_NPU_SGD_UPDATE, SPINVP_NPU_COPY};
      d.operation = operations[random.below(4)];
      d.format = random.coin() ? SPINVP_NPU_BF16 : SPINVP_NPU_FP32;
      d.count = random.between(1, 500);
      d.scalar = random.value();
      std::uint32_t source = d.format;
      if (d.operation == SPINVP_NPU_COPY && random.coin()) {
        d.flags |= SPINVP_NPU_CONVERT;
        source = 1 - d.format;
      }
      Values a = random.values(d.count, true), b = random.values(d.count, true), c = random.values(d.count, true), wanted(d.count);
      d.a = put(bench, random, a, source);
      d.b = put(bench, random, b, d.format);
      d.c = put(bench, random, c, d.format);
      if (d.operation == SPINVP_NPU_RELU_FORWARD && random.coin()) d.c = d.a;
      for (std::size_t j = 0; j < d.count; ++j) {
        if (d.operation == SPINVP_NPU_RELU_FORWARD) wanted[j] = a[j] > 0 ? a[j] : 0.0f;
        if (d.operation == SPINVP_NPU_RELU_BACKWARD) wanted[j] = b[j] > 0 ? a[j] : 0.0f;
        if (d.operation == SPINVP_NPU_SGD_UPDATE) wanted[j] = to_format(std::fmaf(-d.scalar, a[j], c[j]), d.format);
        if (d.operation == SPINVP_NPU_COPY) wanted[j] = to_format(a[j], d.format);
      }
      REQUIRE(bench.execute(d) == SPINVP_NPU_DONE);
      CAPTURE(i, d.operation, d.format, d.flags, d.count);
      REQUIRE(first_difference(load_values(bench, d.c, d.count, d.format), wanted) == -1);
    }
  });
}
}  // namespace
TEST_CASE("element-wise operations equal their definitions, in both formats, in place or not, at any chunk size") { element_wise_operations(1); }
TEST_CASE("element-wise operations equal their definitions, in both formats, in place or not, at any chunk size; on three cores as well") {
  element_wise_operations(3);
}

namespace {
void max_pool_forward(std::uint64_t cores) {
  Bench bench(small_chunks(128, cores));
  Random random(52);
  bench.run([&] {
    bench.start();
    for (int i = 0; i < 150; ++i) {
      bench.free_all();
      spinvp_npu_descriptor d = pool(SPINVP_NPU_MAXPOOL_FORWARD, random);
      const std::size_t planes = std::size_t{d.batch} * d.in_channels, outputs = planes * d.out_h * d.out_w;
      Values x = random.values(planes * d.in_h * d.in_w);
      for (float& v : x)
        if (random.below(3) == 0) v = 1.0f;  // ties
      d.a = put(bench, random, x, d.format);
      d.c = bench.allocate(outputs * 4);
      d.aux = bench.allocate(outputs, false, random.below(4));
      REQUIRE(bench.execute(d) == SPINVP_NPU_DONE);
      const Values y = load_values(bench, d.c, outputs, d.format);
      std::size_t at = 0;
      for (std::size_t p = 0; p < planes; ++p)
        for (std::size_t oy = 0; oy < d.out_h; ++oy)
          for (std::size_t ox = 0; ox < d.out_w; ++ox, ++at) {
            float best = -INFINITY;
            std::size_t winner = 0;
            for (std::size_t w = 0; w < std::size_t{d.kernel_h} * d.kernel_w; ++w) {
              const float v = x[(p * d.in_h + oy * d.stride_h + w / d.kernel_w) * d.in_w + ox * d.stride_h + w % d.kernel_w];
              if (v > best) {
                best = v;
                winner = w;
              }
            }
            CAPTURE(i, p, oy, ox);
            REQUIRE(bits(y[at]) == bits(best));
            REQUIRE(*bench.at(d.aux + at) == winner);
          }
    }
  });
}
}  // namespace
TEST_CASE("max-pool forward takes the first maximum of each window") { max_pool_forward(1); }
TEST_CASE("max-pool forward takes the first maximum of each window; on three cores as well") { max_pool_forward(3); }

namespace {
void max_pool_backward(std::uint64_t cores) {
  Bench bench(small_chunks(128, cores));
  Random random(53);
  bench.run([&] {
    bench.start();
    for (int i = 0; i < 150; ++i) {
      bench.free_all();
      spinvp_npu_descriptor d = pool(SPINVP_NPU_MAXPOOL_BACKWARD, random);
      const std::size_t planes = std::size_t{d.batch} * d.in_channels, outputs = planes * d.out_h * d.out_w, inputs = planes * d.in_h * d.in_w;
      Values dy = random.values(outputs, true), wanted(inputs, 0.0f);
      for (float& v : dy)
        if (std::isinf(v)) v = -0.0f;  // a lone -0 must survive
      d.a = put(bench, random, dy, d.format);
      d.c = bench.allocate(inputs * 4);
      d.aux = bench.allocate(outputs, false, random.below(4));
      std::vector<bool> taken(inputs);
      std::size_t at = 0;
      for (std::size_t p = 0; p < planes; ++p)
        for (std::size_t oy = 0; oy < d.out_h; ++oy)
          for (std::size_t ox = 0; ox < d.out_w; ++ox, ++at) {
            const std::uint32_t winner = random.below(d.kernel_h * d.kernel_w);
            *bench.at(d.aux + at) = static_cast<std::uint8_t>(winner);
            const std::size_t target = (p * d.in_h + oy * d.stride_h + winner / d.kernel_w) * d.in_w + ox * d.stride_h + winner % d.kernel_w;
            wanted[target] = taken[target] ? wanted[target] + dy[at] : dy[at];
            taken[target] = true;
          }
      for (float& v : wanted) v = to_format(v, d.format);
      CAPTURE(i, d.in_h, d.in_w, d.kernel_h, d.kernel_w, d.stride_h);
      REQUIRE(bench.execute(d) == SPINVP_NPU_DONE);
      REQUIRE(first_difference(load_values(bench, d.c, inputs, d.format), wanted) == -1);
    }
  });
}
}  // namespace
TEST_CASE("max-pool backward gives each gradient to its winner, and overlapping windows add in order") { max_pool_backward(1); }
TEST_CASE("max-pool backward gives each gradient to its winner, and overlapping windows add in order; on three cores as well") { max_pool_backward(3); }

TEST_CASE("a winner outside its window ends the job with an error") {
  Bench bench;
  Random random(54);
  bench.run([&] {
    bench.start();
    spinvp_npu_descriptor d = convolution(SPINVP_NPU_MAXPOOL_BACKWARD, 1, 1, 4, 4, 1, 2, 2, 2);
    Values dy = random.values(4);
    d.a = put(bench, random, dy, 0);
    d.c = bench.allocate(64);
    d.aux = bench.allocate(4);
    *bench.at(d.aux + 3) = 4;
    CHECK(bench.execute(d) == SPINVP_NPU_BAD_SHAPE);
  });
}

TEST_CASE("the gradient of a bias adds in ascending order of image and position") {
  Bench bench(small_chunks(100));
  Random random(55);
  bench.run([&] {
    bench.start();
    for (int i = 0; i < 60; ++i) {
      bench.free_all();
      spinvp_npu_descriptor d{};
      d.operation = SPINVP_NPU_BIAS_GRADIENT;
      d.format = random.coin() ? SPINVP_NPU_BF16 : SPINVP_NPU_FP32;
      d.batch = random.between(1, 5);
      d.out_channels = random.between(1, 9);
      d.out_h = random.between(1, 6);
      d.out_w = random.between(1, 6);
      const std::size_t spatial = std::size_t{d.out_h} * d.out_w;
      Values dy = random.values(d.batch * d.out_channels * spatial), wanted;
      d.a = put(bench, random, dy, d.format);
      d.c = bench.allocate(d.out_channels * 4);
      for (std::size_t c = 0; c < d.out_channels; ++c) {
        float sum = 0;
        for (std::size_t n = 0; n < d.batch; ++n)
          for (std::size_t s = 0; s < spatial; ++s) sum = sum + dy[(n * d.out_channels + c) * spatial + s];
        wanted.push_back(to_format(sum, d.format));
      }
      REQUIRE(bench.execute(d) == SPINVP_NPU_DONE);
      REQUIRE(first_difference(load_values(bench, d.c, d.out_channels, d.format), wanted) == -1);
    }
  });
}

TEST_CASE("softmax cross-entropy gives the gradient and the mean loss of the definition") {
  Bench bench(small_chunks(120));
  Random random(56);
  bench.run([&] {
    bench.start();
    for (int i = 0; i < 60; ++i) {
      bench.free_all();
      spinvp_npu_descriptor d{};
      d.operation = SPINVP_NPU_SOFTMAX_CROSS_ENTROPY;
      d.m = random.between(1, 40);
      d.n = random.between(1, 12);
      Values x = random.values(std::size_t{d.m} * d.n), wanted;
      d.a = put(bench, random, x, 0);
      d.c = bench.allocate(4 * x.size());
      d.bias = bench.allocate(4);
      const bool wide = random.coin();
      d.flags = wide ? SPINVP_NPU_INT32_LABELS : 0;
      d.aux = bench.allocate(std::uint64_t{4} * d.m, false, wide ? 4 * random.below(4) : random.below(4));
      float losses = 0;
      double exact_loss = 0;
      const float share = 1.0f / static_cast<float>(d.m);
      for (std::size_t r = 0; r < d.m; ++r) {
        const std::uint32_t label = random.below(d.n);
        if (wide)
          bench.fill(d.aux + 4 * r, &label, 4);
        else
          *bench.at(d.aux + r) = static_cast<std::uint8_t>(label);
        const float* row = &x[r * d.n];
        float largest = row[0];
        for (std::size_t j = 1; j < d.n; ++j)
          if (row[j] > largest) largest = row[j];
        float sum = 0;
        double exact = 0;
        for (std::size_t j = 0; j < d.n; ++j) {
          sum = sum + spinvp_exp_f32(row[j] - largest);
          exact += std::exp(static_cast<double>(row[j]));
        }
        for (std::size_t j = 0; j < d.n; ++j) wanted.push_back((spinvp_exp_f32(row[j] - largest) / sum - (j == label ? 1.0f : 0.0f)) * share);
        losses = losses + (spinvp_log_f32(sum) - (row[label] - largest));
        exact_loss += std::log(exact) - row[label];
      }
      REQUIRE(bench.execute(d) == SPINVP_NPU_DONE);
      REQUIRE(first_difference(load_values(bench, d.c, x.size(), 0), wanted) == -1);
      const float loss = load_values(bench, d.bias, 1, 0)[0];
      REQUIRE(bits(loss) == bits(losses * share));
      REQUIRE(loss == Approx(exact_loss / d.m).epsilon(1e-5).margin(1e-6));
    }
  });
}

namespace {
void softmax_and_gradient(std::uint64_t cores) {
  Bench bench(cores == 1 ? NpuConfig{} : small_chunks(240, cores));
  Random random(58);
  bench.run([&] {
    bench.start();
    for (int i = 0; i < 60; ++i) {
      bench.free_all();
      spinvp_npu_descriptor d{};
      d.operation = SPINVP_NPU_SOFTMAX_FORWARD;
      d.m = random.between(1, 300);
      d.n = random.between(1, 40);
      d.scalar = 0.25f;
      Values x = random.values(std::size_t{d.m} * d.n);
      Values p = x;
      std::vector<double> exact(x.size());
      for (std::size_t first = 0; first < x.size(); first += d.n) {
        float largest = x[first] * d.scalar, sum = 0;
        double exact_sum = 0;
        for (std::size_t j = first; j < first + d.n; ++j) largest = std::max(largest, x[j] * d.scalar);
        for (std::size_t j = first; j < first + d.n; ++j) {
          p[j] = spinvp_exp_f32(x[j] * d.scalar - largest);
          sum = sum + p[j];
          exact[j] = std::exp(static_cast<double>(x[j]) * d.scalar - largest);
          exact_sum += exact[j];
        }
        for (std::size_t j = first; j < first + d.n; ++j) p[j] = p[j] / sum, exact[j] /= exact_sum;
      }
      d.a = d.c = put(bench, random, x, 0);
      REQUIRE(bench.execute(d) == SPINVP_NPU_DONE);
      REQUIRE(first_difference(load_values(bench, d.c, x.size(), 0), p) == -1);
      for (std::size_t j = 0; j < x.size(); ++j) REQUIRE(p[j] == Approx(exact[j]).epsilon(2e-5).margin(1e-7));

      // The gradient of the scores before scaling: J^T dp with J = diag(p) - p p^T, times the scale.
      Values dp = random.values(x.size());
      Values dx(x.size());
      for (std::size_t first = 0; first < x.size(); first += d.n) {
        float expected = 0;
        double exact_expected = 0;
        for (std::size_t j = first; j < first + d.n; ++j) expected = expected + dp[j] * p[j], exact_expected += exact[j] * dp[j];
        for (std::size_t j = first; j < first + d.n; ++j) {
          dx[j] = p[j] * (dp[j] - expected) * d.scalar;
          REQUIRE(dx[j] == Approx(exact[j] * (dp[j] - exact_expected) * d.scalar).epsilon(1e-4).margin(1e-5));
        }
      }
      spinvp_npu_descriptor g{};
      g.operation = SPINVP_NPU_SOFTMAX_BACKWARD;
      g.m = d.m, g.n = d.n, g.scalar = d.scalar;
      g.b = d.c;
      g.a = g.c = put(bench, random, dp, 0);
      REQUIRE(bench.execute(g) == SPINVP_NPU_DONE);
      REQUIRE(first_difference(load_values(bench, g.c, x.size(), 0), dx) == -1);
    }
  });
}
}  // namespace
TEST_CASE("softmax and its gradient take each row in its own order, and agree with doubles") { softmax_and_gradient(1); }
TEST_CASE("softmax and its gradient take each row in its own order, and agree with doubles; on three cores as well") { softmax_and_gradient(3); }

TEST_CASE("a label that is no column ends the softmax with an error") {
  Bench bench;
  Random random(57);
  bench.run([&] {
    bench.start();
    spinvp_npu_descriptor d{};
    d.operation = SPINVP_NPU_SOFTMAX_CROSS_ENTROPY;
    d.m = 2;
    d.n = 3;
    Values x = random.values(6);
    d.a = put(bench, random, x, 0);
    d.c = bench.allocate(24);
    d.bias = bench.allocate(4);
    d.aux = bench.allocate(2);
    *bench.at(d.aux + 1) = 3;
    CHECK(bench.execute(d) == SPINVP_NPU_BAD_SHAPE);
    d.flags = SPINVP_NPU_INT32_LABELS;
    d.aux = bench.allocate(8);
    const std::int32_t labels[] = {2, -1};
    bench.fill(d.aux, labels, 8);
    CHECK(bench.execute(d) == SPINVP_NPU_BAD_SHAPE);
  });
}
