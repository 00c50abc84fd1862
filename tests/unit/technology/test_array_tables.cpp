#include <catch2/catch.hpp>

#include "models/technology/array_tables.h"

using namespace spinvp::technology;

namespace {
bool tagged(const std::string& source) { return source.starts_with("published: ") || source.starts_with("derived: ") || source.starts_with("assumed: "); }
}  // namespace

// The six rows and their settings: memory_sheet.cpp. Area, two latencies, two energies and leakage of each.
TEST_CASE("with NVSim's organisations the array model agrees with its six rows within 15 %, but for one leakage") {
  const std::vector<ArrayComparison> rows = array_agreement(false);
  REQUIRE(rows.size() == 36);
  for (const ArrayComparison& r : rows) {
    INFO(r.row << " " << r.figure << ": " << r.ours << " against " << r.published << ", ratio " << r.ratio());
    CHECK(tagged(r.source));
    // The published row leaks 309 mW; NVSim repeated with these settings prints 255 mW, so the row's organisation was another one.
    if (r.row == "sot 64 MiB" && r.figure == "leakage") {
      CHECK(r.ours / 254.8 == Approx(1).epsilon(0.15));
      CHECK(r.ratio() > 0.8);
    } else {
      CHECK(r.inside());
    }
  }
}

TEST_CASE("with its own search the array model stays within a factor of two of the rows, and finds designs that are no worse for the target") {
  const std::vector<ArrayComparison> found = array_agreement(true), given = array_agreement(false);
  REQUIRE(found.size() == given.size());
  for (std::size_t i = 0; i < found.size(); i += 6) {
    // Row order: area, read latency, write latency, read energy, write energy, leakage; the target is read energy x read latency.
    INFO(found[i].row);
    CHECK(found[i + 1].ours * found[i + 3].ours <= given[i + 1].ours * given[i + 3].ours * (1 + 1e-9));
    for (std::size_t j = i; j < i + 6; ++j) {
      INFO(found[j].figure << " ratio " << found[j].ratio());
      CHECK(found[j].ratio() > 0.5);
      CHECK(found[j].ratio() < 2.0);
    }
  }
}

TEST_CASE("the array model lies within the stated bands of published macros and silicon") {
  const std::vector<ArrayComparison> rows = array_validation();
  REQUIRE(rows.size() > 30);
  for (const ArrayComparison& r : rows) {
    INFO(r.row << " " << r.figure << ": " << r.ours << " against " << r.published << ", ratio " << r.ratio() << ", " << r.source);
    CHECK(tagged(r.source));
    CHECK(r.inside());
  }
}
