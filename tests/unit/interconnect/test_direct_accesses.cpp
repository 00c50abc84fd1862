#include <catch2/catch.hpp>

#include "models/interconnect/interconnect.h"
#include "tests/unit/interconnect/bus_driver.h"

using namespace spinvp;
using core::SimTime;
using interconnect::Interconnect;
using interconnect::InterconnectConfig;

namespace {

struct NoHop : core::DirectHop {
  SimTime settle(const core::AccessTally&, core::RegionId, SimTime, SimTime) override { return SimTime(); }
};

struct Bench {
  core::Simulation simulation;
  Interconnect bus{"bus", simulation, InterconnectConfig{}};
  test::BusDriver hart{"hart"}, engine{"engine"};
  test::FixedTarget memory{"memory"}, device{"device"};
  NoHop memory_hop;
  std::vector<core::DirectHop*> hops;
  Bench() {
    memory.hop = &memory_hop;
    device.waits = true;
    device.takes = SimTime::ns(2);
    hart.transfer.hops = &hops;
    bus.bind_initiator(hart.socket);
    bus.bind_initiator(engine.socket);
    bus.add_target(memory.socket, 0x1000, 0x10000, "memory");
    bus.add_target(device.socket, 0x100000, 0x1000, "device");
  }
  [[nodiscard]] std::uint64_t counter(const std::string& name) {
    for (const auto& c : bus.counters())
      if (c.name == name) return c.value;
    return ~0ull;
  }
};

class Script : public sc_core::sc_module {
 public:
  Script(const sc_core::sc_module_name& name, std::function<void()> body) : sc_module(name), body_(std::move(body)) {
    SC_HAS_PROCESS(Script);
    SC_THREAD(run);
  }

 private:
  std::function<void()> body_;
  void run() { body_(); }
};

}  // namespace

TEST_CASE("a direct access leaves no trace but the hops of memory and bus, in this order") {
  Bench b;
  sc_core::sc_start(sc_core::SC_ZERO_TIME);
  const auto done = b.hart.read(0x1000, 8, SimTime::ns(5));
  CHECK(done.ok());
  CHECK(done.ready == SimTime::ns(5));
  REQUIRE(b.hops.size() == 2);
  CHECK(b.hops[0] == &b.memory_hop);
  CHECK(b.counter("memory.bytes") == 0);
  CHECK(b.simulation.energy.total() == 0);
  // The link is free: an engine's burst at the same time does not wait.
  CHECK(b.engine.read(0x1000, 128, SimTime::ns(5)).ready == SimTime::ns(5 + 8 + 1));
  // The grant of a pointer names the same hops.
  tlm::tlm_dmi dmi;
  const auto by_transport = b.hops;
  b.hops.clear();
  REQUIRE(b.hart.direct(0x1000, dmi));
  CHECK(b.hops == by_transport);
}

TEST_CASE("settling counts bytes, accesses and energy as ordinary accesses would") {
  Bench b;
  sc_core::sc_start(sc_core::SC_ZERO_TIME);
  for (int i = 0; i < 100; ++i) b.engine.read(0x1000, 8, SimTime::ns(static_cast<std::uint64_t>(i)));
  const std::uint64_t bytes = b.counter("memory.bytes"), transactions = b.counter("memory.transactions");
  const double joules = b.simulation.energy.total();
  b.hart.read(0x1000, 8);
  CHECK(b.hops[1]->settle({.reads = 100, .read_bytes = 800, .writes = 0, .write_bytes = 0}, core::no_region, SimTime::us(1), SimTime::us(2)) == SimTime());
  CHECK(b.counter("memory.bytes") == 2 * bytes);
  CHECK(b.counter("memory.transactions") == 2 * transactions);
  CHECK(b.simulation.energy.total() == Approx(2 * joules).epsilon(1e-12));
  // 100 beats in slices of 25 ns at 1125, 1375, 1625 and 1875 ns.
  CHECK(b.engine.read(0x1000, 128, SimTime::ns(1130)).ready == SimTime::ns(1150 + 8 + 1));
  CHECK(b.hops[1]->settle({}, core::no_region, SimTime(), SimTime()) == SimTime());
}

TEST_CASE("a device access of a hart happens at its local time and takes latency and beats on the way back") {
  Bench b;
  test::BusDriver::Done done{};
  Script script("script", [&] { done = b.hart.read(0x100000, 4, SimTime::ns(500)); });
  sc_core::sc_start();
  CHECK(done.ok());
  CHECK(b.device.acted == SimTime::ns(500));
  CHECK(done.ready == SimTime::ns(500 + 2 + 8 + 1));
  CHECK(b.hops.empty());
  CHECK(b.counter("device.bytes") == 4);
}

TEST_CASE("an engine's access to a device that waits is ready at the same time as one that annotates") {
  Bench b;
  b.engine.transfer.hops = nullptr;
  test::BusDriver::Done done{};
  Script script("script", [&] { done = b.engine.read(0x100000, 4, SimTime::ns(500)); });
  sc_core::sc_start();
  CHECK(b.device.acted == SimTime::ns(500 + 8));
  CHECK(done.ready == SimTime::ns(500 + 8 + 2));
}
