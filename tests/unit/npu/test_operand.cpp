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
    s.stride_h = random.between(1, 3);
    s.stride_w = random.between(1, 3);
    s.pad_top = random.below(4);
    s.pad_left = random.below(4);
    s.dilation_h = random.between(1, 2);
    s.dilation_w = random.between(1, 2);
    // Each of two groups sees `each` channels, one behind the other.
    const std::uint64_t images = random.between(1, 3), each = random.between(1, 3), channels = 2 * each, group = random.below(2);
    const std::uint64_t reach_w = (s.kernel_w - 1) * s.dilation_w + 1;
    const std::uint64_t large_h = random.between(7, 12), large_w = random.between(7, 12);
    const std::uint64_t small_h = (large_h + 2 * s.pad_top - s.reach_h()) / s.stride_h + 1, small_w = (large_w + 2 * s.pad_left - reach_w) / s.stride_w + 1;
    s.image_h = s.transposed ? small_h : large_h;
    s.image_w = s.transposed ? small_w : large_w;
    s.grid_h = s.transposed ? large_h : small_h;
    s.grid_w = s.transposed ? large_w : small_w;
    const bool k_is_position = random.coin();
    const Tensor tensor{0, images, channels, s.image_h, s.image_w * 4};
    const Operand operand = Operand::windows(tensor, s, k_is_position, {each, each, 0});
    const Values data = random.values(tensor.bytes() / 4);

    const auto part = [&](std::uint64_t extent) {
      const std::uint64_t first = random.below(static_cast<std::uint32_t>(extent));
      return Range{first, first + 1 + random.below(static_cast<std::uint32_t>(extent - first))};
    };
    const Range positions = part(images * s.windows()), taps = part(each * s.taps());
    const Range outer = k_is_position ? taps : positions, k = k_is_position ? positions : taps;
    const Region region = operand.region({group, group + 1}, outer, k);
    REQUIRE(region.bytes(tensor) <= operand.most_bytes(outer.size(), k.size()));

    Values packed;
    for (const Piece& piece : Placement::whole(tensor).pieces(region))
      for (std::uint64_t row = 0; row < piece.rows; ++row)
        for (std::uint64_t b = 0; b < piece.row_bytes; b += 4) packed.push_back(data[(piece.address + row * piece.stride + b) / 4]);
    REQUIRE(packed.size() * 4 == region.bytes(tensor));

    // A part of what is held unfolds to the same elements: here all of both groups is.
    const Range all_positions{0, images * s.windows()}, all_taps{0, each * s.taps()};
    const bool from_all = random.coin();
    const Region held = from_all ? operand.region({0, 2}, k_is_position ? all_taps : all_positions, k_is_position ? all_positions : all_taps) : region;
    if (from_all) {
      packed.clear();
      for (const Piece& piece : Placement::whole(tensor).pieces(held))
        for (std::uint64_t row = 0; row < piece.rows; ++row)
          for (std::uint64_t b = 0; b < piece.row_bytes; b += 4) packed.push_back(data[(piece.address + row * piece.stride + b) / 4]);
    }
    for (const bool outer_fastest : {false, true}) {
      const std::size_t outer_stride = outer_fastest ? 1 : k.size() + 3, k_stride = outer_fastest ? outer.size() + 5 : 1;
      Values out((outer.size() + 5) * (k.size() + 3), 99.0f);
      operand.expand(packed.data(), held, group, outer, k, out.data(), outer_stride, k_stride);
      for (std::uint64_t p = positions.first; p < positions.last; ++p)
        for (std::uint64_t t = taps.first; t < taps.last; ++t) {
          const auto gy = static_cast<long>(p % s.windows() / s.grid_w), gx = static_cast<long>(p % s.grid_w);
          const auto ky = static_cast<long>(t % s.taps() / s.kernel_w), kx = static_cast<long>(t % s.kernel_w);
          const auto sh = static_cast<long>(s.stride_h), sw = static_cast<long>(s.stride_w), top = static_cast<long>(s.pad_top),
                     left = static_cast<long>(s.pad_left);
          const long down = ky * static_cast<long>(s.dilation_h), right = kx * static_cast<long>(s.dilation_w);
          const std::uint64_t channel = group * each + t / s.taps();
          float wanted = 0;
          if (!s.transposed) {
            wanted = pixel(data, channels, s.image_h, s.image_w, p / s.windows(), channel, gy * sh + down - top, gx * sw + right - left);
          } else if (gy + top >= down && gx + left >= right && (gy + top - down) % sh == 0 && (gx + left - right) % sw == 0) {
            wanted = pixel(data, channels, s.image_h, s.image_w, p / s.windows(), channel, (gy + top - down) / sh, (gx + left - right) / sw);
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
      operand.expand(packed.data(), operand.region({0, 1}, outer, k), 0, outer, k, out.data(), outer_stride, k_stride);
      for (std::uint64_t c = 0; c < 2; ++c)
        for (std::uint64_t p = 0; p < 5; ++p) {
          const std::uint64_t position = 3 + p, wanted = (position / 5 * 3 + 1 + c) * 5 + position % 5;
          CHECK(out[(k_is_position ? c : p) * outer_stride + (k_is_position ? p : c) * k_stride] == static_cast<float>(wanted));
        }
    }
  }
}

TEST_CASE("products that are alike see their own part of a tensor, and several of them are one region") {
  // Three matrices of 2 x 5, one behind the other.
  const Tensor t{0, 3, 2, 5, 4};
  const Operand batch = Operand::planes(t, true, {0, 0, 1});
  const auto pieces = [&](const Operand& operand, Range products, Range outer, Range k) {
    return Placement::whole(t).pieces(operand.region(products, outer, k));
  };
  CHECK(pieces(batch, {1, 2}, {0, 2}, {0, 5}) == std::vector<Piece>{{40, 40, 1, 0}});
  CHECK(pieces(batch, {0, 3}, {0, 2}, {0, 5}) == std::vector<Piece>{{0, 120, 1, 0}});
  CHECK(pieces(batch, {2, 3}, {1, 2}, {1, 3}) == std::vector<Piece>{{2 * 40 + 20 + 4, 8, 1, 0}});
  // Two groups of one channel each, over three images of five units.
  const Operand groups = Operand::planes(t, false, {1, 1, 0});
  CHECK(pieces(groups, {1, 2}, {0, 15}, {0, 1}) == std::vector<Piece>{{20, 20, 3, 40}});
  CHECK(pieces(groups, {0, 2}, {0, 15}, {0, 1}) == std::vector<Piece>{{0, 120, 1, 0}});
  CHECK(groups.most_bytes(15, 1) == 60);
}
