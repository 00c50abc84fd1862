#include <catch2/catch.hpp>

#include "jobs.h"
#include "phantom_twin.h"

using namespace spinvp;
using namespace spinvp::npu;
using namespace spinvp::npu::test;

namespace {

// Out extent, stride and padding of a dimension at random, so that every window meets the image and less than a stride is left over.
void random_extent(Random& random, std::uint32_t in, std::uint32_t kernel, std::uint32_t& out, std::uint16_t& stride, std::uint16_t& pad) {
  stride = static_cast<std::uint16_t>(random.between(1, 4));
  pad = static_cast<std::uint16_t>(random.below(kernel));
  const std::uint32_t most = (in + pad - 1) / stride + 1;  // windows that start inside
  const std::uint32_t least = in + pad >= kernel ? (in + pad - kernel) / stride + 1 : 1;
  out = random.between(least, most);
}

spinvp_npu_descriptor random_pool(std::uint32_t operation, Random& random) {
  spinvp_npu_descriptor d{};
  d.operation = operation;
  d.format = random.below(3) == 0 ? SPINVP_NPU_BF16 : SPINVP_NPU_FP32;
  d.batch = random.between(1, 3);
  d.in_channels = random.between(1, 4);
  d.kernel_h = random.between(1, 4);
  d.kernel_w = random.between(1, 4);
  d.in_h = random.between(1, 14);
  d.in_w = random.between(1, 14);
  random_extent(random, d.in_h, d.kernel_h, d.out_h, d.stride_h, d.pad_top);
  random_extent(random, d.in_w, d.kernel_w, d.out_w, d.stride_w, d.pad_left);
  return d;
}

std::size_t inputs_of(const spinvp_npu_descriptor& d) { return std::size_t{d.batch} * d.in_channels * d.in_h * d.in_w; }
std::size_t outputs_of(const spinvp_npu_descriptor& d) { return std::size_t{d.batch} * d.in_channels * d.out_h * d.out_w; }

// visit(output, window element, input) for each element of a window that lies in the image, outputs and elements ascending.
template <typename Visit>
void for_each_tap(const spinvp_npu_descriptor& d, Visit&& visit) {
  std::size_t output = 0;
  for (std::size_t plane = 0; plane < std::size_t{d.batch} * d.in_channels; ++plane)
    for (long oy = 0; oy < static_cast<long>(d.out_h); ++oy)
      for (long ox = 0; ox < static_cast<long>(d.out_w); ++ox, ++output)
        for (long ky = 0; ky < static_cast<long>(d.kernel_h); ++ky)
          for (long kx = 0; kx < static_cast<long>(d.kernel_w); ++kx) {
            const long y = oy * d.stride_h + ky - d.pad_top, x = ox * d.stride_w + kx - d.pad_left;
            if (y < 0 || x < 0 || y >= static_cast<long>(d.in_h) || x >= static_cast<long>(d.in_w)) continue;
            visit(output, static_cast<std::size_t>(ky) * d.kernel_w + static_cast<std::size_t>(kx),
                  (plane * d.in_h + static_cast<std::size_t>(y)) * d.in_w + static_cast<std::size_t>(x));
          }
}

}  // namespace

namespace {
void max_pool_with_padding(std::uint64_t cores) {
  Bench bench(small_chunks(96, cores));
  Random random(101);
  bench.run([&] {
    bench.start();
    for (int i = 0; i < 200; ++i) {
      bench.free_all();
      spinvp_npu_descriptor d = random_pool(SPINVP_NPU_MAXPOOL_FORWARD, random);
      Values x = random.values(inputs_of(d)), wanted(outputs_of(d));
      for (float& v : x) v = random.below(3) == 0 ? -1.0f : -std::fabs(v);  // below the 0 of a naive padding, and with ties
      d.a = put(bench, random, x, d.format);
      d.c = bench.allocate(wanted.size() * 4);
      d.aux = bench.allocate(wanted.size(), false, random.below(4));
      std::vector<int> winners(wanted.size(), -1);
      for_each_tap(d, [&](std::size_t output, std::size_t element, std::size_t input) {
        if (winners[output] >= 0 && !(x[input] > wanted[output])) return;
        winners[output] = static_cast<int>(element);
        wanted[output] = x[input];
      });
      CAPTURE(i, d.in_h, d.in_w, d.out_h, d.out_w, d.kernel_h, d.kernel_w, d.stride_h, d.stride_w, d.pad_top, d.pad_left);
      REQUIRE(bench.execute(d) == SPINVP_NPU_DONE);
      REQUIRE(first_difference(load_values(bench, d.c, wanted.size(), d.format), wanted) == -1);
      for (std::size_t j = 0; j < winners.size(); ++j) REQUIRE(*bench.at(d.aux + j) == winners[j]);

      // And back: each gradient to the input that won.
      spinvp_npu_descriptor g = d;
      g.operation = SPINVP_NPU_MAXPOOL_BACKWARD;
      Values dy = random.values(wanted.size()), dx(inputs_of(d), 0.0f);
      g.a = put(bench, random, dy, d.format);
      g.c = bench.allocate(dx.size() * 4);
      std::vector<bool> taken(dx.size());
      for_each_tap(d, [&](std::size_t output, std::size_t element, std::size_t input) {
        if (winners[output] != static_cast<int>(element)) return;
        dx[input] = taken[input] ? dx[input] + dy[output] : dy[output];
        taken[input] = true;
      });
      for (float& v : dx) v = to_format(v, d.format);
      REQUIRE(bench.execute(g) == SPINVP_NPU_DONE);
      REQUIRE(first_difference(load_values(bench, g.c, dx.size(), d.format), dx) == -1);
    }
  });
}
}  // namespace
TEST_CASE("max-pool with padding and unequal strides: padding never wins, and winners count within the window") { max_pool_with_padding(1); }
TEST_CASE("max-pool with padding and unequal strides: padding never wins, and winners count within the window; on three cores as well") {
  max_pool_with_padding(3);
}

