#include <catch2/catch.hpp>

#include "models/interconnect/link.h"

using spinvp::core::SimTime;
using spinvp::interconnect::Link;

TEST_CASE("bursts that ask at the same time queue, and the sum of their occupancies is the time of all") {
  Link link;
  SimTime end;
  for (int i = 0; i < 10; ++i) end = link.burst(SimTime::ns(100), SimTime::ns(7), SimTime()) + SimTime::ns(7);
  CHECK(end == SimTime::ns(100 + 10 * 7));
}

TEST_CASE("a burst that asks for an earlier time takes the gap before one that was booked first") {
  Link link;
  CHECK(link.burst(SimTime::ns(50), SimTime::ns(10), SimTime()) == SimTime::ns(50));
  CHECK(link.burst(SimTime::ns(5), SimTime::ns(10), SimTime()) == SimTime::ns(5));
  CHECK(link.burst(SimTime::ns(40), SimTime::ns(11), SimTime()) == SimTime::ns(60));  // the gap from 40 to 50 is too short
}

TEST_CASE("direct accesses wait for nothing on an idle link and occupy it for bursts") {
  Link link;
  CHECK(link.direct(SimTime::ns(40), SimTime(), SimTime::ns(400), SimTime()) == SimTime());
  // Four slices of 10 ns at 50, 150, 250 and 350 ns.
  CHECK(link.burst(SimTime::ns(55), SimTime::ns(5), SimTime()) == SimTime::ns(60));
  CHECK(link.burst(SimTime::ns(145), SimTime::ns(10), SimTime()) == SimTime::ns(160));
  CHECK(link.burst(SimTime::ns(300), SimTime::ns(10), SimTime()) == SimTime::ns(300));
}

TEST_CASE("direct accesses share the link with the bursts of the last window") {
  // 250 ns of bursts in 1 us: a quarter. An occupancy of 90 ns takes 120 ns of what is left.
  Link link;
  link.burst(SimTime(), SimTime::ns(250), SimTime());
  CHECK(link.direct(SimTime::ns(90), SimTime::us(1), SimTime::us(2), SimTime::us(1)) == SimTime::ns(30));
  CHECK(link.load() == Approx(0.25));
  // Saturated: fair arbitration leaves half, so the wait is the occupancy itself.
  Link full;
  full.burst(SimTime(), SimTime::us(5), SimTime());
  CHECK(full.direct(SimTime::ns(90), SimTime::us(1), SimTime::us(2), SimTime::us(1)) == SimTime::ns(90));
  // A window without bursts clears the load.
  CHECK(full.direct(SimTime::ns(90), SimTime::us(3), SimTime::us(4), SimTime::us(3)) == SimTime());
}
