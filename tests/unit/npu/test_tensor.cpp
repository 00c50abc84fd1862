#include <catch2/catch.hpp>

#include <random>

#include "models/npu/tensor.h"

using namespace spinvp::npu;

namespace {

std::vector<std::uint64_t> bytes_of(const std::vector<Piece>& pieces) {
  std::vector<std::uint64_t> addresses;
  for (const Piece& p : pieces)
    for (std::uint64_t row = 0; row < p.rows; ++row)
      for (std::uint64_t b = 0; b < p.row_bytes; ++b) addresses.push_back(p.address + row * p.stride + b);
  return addresses;
}

// The addresses of the elements of a region one by one.
std::vector<std::uint64_t> one_by_one(const Tensor& t, const Region& region) {
  std::vector<std::uint64_t> addresses;
  for (const Slice& s : region.slices)
    for (std::uint64_t c = region.channels.first; c < region.channels.last; ++c)
      for (std::uint64_t u = s.units.first; u < s.units.last; ++u)
        for (std::uint64_t b = 0; b < t.unit_bytes; ++b) addresses.push_back(t.address + ((s.image * t.channels + c) * t.units + u) * t.unit_bytes + b);
  return addresses;
}

}  // namespace

TEST_CASE("the pieces of a region name its bytes in packed order, in the tensor and in a copy of a larger region") {
  std::mt19937 random(3);
  const auto below = [&](std::uint64_t n) { return random() % n; };
  for (int i = 0; i < 500; ++i) {
    const Tensor t{1000, 1 + below(4), 1 + below(5), 1 + below(9), below(2) == 0 ? 4u : 12u};
    const auto range = [&](Range within) {
      const std::uint64_t first = within.first + below(within.size());
      return Range{first, first + 1 + below(within.last - first)};
    };
    const Range channels = range({0, t.channels}), positions = range({0, t.images * t.units});
    const Region outer = region_of(t, channels, positions);
    const Region inner = region_of(t, range(channels), range(positions));
    REQUIRE(bytes_of(Placement::whole(t).pieces(outer)) == one_by_one(t, outer));
    REQUIRE(outer.bytes(t) == one_by_one(t, outer).size());

    // In a packed copy at 0 the n-th byte of the outer region lies at n.
    const auto outer_bytes = one_by_one(t, outer), inner_bytes = one_by_one(t, inner);
    std::vector<std::uint64_t> expected;
    for (const std::uint64_t address : inner_bytes)
      expected.push_back(static_cast<std::uint64_t>(std::find(outer_bytes.begin(), outer_bytes.end(), address) - outer_bytes.begin()));
    REQUIRE(bytes_of(Placement::packed(t, outer, 0).pieces(inner)) == expected);

    const std::uint64_t most = 4 * (1 + below(10));
    const auto pieces = Placement::whole(t).pieces(outer), parts = cut(pieces, most);
    REQUIRE(bytes_of(parts) == bytes_of(pieces));
    for (const Piece& part : parts) REQUIRE(part.bytes() <= most);
  }
}

TEST_CASE("neighbouring runs become one, and runs at equal distances one strided piece") {
  const Tensor t{0, 3, 4, 10, 4};
  CHECK(Placement::whole(t).pieces(region_of(t, {0, 4}, {0, 30})) == std::vector<Piece>{{0, 480, 1, 0}});
  CHECK(Placement::whole(t).pieces(region_of(t, {1, 4}, {2, 7})) == std::vector<Piece>{{48, 20, 3, 40}});
  // Two whole channels of each image: a run an image.
  CHECK(Placement::whole(t).pieces(region_of(t, {0, 2}, {0, 30})) == std::vector<Piece>{{0, 80, 3, 160}});
}
