#include <catch2/catch.hpp>

#include <set>
#include <vector>

#include <rapidcheck.h>

#include "models/core/calendar.h"

using namespace spinvp::core;

namespace {
constexpr SimTime t(std::uint64_t ps) { return SimTime::ps(ps); }
}  // namespace

TEST_CASE("A free resource serves at once, a busy one when it is free, and not one picosecond earlier") {
  Calendar calendar;
  CHECK(calendar.book(t(100), t(50)) == t(100));
  CHECK(calendar.book(t(100), t(50)) == t(150));
  CHECK(calendar.book(t(199), t(10)) == t(200));
  CHECK(calendar.book(t(210), t(10)) == t(210));
  CHECK(calendar.last_end() == t(220));
}

TEST_CASE("An earlier request takes an earlier gap if it is long enough") {
  Calendar calendar;
  calendar.book(t(1000), t(100));  // a hart that ran ahead
  CHECK(calendar.book(t(0), t(100)) == t(0));
  CHECK(calendar.first_gap(t(50), t(900)) == t(100));
  CHECK(calendar.first_gap(t(50), t(901)) == t(1100));
  CHECK(calendar.book(t(50), t(900)) == t(100));
  CHECK(calendar.size() == 1);  // the gap is closed: one interval from 0 to 1100
  CHECK(calendar.book(t(0), t(1)) == t(1100));
}

TEST_CASE("A zero duration books nothing and starts at the first free instant") {
  Calendar calendar;
  calendar.book(t(10), t(10));
  CHECK(calendar.book(t(5), t(0)) == t(5));
  CHECK(calendar.book(t(10), t(0)) == t(20));
  CHECK(calendar.book(t(20), t(0)) == t(20));
  CHECK(calendar.size() == 1);
}

TEST_CASE("What ended is forgotten, what still runs is not") {
  Calendar calendar;
  calendar.book(t(0), t(10));
  calendar.book(t(20), t(10));
  calendar.forget_before(t(10));
  CHECK(calendar.size() == 1);
  calendar.forget_before(t(29));
  CHECK(calendar.book(t(0), t(21)) == t(30));
  calendar.clear();
  CHECK(calendar.size() == 0);
  CHECK(calendar.last_end() == SimTime());
}

TEST_CASE("Property: bookings never overlap, never start early, and take the first gap that fits") {
  REQUIRE(rc::check("against a picture of single picoseconds", [] {
    Calendar calendar;
    std::set<unsigned> taken;  // the picoseconds in use: the plain definition of a reservation
    const auto requests = *rc::gen::container<std::vector<std::pair<unsigned, unsigned>>>(rc::gen::pair(rc::gen::inRange(0u, 200u), rc::gen::inRange(1u, 20u)));
    for (const auto& [earliest, duration] : requests) {
      const auto fits = [&, length = duration](unsigned start) {
        for (unsigned i = 0; i < length; ++i)
          if (taken.count(start + i) != 0) return false;
        return true;
      };
      unsigned expected = earliest;
      while (!fits(expected)) ++expected;
      RC_ASSERT(calendar.first_gap(t(earliest), t(duration)) == t(expected));
      RC_ASSERT(calendar.book(t(earliest), t(duration)) == t(expected));
      for (unsigned i = 0; i < duration; ++i) taken.insert(expected + i);
    }
  }));
}
