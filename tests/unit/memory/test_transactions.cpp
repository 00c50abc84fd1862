// Memories in four phases, through the approximately timed bus, beside the same memories called by b_transport.
#include "models/memory/dram.h"
#include "models/memory/onchip_memory.h"
#include "tests/unit/interconnect/bus_driver.h"
#include "tests/unit/interconnect/phase_bench.h"

using namespace spinvp;
using namespace spinvp::test;

namespace {
constexpr std::uint64_t dram_base = 0x8000'0000, sot_base = 0x20'0000'0000;

// A platform of its own in either mode; both in one elaboration.
struct Platform {
  core::Simulation simulation{7};
  LogText log{simulation};
  interconnect::Interconnect bus;
  memory::Dram dram;
  memory::OnChipMemory sot;
  PhaseEngine engine;
  Platform(const std::string& name, const core::TransportConfig& transport)
      : bus((name + "_bus").c_str(), simulation, {}, transport),
        dram((name + "_dram").c_str(), simulation, {}),
        sot((name + "_sot").c_str(), simulation, {}),
        engine((name + "_engine").c_str(), 2) {
    bus.bind_initiator(engine.port);
    bus.add_target(*dram.windows()[0].socket, dram_base, dram.size(), "dram");
    bus.add_target(*sot.windows()[0].socket, sot_base, sot.size(), "sot");
    dram.set_accepted_transactions(transport.accepted);
    sot.set_accepted_transactions(transport.accepted);
  }
  std::vector<std::uint64_t> counts() {
    std::vector<std::uint64_t> all;
    for (core::Component* c : simulation.components)
      for (const core::Counter& counter : c->counters()) all.push_back(counter.value);
    return all;
  }
};

// Reads and writes of one master after the other, as an engine with one burst buffer makes them.
SimTime traffic(Platform& p, std::vector<std::uint8_t>& read) {
  core::BusMaster& m = p.engine.master();
  std::vector<std::uint8_t> data(64 << 10);
  for (std::size_t i = 0; i < data.size(); ++i) data[i] = static_cast<std::uint8_t>(i * 7 + (i >> 9));
  for (std::uint64_t k = 0; k < 40; ++k) {
    const std::uint64_t place = k * 0x12000, memory = k % 3 == 0 ? sot_base : dram_base;
    CHECK(m.write(memory + place, data, core::no_region, nullptr) == tlm::TLM_OK_RESPONSE);
    CHECK(m.write(memory + place + 0x10000, std::span(data).first(640), core::no_region, nullptr, {64, 192}) == tlm::TLM_OK_RESPONSE);
    std::vector<std::uint8_t> back(data.size());
    CHECK(m.read(memory + place, back, core::no_region, nullptr) == tlm::TLM_OK_RESPONSE);
    CHECK(back == data);
    CHECK(m.read(memory + place + 0x10000, std::span(back).first(640), core::no_region, nullptr, {64, 192}) == tlm::TLM_OK_RESPONSE);
    read.insert(read.end(), back.begin(), back.begin() + 640);
    CHECK(m.write_phantom(memory + place, 30000, core::no_region, nullptr) == tlm::TLM_OK_RESPONSE);
  }
  return core::now();
}
}  // namespace

TEST_CASE("one engine alone, in bursts of a transaction: values, time, counters and energy are those of the loosely timed platform") {
  Platform lt("lt", {}), phased("at", at());
  std::vector<std::uint8_t> lt_read, at_read;
  SimTime lt_end, at_end;
  sc_core::sc_spawn([&] { lt_end = traffic(lt, lt_read); });
  sc_core::sc_spawn([&] { at_end = traffic(phased, at_read); });
  sc_core::sc_start();
  CHECK(lt_end > SimTime::us(50));
  CHECK(at_end == lt_end);
  CHECK(at_read == lt_read);
  CHECK(phased.counts() == lt.counts());
  CHECK(phased.simulation.energy.total() == lt.simulation.energy.total());
}

TEST_CASE("a memory accepts as many transactions as it is told, and holds up the one after them until it has answered one") {
  core::TransportConfig one_transport = at(), many_transport = at();
  one_transport.accepted = 1;
  Platform one("one", one_transport), many("many", many_transport);
  const auto read = [](Platform& p, std::uint64_t& ns) {
    CHECK(p.engine.master().read_phantom(dram_base, 32 << 10, core::no_region, nullptr, {0, 0}, core::longest_burst) == tlm::TLM_OK_RESPONSE);
    ns = core::now().ps() / 1000;
  };
  std::uint64_t one_ns = 0, many_ns = 0;
  sc_core::sc_spawn([&] { read(one, one_ns); });
  sc_core::sc_spawn([&] { read(many, many_ns); });
  sc_core::sc_start();
  // A transaction of 4 KiB: 16 ns of data on the lanes, 14 of t_cl, 32 of interface; the first one opens its rows before, 20 ns (test_through_bus.cpp), which hold the whole burst. One at a
  // time they follow each other; the bus's 8 ns and 32 beats pass meanwhile.
  CHECK(one_ns == 8 + 20 + 8 * 62);
  // Eight at a time the bus decides: the last one starts after 7 times 32 beats.
  CHECK(many_ns == 7 * 32 + 8 + 62);
}

TEST_CASE("an access that a memory refuses is an error response in four phases as well") {
  Platform p("p", at());
  sc_core::sc_spawn([&] {
    core::BusMaster& m = p.engine.master();
    CHECK(m.read_phantom(dram_base, 64, core::no_region, nullptr) == tlm::TLM_OK_RESPONSE);
    p.dram.set_power_state(core::PowerState::off);
    const SimTime now = core::now();
    CHECK(m.read_phantom(dram_base, 64, core::no_region, nullptr) == tlm::TLM_GENERIC_ERROR_RESPONSE);
    CHECK(core::now() == now + SimTime::ns(8 + 1));
    p.dram.set_power_state(core::PowerState::on);
    CHECK(m.read_phantom(dram_base, 64, core::no_region, nullptr) == tlm::TLM_OK_RESPONSE);
  });
  sc_core::sc_start();
  CHECK(p.log.has("not powered"));
}
