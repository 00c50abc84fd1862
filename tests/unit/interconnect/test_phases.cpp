// The approximately timed bus, against times worked out by hand.
#include "tests/unit/interconnect/bus_driver.h"
#include "tests/unit/interconnect/phase_bench.h"

using namespace spinvp;
using namespace spinvp::test;
using interconnect::Interconnect;

namespace {
// Two engines and two targets on the default bus: 128 bytes a cycle of 1 ns, latency 8 cycles. Monitors on one engine's and one target's side.
struct Bench {
  core::Simulation simulation;
  LogText log{simulation};
  Interconnect bus;
  PhaseEngine one{"one", 2}, two{"two"};
  PhaseMonitor before{"before"}, behind{"behind"};
  QueueTarget near{"near"}, far{"far"};
  explicit Bench(const core::TransportConfig& transport = at()) : bus("bus", simulation, {}, transport) {
    if (transport.approximately_timed()) one.port.configure(transport);
    one.port.bind(before.up);
    bus.bind_initiator(before.down);
    bus.bind_initiator(two.port);
    bus.add_target(behind.up, 0x100000, 0x100000, "near");
    behind.down.bind(near.socket);
    bus.add_target(far.socket, 0x200000, 0x100000, "far");
  }
  void run(const std::vector<std::function<void()>>& bodies) {
    for (const auto& body : bodies) sc_core::sc_spawn(body);
    sc_core::sc_start();
    CHECK(before.wrong == std::vector<std::string>());
    CHECK(behind.wrong == std::vector<std::string>());
    CHECK(before.quiet());
    CHECK(behind.quiet());
  }
  std::uint64_t counter(const std::string& name) {
    for (const auto& c : bus.counters())
      if (c.name == name) return c.value;
    return ~0ull;
  }
};
std::vector<std::uint8_t> numbers(std::size_t count) {
  std::vector<std::uint8_t> bytes(count);
  for (std::size_t i = 0; i < count; ++i) bytes[i] = static_cast<std::uint8_t>(i ^ (i >> 8));
  return bytes;
}
}  // namespace

TEST_CASE("on an idle bus a transaction takes the latency, then the slower of its beats and its target") {
  Bench b;
  std::vector<std::uint8_t> data(4096);
  b.run({[&] {
    CHECK(b.one.master().read(0x100000, std::span(data).first(4), 0, nullptr) == tlm::TLM_OK_RESPONSE);
    CHECK(core::now() == SimTime::ns(8 + 10));  // the target's 10 ns
    CHECK(b.one.master().write(0x100000, data, 0, nullptr) == tlm::TLM_OK_RESPONSE);
    CHECK(core::now() == SimTime::ns(18 + 8 + 32));
    CHECK(b.one.master().waited() == SimTime::ns(18 + 40));
  }});
  CHECK(b.counter("near.bytes") == 4100);
  CHECK(b.counter("near.transactions") == 2);
  CHECK(b.counter("near.wait_ps") == 0);
}

TEST_CASE("a long burst is cut into transactions that follow each other beat by beat, as one burst would") {
  Bench b;
  std::vector<std::uint8_t> data = numbers(64 << 10);
  b.run({[&] {
    CHECK(b.one.master().write(0x100000, data, 0, nullptr, {0, 0}, core::longest_burst) == tlm::TLM_OK_RESPONSE);
    CHECK(core::now() == SimTime::ns(8 + 512));  // 64 KiB: 512 beats
  }});
  CHECK(b.before.requests == 16);
  CHECK(b.before.responses == 16);
  CHECK(std::equal(data.begin(), data.end(), b.near.bytes.begin()));
}