TEST_CASE("a winner in the padding ends the job with an error") {
  Bench bench;
  Random random(102);
  bench.run([&] {
    bench.start();
    spinvp_npu_descriptor d = convolution(SPINVP_NPU_MAXPOOL_BACKWARD, 1, 1, 4, 4, 1, 3, 3, 2, 1);
    Values dy = random.values(4);
    d.a = put(bench, random, dy, 0);
    d.c = bench.allocate(64);
    d.aux = bench.allocate(4);
    const std::uint8_t inside[] = {4, 4, 4, 4};
    bench.fill(d.aux, inside, 4);
    CHECK(bench.execute(d) == SPINVP_NPU_DONE);
    *bench.at(d.aux) = 2;  // above the first row
    CHECK(bench.execute(d) == SPINVP_NPU_BAD_SHAPE);
  });
}

namespace {
void average_pooling(std::uint64_t cores) {
  Bench bench(small_chunks(96, cores));
  Random random(103);
  bench.run([&] {
    bench.start();
    for (int i = 0; i < 200; ++i) {
      bench.free_all();
      spinvp_npu_descriptor d = random_pool(SPINVP_NPU_AVERAGEPOOL_FORWARD, random);
      if (random.coin()) d.flags |= SPINVP_NPU_COUNT_PADDING;
      Values x = random.values(inputs_of(d)), wanted(outputs_of(d), 0.0f), divisor(outputs_of(d), 0.0f);
      d.a = put(bench, random, x, d.format);
      d.c = bench.allocate(wanted.size() * 4);
      for_each_tap(d, [&](std::size_t output, std::size_t, std::size_t input) {
        wanted[output] = wanted[output] + x[input];
        divisor[output] += 1.0f;
      });
      if ((d.flags & SPINVP_NPU_COUNT_PADDING) != 0) divisor.assign(divisor.size(), static_cast<float>(d.kernel_h * d.kernel_w));
      for (std::size_t j = 0; j < wanted.size(); ++j) wanted[j] = to_format(wanted[j] / divisor[j], d.format);
      CAPTURE(i, d.in_h, d.in_w, d.out_h, d.out_w, d.kernel_h, d.kernel_w, d.stride_h, d.stride_w, d.pad_top, d.pad_left);
      REQUIRE(bench.execute(d) == SPINVP_NPU_DONE);
      REQUIRE(first_difference(load_values(bench, d.c, wanted.size(), d.format), wanted) == -1);

      spinvp_npu_descriptor g = d;
      g.operation = SPINVP_NPU_AVERAGEPOOL_BACKWARD;
      Values dy = random.values(wanted.size()), dx(inputs_of(d), 0.0f);
      g.a = put(bench, random, dy, d.format);
      g.c = bench.allocate(dx.size() * 4);
      for_each_tap(d, [&](std::size_t output, std::size_t, std::size_t input) { dx[input] = dx[input] + dy[output] / divisor[output]; });
      for (float& v : dx) v = to_format(v, d.format);
      REQUIRE(bench.execute(g) == SPINVP_NPU_DONE);
      REQUIRE(first_difference(load_values(bench, g.c, dx.size(), d.format), dx) == -1);
    }
  });
}
}  // namespace
TEST_CASE("average pooling divides the sum of what lies in the image by its number, or by the whole window") { average_pooling(1); }
TEST_CASE("average pooling divides the sum of what lies in the image by its number, or by the whole window; on three cores as well") { average_pooling(3); }

namespace {
void phantom_pools(std::uint64_t cores) {
  Bench bench(small_chunks(96, cores));
  bench.dram = {50'000, 3'000};
  Random random(104);
  bench.run([&] {
    bench.start();
    for (int i = 0; i < 60; ++i) {
      bench.free_all();
      const std::uint32_t operations[] = {SPINVP_NPU_MAXPOOL_FORWARD, SPINVP_NPU_MAXPOOL_BACKWARD, SPINVP_NPU_AVERAGEPOOL_FORWARD,
                                          SPINVP_NPU_AVERAGEPOOL_BACKWARD};
      spinvp_npu_descriptor d = random_pool(operations[i % 4], random);
      d.a = bench.allocate(4 * std::max(inputs_of(d), outputs_of(d)));
      d.c = bench.allocate(4 * std::max(inputs_of(d), outputs_of(d)));
      d.aux = bench.allocate(outputs_of(d));
      if (d.operation == SPINVP_NPU_MAXPOOL_BACKWARD) {
        std::vector<bool> chosen(outputs_of(d));
        for_each_tap(d, [&](std::size_t output, std::size_t element, std::size_t) {
          if (!chosen[output]) *bench.at(d.aux + output) = static_cast<std::uint8_t>(element);
          chosen[output] = true;
        });
      }
      CAPTURE(i, d.operation);
      REQUIRE(phantom_differs(bench, d) == "");
    }
  });
}
}  // namespace
TEST_CASE("phantom pools take the time, the traffic and the energy of real ones") { phantom_pools(1); }
TEST_CASE("phantom pools take the time, the traffic and the energy of real ones; on three cores as well") { phantom_pools(3); }
