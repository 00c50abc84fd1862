#include <catch2/catch.hpp>

#include "models/memory/dram.h"
#include "models/memory/onchip_memory.h"
#include "models/memory/rom.h"
#include "tests/unit/interconnect/bus_driver.h"

using namespace spinvp;
using core::SimTime;

namespace {
template <typename Memory, typename Config>
struct Bench {
  core::Simulation simulation{7};
  test::LogText log{simulation};
  Memory memory;
  test::BusDriver driver{"driver"};
  explicit Bench(const Config& config) : memory("memory", simulation, config) {
    driver.socket.bind(*memory.windows()[0].socket);
    sc_core::sc_start(sc_core::SC_ZERO_TIME);
  }
};
memory::DramConfig small() {
  memory::DramConfig config;
  config.size = {1ull << 20};
  return config;
}
}  // namespace

TEST_CASE("bytes come back as they were written, contiguous and strided") {
  Bench<memory::Dram, memory::DramConfig> b(small());
  auto& d = b.driver;
  for (std::size_t i = 0; i < 4096; ++i) d.buffer[i] = static_cast<std::uint8_t>(i ^ (i >> 8));
  const auto written = d.buffer;
  REQUIRE(d.write(0x123, 4096).ok());
  d.buffer.assign(4096, 0);
  REQUIRE(d.read(0x123, 4096).ok());
  CHECK(d.buffer == written);
  // Rows of 3 bytes, 10 apart: byte j of row i lies at 0x123 + 10 i + j.
  d.transfer.row_bytes = 3;
  d.transfer.stride = 10;
  REQUIRE(d.read(0x123, 100).ok());
  for (std::size_t k = 0; k < 100; ++k) CHECK(d.buffer[k] == written[k / 3 * 10 + k % 3]);
  std::fill_n(d.buffer.begin(), 100, 0xee);
  REQUIRE(d.write(0x123, 100).ok());
  d.transfer.row_bytes = 0;
  REQUIRE(d.read(0x123, 4096).ok());
  for (std::size_t k = 0; k < 4096; ++k) CHECK(d.buffer[k] == (k < 334 && k % 10 < 3 && k / 10 * 3 + k % 10 < 100 ? 0xee : written[k]));
}

TEST_CASE("what lies outside the memory or is no plain access is an error response and changes nothing") {
  Bench<memory::Dram, memory::DramConfig> b(small());
  auto& d = b.driver;
  d.transfer.pc = 0x80000042;
  CHECK(d.read((1 << 20) - 4, 4).ok());
  CHECK(d.read((1 << 20) - 3, 4).response == tlm::TLM_ADDRESS_ERROR_RESPONSE);
  CHECK(d.read(~0ull, 4).response == tlm::TLM_ADDRESS_ERROR_RESPONSE);
  CHECK(b.log.has("0x80000042"));
  d.transfer.row_bytes = 4;
  for (const std::uint64_t stride : {1ull << 19, 1ull << 20, 1ull << 62, 1ull << 63, ~0ull - 3}) {
    d.transfer.stride = stride;
    CHECK(d.read(0, 4 * 4).response == tlm::TLM_ADDRESS_ERROR_RESPONSE);
  }
  d.transfer.stride = 0;  // the same four bytes, again and again
  CHECK(d.read(0, 16).ok());
  d.transfer.row_bytes = 0;
  CHECK(d.access(tlm::TLM_IGNORE_COMMAND, 0, d.buffer.data(), 4).response == tlm::TLM_COMMAND_ERROR_RESPONSE);
  CHECK(b.memory.counters()[0].value == 2);
}

TEST_CASE("a direct access reads and writes for real, costs nothing by itself and names the memory as a hop") {
  Bench<memory::Dram, memory::DramConfig> b(small());
  std::vector<core::DirectHop*> hops;
  b.driver.transfer.hops = &hops;
  b.driver.buffer[0] = 42;
  CHECK(b.driver.write(100, 1, SimTime::ns(3)).ready == SimTime::ns(3));
  REQUIRE(hops.size() == 1);
  CHECK(hops[0] == &b.memory);
  CHECK(b.simulation.energy.by_component(b.memory.id()).dynamic_j == 0);
  CHECK(b.memory.counters()[1].value == 0);
  tlm::tlm_dmi dmi;
  REQUIRE(b.driver.direct(100, dmi));
  CHECK(hops.size() == 2);
  CHECK(dmi.get_dmi_ptr()[100 - dmi.get_start_address()] == 42);
  // Refused: no hop.
  b.memory.set_power_state(core::PowerState::off);
  CHECK_FALSE(b.driver.write(100, 1).ok());
  CHECK(hops.size() == 2);
}

TEST_CASE("state that was saved comes back with contents, counters and power state") {
  Bench<memory::OnChipMemory, memory::OnChipMemoryConfig> b{{}};
  b.driver.buffer.assign(4096, 0x11);
  b.driver.write(0x2000, 4096);
  core::StateArchive save;
  b.memory.describe_state(save);
  b.driver.buffer.assign(4096, 0x22);
  b.driver.write(0x2000, 4096);
  core::StateArchive load(save.bytes());
  b.memory.describe_state(load);
  b.driver.read(0x2000, 4096);
  CHECK(b.driver.buffer == std::vector<std::uint8_t>(4096, 0x11));
  CHECK(b.memory.counters()[1].value == 1);
}

TEST_CASE("a reset keeps the contents") {
  Bench<memory::Dram, memory::DramConfig> b(small());
  b.driver.buffer[0] = 42;
  b.driver.write(0, 1);
  b.memory.reset();
  b.driver.buffer[0] = 0;
  b.driver.read(0, 1);
  CHECK(b.driver.buffer[0] == 42);
}

TEST_CASE("a read-only memory is filled by a loader and refuses firmware's writes") {
  Bench<memory::Rom, memory::RomConfig> b{{}};
  std::uint32_t word = 0x12345678;
  CHECK(b.driver.debug(tlm::TLM_WRITE_COMMAND, 8, &word, 4) == 4);
  CHECK(b.driver.read(8, 4).ready == SimTime::ns(2));
  CHECK(b.driver.buffer[3] == 0x12);
  CHECK(b.driver.write(8, 4).response == tlm::TLM_COMMAND_ERROR_RESPONSE);
  tlm::tlm_dmi dmi;
  REQUIRE(b.driver.direct(0, dmi));
  CHECK_FALSE(dmi.is_write_allowed());
  CHECK_FALSE(b.driver.direct(0, dmi, tlm::TLM_WRITE_COMMAND));
}

TEST_CASE("the three kinds of memory are registered by type name, with a text for each field") {
  for (const char* name : {"onchip_memory", "dram", "rom"}) {
    const auto found = core::device_types().find(name);
    REQUIRE(found != core::device_types().end());
    for (const auto& field : found->second.schema->fields()) {
      INFO(name << "." << field.name);
      CHECK_FALSE(field.notes.text.empty());
      // The default passes its own check.
      std::string problem;
      CHECK(core::parse(field, core::to_text(field, field.default_value), problem).has_value());
      CHECK(problem.empty());
    }
  }
}