TEST_CASE("transactions are cut at multiples of their size, strided bursts at rows") {
  const auto cuts = [](std::uint64_t address, std::uint64_t length, std::uint64_t row, std::uint64_t stride) {
    std::vector<std::array<std::uint64_t, 3>> all;
    for (std::uint64_t done = 0; done < length; done += all.back()[1]) {
      const core::TransactionCut c = core::next_cut(address, length, row, stride, done, 4096);
      all.push_back({c.address, c.length, c.rows});
    }
    return all;
  };
  using Cuts = std::vector<std::array<std::uint64_t, 3>>;
  CHECK(cuts(0, 4096, 0, 0) == Cuts{{0, 4096, 0}});
  CHECK(cuts(0x800, 8192, 0, 0) == Cuts{{0x800, 2048, 0}, {0x1000, 4096, 0}, {0x2000, 2048, 0}});
  CHECK(cuts(100, 5 * 1000, 1000, 5000) == Cuts{{100, 4000, 1}, {20100, 1000, 0}});
  CHECK(cuts(0, 2 * 5000, 5000, 6000) == Cuts{{0, 4096, 0}, {4096, 904, 0}, {6000, 2192, 0}, {8192, 2808, 0}});
}

TEST_CASE("rows of a strided burst and the values of a posted write arrive as they were given") {
  Bench b(at(1024, 3));
  const std::vector<std::uint8_t> data = numbers(5000);
  b.run({[&] {
    std::vector<std::uint8_t> given = data;
    core::PostedWrite posted;
    CHECK(b.one.master().write(0x100000, given, 0, nullptr, {500, 700}, core::longest_burst, &posted) == tlm::TLM_OK_RESPONSE);
    CHECK(core::now() == SimTime());
    given.assign(5000, 0xee);  // the engine goes on
    const sc_core::sc_event never;
    CHECK(core::BusMaster::wait_posted(posted, never));
    CHECK(b.one.master().finish_posted(posted) == tlm::TLM_OK_RESPONSE);
    CHECK(core::now() > SimTime::ns(8 + 40));
    std::vector<std::uint8_t> back(5000);
    CHECK(b.one.master().read(0x100000, back, 0, nullptr, {500, 700}, core::longest_burst) == tlm::TLM_OK_RESPONSE);
    CHECK(back == data);
    CHECK(b.one.master().write_phantom(0x100000, 5000, 0, nullptr, {500, 700}, core::longest_burst) == tlm::TLM_OK_RESPONSE);
  }});
  for (std::size_t row = 0; row < 10; ++row) CHECK(std::equal(&data[500 * row], &data[500 * row] + 500, &b.near.bytes[700 * row]));
  CHECK(b.near.phantoms == 5);
  CHECK(b.before.most_outstanding == 3);
}

TEST_CASE("no more transactions of a burst are under way than it may have outstanding") {
  Bench b(at(1024, 2));
  b.near.takes = [](const tlm::tlm_generic_payload&) { return SimTime::ns(100); };
  std::vector<std::uint8_t> data(4096);
  b.run({[&] {
    CHECK(b.one.master().read(0x100000, data, 0, nullptr) == tlm::TLM_OK_RESPONSE);
    // Two at once, served at 8 and 108; each answer lets another one go: it waits for the bus's 8 ns alone, the target has the other one.
    CHECK(core::now() == SimTime::ns(8 + 400));
  }});
  CHECK(b.before.most_outstanding == 2);
}

