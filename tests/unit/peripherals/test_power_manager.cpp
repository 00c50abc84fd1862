#include "models/peripherals/power_manager.h"
#include "tests/unit/peripherals/bench.h"

using namespace spinvp::test;
using spinvp::peripherals::PowerManager;

namespace {

enum Offset : std::uint64_t {
  domain_count = 0x00,
  select_domain = 0x04,
  latch = 0x08,
  error = 0x0c,
  energy_nj = 0x10,
  latch_time_ns = 0x18,
  time_ns = 0x20,
  name0 = 0x28,
  enable = 0x48
};
constexpr std::uint64_t state(unsigned domain) { return 0x100 + 4 * domain; }
constexpr std::uint64_t divider(unsigned domain) { return 0x180 + 4 * domain; }

// 2 W on, 1 W gated, 0.5 W in retention, nothing off.
struct Load : Component {
  bool willing = true;
  unsigned resets = 0;
  EventId event;
  Load(const sc_core::sc_module_name& name, Simulation& simulation)
      : Component(name, simulation, "load"), event(declare_event("work", "work", Energy::from_si(3e-9), "assumed: test")) {
    declare_static(Power::from_si(2), Power::from_si(1), Power::from_si(0.5), Power(), "assumed: test");
  }
  [[nodiscard]] bool can_power_down() const override { return willing; }
  void on_reset() override { ++resets; }
  void work(std::uint64_t n) { simulation().energy.spend(event, n, no_region, now()); }
};

struct PowerBench {
  Simulation simulation;
  Load load{"load", simulation}, stubborn{"a_component_with_a_name_of_more_than_32_letters", simulation};
  PowerManager device{"power", simulation, {}};
  Bench bench{"bench", device};
  LineProbe probe;
  PowerBench() {
    stubborn.willing = false;
    PlatformView view;
    view.components = simulation.components;
    device.on_platform(view);
    device.interrupt()->bind(probe, 35);
  }
};

}  // namespace

TEST_CASE("Every component is a domain with a name") {
  PowerBench p;
  p.bench.run([&] {
    CHECK(p.bench.read(domain_count) == 3);
    const auto name_of = [&](std::uint32_t domain) {
      p.bench.write(select_domain, domain);
      std::string text;
      for (unsigned word = 0; word < 4; ++word) {
        const auto value = p.bench.read<std::uint64_t>(name0 + 8 * word);
        for (unsigned i = 0; i < 8; ++i)
          if (const char c = static_cast<char>(value >> (8 * i)); c != 0) text += c;
      }
      return text;
    };
    CHECK(name_of(0) == "load");
    CHECK(name_of(1) == "a_component_with_a_name_of_more_");
    CHECK(name_of(2) == "power");
    CHECK(name_of(3).empty());
    CHECK(name_of(0xffffffff) == "total");
  });
}

TEST_CASE("The energy counters follow power states and events, latched at one instant") {
  PowerBench p;
  p.bench.run([&] {
    const auto energy = [&](std::uint32_t domain) {
      p.bench.write(select_domain, domain);
      return p.bench.read<std::uint64_t>(energy_nj);
    };
    CHECK(energy(0) == 0);
    wait_for(SimTime::us(10));  // 2 W x 10 us = 20 uJ
    p.bench.write<std::uint32_t>(state(0), 1);
    wait_for(SimTime::us(10));  // 1 W: 10 uJ
    p.bench.write<std::uint32_t>(state(0), 2);
    wait_for(SimTime::us(10));  // 0.5 W: 5 uJ
    p.bench.write<std::uint32_t>(state(0), 3);
    wait_for(SimTime::us(10));  // off: 0
    p.load.work(1000);          // 3 nJ each: 3 uJ
    p.bench.write<std::uint32_t>(latch, 1);
    p.load.work(1000);  // after the snapshot
    wait_for(SimTime::us(10));
    CHECK(energy(0) == 38000);
    CHECK(energy(1) == 80000);  // the other load: 2 W x 40 us
    CHECK(energy(2) == 0);
    CHECK(energy(7) == 0);
    CHECK(energy(0xffffffff) == 118000);
    CHECK(p.bench.read<std::uint64_t>(latch_time_ns) == 40000);
    CHECK(p.bench.read<std::uint64_t>(time_ns) == 50000);
    p.bench.write<std::uint32_t>(latch, 1);
    CHECK(energy(0) == 41000);
  });
}

