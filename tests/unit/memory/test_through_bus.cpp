// Bus and memory together: what an engine sees, and what a hart's direct accesses add up to.
#include <catch2/catch.hpp>

#include "models/interconnect/interconnect.h"
#include "models/memory/dram.h"
#include "models/memory/onchip_memory.h"
#include "tests/unit/interconnect/bus_driver.h"

using namespace spinvp;
using core::SimTime;

namespace {
struct Bench {
  core::Simulation simulation{7};
  interconnect::Interconnect bus{"bus", simulation, {}};
  memory::Dram dram{"dram", simulation, {}};
  memory::OnChipMemory sot{"sot", simulation, {}};
  test::BusDriver hart{"hart"}, engine{"engine"};
  std::vector<core::DirectHop*> hops;
  Bench() {
    bus.bind_initiator(hart.socket);
    bus.bind_initiator(engine.socket);
    bus.add_target(*dram.windows()[0].socket, 0x8000'0000, dram.size(), "dram");
    bus.add_target(*sot.windows()[0].socket, 0x20'0000'0000, sot.size(), "sot");
    sc_core::sc_start(sc_core::SC_ZERO_TIME);
  }
};
}  // namespace

TEST_CASE("a burst of 4 KiB through the default bus is ready when link and memory are both done") {
  Bench b;
  // DRAM: 8 ns of bus, 20 ns to open a row in each bank group, 16 ns of data, 14 ns of t_cl, 32 ns of interface; the link's 32 beats are over long before.
  CHECK(b.engine.read(0x8000'0000, 4096).ready == SimTime::ns(8 + 20 + 16 + 14 + 32));
  // On-chip: 2.08 ns in the banks, but 32 beats on the link.
  CHECK(b.engine.read(0x20'0000'0000, 4096, SimTime::us(1)).ready == SimTime::us(1) + SimTime::ns(8 + 32));
}

TEST_CASE("the same accesses give the same counts and joules through pointers and through the bus") {
  Bench b;
  b.hart.transfer.hops = &b.hops;
  const core::AccessTally tally{.reads = 1000, .read_bytes = 8000, .writes = 500, .write_bytes = 2000};
  // With direct access: hops from the grant.
  tlm::tlm_dmi dmi;
  REQUIRE(b.hart.direct(0x20'0000'1000, dmi));
  CHECK(dmi.get_start_address() == 0x20'0000'0000);
  const auto granted = b.hops;
  for (auto* hop : granted) hop->settle(tally, core::no_region, SimTime(), SimTime::us(10));
  const double once = b.simulation.energy.total();
  // Without: the hops of an access through the bus.
  b.hops.clear();
  CHECK(b.hart.read(0x20'0000'1000, 8).ok());
  REQUIRE(b.hops == granted);
  CHECK(b.simulation.energy.total() == once);
  for (auto* hop : b.hops) hop->settle(tally, core::no_region, SimTime::us(10), SimTime::us(20));
  CHECK(b.simulation.energy.total() == Approx(2 * once).epsilon(1e-12));
  CHECK(b.sot.counters()[0].value == 2000);
  CHECK(b.bus.counters()[3].value == 20000);  // sot.bytes
}

TEST_CASE("switching a memory off revokes direct access at its place in the map") {
  Bench b;
  b.sot.set_power_state(core::PowerState::off);
  for (const auto* driver : {&b.hart, &b.engine}) {
    REQUIRE(driver->revoked.size() == 1);
    CHECK(driver->revoked[0] == std::pair<std::uint64_t, std::uint64_t>(0x20'0000'0000, 0x20'0000'0000 + (64ull << 20) - 1));
  }
}

TEST_CASE("two engines on one DRAM take together the time of the slower of link and channels for all bytes") {
  Bench b;
  SimTime last;
  for (std::uint64_t i = 0; i < 100; ++i) {
    last = std::max(last, b.engine.read(0x8000'0000 + i * 8192, 4096).ready);
    last = std::max(last, b.hart.read(0x8000'0000 + i * 8192 + 4096, 4096).ready);
  }
  // The target's link: 200 bursts of 32 beats back to back; the last one, in rows that are open, is done 8 + 16 + 14 + 32 ns after its turn began. What the refresh at 3.9 us kept waiting was
  // made up since: a burst takes the lanes half the time that it takes the link.
  CHECK(last == SimTime::ns(199 * 32 + 8 + 16 + 14 + 32));
}