TEST_CASE("a target that takes no more requests holds up its link, and through the buffer the initiator, but not others") {
  Bench b(at(128, 16, 2));
  b.near.capacity = 1;
  b.near.takes = [](const tlm::tlm_generic_payload&) { return SimTime::ns(100); };
  std::vector<std::uint8_t> data(14 * 128), other(128), third(128);
  b.run({[&] {
           CHECK(b.one.masters[0].read(0x100000, data, 0, nullptr) == tlm::TLM_OK_RESPONSE);
           CHECK(core::now() == SimTime::ns(8 + 1400));
         },
         [&] {
           sc_core::wait(20, sc_core::SC_NS);
           CHECK(b.two.master().read(0x200000, other, 0, nullptr) == tlm::TLM_OK_RESPONSE);
           CHECK(core::now() == SimTime::ns(20 + 8 + 10));
         },
         [&] {
           sc_core::wait(20, sc_core::SC_NS);
           CHECK(b.one.masters[1].read(0x200000, third, 0, nullptr) == tlm::TLM_OK_RESPONSE);
           CHECK(core::now() == SimTime::ns(810 + 8 + 10));
         }});
  // Of 14 transactions, a beat each, the first is served from 8 on. The second comes at 9 and finds no room: its END_REQ is withheld, and its link starts no more. By then nine
  // had started, so seven more come to the door; two fill the buffer and the 12th asks in vain. Every 100 ns one is answered and the next one accepted: the ninth at 808, and with it the door
  // is free. 10 starts at 808, and 12 enters; 11 and 13 follow at 809; at 810 it is the other master's turn at the port.
  REQUIRE(b.near.begun.size() == 14);
  CHECK(b.near.begun[0].second == SimTime::ns(8));
  CHECK(b.near.begun[1].second == SimTime::ns(9));
  CHECK(b.near.begun[2].second == SimTime::ns(108));
  CHECK(b.near.begun[8].second == SimTime::ns(708));
  CHECK(b.near.begun[9].second == SimTime::ns(808 + 8));
  CHECK(b.behind.withheld == 13);
  CHECK(b.behind.most_outstanding == 2);
}

TEST_CASE("two engines at one target take turns by age, and together the sum of their beats") {
  Bench b(at(1024));
  std::vector<std::uint8_t> data(8192), other(8192);
  std::vector<SimTime> ends;
  const auto body = [&](PhaseEngine& engine, std::span<std::uint8_t> into) {
    return [&engine, into, &ends] {
      CHECK(engine.master().read(0x100000, into, 0, nullptr, {0, 0}, core::longest_burst) == tlm::TLM_OK_RESPONSE);
      ends.push_back(core::now());
    };
  };
  b.near.takes = [](const tlm::tlm_generic_payload&) { return SimTime::ns(1); };
  b.run({body(b.one, data), body(b.two, other)});
  // 8 transactions of 8 beats each, in turns from 0 on; the first engine has the last but one turn.
  CHECK(ends == std::vector<SimTime>{SimTime::ns(14 * 8 + 8 + 8), SimTime::ns(15 * 8 + 8 + 8)});
}

TEST_CASE("the first transaction that fails ends a burst and is named, and an address that nobody answers is an error at once") {
  Bench b(at(1024, 2));
  b.near.refuse = 2048;
  std::vector<std::uint8_t> data(8192);
  b.run({[&] {
    CHECK(b.one.master().read(0x100000, data, 0, nullptr, {0, 0}, core::longest_burst) == tlm::TLM_GENERIC_ERROR_RESPONSE);
    CHECK(b.one.master().failed_address() == 0x100000 + 2048);
    const SimTime now = core::now();
    CHECK(b.one.master().read(0x900000, data, 0, nullptr) == tlm::TLM_ADDRESS_ERROR_RESPONSE);
    CHECK(core::now() == now);
    CHECK(b.one.master().read(0x100000, std::span(data).first(16), 0, nullptr) == tlm::TLM_OK_RESPONSE);
  }});
  CHECK(b.near.begun.size() == 4 + 1);  // of the first burst three, and one that was under way with the one that failed
  CHECK(b.log.has("no target answers there"));
}

TEST_CASE("a loosely timed platform calls the same engine's target once a burst") {
  Bench b{core::TransportConfig{}};
  std::vector<std::uint8_t> data(64 << 10);
  b.run({[&] {
    CHECK(b.one.master().read(0x100000, data, 0, nullptr, {0, 0}, core::longest_burst) == tlm::TLM_OK_RESPONSE);
    CHECK(core::now() == SimTime::ns(8 + 512));
  }});
  CHECK(b.before.requests == 0);
}
