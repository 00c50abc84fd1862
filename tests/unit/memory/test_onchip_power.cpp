#include <catch2/catch.hpp>

#include "models/memory/onchip_memory.h"
#include "tests/unit/interconnect/bus_driver.h"

using namespace spinvp;
using core::PowerState;
using core::SimTime;
using memory::OnChipMemory;
using memory::OnChipMemoryConfig;

namespace {
// A memory of four banks of 1 MiB, with 4 KiB written.
struct Unit {
  core::Simulation simulation{7};
  test::LogText log{simulation};
  OnChipMemory memory;
  test::BusDriver driver;
  std::vector<std::uint8_t> written;

  explicit Unit(const std::string& technology, const std::string& name = "memory") : Unit(config(technology), name) {}
  explicit Unit(const OnChipMemoryConfig& config, const std::string& name = "memory")
      : memory(name.c_str(), simulation, config), driver((name + "_driver").c_str()) {
    driver.socket.bind(*memory.windows()[0].socket);
  }
  static OnChipMemoryConfig config(const std::string& technology) {
    OnChipMemoryConfig c;
    c.size = {4ull << 20};
    c.banks = 4;
    c.technology = technology;
    c.sheet = "technology";  // round figures of an array tool
    return c;
  }
  void fill() {
    for (std::size_t i = 0; i < driver.buffer.size(); ++i) driver.buffer[i] = static_cast<std::uint8_t>(i * 7 + 1);
    written = driver.buffer;
    driver.write(0x10000, 4096);
  }
  void switch_off_and_on() {
    memory.set_power_state(PowerState::off);
    memory.set_power_state(PowerState::on);
  }
  std::vector<std::uint8_t> contents() {
    std::vector<std::uint8_t> bytes(4096);
    CHECK(driver.debug(tlm::TLM_READ_COMMAND, 0x10000, bytes.data(), bytes.size()) == bytes.size());
    return bytes;
  }
  double static_joules_of_a_microsecond() {
    simulation.energy.settle(core::now());
    const double before = simulation.energy.by_component(memory.id()).static_j;
    sc_core::sc_start(sc_core::sc_time(1, sc_core::SC_US));
    simulation.energy.settle(core::now());
    return simulation.energy.by_component(memory.id()).static_j - before;
  }
};

struct Bench : Unit {
  explicit Bench(const std::string& technology) : Bench(config(technology)) {}
  explicit Bench(const OnChipMemoryConfig& config) : Unit(config) {
    sc_core::sc_start(sc_core::SC_ZERO_TIME);
    fill();
  }
};
}  // namespace

TEST_CASE("SRAM that was off holds a pattern of the seed and not what was written") {
  Unit a("sram", "a"), twin("sram", "twin");
  sc_core::sc_start(sc_core::SC_ZERO_TIME);
  a.fill();
  a.memory.set_power_state(PowerState::retention);
  a.memory.set_power_state(PowerState::on);
  CHECK(a.contents() == a.written);
  a.switch_off_and_on();
  const auto first = a.contents();
  CHECK(first != a.written);
  a.switch_off_and_on();
  CHECK(a.contents() != first);
  // The same seed, the same pattern.
  twin.switch_off_and_on();
  CHECK(twin.contents() == first);
}

TEST_CASE("SOT-MRAM and STT-MRAM keep what was written while they are off") {
  Unit sot("sot", "sot"), stt("stt", "stt");
  sc_core::sc_start(sc_core::SC_ZERO_TIME);
  for (Unit* unit : {&sot, &stt}) {
    unit->fill();
    unit->switch_off_and_on();
    CHECK(unit->contents() == unit->written);
  }
}

TEST_CASE("a memory that is not on refuses accesses and direct access, and revokes what it granted") {
  Bench b("sot");
  tlm::tlm_dmi dmi;
  REQUIRE(b.driver.direct(0x10000, dmi));
  CHECK(dmi.get_start_address() == 0);
  CHECK(dmi.get_end_address() == (2u << 20) - 1);
  CHECK(dmi.is_read_write_allowed());
  CHECK(dmi.get_dmi_ptr()[0x10000] == b.written[0]);
  for (const PowerState state : {PowerState::clock_gated, PowerState::retention, PowerState::off}) {
    b.driver.revoked.clear();
    b.memory.set_power_state(state);
    REQUIRE(b.driver.revoked.size() == 1);
    CHECK(b.driver.revoked[0] == std::pair<std::uint64_t, std::uint64_t>(0, (4u << 20) - 1));
    CHECK(b.driver.read(0x10000, 4).response == tlm::TLM_GENERIC_ERROR_RESPONSE);
    CHECK(b.driver.write(0x10000, 4).response == tlm::TLM_GENERIC_ERROR_RESPONSE);
    CHECK_FALSE(b.driver.direct(0x10000, dmi));
    b.memory.set_power_state(PowerState::on);
    CHECK(b.driver.read(0x10000, 4).ok());
    CHECK(b.driver.direct(0x10000, dmi));
  }
  CHECK(b.log.has("not powered"));
}

