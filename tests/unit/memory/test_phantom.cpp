// Bursts without values: they cost what bursts with values cost, to the picosecond and the joule, and leave no trace in the contents.
#include <catch2/catch.hpp>

#include "models/core/random_bits.h"
#include "models/interconnect/interconnect.h"
#include "models/memory/dram.h"
#include "models/memory/onchip_memory.h"
#include "models/memory/rom.h"
#include "tests/unit/interconnect/bus_driver.h"

using namespace spinvp;
using core::SimTime;

namespace {

template <typename Memory>
struct Side {
  core::Simulation simulation{7};
  test::LogText log{simulation};
  std::unique_ptr<interconnect::Interconnect> bus;
  Memory memory;
  test::BusDriver driver;
  core::KernelTally job;
  template <typename Config>
  Side(const std::string& name, const Config& config, bool phantom)
      : bus(std::make_unique<interconnect::Interconnect>((name + "_bus").c_str(), simulation, interconnect::InterconnectConfig{})),
        memory(name.c_str(), simulation, config),
        driver((name + "_driver").c_str()) {
    bus->bind_initiator(driver.socket);
    bus->add_target(*memory.windows()[0].socket, 0x8000'0000, memory.size(), "memory");
    driver.transfer.phantom = phantom;
    driver.transfer.job = &job;
  }
  test::BusDriver::Done burst(bool write, std::uint64_t address, std::uint64_t length, SimTime delay) {
    std::uint8_t* const data = driver.transfer.phantom ? nullptr : driver.buffer.data();
    return driver.access(write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND, 0x8000'0000 + address, data, length, delay);
  }
};

template <typename Component>
void check_same_counters(Component& a, Component& b) {
  REQUIRE(a.counters().size() == b.counters().size());
  for (std::size_t i = 0; i < a.counters().size(); ++i) {
    INFO(a.counters()[i].name);
    CHECK(a.counters()[i].value == b.counters()[i].value);
  }
  CHECK(a.busy() == b.busy());
}

// Equal memories, one for bursts with values and one for the same bursts without: contiguous and strided, of 1 byte to 64 KiB, at all alignments, crowded and apart. All
// pairs of a test are there before the clock runs.
template <typename Memory>
class Pairs {
 public:
  template <typename Config>
  void add(const Config& config) {
    const std::string number = std::to_string(sides_.size());
    sides_.push_back({std::make_unique<Side<Memory>>("real" + number, config, false), std::make_unique<Side<Memory>>("phantom" + number, config, true)});
  }
  void check() {
    sc_core::sc_start(sc_core::SC_ZERO_TIME);
    for (auto& [real, phantom] : sides_) {
      INFO(real->memory.name());
      check(*real, *phantom);
    }
  }

 private:
  std::vector<std::pair<std::unique_ptr<Side<Memory>>, std::unique_ptr<Side<Memory>>>> sides_;

  static void check(Side<Memory>& real, Side<Memory>& phantom) {
    const std::uint64_t size = real.memory.size();
    real.driver.buffer.assign(65536, 0);
    std::uint64_t drawn = 0;
    const auto below = [&](std::uint64_t count) { return core::random_bits(5, drawn++) % count; };
    for (unsigned i = 0; i < 400; ++i) {
      const bool write = below(3) == 0, strided = below(2) == 0;
      const std::uint64_t length = 1 + below(std::min<std::uint64_t>(size / 4, i % 16 == 0 ? 65536 : 4096));
      const std::uint64_t row = strided ? 1 + below(length) : 0, rows = strided ? core::divide_up(length, row) : 1;
      const std::uint64_t stride = strided ? row + below(size / 2 / rows) : 0, span = strided ? (rows - 1) * stride + row : length;
      if (span > size) continue;
      const std::uint64_t address = below(size - span + 1) & ~(i % 2 == 0 ? 63ull : 0ull);
      for (auto* side : {&real, &phantom}) {
        side->driver.transfer.row_bytes = row;
        side->driver.transfer.stride = stride;
      }
      const SimTime delay = SimTime::ps(below(20000));
      const auto a = real.burst(write, address, length, delay), b = phantom.burst(write, address, length, delay);
      REQUIRE(a.ok());
      REQUIRE(b.ok());
      REQUIRE(a.ready == b.ready);
      if (i % 8 == 0) sc_core::sc_start(core::to_sc(a.ready - core::now()));
    }
    check_same_counters(real.memory, phantom.memory);
    check_same_counters(*real.bus, *phantom.bus);
    CHECK(real.memory.counters()[0].value > 100);
    CHECK(real.simulation.energy.total() == phantom.simulation.energy.total());
    CHECK(real.simulation.energy.total() > 0);
    CHECK(real.job.energy_j == phantom.job.energy_j);
    const auto bytes = [](const core::KernelTally& j) { return std::array{j.dram_read_bytes, j.dram_write_bytes, j.onchip_read_bytes, j.onchip_write_bytes}; };
    CHECK(bytes(real.job) == bytes(phantom.job));
    CHECK(real.memory.touched_bytes() > 0);
    CHECK(phantom.memory.touched_bytes() == 0);
  }
};

memory::OnChipMemoryConfig onchip(const char* technology) {
  memory::OnChipMemoryConfig config;
  config.size = {1ull << 20};
  config.technology = technology;
  config.sheet = "technology";
  return config;
}

}  // namespace

TEST_CASE("a burst without values takes the time, joules and counts of one with values: on-chip memory of each technology, ports, queues") {
  Pairs<memory::OnChipMemory> pairs;
  for (const char* technology : {"sram", "stt", "sot"}) pairs.add(onchip(technology));
  memory::OnChipMemoryConfig config = onchip("sot");
  for (const char* ports : {"1rw", "1r1w"})
    for (const std::uint64_t queue : {0u, 4u}) {
      config.ports = ports;
      config.write_queue = queue;
      config.interleave = {queue == 0 ? 64u : 256u};
      pairs.add(config);
    }
  config.banks = 6;
  config.size = {768ull << 10};
  pairs.add(config);
  pairs.check();
}

TEST_CASE("a burst without values takes the time, joules and counts of one with values: checking, encoding and merging of each code") {
  Pairs<memory::OnChipMemory> pairs;
  memory::OnChipMemoryConfig config = onchip("stt");
  for (const char* code : {"secded", "dec", "tec"}) {
    config.ecc = code;
    pairs.add(config);
  }
  config.scrub_interval = core::Time::from_si(1e-3);
  pairs.add(config);
  pairs.check();
}

TEST_CASE("a burst without values takes the time, joules and counts of one with values: DRAM of each kind and policy") {
  Pairs<memory::Dram> pairs;
  memory::DramConfig config;
  config.size = {64ull << 20};
  for (const char* preset : {"hbm2", "hbm3", "ddr4", "lpddr4", "stt_mram"})
    for (const char* policy : {"open", "closed"}) {
      config.preset = preset;
      config.page_policy = policy;
      pairs.add(config);
    }
  pairs.check();
}

TEST_CASE("a burst without values takes the time of one with values: read-only memory") {
  core::Simulation simulation{7};
  memory::Rom rom("rom", simulation, {});
  test::BusDriver driver("driver");
  driver.socket.bind(*rom.windows()[0].socket);
  sc_core::sc_start(sc_core::SC_ZERO_TIME);
  const SimTime real = driver.read(0, 64).ready;
  driver.transfer.phantom = true;
  CHECK(driver.access(tlm::TLM_READ_COMMAND, 0, nullptr, 64).ready == real);
  CHECK(driver.access(tlm::TLM_WRITE_COMMAND, 0, nullptr, 64).response == tlm::TLM_COMMAND_ERROR_RESPONSE);
}

TEST_CASE("a burst without values leaves bits, errors and the sequence of faults alone") {
  memory::OnChipMemoryConfig config = onchip("stt");
  config.fault_write_0_to_1 = config.fault_write_1_to_0 = 1e-3;
  config.fault_read_disturb = 1e-4;
  Side<memory::OnChipMemory> plain("plain", config, false);
  config.ecc = "tec";
  Side<memory::OnChipMemory> coded("coded", config, false);
  sc_core::sc_start(sc_core::SC_ZERO_TIME);
  for (auto* side : {&plain, &coded}) {
    // What twenty bursts with values read and count from a saved state on, with so many bursts without between them.
    const auto continued = [&](unsigned phantoms) {
      std::vector<std::uint64_t> seen;
      for (unsigned i = 0; i < 20; ++i) {
        side->driver.transfer.phantom = false;
        std::fill_n(side->driver.buffer.begin(), 4096, static_cast<std::uint8_t>(37 * i));
        (void)side->burst(i % 2 == 0, i / 4 * 4096, 4096, SimTime());
        seen.insert(seen.end(), side->driver.buffer.begin(), side->driver.buffer.end());
        side->driver.transfer.phantom = true;
        for (unsigned k = 0; k < phantoms; ++k) REQUIRE(side->burst(k % 2 == 0, i / 4 * 4096 + 3, 4096, SimTime()).ok());
      }
      for (std::size_t i = 4; i < side->memory.counters().size(); ++i) seen.push_back(side->memory.counters()[i].value);
      return seen;
    };
    core::StateArchive saved;
    side->memory.describe_state(saved);
    const auto straight = continued(0);
    CHECK(straight[20 * 4096] > 10);  // bit_errors_injected
    core::StateArchive load(saved.bytes());
    side->memory.describe_state(load);
    CHECK(continued(3) == straight);
  }
}

TEST_CASE("an access without values that is not phantom, and a phantom one of a hart, are error responses") {
  memory::DramConfig config;
  config.size = {1ull << 20};
  Side<memory::Dram> b("dram", config, false);
  sc_core::sc_start(sc_core::SC_ZERO_TIME);
  CHECK(b.driver.access(tlm::TLM_WRITE_COMMAND, 0x8000'0000, nullptr, 8).response == tlm::TLM_GENERIC_ERROR_RESPONSE);
  CHECK(b.driver.access(tlm::TLM_READ_COMMAND, 0x8000'0000, nullptr, 8).response == tlm::TLM_GENERIC_ERROR_RESPONSE);
  CHECK(b.log.has("no values travel with it"));
  std::vector<core::DirectHop*> hops;
  b.driver.transfer.hops = &hops;
  b.driver.transfer.phantom = true;
  CHECK(b.driver.access(tlm::TLM_READ_COMMAND, 0x8000'0000, nullptr, 8).response == tlm::TLM_GENERIC_ERROR_RESPONSE);
  CHECK(hops.empty());
  CHECK(b.memory.counters()[0].value == 0);
}

TEST_CASE("a device refuses an access without values") {
  memory::OnChipMemoryConfig config = onchip("stt");
  config.ecc = "secded";
  config.ecc_registers = 0x1000'0000;
  core::Simulation simulation{7};
  test::LogText log(simulation);
  memory::OnChipMemory memory("memory", simulation, config);
  test::BusDriver driver("driver"), registers("registers");
  driver.socket.bind(*memory.windows()[0].socket);
  registers.socket.bind(*memory.windows()[1].socket);
  sc_core::sc_start(sc_core::SC_ZERO_TIME);
  registers.transfer.phantom = true;
  CHECK(registers.access(tlm::TLM_READ_COMMAND, 0, nullptr, 4).response == tlm::TLM_GENERIC_ERROR_RESPONSE);
  CHECK(registers.access(tlm::TLM_WRITE_COMMAND, 0, nullptr, 4).response == tlm::TLM_GENERIC_ERROR_RESPONSE);
  CHECK(log.has("a register takes values"));
}
