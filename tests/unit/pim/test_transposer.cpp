// Words of an image into lanes and back, against plain indexing.
#include <catch2/catch.hpp>

#include "models/pim/transposer.h"
#include "tests/unit/pim/reference_float.h"

using namespace spinvp::pim;

namespace {

using Extents = std::array<std::uint32_t, 4>;
using Strides = std::array<std::int64_t, 4>;

std::int64_t place(const Extents& extents, const Strides& strides, std::uint64_t index) {
  std::int64_t offset = 0;
  for (std::size_t d = 4; d-- > 0;) {
    offset += static_cast<std::int64_t>(index % extents[d]) * strides[d];
    index /= extents[d];
  }
  return offset;
}

}  // namespace

TEST_CASE("lanes take the words of any box, and no other lane changes") {
  const Geometry geometry{8, 64, 2, 2};
  reference::Draw draw(3);
  std::vector<std::uint32_t> image(4096);
  for (std::uint32_t& x : image) x = static_cast<std::uint32_t>(draw.next());
  for (int round = 0; round < 3000; ++round) {
    Extents extents;
    Strides strides;
    std::uint64_t lanes = 1;
    for (std::size_t d = 0; d < 4; ++d) {
      extents[d] = 1 + draw.below(4);
      strides[d] = draw.below(2) == 0 ? 0 : static_cast<std::int64_t>(draw.below(41)) - 20;
      lanes *= extents[d];
    }
    // Also products of neighbours, which continue each other.
    if (draw.below(3) == 0) strides[2] = strides[3] * extents[3];
    if (draw.below(3) == 0) strides[1] = strides[2] * extents[2];
    const std::uint64_t first = draw.below(static_cast<std::uint32_t>(geometry.total_lanes() - lanes + 1));
    const Transposer transposer(geometry, first, extents, strides);
    SubarrayStore store(geometry);
    for (std::uint32_t subarray = 0; subarray < geometry.subarrays; ++subarray)
      for (std::uint32_t& x : store.plane(subarray, 0)) x = 0xdeadbeef;
    for (std::size_t part = 0; part < transposer.parts(); ++part) transposer.gather(part, image.data() + 2048, store.plane(transposer.range(part).subarray, 0));
    std::uint64_t wrong = 0;
    for (std::uint64_t flat = 0; flat < geometry.total_lanes(); ++flat) {
      const std::uint32_t got = store.plane(static_cast<std::uint32_t>(flat / 64), 0)[flat % 64];
      const bool named = flat >= first && flat < first + lanes;
      if (got != (named ? image[static_cast<std::size_t>(2048 + place(extents, strides, flat - first))] : 0xdeadbeef)) ++wrong;
    }
    REQUIRE(wrong == 0);
  }
}

TEST_CASE("storing is the reverse of loading") {
  const Geometry geometry{4, 64, 1, 2};
  const Extents extents{2, 3, 4, 5};
  const Strides strides{200, -60, 5, 1};
  const Transposer transposer(geometry, 50, extents, strides);
  SubarrayStore store(geometry);
  for (std::uint64_t i = 0; i < 120; ++i) store.plane(static_cast<std::uint32_t>((50 + i) / 64), 0)[(50 + i) % 64] = static_cast<std::uint32_t>(1000 + i);
  std::vector<std::uint32_t> image(400, 7);
  for (std::size_t part = 0; part < transposer.parts(); ++part) transposer.scatter(part, store.plane(transposer.range(part).subarray, 0), image.data() + 120);
  std::vector<std::uint32_t> expected(400, 7);
  for (std::uint64_t i = 0; i < 120; ++i) expected[static_cast<std::size_t>(120 + place(extents, strides, i))] = static_cast<std::uint32_t>(1000 + i);
  CHECK(image == expected);
}

TEST_CASE("a transposing buffer is sent each word that its subarray needs") {
  const Geometry geometry{4, 64, 1, 2};
  // 64 different words for each subarray
  CHECK(Transposer(geometry, 0, Extents{1, 1, 2, 64}, Strides{0, 0, 64, 1}).words_into(1) == 64);
  // one word for all lanes
  CHECK(Transposer(geometry, 0, Extents{1, 1, 1, 128}, Strides{0, 0, 0, 0}).words_into(0) == 1);
  // 4 words, each for 16 lanes
  CHECK(Transposer(geometry, 0, Extents{1, 1, 4, 16}, Strides{0, 0, 1, 0}).words_into(0) == 4);
  // 16 words, the same for each of 4 groups
  CHECK(Transposer(geometry, 0, Extents{1, 1, 4, 16}, Strides{0, 0, 0, 1}).words_into(0) == 16);
}
