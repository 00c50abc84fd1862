#include <catch2/catch.hpp>

#include "models/core/error.h"
#include "models/pim/device_timing.h"
#include "models/pim/pim_config.h"

using namespace spinvp::pim;
using namespace spinvp::core;
using namespace spinvp::core::literals;

TEST_CASE("steps become time with one rounding up to a picosecond") {
  const DeviceTiming device = DeviceTiming::preset("prenat-2016", "sot", 1024, 1024);
  CHECK(device.time_of(StepCounts::whole(1, 0)) == SimTime::ps(221));
  CHECK(device.time_of(StepCounts::whole(0, 1)) == SimTime::ps(266));
  // 1258.5 x (221 + 266) = 612 889.5
  CHECK(device.time_of(published::sot_multiply(fp32)) == SimTime::ps(612890));
  // 218 x 221 + 217 x 266 + 50 x 221 = 116 950
  CHECK(device.time_of(published::sot_add(fp32)) == SimTime::ps(116950));
  // two multiplications in one command round once: 1 225 779
  CHECK(device.time_of(published::sot_multiply(fp32) * 2) == SimTime::ps(1225779));
}

TEST_CASE("waves repeat the row writes alone") {
  const DeviceTiming device = DeviceTiming::preset("prenat-2016", "sot", 1024, 1024);
  CHECK(device.time_of(StepCounts::whole(10, 10, 10), 3) == SimTime::ps(10 * 221 + 30 * 266 + 10 * 221));
}

TEST_CASE("the supply's current bounds how many subarrays write at once") {
  const DeviceTiming device = DeviceTiming::preset("prenat-2016", "sot", 1024, 1024);
  // 1024 lanes x 100 uA = 102.4 mA
  CHECK(device.writers_at_once(8_A, 1024) == 78);
  CHECK(device.writers_at_once(102.4_mA, 1024) == 1);
  CHECK(device.writers_at_once(204.8_mA, 1024) == 2);
  CHECK(device.writers_at_once(204.7_mA, 1024) == 1);
  CHECK(device.writers_at_once(1_mA, 1024) == 1);
}

TEST_CASE("every number of every preset has a source that says what kind of number it is") {
  for (const std::string& name : DeviceTiming::preset_names()) {
    const DeviceTiming device = DeviceTiming::preset(name, "sot", 1024, 1024);
    CHECK(device.name.ends_with(name));
    CHECK(!device.boundary.empty());
    // Three row times, the write current and the node at the least.
    CHECK(device.sources.size() >= 5);
    for (std::size_t i = 0; i < cell_event_kinds; ++i) CHECK((device.energy[i].si() == 0) == device.energy_sources[i].empty());
    for (const Constant& constant : device.sources) {
      INFO(constant.source);
      CHECK((constant.source.starts_with("published: ") || constant.source.starts_with("derived: ") || constant.source.starts_with("assumed: ")));
    }
  }
  CHECK_THROWS_AS(DeviceTiming::preset("headline", "sot", 1024, 1024), InputError);
}

TEST_CASE("the default geometry is 64 subarrays of 1024 x 1024 with a window of 8 MiB") {
  const Geometry geometry = PimConfig{}.geometry();
  CHECK(geometry.total_lanes() == 65536);
  CHECK(geometry.words == 32);
  CHECK(geometry.window_bytes() == 8u << 20);
}

TEST_CASE("a geometry that no array can have is refused with what is allowed") {
  PimConfig config;
  config.rows = 1000;
  CHECK_THROWS_WITH(config.geometry(), "pim: rows is 1000, allowed is a multiple of 32");
  config = {};
  config.subarrays = config.rows = config.lanes = 4096;
  CHECK_THROWS_AS(config.geometry(), InputError);
}
