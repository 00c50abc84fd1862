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

TEST_CASE("a burst that comes while a longer one has the link begins after one transaction of that, and ends at its own place") {
  const SimTime share = SimTime::ns(32);
  Link link;
  const auto alone = link.shared_burst(SimTime::ns(100), SimTime::ns(512), share, SimTime());
  CHECK(alone.first == SimTime::ns(100));
  CHECK(alone.start == SimTime::ns(100));
  const auto second = link.shared_burst(SimTime::ns(100), SimTime::ns(512), share, SimTime());
  CHECK(second.first == SimTime::ns(132));
  CHECK(second.start == SimTime::ns(612));
  // A short one behind both waits for a transaction of each; the link's place is behind theirs.
  const auto third = link.shared_burst(SimTime::ns(200), SimTime::ns(8), share, SimTime());
  CHECK(third.first == SimTime::ns(264));
  CHECK(third.start == SimTime::ns(1124));
  // Nobody has it any more.
  const auto later = link.shared_burst(SimTime::ns(1132), SimTime::ns(8), share, SimTime());
  CHECK(later.first == SimTime::ns(1132));
  CHECK(later.start == SimTime::ns(1132));
}

TEST_CASE("bursts of one transaction each wait for each other in the order of their calls") {
  Link link;
  for (int i = 0; i < 10; ++i) {
    const auto passage = link.shared_burst(SimTime::ns(100), SimTime::ns(32), SimTime::ns(32), SimTime());
    CHECK(passage.first == SimTime::ns(100 + 32 * i));
    CHECK(passage.start == passage.first);
  }
}
