#include <catch2/catch.hpp>

#include "jobs.h"
#include "models/npu/operand.h"

using namespace spinvp::npu;
using namespace spinvp::npu::test;

TEST_CASE("windows unfold to the pixels under each tap, whatever the part, the padding, the stride, and the direction") {
  Random random(21);
  for (int i = 0; i < 2000; ++i) {
    WindowShape s;
    s.transposed = random.coin();
    s.kernel_h = random.between(1, 4);
    s.kernel_w = random.between(1, 4);
    s.stride = random.between(1, 3);
    s.pad = random.below(4);
    const std::uint64_t images = random.between(1, 3), channels = random.between(1, 3);
    const std::uint64_t large_h = random.between(4, 9), large_w = random.between(4, 9);
    const std::uint64_t small_h = (large_h + 2 * s.pad - s.kernel_h) / s.stride + 1, small_w = (large_w + 2 * s.pad - s.kernel_w) / s.stride + 1;
    s.image_h = s.transposed ? small_h : large_h;
    s.image_w = s.transposed ? small_w : large_w;
    s.grid_h = s.transposed ? large_h : small_h;
    s.grid_w = s.transposed ? large_w : small_w;
    const bool k_is_position = random.coin();
    const Tensor tensor{0, images, channels, s.image_h, s.image_w * 4};
    const Operand operand = Operand::windows(tensor, s, k_is_position);
    const Values data = random.values(tensor.bytes() / 4);

    const auto part = [&](std::uint64_t extent) {
      const std::uint64_t first = random.below(static_cast<std::uint32_t>(extent));
      return Range{first, first + 1 + random.below(static_cast<std::uint32_t>(extent - first))};
    };
    const Range positions = part(images * s.windows()), taps = part(channels * s.taps());
    const Range outer = k_is_position ? taps : positions, k = k_is_position ? positions : taps;
    const Region region = operand.region(outer, k);
    REQUIRE(region.bytes(tensor) <= operand.most_bytes(outer.size(), k.size()));

    Values packed;
    for (const Piece& piece : Placement::whole(tensor).pieces(region))
      for (std::uint64_t row = 0; row < piece.rows; ++row)
        for (std::uint64_t b = 0; b < piece.row_bytes; b += 4) packed.push_back(data[(piece.address + row * piece.stride + b) / 4]);
    REQUIRE(packed.size() * 4 == region.bytes(tensor));

    for (const bool outer_fastest : {false, true}) {
      const std::size_t outer_stride = outer_fastest ? 1 : k.size() + 3, k_stride = outer_fastest ? outer.size() + 5 : 1;
      Values out((outer.size() + 5) * (k.size() + 3), 99.0f);
      operand.expand(packed.data(), region, outer, k, out.data(), outer_stride, k_stride);
      for (std::uint64_t p = positions.first; p < positions.last; ++p)
        for (std::uint64_t t = taps.first; t < taps.last; ++t) {
          const auto gy = static_cast<long>(p % s.windows() / s.grid_w), gx = static_cast<long>(p % s.grid_w);
          const auto ky = static_cast<long>(t % s.taps() / s.kernel_w), kx = static_cast<long>(t % s.kernel_w), stride = static_cast<long>(s.stride),
                     pad = static_cast<long>(s.pad);
          float wanted = 0;
          if (!s.transposed) {
            wanted = pixel(data, channels, s.image_h, s.image_w, p / s.windows(), t / s.taps(), gy * stride + ky - pad, gx * stride + kx - pad);
          } else if (gy + pad >= ky && gx + pad >= kx && (gy + pad - ky) % stride == 0 && (gx + pad - kx) % stride == 0) {
            wanted = pixel(data, channels, s.image_h, s.image_w, p / s.windows(), t / s.taps(), (gy + pad - ky) / stride, (gx + pad - kx) / stride);
          }
          const std::uint64_t o = (k_is_position ? t : p) - outer.first, l = (k_is_position ? p : t) - k.first;
          REQUIRE(bits(out[o * outer_stride + l * k_stride]) == bits(wanted));
        }
    }
  }
}

TEST_CASE("a plane's channel or position serves as k, in either layout of the result") {
  const Tensor t{0, 2, 3, 5, 4};
  Values data(30);
  for (std::size_t i = 0; i < 30; ++i) data[i] = static_cast<float>(i);
  for (const bool k_is_position : {false, true}) {
    const Operand operand = Operand::planes(t, k_is_position);
    const Range channels{1, 3}, positions{3, 8};
    const Range outer = k_is_position ? channels : positions, k = k_is_position ? positions : channels;
    // Packed by hand: image 0 has positions 3, 4; image 1 has 0, 1, 2.
    const Values packed = {8, 9, 13, 14, 20, 21, 22, 25, 26, 27};
    for (const bool outer_fastest : {false, true}) {
      const std::size_t outer_stride = outer_fastest ? 1 : k.size(), k_stride = outer_fastest ? outer.size() : 1;
      Values out(10);
      operand.expand(packed.data(), operand.region(outer, k), outer, k, out.data(), outer_stride, k_stride);
      for (std::uint64_t c = 0; c < 2; ++c)
        for (std::uint64_t p = 0; p < 5; ++p) {
          const std::uint64_t position = 3 + p, wanted = (position / 5 * 3 + 1 + c) * 5 + position % 5;
          CHECK(out[(k_is_position ? c : p) * outer_stride + (k_is_position ? p : c) * k_stride] == static_cast<float>(wanted));
        }
    }
  }
}
