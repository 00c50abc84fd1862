#include <catch2/catch.hpp>

#include <random>

#include "jobs.h"
#include "models/npu/job.h"

using namespace spinvp::npu;
using namespace spinvp::npu::test;

namespace {

std::uint32_t status_of(const spinvp_npu_descriptor& d) {
  const auto result = check(d, Limits{});
  return result ? static_cast<std::uint32_t>(SPINVP_NPU_DONE) : result.error().status;
}

}  // namespace

TEST_CASE("unknown operations, formats and flags are refused as such") {
  spinvp_npu_descriptor d = gemm(4, 4, 4);
  CHECK(status_of(d) == SPINVP_NPU_DONE);
  d.operation = SPINVP_NPU_AVERAGEPOOL_BACKWARD + 1;
  CHECK(status_of(d) == SPINVP_NPU_BAD_OPERATION);
  d = gemm(4, 4, 4);
  d.format = 2;
  CHECK(status_of(d) == SPINVP_NPU_BAD_OPERATION);
  d = gemm(4, 4, 4, SPINVP_NPU_CONVERT);
  CHECK(status_of(d) == SPINVP_NPU_BAD_OPERATION);
  d = gemm(4, 4, 4, 1u << 31);
  CHECK(status_of(d) == SPINVP_NPU_BAD_OPERATION);
}

TEST_CASE("zero, absurd and contradicting extents are refused") {
  CHECK(status_of(gemm(0, 4, 4)) == SPINVP_NPU_BAD_SHAPE);
  CHECK(status_of(gemm(4, 4, 0)) == SPINVP_NPU_BAD_SHAPE);
  CHECK(status_of(gemm(0xffffffff, 0xffffffff, 0xffffffff)) == SPINVP_NPU_BAD_SHAPE);
  CHECK(status_of(gemm(1 << 15, 1 << 15, 1 << 15)) == SPINVP_NPU_BAD_SHAPE);  // 2^45 multiply-accumulates
  spinvp_npu_descriptor d = convolution(SPINVP_NPU_CONV_FORWARD, 1, 1, 8, 8, 1, 3, 3);
  CHECK(status_of(d) == SPINVP_NPU_DONE);
  d.out_w += 2;  // the last window of three hangs over the end by two
  CHECK(status_of(d) == SPINVP_NPU_DONE);
  d.out_w += 1;  // and now lies wholly behind it
  CHECK(status_of(d) == SPINVP_NPU_BAD_SHAPE);
  d.out_w = 5;  // one more has room in the image
  CHECK(status_of(d) == SPINVP_NPU_BAD_SHAPE);
  d = convolution(SPINVP_NPU_CONV_FORWARD, 1, 1, 8, 8, 1, 3, 3);
  d.dilation_w = 2;  // the kernel spans five: four windows fit, eight with what hangs over
  CHECK(status_of(d) == SPINVP_NPU_DONE);
  d.out_w = 3;
  CHECK(status_of(d) == SPINVP_NPU_BAD_SHAPE);
  d.out_w = 9;
  CHECK(status_of(d) == SPINVP_NPU_BAD_SHAPE);
  d = convolution(SPINVP_NPU_CONV_FORWARD, 1, 6, 8, 8, 9, 3, 3);
  d.groups = 3;
  CHECK(status_of(d) == SPINVP_NPU_DONE);
  d.groups = 2;  // does not divide 9
  CHECK(status_of(d) == SPINVP_NPU_BAD_SHAPE);
  d = gemm(4, 4, 4, SPINVP_NPU_SHARED_B);
  d.batch = 1u << 26;  // 2^32 bytes of a, but 2^26 passes of the array: the most there may be
  CHECK(status_of(d) == SPINVP_NPU_DONE);
  d = gemm(1, 1, 1, SPINVP_NPU_SHARED_B);
  d.batch = (1u << 26) + 1;
  CHECK(status_of(d) == SPINVP_NPU_BAD_SHAPE);
  d = convolution(SPINVP_NPU_CONV_FORWARD, 1, 1, 8, 8, 1, 3, 3);
  d.stride_h = 0;
  CHECK(status_of(d) == SPINVP_NPU_BAD_SHAPE);
  d = convolution(SPINVP_NPU_MAXPOOL_FORWARD, 1, 1, 40, 40, 1, 20, 20, 20);
  CHECK(status_of(d) == SPINVP_NPU_BAD_SHAPE);  // 400 elements do not fit a uint8_t
}

