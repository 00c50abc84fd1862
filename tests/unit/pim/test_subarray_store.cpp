#include <catch2/catch.hpp>

#include "models/pim/subarray_store.h"

using namespace spinvp::pim;

TEST_CASE("bit b of word w of a lane is the cell at row 32 w + b of its column") {
  SubarrayStore store({3, 64, 4, 2});
  store.plane(2, 1)[5] = 0x80000001;
  CHECK(store.bit(2, 32, 5));
  CHECK(store.bit(2, 63, 5));
  CHECK_FALSE(store.bit(2, 33, 5));
  CHECK_FALSE(store.bit(2, 32, 6));
  CHECK_FALSE(store.bit(1, 32, 5));
}

TEST_CASE("rows and words are two views of the same cells") {
  SubarrayStore store({2, 128, 2, 2});
  const std::uint64_t pattern[2] = {0x123456789abcdef0, 0x0f1e2d3c4b5a6978};
  store.write_row(1, 37, pattern);
  for (std::uint32_t column = 0; column < 128; ++column) CHECK(store.plane(1, 1)[column] == ((pattern[column / 64] >> (column % 64)) & 1) << 5);
  std::uint64_t back[2] = {};
  store.read_row(1, 37, back);
  CHECK(back[0] == pattern[0]);
  CHECK(back[1] == pattern[1]);
  store.read_row(1, 36, back);
  CHECK((back[0] | back[1]) == 0);
}

TEST_CASE("flat lanes split at subarrays") {
  const Geometry geometry{4, 32, 1, 2};
  std::vector<LaneRange> ranges;
  std::vector<std::uint64_t> starts;
  for_each_subarray(geometry, 30, 40, [&](const LaneRange& range, std::uint64_t start) {
    ranges.push_back(range);
    starts.push_back(start);
  });
  REQUIRE(ranges.size() == 3);
  CHECK((ranges[0].subarray == 0 && ranges[0].first == 30 && ranges[0].count == 2));
  CHECK((ranges[1].subarray == 1 && ranges[1].first == 0 && ranges[1].count == 32));
  CHECK((ranges[2].subarray == 2 && ranges[2].first == 0 && ranges[2].count == 6));
  CHECK(starts == std::vector<std::uint64_t>{0, 2, 34});
  CHECK(subarrays_of(geometry, 30, 40) == 3);
  CHECK(subarrays_of(geometry, 31, 1) == 1);
  CHECK(subarrays_of(geometry, 31, 2) == 2);
}
