#include <catch2/catch.hpp>

#include "models/core/regions.h"

using namespace spinvp::core;

TEST_CASE("Each picosecond belongs to exactly one region, the innermost") {
  Regions regions;
  regions.open("train", SimTime::ps(10));
  regions.open("forward", SimTime::ps(30));
  const RegionId forward = regions.current();
  CHECK(regions.path(forward) == "train/forward");
  CHECK(regions.name(forward) == "forward");
  CHECK(regions.depth() == 2);
  CHECK(regions.close(SimTime::ps(70)));
  const RegionId train = regions.current();
  CHECK(regions.close(SimTime::ps(75)));
  regions.settle(SimTime::ps(100));
  CHECK(regions.time(no_region) == SimTime::ps(10 + 25));
  CHECK(regions.time(train) == SimTime::ps(20 + 5));
  CHECK(regions.time(forward) == SimTime::ps(40));
  CHECK_FALSE(regions.close(SimTime::ps(100)));
}

TEST_CASE("The same name under the same parent is the same region, under another parent another") {
  Regions regions;
  const auto visit = [&](const char* outer, const char* inner) {
    regions.open(outer, SimTime());
    regions.open(inner, SimTime());
    const RegionId id = regions.current();
    regions.close_all(SimTime());
    return id;
  };
  const RegionId a = visit("a", "x");
  CHECK(visit("a", "x") == a);
  CHECK(visit("b", "x") != a);
  CHECK(regions.count() == 1 + 4);  // (none), a, a/x, b, b/x
}

TEST_CASE("The phase of a region is the nearest word of the path that names one") {
  Regions regions;
  regions.open("train", SimTime());
  CHECK(regions.phase(regions.current()).empty());
  regions.open("backward", SimTime());
  regions.open("conv1", SimTime());
  CHECK(regions.phase(regions.current()) == "backward");
  regions.open("update", SimTime());
  CHECK(regions.phase(regions.current()) == "update");
  CHECK(regions.phase(no_region).empty());
}

TEST_CASE("Depth and number of regions are bounded, since names come from the guest") {
  Regions regions;
  for (int i = 0; i < 64; ++i) CHECK(regions.open("r", SimTime()));
  CHECK_FALSE(regions.open("r", SimTime()));
  CHECK(regions.depth() == 64);
  regions.close_all(SimTime());
  int accepted = 0;
  for (int i = 0; i < 10000; ++i)
    if (regions.open(std::to_string(i), SimTime())) {
      ++accepted;
      regions.close(SimTime());
    }
  CHECK(regions.count() == 4096);
  CHECK(accepted == 4096 - 65);
  CHECK(regions.open("17", SimTime()));  // one that is known is still welcome
}

TEST_CASE("Listeners hear of a change before it happens, with its time") {
  Regions regions;
  std::vector<std::pair<std::size_t, SimTime>> heard;
  regions.before_change([&](SimTime at) { heard.emplace_back(regions.depth(), at); });
  regions.open("a", SimTime::ps(5));
  regions.close(SimTime::ps(9));
  CHECK(heard == std::vector<std::pair<std::size_t, SimTime>>{{0, SimTime::ps(5)}, {1, SimTime::ps(9)}});
}

TEST_CASE("Who waits for a region hears of it once it is open") {
  Regions regions;
  std::vector<std::string> opened;
  regions.after_open([&](RegionId id) { opened.push_back(regions.path(id) + " of " + std::to_string(regions.depth())); });
  regions.open("train", SimTime());
  regions.open("step", SimTime());
  regions.close(SimTime());
  regions.open("step", SimTime());
  CHECK(opened == std::vector<std::string>{"train of 1", "train/step of 2", "train/step of 2"});
}
