#include "models/peripherals/plic.h"
#include "tests/unit/peripherals/bench.h"

using namespace spinvp::test;
using spinvp::peripherals::Plic;

namespace {

constexpr std::uint64_t pending = 0x1000;
constexpr std::uint64_t priority(unsigned source) { return 4 * source; }
constexpr std::uint64_t enable(unsigned context, unsigned word) { return 0x2000 + 0x80 * context + 4 * word; }
constexpr std::uint64_t threshold(unsigned context) { return 0x200000 + 0x1000 * context; }
constexpr std::uint64_t claim(unsigned context) { return 0x200004 + 0x1000 * context; }

struct PlicBench {
  Simulation simulation;
  Plic device{"plic", simulation, {}};
  Bench bench{"bench", device};
  LineProbe harts[2];
  InterruptLine source[97];
  PlicBench() {
    PlatformView view;
    view.harts = {&harts[0], &harts[1]};
    device.on_platform(view);
    for (unsigned s = 1; s <= 96; ++s) source[s].bind(*device.interrupt_controller(), s);
  }
};

}  // namespace

TEST_CASE("A source goes through pending, claim and completion") {
  PlicBench p;
  p.bench.run([&] {
    p.bench.write<std::uint32_t>(priority(10), 1);
    p.bench.write<std::uint32_t>(enable(0, 0), 1u << 10);
    p.source[10].set(true);
    CHECK(p.harts[0].level[machine_external]);
    CHECK(p.bench.read(pending) == 1u << 10);

    CHECK(p.bench.read(claim(0)) == 10);
    CHECK(p.bench.read(pending) == 0);  // claimed: not pending although the level is high
    CHECK_FALSE(p.harts[0].level[machine_external]);
    CHECK(p.bench.read(claim(0)) == 0);

    p.source[10].set(false);
    p.bench.write<std::uint32_t>(claim(0), 10);
    CHECK_FALSE(p.harts[0].level[machine_external]);
  });
}

TEST_CASE("A source whose level is still high at completion is pending again") {
  PlicBench p;
  p.bench.run([&] {
    p.bench.write<std::uint32_t>(priority(32), 3);
    p.bench.write<std::uint32_t>(enable(0, 1), 1);
    p.source[32].set(true);
    CHECK(p.bench.read(claim(0)) == 32);
    p.bench.write<std::uint32_t>(claim(0), 32);
    CHECK(p.harts[0].level[machine_external]);
    p.source[32].set(false);  // the request was accepted at completion: it stays
    CHECK(p.bench.read(claim(0)) == 32);
  });
}

TEST_CASE("A level that falls before the claim leaves its request, and one that rises during service waits for the completion") {
  PlicBench p;
  p.bench.run([&] {
    p.bench.write<std::uint32_t>(priority(5), 1);
    p.bench.write<std::uint32_t>(enable(0, 0), 1u << 5);
    p.source[5].set(true);
    p.source[5].set(false);
    CHECK(p.bench.read(claim(0)) == 5);
    p.source[5].set(true);  // a new request while in service
    CHECK(p.bench.read(pending) == 0);
    CHECK(p.bench.read(claim(0)) == 0);
    p.bench.write<std::uint32_t>(claim(0), 5);
    CHECK(p.bench.read(claim(0)) == 5);
  });
}

TEST_CASE("The highest priority is claimed first, and the lowest number among equals") {
  PlicBench p;
  p.bench.run([&] {
    for (const auto& [source, level] : {std::pair{3u, 2u}, {40u, 7u}, {41u, 7u}, {96u, 5u}}) {
      p.bench.write<std::uint32_t>(priority(source), level);
      p.source[source].set(true);
    }
    for (unsigned word = 0; word < 4; ++word) p.bench.write<std::uint32_t>(enable(0, word), 0xffffffff);
    for (const unsigned expected : {40u, 41u, 96u, 3u, 0u}) CHECK(p.bench.read(claim(0)) == expected);
  });
}

TEST_CASE("Priority 0 never interrupts") {
  PlicBench p;
  p.bench.run([&] {
    p.bench.write<std::uint32_t>(enable(0, 0), 1u << 4);
    p.source[4].set(true);
    CHECK(p.bench.read(pending) == 1u << 4);
    CHECK_FALSE(p.harts[0].level[machine_external]);
    CHECK(p.bench.read(claim(0)) == 0);
  });
}

TEST_CASE("The threshold masks the interrupt but not the claim") {
  PlicBench p;
  p.bench.run([&] {
    p.bench.write<std::uint32_t>(priority(7), 3);
    p.bench.write<std::uint32_t>(enable(0, 0), 1u << 7);
    p.bench.write<std::uint32_t>(threshold(0), 3);
    p.source[7].set(true);
    CHECK_FALSE(p.harts[0].level[machine_external]);
    p.bench.write<std::uint32_t>(threshold(0), 2);
    CHECK(p.harts[0].level[machine_external]);
    p.bench.write<std::uint32_t>(threshold(0), 7);
    CHECK_FALSE(p.harts[0].level[machine_external]);
    CHECK(p.bench.read(claim(0)) == 7);
  });
}

