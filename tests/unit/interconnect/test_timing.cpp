#include <catch2/catch.hpp>

#include "models/interconnect/interconnect.h"
#include "tests/unit/interconnect/bus_driver.h"

using namespace spinvp;
using core::SimTime;
using interconnect::Interconnect;
using interconnect::InterconnectConfig;

namespace {
// Defaults: 128 bytes a cycle of 1 ns, latency 8 cycles.
struct Bench {
  core::Simulation simulation;
  Interconnect bus{"bus", simulation, InterconnectConfig{}};
  test::BusDriver one{"one"}, two{"two"};
  test::FixedTarget near_target{"near"}, far_target{"far"};
  Bench() {
    bus.bind_initiator(one.socket);
    bus.bind_initiator(two.socket);
    bus.add_target(near_target.socket, 0x1000, 0x10000, "near");
    bus.add_target(far_target.socket, 0x100000, 0x10000, "far");
    sc_core::sc_start(sc_core::SC_ZERO_TIME);
  }
  [[nodiscard]] std::uint64_t counter(const std::string& name) {
    for (const auto& c : bus.counters())
      if (c.name == name) return c.value;
    return ~0ull;
  }
};
}  // namespace

TEST_CASE("a burst on an idle bus is ready after the latency and one cycle a beat") {
  Bench b;
  CHECK(b.one.read(0x1000, 4).ready == SimTime::ns(8 + 1));
  CHECK(b.two.read(0x100000, 128, SimTime::ns(100)).ready == SimTime::ns(100 + 8 + 1));
  CHECK(b.two.read(0x100000, 129, SimTime::ns(200)).ready == SimTime::ns(200 + 8 + 2));
  CHECK(b.one.write(0x1000, 4096, SimTime::ns(300)).ready == SimTime::ns(300 + 8 + 32));
}

TEST_CASE("the slower of link and target decides when a burst is ready") {
  Bench b;
  b.near_target.takes = SimTime::ns(100);
  CHECK(b.one.read(0x1000, 4096).ready == SimTime::ns(8 + 100));
  CHECK(b.near_target.acted == SimTime::ns(8));
  b.near_target.takes = SimTime::ns(20);
  CHECK(b.one.read(0x1000, 4096, SimTime::us(1)).ready == SimTime::us(1) + SimTime::ns(8 + 32));
}

TEST_CASE("two initiators at one target take the sum of their occupancies, at two targets they do not meet") {
  Bench b;
  CHECK(b.one.read(0x1000, 4096).ready == SimTime::ns(8 + 32));
  CHECK(b.two.read(0x2000, 4096).ready == SimTime::ns(8 + 64));
  CHECK(b.counter("near.wait_ps") == 32000);
  CHECK(b.two.read(0x100000, 128, SimTime::ns(64)).ready == SimTime::ns(64 + 8 + 1));
  CHECK(b.one.read(0x100000, 4096, SimTime::ns(100)).ready == SimTime::ns(100 + 8 + 32));
  CHECK(b.counter("far.wait_ps") == 0);
}

TEST_CASE("an earlier request takes the gap before a later one that was booked first") {
  Bench b;
  CHECK(b.one.read(0x1000, 4096, SimTime::ns(1000)).ready == SimTime::ns(1000 + 8 + 32));
  CHECK(b.two.read(0x1000, 4096).ready == SimTime::ns(8 + 32));
  CHECK(b.two.read(0x1000, 4096, SimTime::ns(990)).ready == SimTime::ns(1032 + 8 + 32));
}

TEST_CASE("an initiator's own link serialises its bursts to different targets") {
  Bench b;
  CHECK(b.one.read(0x1000, 4096).ready == SimTime::ns(8 + 32));
  CHECK(b.one.read(0x100000, 4096).ready == SimTime::ns(8 + 64));
}

TEST_CASE("bytes, transactions and energy are counted where the target's link is, for the region and the job of the burst") {
  Bench b;
  core::KernelTally job;
  b.simulation.regions.open("layer", SimTime());
  b.one.transfer.region = b.simulation.regions.current();
  b.one.transfer.job = &job;
  b.one.read(0x1000, 4096);
  b.one.write(0x1000, 100);
  CHECK(b.counter("near.bytes") == 4196);
  CHECK(b.counter("near.transactions") == 2);
  CHECK(b.counter("far.bytes") == 0);
  // 0.1 pJ a bit and millimetre over 10 mm: 8 pJ a byte.
  CHECK(job.energy_j == Approx(4196 * 8e-12));
  CHECK(b.simulation.energy.by_region(b.one.transfer.region) == Approx(4196 * 8e-12));
}

TEST_CASE("a link has its own width, clock and latency, and the slower of the two links decides") {
  core::Simulation simulation;
  Interconnect bus{"bus", simulation, InterconnectConfig{}};
  test::BusDriver wide{"wide"}, narrow{"narrow"};
  test::FixedTarget fast{"fast"}, slow{"slow"};
  bus.bind_initiator(wide.socket);
  bus.bind_initiator(narrow.socket, {.width_bytes = 32, .clock = core::Frequency::from_si(1e9), .latency = 3});
  bus.add_target(fast.socket, 0x1000, 0x10000, "fast");
  bus.add_target(slow.socket, 0x100000, 0x10000, "slow", {.width_bytes = 64, .clock = core::Frequency::from_si(500e6), .latency = 5});
  sc_core::sc_start(sc_core::SC_ZERO_TIME);
  // 4096 bytes: 32 beats of 1 ns on a link of the bus, 128 of 1 ns on the narrow one, 64 of 2 ns on the slow one.
  CHECK(wide.read(0x1000, 4096).ready == SimTime::ns(8 + 32));
  CHECK(narrow.read(0x1000, 4096, SimTime::us(1)).ready == SimTime::us(1) + SimTime::ns(8 + 3 + 128));
  CHECK(wide.read(0x100000, 4096, SimTime::us(2)).ready == SimTime::us(2) + SimTime::ns(8 + 5 * 2 + 128));
  CHECK(narrow.read(0x100000, 128, SimTime::us(3)).ready == SimTime::us(3) + SimTime::ns(8 + 3 + 5 * 2 + 4));
}