TEST_CASE("a window that does not meet the image, padding as wide as the window, and a stride left over are refused") {
  // 8 wide, windows of 3: starts at -pad, -pad + stride, ...
  const auto pool = [](std::uint32_t out, std::uint16_t stride, std::uint16_t pad) {
    spinvp_npu_descriptor d = convolution(SPINVP_NPU_MAXPOOL_FORWARD, 1, 1, 8, 8, 1, 3, 3, stride, 0);
    d.pad_left = pad;
    d.stride_w = stride;
    d.out_w = out;
    return status_of(d);
  };
  CHECK(pool(6, 1, 0) == SPINVP_NPU_DONE);
  CHECK(pool(8, 1, 0) == SPINVP_NPU_DONE);       // the last window starts at 7 and has padding to its right
  CHECK(pool(9, 1, 0) == SPINVP_NPU_BAD_SHAPE);  // starts at 8, outside
  CHECK(pool(5, 1, 0) == SPINVP_NPU_BAD_SHAPE);  // ends at 6: there is room for another
  CHECK(pool(2, 3, 0) == SPINVP_NPU_DONE);       // ends at 5, and two columns are less than a stride
  CHECK(pool(1, 3, 0) == SPINVP_NPU_BAD_SHAPE);
  CHECK(pool(8, 1, 2) == SPINVP_NPU_DONE);
  CHECK(pool(8, 1, 3) == SPINVP_NPU_BAD_SHAPE);
  spinvp_npu_descriptor d = convolution(SPINVP_NPU_AVERAGEPOOL_FORWARD, 1, 1, 40, 40, 1, 40, 40);
  CHECK(status_of(d) == SPINVP_NPU_DONE);  // means have no winners that must fit a byte
  d.flags = SPINVP_NPU_COUNT_PADDING;
  CHECK(status_of(d) == SPINVP_NPU_DONE);
  d.operation = SPINVP_NPU_COPY;
  d.count = 4;
  CHECK(status_of(d) == SPINVP_NPU_BAD_OPERATION);
}

TEST_CASE("misaligned and wrapping addresses are refused") {
  spinvp_npu_descriptor d = gemm(4, 4, 4);
  d.a = 2;
  CHECK(status_of(d) == SPINVP_NPU_BAD_ADDRESS);
  d.a = 0xfffffffffffffff0;
  CHECK(status_of(d) == SPINVP_NPU_BAD_ADDRESS);
  d.a = 0xffffffffffffffc0;  // the last 64 bytes there are
  CHECK(status_of(d) == SPINVP_NPU_DONE);
}

TEST_CASE("no pattern of bits in a descriptor does more than be refused") {
  std::mt19937 random(41);
  const std::uint32_t odd[] = {0, 1, 2, 3, 5, 16, 255, 256, 65535, 65536, 0x7fffffff, 0x80000000, 0xffffffff};
  unsigned good = 0;
  for (int i = 0; i < 200000; ++i) {
    std::uint32_t words[32];
    for (std::uint32_t& w : words) w = random() % 4 == 0 ? static_cast<std::uint32_t>(random()) : odd[random() % 13];
    words[0] %= SPINVP_NPU_AVERAGEPOOL_BACKWARD + 1;
    words[1] &= 1;
    words[2] &= 2047;
    spinvp_npu_descriptor d;
    std::memcpy(&d, words, sizeof d);
    const auto result = check(d, Limits{});
    good += result.has_value();
    if (!result) {
      REQUIRE(result.error().status >= SPINVP_NPU_BAD_OPERATION);
      REQUIRE_FALSE(result.error().message.empty());
    }
  }
  CHECK(good > 0);
}