TEST_CASE("Power states are read back from the component, and leaving off resets it") {
  PowerBench p;
  p.bench.run([&] {
    for (const unsigned s : {1u, 2u, 3u}) {
      p.bench.write<std::uint32_t>(state(0), s);
      CHECK(p.bench.read(state(0)) == s);
      CHECK(static_cast<unsigned>(p.load.power_state()) == s);
    }
    CHECK(p.load.resets == 0);
    p.bench.write<std::uint32_t>(state(0), 0);
    CHECK(p.load.resets == 1);
    CHECK(p.bench.read(error) == 0);
    p.load.set_power_state(PowerState::retention);
    CHECK(p.bench.read(state(0)) == 2);
    CHECK(p.bench.peek(state(0)) == 2);
  });
}

TEST_CASE("A component that cannot be powered down stays on, the error bit says so and interrupts if enabled") {
  PowerBench p;
  p.bench.run([&] {
    p.bench.write<std::uint32_t>(state(1), 3);
    CHECK(p.stubborn.power_state() == PowerState::on);
    CHECK(p.bench.read(state(1)) == 0);
    CHECK(p.bench.read(error) == 1);
    CHECK_FALSE(p.probe.level[35]);
    p.bench.write<std::uint32_t>(enable, 3);
    CHECK(p.probe.level[35]);
    p.bench.write<std::uint32_t>(error, 1);
    CHECK(p.bench.read(error) == 0);
    CHECK_FALSE(p.probe.level[35]);
    p.bench.write<std::uint32_t>(state(1), 0);  // on is always allowed
    CHECK(p.bench.read(error) == 0);
    p.bench.write<std::uint32_t>(state(2), 1);  // the power manager itself
    CHECK(p.bench.read(error) == 1);
  });
}

TEST_CASE("Dividers slow a component's clock from 1 to 256") {
  PowerBench p;
  p.bench.run([&] {
    CHECK(p.bench.read(divider(0)) == 1);
    p.bench.write<std::uint32_t>(divider(0), 4);
    CHECK(p.load.clock().period() == SimTime::ns(4));
    p.bench.write<std::uint32_t>(divider(0), 256);
    CHECK(p.bench.read(divider(0)) == 256);
    for (const std::uint32_t bad : {0u, 257u, 0xffffffffu}) {
      p.bench.write<std::uint32_t>(divider(0), bad);
      CHECK(p.bench.read(error) == 2);
      CHECK(p.bench.read(divider(0)) == 256);
      p.bench.write<std::uint32_t>(error, 2);
    }
  });
}

TEST_CASE("States and domains that do not exist are errors without effect") {
  PowerBench p;
  p.bench.run([&] {
    for (const auto& [offset, value] : {std::pair{state(0), 4u}, {state(0), 0xffffffffu}, {state(3), 1u}, {state(31), 0u}, {divider(3), 2u}}) {
      p.bench.write<std::uint32_t>(offset, value);
      CHECK(p.bench.read(error) == 2);
      p.bench.write<std::uint32_t>(error, 3);
    }
    CHECK(p.bench.read(state(0)) == 0);
    CHECK(p.bench.read(state(31)) == 0);
    CHECK(p.bench.read(divider(31)) == 1);
  });
}

TEST_CASE("A byte store to a state changes that byte of the state it has now") {
  PowerBench p;
  p.bench.run([&] {
    p.load.set_power_state(PowerState::clock_gated);  // not by the register
    p.bench.write<std::uint8_t>(state(0) + 1, 0);     // an upper byte: the state stays
    CHECK(p.bench.read(state(0)) == 1);
  });
}

TEST_CASE("The power manager's saved state keeps its snapshot") {
  PowerBench p;
  p.bench.run([&] {
    wait_for(SimTime::us(1));
    p.bench.write<std::uint32_t>(latch, 1);
    StateArchive out;
    p.device.describe_state(out);
    p.device.reset();
    CHECK(p.bench.read<std::uint64_t>(energy_nj) == 0);
    StateArchive in(out.bytes());
    p.device.describe_state(in);
    CHECK(p.bench.read<std::uint64_t>(energy_nj) == 2000);
    CHECK(p.bench.read<std::uint64_t>(latch_time_ns) == 1000);
  });
}