TEST_CASE("Contexts 2h and 2h+1 are the machine and supervisor lines of hart h") {
  PlicBench p;
  p.bench.run([&] {
    p.bench.write<std::uint32_t>(priority(9), 1);
    p.source[9].set(true);
    const std::pair<LineProbe&, unsigned> lines[] = {
        {p.harts[0], machine_external}, {p.harts[0], supervisor_external}, {p.harts[1], machine_external}, {p.harts[1], supervisor_external}};
    for (unsigned context = 0; context < 4; ++context) {
      p.bench.write<std::uint32_t>(enable(context, 0), 1u << 9);
      for (unsigned other = 0; other < 4; ++other) CHECK(lines[other].first.level[lines[other].second] == (other == context));
      p.bench.write<std::uint32_t>(enable(context, 0), 0);
    }
  });
}

TEST_CASE("A source that one context claims is gone for the others until it is completed") {
  PlicBench p;
  p.bench.run([&] {
    p.bench.write<std::uint32_t>(priority(9), 1);
    p.bench.write<std::uint32_t>(enable(0, 0), 1u << 9);
    p.bench.write<std::uint32_t>(enable(2, 0), 1u << 9);
    p.source[9].set(true);
    CHECK(p.harts[0].level[machine_external]);
    CHECK(p.harts[1].level[machine_external]);
    CHECK(p.bench.read(claim(2)) == 9);
    CHECK_FALSE(p.harts[0].level[machine_external]);
    CHECK(p.bench.read(claim(0)) == 0);
    // Only a context that has the source enabled can complete it.
    p.bench.write<std::uint32_t>(claim(1), 9);
    CHECK(p.bench.read(pending) == 0);
    p.bench.write<std::uint32_t>(claim(2), 9);
    CHECK(p.bench.read(pending) == 1u << 9);
  });
}

TEST_CASE("Guest values out of range are cut, and unknown offsets read 0") {
  PlicBench p;
  p.bench.run([&] {
    p.bench.write<std::uint32_t>(priority(1), 0xffffffff);
    CHECK(p.bench.read(priority(1)) == 7);
    p.bench.write<std::uint32_t>(priority(0), 1);
    CHECK(p.bench.read(priority(0)) == 0);
    p.bench.write<std::uint32_t>(enable(0, 0), 0xffffffff);
    CHECK(p.bench.read(enable(0, 0)) == 0xfffffffe);  // there is no source 0
    p.bench.write<std::uint32_t>(enable(0, 3), 0xffffffff);
    CHECK(p.bench.read(enable(0, 3)) == 1);  // nor any above 96
    p.bench.write<std::uint32_t>(claim(0), 0xdeadbeef);
    p.bench.write<std::uint32_t>(pending, 0xffffffff);
    CHECK(p.bench.read(pending) == 0);
    p.bench.write<std::uint32_t>(0x3fffffc, 1);
    CHECK(p.bench.read(0x3fffffc) == 0);
    CHECK(p.bench.read(threshold(127) + 0x1000) == 0);
  });
}

TEST_CASE("The debugger sees the claim register without claiming") {
  PlicBench p;
  p.bench.run([&] {
    p.bench.write<std::uint32_t>(priority(2), 1);
    p.bench.write<std::uint32_t>(enable(0, 0), 4);
    p.source[2].set(true);
    CHECK(p.bench.peek(claim(0)) == 2);
    CHECK(p.bench.peek(pending) == 4);
    CHECK(p.bench.read(claim(0)) == 2);
  });
}

TEST_CASE("After a reset a level that stays high still asks, one that has gone does not") {
  PlicBench p;
  p.bench.run([&] {
    p.source[2].set(true);
    p.source[3].set(true);
    p.device.reset();
    p.source[3].set(false);  // its device is reset after the PLIC
    CHECK(p.bench.read(pending) == 4);
    CHECK(p.bench.read(priority(2)) == 0);
  });
}

TEST_CASE("The PLIC's saved state keeps what is pending and in service") {
  PlicBench p;
  p.bench.run([&] {
    p.bench.write<std::uint32_t>(priority(2), 1);
    p.bench.write<std::uint32_t>(priority(3), 1);
    p.bench.write<std::uint32_t>(enable(0, 0), 12);
    p.source[2].set(true);
    p.source[3].set(true);
    CHECK(p.bench.read(claim(0)) == 2);
    StateArchive out;
    p.device.describe_state(out);
    p.device.reset();
    StateArchive in(out.bytes());
    p.device.describe_state(in);
    CHECK(p.harts[0].level[machine_external]);
    CHECK(p.bench.read(claim(0)) == 3);
    CHECK(p.bench.read(claim(0)) == 0);  // source 2 is still in service
    p.bench.write<std::uint32_t>(claim(0), 2);
    CHECK(p.bench.read(claim(0)) == 2);
  });
}