TEST_CASE("leakage follows the power state and the number of banks") {
  Bench b("sram");
  // Four banks of 31 mW; retention 0.3 of that.
  CHECK(b.static_joules_of_a_microsecond() == Approx(4 * 31e-3 * 1e-6));
  b.memory.set_power_state(PowerState::clock_gated);
  CHECK(b.static_joules_of_a_microsecond() == Approx(4 * 31e-3 * 1e-6));
  b.memory.set_power_state(PowerState::retention);
  CHECK(b.static_joules_of_a_microsecond() == Approx(0.3 * 4 * 31e-3 * 1e-6));
  b.memory.set_power_state(PowerState::off);
  CHECK(b.static_joules_of_a_microsecond() == 0);
}

TEST_CASE("what arrives before a memory is awake waits, by bursts and by pointers") {
  // 100 ns from off, by configuration 10 ns from retention; a word is read in 2.08 ns.
  auto config = Unit::config("sot");
  config.wake_from_retention = core::Time::from_si(10e-9);
  Bench b(config);
  const auto first_read = [&](SimTime after) { return b.driver.read(0, 64, after).ready - core::now(); };
  b.switch_off_and_on();
  CHECK(first_read(SimTime::ns(40)) == SimTime::ps(102080));
  CHECK(first_read(SimTime::ns(150)) == SimTime::ps(152080));
  const core::AccessTally one{.reads = 1, .read_bytes = 8};
  CHECK(b.memory.settle(one, core::no_region, core::now() + SimTime::ns(30), core::now() + SimTime::ns(31)) == SimTime::ns(70));
  sc_core::sc_start(sc_core::sc_time(1, sc_core::SC_US));
  b.memory.set_power_state(PowerState::retention);
  b.memory.set_power_state(PowerState::on);
  CHECK(first_read(SimTime()) == SimTime::ps(12080));
  // Through retention the supply's ramp from off still counts.
  sc_core::sc_start(sc_core::sc_time(1, sc_core::SC_US));
  b.memory.set_power_state(PowerState::off);
  b.memory.set_power_state(PowerState::retention);
  b.memory.set_power_state(PowerState::on);
  CHECK(first_read(SimTime()) == SimTime::ps(102080));
  sc_core::sc_start(sc_core::sc_time(1, sc_core::SC_US));
  b.memory.set_power_state(PowerState::clock_gated);
  b.memory.set_power_state(PowerState::on);
  CHECK(first_read(SimTime()) == SimTime::ps(2080));
}

TEST_CASE("each bank whose supply comes back costs its wake-up energy") {
  // SRAM is supplied in retention, MRAM is not.
  std::vector<std::unique_ptr<Unit>> units;
  for (const char* technology : {"sram", "sot"}) {
    auto config = Unit::config(technology);
    config.wake_energy = core::Energy::from_si(5e-12);
    units.push_back(std::make_unique<Unit>(config, technology));
  }
  sc_core::sc_start(sc_core::SC_ZERO_TIME);
  const auto wakes = [](Unit& unit, std::vector<PowerState> states) {
    const auto joules = [&] { return unit.simulation.energy.by_component(unit.memory.id()).dynamic_j; };
    const double before = joules();
    for (const PowerState state : states) unit.memory.set_power_state(state);
    return (joules() - before) / (4 * 5e-12);
  };
  for (const auto& unit : units) {
    CHECK(wakes(*unit, {PowerState::off, PowerState::on}) == Approx(1));
    CHECK(wakes(*unit, {PowerState::off, PowerState::retention, PowerState::on}) == Approx(1));
    CHECK(wakes(*unit, {PowerState::clock_gated, PowerState::on}) == 0);
  }
  CHECK(wakes(*units[0], {PowerState::retention, PowerState::off, PowerState::retention, PowerState::on}) == Approx(1));
  CHECK(wakes(*units[0], {PowerState::retention, PowerState::on}) == 0);
  CHECK(wakes(*units[1], {PowerState::retention, PowerState::on}) == Approx(1));
}
