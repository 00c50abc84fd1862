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

  explicit Unit(const std::string& technology, const std::string& name = "memory")
      : memory(name.c_str(), simulation, config(technology)), driver((name + "_driver").c_str()) {
    driver.socket.bind(*memory.windows()[0].socket);
  }
  static OnChipMemoryConfig config(const std::string& technology) {
    OnChipMemoryConfig c;
    c.size = {4ull << 20};
    c.banks = 4;
    c.technology = technology;
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
  explicit Bench(const std::string& technology) : Unit(technology) {
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
