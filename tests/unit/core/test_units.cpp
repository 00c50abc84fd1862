#include <catch2/catch.hpp>

#include <type_traits>

#include "models/core/units.h"

using namespace spinvp::core;
using namespace spinvp::core::literals;

TEST_CASE("Dimensions multiply and divide in the type") {
  STATIC_REQUIRE(std::is_same_v<decltype(1_W * 1_s), Energy>);
  STATIC_REQUIRE(std::is_same_v<decltype(1_J / 1_s), Power>);
  STATIC_REQUIRE(std::is_same_v<decltype(1_V / 1_A), Resistance>);
  STATIC_REQUIRE(std::is_same_v<decltype(1_V * 1_A), Power>);
  STATIC_REQUIRE(std::is_same_v<decltype(1_pF * 1_V * 1_V), Energy>);
  STATIC_REQUIRE(std::is_same_v<decltype(1_um * 1_um), Area>);
  STATIC_REQUIRE(std::is_same_v<decltype(1.0 / 1_GHz), Time>);
  STATIC_REQUIRE(std::is_same_v<decltype(1_s / 1_ns), double>);
  STATIC_REQUIRE(std::is_same_v<decltype(1_s * 1_Hz), double>);
  CHECK((2_mW * 3_us).in(1_nJ) == Approx(6));
  CHECK((1_pF * 2_V * 2_V).in(1_pJ) == Approx(4));
  CHECK((1_um2).in(1_mm2) == Approx(1e-6));
}

TEST_CASE("Simulated time is whole picoseconds, rounded to the nearest") {
  CHECK(SimTime::from(1_ns) == SimTime::ps(1000));
  CHECK(SimTime::from(0.6_ps) == SimTime::ps(1));
  CHECK(SimTime::from(0.4_ps) == SimTime::ps(0));
  CHECK(SimTime::from(-1.0 * 1_ns) == SimTime());
  CHECK(SimTime::us(3) / SimTime::ns(7) == 428);
  CHECK(SimTime::us(2).seconds() == Approx(2e-6));
  CHECK(SimTime::never() > SimTime::us(1000000));
}

TEST_CASE("Division rounds up to whole beats") {
  CHECK(divide_up(0, 8) == 0);
  CHECK(divide_up(1, 8) == 1);
  CHECK(divide_up(8, 8) == 1);
  CHECK(divide_up(9, 8) == 2);
}
