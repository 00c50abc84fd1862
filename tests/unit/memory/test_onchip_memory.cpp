#include <catch2/catch.hpp>

#include <cmath>

#include "models/core/error.h"
#include "models/memory/onchip_memory.h"
#include "models/technology/array_model.h"
#include "tests/unit/interconnect/bus_driver.h"

using namespace spinvp;
using namespace spinvp::core::literals;
using core::SimTime;
using memory::OnChipMemory;
using memory::OnChipMemoryConfig;

namespace {

// Eight banks, words of 64 bytes, round numbers: read latency 5 and cycle 2 ns, write latency 9 and cycle 3 ns.
OnChipMemoryConfig round_numbers() {
  OnChipMemoryConfig config;
  config.size = {1ull << 20};
  config.banks = 8;
  config.read_latency = 5_ns;
  config.read_cycle = 2_ns;
  config.write_latency = 9_ns;
  config.write_cycle = 3_ns;
  config.read_energy = 100_pJ;
  config.write_energy = 300_pJ;
  return config;
}

struct Bench {
  core::Simulation simulation{7};
  OnChipMemory memory;
  test::BusDriver driver{"driver"};
  explicit Bench(const OnChipMemoryConfig& config = round_numbers()) : memory("sot", simulation, config) {
    driver.socket.bind(*memory.windows()[0].socket);
    sc_core::sc_start(sc_core::SC_ZERO_TIME);
  }
  void strided(std::uint64_t row_bytes, std::uint64_t stride) {
    driver.transfer.row_bytes = row_bytes;
    driver.transfer.stride = stride;
  }
  // Bursts of a test start a millisecond apart, on idle banks.
  SimTime span(tlm::tlm_command command, std::uint64_t address, std::uint64_t length) {
    base += SimTime::us(1000);
    driver.buffer.resize(std::max<std::uint64_t>(driver.buffer.size(), length));
    const auto done = driver.access(command, address, driver.buffer.data(), length, base);
    REQUIRE(done.ok());
    return done.ready - base;
  }
  SimTime base;
};

}  // namespace

TEST_CASE("a word is read after the read latency and written after the write latency") {
  Bench b;
  CHECK(b.span(tlm::TLM_READ_COMMAND, 0, 64) == SimTime::ns(5));
  CHECK(b.span(tlm::TLM_READ_COMMAND, 8, 4) == SimTime::ns(5));
  CHECK(b.span(tlm::TLM_WRITE_COMMAND, 0, 64) == SimTime::ns(9));
}

TEST_CASE("a burst takes the latency and one cycle for each further word of its fullest bank") {
  Bench b;
  CHECK(b.span(tlm::TLM_READ_COMMAND, 0, 8 * 64) == SimTime::ns(5));          // one word in each bank
  CHECK(b.span(tlm::TLM_READ_COMMAND, 0, 8 * 64 + 1) == SimTime::ns(5 + 2));  // bank 0 has a second one
  CHECK(b.span(tlm::TLM_READ_COMMAND, 0, 4096) == SimTime::ns(5 + 7 * 2));    // 64 words, eight in each bank
  CHECK(b.span(tlm::TLM_READ_COMMAND, 32, 4096) == SimTime::ns(5 + 8 * 2));   // 65 words
  CHECK(b.span(tlm::TLM_WRITE_COMMAND, 64 * 3, 4096) == SimTime::ns(9 + 7 * 3));
}

TEST_CASE("a strided burst takes the time of the bank that its stride hits most") {
  Bench b;
  b.strided(64, 8 * 64);  // all sixteen rows in bank 0
  CHECK(b.span(tlm::TLM_READ_COMMAND, 0, 16 * 64) == SimTime::ns(5 + 15 * 2));
  b.strided(64, 9 * 64);  // a skewed layout: two rows in each bank
  CHECK(b.span(tlm::TLM_READ_COMMAND, 0, 16 * 64) == SimTime::ns(5 + 2));
  b.strided(64, 2 * 64);  // four banks, four rows each
  CHECK(b.span(tlm::TLM_WRITE_COMMAND, 0, 16 * 64) == SimTime::ns(9 + 3 * 3));
  b.strided(4, 16);  // four rows in each word: 16 rows are 4 words
  CHECK(b.span(tlm::TLM_READ_COMMAND, 0, 16 * 4) == SimTime::ns(5));
}

TEST_CASE("banks with wider blocks keep neighbouring words together") {
  auto config = round_numbers();
  config.interleave = {256};
  Bench b(config);
  CHECK(b.span(tlm::TLM_READ_COMMAND, 0, 256) == SimTime::ns(5 + 3 * 2));
  CHECK(b.span(tlm::TLM_READ_COMMAND, 128, 256) == SimTime::ns(5 + 2));
  CHECK(b.span(tlm::TLM_READ_COMMAND, 0, 4096) == SimTime::ns(5 + 7 * 2));
}

TEST_CASE("bursts on the same bank queue and bursts on different banks do not") {
  Bench b;
  CHECK(b.driver.read(0, 64).ready == SimTime::ns(5));
  CHECK(b.driver.read(8 * 64, 64).ready == SimTime::ns(2 + 5));
  CHECK(b.driver.write(16 * 64, 64).ready == SimTime::ns(2 + 2 + 9));
  CHECK(b.driver.read(64, 64).ready == SimTime::ns(5));
  // Later in time, booked before: the earlier request still takes the gap.
  CHECK(b.driver.read(3 * 64, 64, SimTime::ns(100)).ready == SimTime::ns(105));
  CHECK(b.driver.read(3 * 64, 64, SimTime::ns(50)).ready == SimTime::ns(55));
}

TEST_CASE("energy and counters follow the words and accesses of a burst, for its region and its job") {
  Bench b;
  core::KernelTally job;
  b.driver.transfer.job = &job;
  b.driver.read(0, 4096);
  b.driver.read(8, 4);
  b.driver.write(60, 8);  // two words
  CHECK(b.simulation.energy.by_component(b.memory.id()).dynamic_j == Approx(65 * 100e-12 + 2 * 300e-12));
  CHECK(job.energy_j == Approx(65 * 100e-12 + 2 * 300e-12));
  CHECK(job.onchip_read_bytes == 4100);
  CHECK(job.onchip_write_bytes == 8);
  CHECK(job.dram_read_bytes == 0);
  std::map<std::string, std::uint64_t> counters;
  for (const auto& c : b.memory.counters()) counters[c.name] = c.value;
  CHECK(counters == std::map<std::string, std::uint64_t>{{"reads", 2}, {"writes", 1}, {"read_bytes", 4100}, {"write_bytes", 8}});
}

TEST_CASE("energy and counts of direct accesses equal those of the same accesses one by one") {
  Bench b;
  for (std::uint64_t i = 0; i < 50; ++i) b.driver.read(i * 8, 8);
  for (std::uint64_t i = 0; i < 20; ++i) b.driver.write(i * 4, 4);
  const double joules = b.simulation.energy.by_component(b.memory.id()).dynamic_j;
  const auto counters = b.memory.counters();
  CHECK(b.memory.settle({.reads = 50, .read_bytes = 400, .writes = 20, .write_bytes = 80}, core::no_region, SimTime::us(2), SimTime::us(3)) == SimTime());
  CHECK(b.simulation.energy.by_component(b.memory.id()).dynamic_j == Approx(2 * joules).epsilon(1e-12));
  for (std::size_t i = 0; i < counters.size(); ++i) CHECK(b.memory.counters()[i].value == 2 * counters[i].value);
}

TEST_CASE("the default is 64 banks of what the array model says of 1 MiB of SOT-MRAM") {
  const technology::MemoryDataSheet bank = technology::modelled_memory_data_sheet(technology::MemoryTechnology::sot, 1 << 20);
  Bench b{OnChipMemoryConfig{}};
  CHECK(b.memory.size() == (64ull << 20));
  CHECK(b.memory.banks() == 64);
  CHECK(b.memory.area().si() == Approx(64 * bank.area.si()));
  CHECK(b.memory.type() == "onchip_memory");
  // 64 words of 4 KiB in 64 banks: one read latency.
  CHECK(b.span(tlm::TLM_READ_COMMAND, 4096, 4096) == SimTime::from(bank.read_latency));
  sc_core::sc_start(sc_core::sc_time(1, sc_core::SC_MS));
  b.simulation.energy.settle(core::now());
  CHECK(b.simulation.energy.by_component(b.memory.id()).static_j == Approx(64 * bank.leakage.si() * 1e-3));
}

TEST_CASE("the sheet of a bank follows from its cell, and the cell from a device") {
  using namespace core::literals;
  OnChipMemoryConfig config;
  const auto sheet = [&] { return config.bank_sheet("memory"); };
  const technology::MemoryDataSheet standard = sheet();
  // An SRAM cell takes 146 F2, the SOT cell 81.5; NVSim's sheets of the two are 0.59 apart.
  config.technology = "sram";
  CHECK(standard.area / sheet().area == Approx(0.6).margin(0.12));
  CHECK_FALSE(sheet().non_volatile);
  // The scope preset is 27.5 pW a bit, 80 times below the 2.2 nW of low-power transistors.
  const core::Power leakage = sheet().leakage;
  config.sram_leakage = "scope";
  CHECK(sheet().leakage < leakage);

  config = {};
  config.cell = "device";
  CHECK_THROWS_WITH(sheet(), Catch::Contains("memory.model.cell: device is allowed with a magnetic device in faults.device"));
  config.fault_device = "sot-perpendicular";
  config.fault_write_pulse = 0.8_ns;
  const technology::MemoryDataSheet fast = sheet();
  config.fault_write_pulse = 2.8_ns;
  const technology::MemoryDataSheet slow = sheet();
  // What the pulse lasts longer, the write does; its cell's energy grows with it.
  CHECK((slow.write_latency - fast.write_latency).in(1_ns) == Approx(2).epsilon(0.01));
  CHECK(slow.write_energy > fast.write_energy);
  CHECK(slow.read_latency == fast.read_latency);
  // Retention of the device's own stability, to one bit in 1e9 lost: t = -ln(1 - 1e-9) t0 e^stability.
  REQUIRE(slow.thermal_stability);
  CHECK(slow.retention->si() == Approx(1e-9 * 1e-9 * std::exp(*slow.thermal_stability)).epsilon(1e-6));

  config = {};
  config.cell = "sram-146f2";
  CHECK_THROWS_WITH(sheet(), Catch::Contains("memory.sheet: model: sram-146f2 is a cell of sram, technology sot is allowed with a cell of its own kind"));
  // Capacities that are no power of two are those of the next smaller one, scaled.
  config = {};
  config.size = {48ull << 20};
  config.banks = 16;
  CHECK(sheet().area / technology::modelled_memory_data_sheet(technology::MemoryTechnology::sot, 2 << 20).area == Approx(1.5));
}

namespace {
// Bytes a second of bursts of 4 KiB that all arrive at once, from the first to the end of the last bank cycle; latencies overlap.
double bytes_per_second(Bench& b, tlm::tlm_command command, std::uint64_t bursts, SimTime latency_beyond_cycle, std::uint64_t stride = 64) {
  if (stride != 64) b.strided(64, stride);
  b.base += SimTime::us(1000);
  SimTime last;
  for (std::uint64_t i = 0; i < bursts; ++i) last = std::max(last, b.driver.access(command, i % 4 * 4096, b.driver.buffer.data(), 4096, b.base).ready);
  return static_cast<double>(bursts * 4096) / (last - b.base - latency_beyond_cycle).seconds();
}
}  // namespace

TEST_CASE("full bursts stream at banks x word / cycle, and a stream to one bank at word / cycle") {
  Bench b;
  CHECK(bytes_per_second(b, tlm::TLM_READ_COMMAND, 50, SimTime::ns(5 - 2)) == Approx(8 * 64 / 2e-9).epsilon(1e-12));
  CHECK(bytes_per_second(b, tlm::TLM_WRITE_COMMAND, 50, SimTime::ns(9 - 3)) == Approx(8 * 64 / 3e-9).epsilon(1e-12));
  CHECK(bytes_per_second(b, tlm::TLM_READ_COMMAND, 50, SimTime::ns(5 - 2), 8 * 64) == Approx(64 / 2e-9).epsilon(1e-12));
  CHECK(bytes_per_second(b, tlm::TLM_WRITE_COMMAND, 50, SimTime::ns(9 - 3), 8 * 64) == Approx(64 / 3e-9).epsilon(1e-12));
}

TEST_CASE("reads and writes share a bank's one port and not its two") {
  for (const char* ports : {"1rw", "1r1w"}) {
    auto config = round_numbers();
    config.ports = ports;
    core::Simulation simulation{7};
    OnChipMemory memory(ports, simulation, config);
    test::BusDriver driver((std::string(ports) + "_driver").c_str());
    driver.socket.bind(*memory.windows()[0].socket);
    SimTime read, written;
    for (std::uint64_t i = 0; i < 10; ++i) {
      read = driver.read(i * 512, 512).ready;
      written = driver.write(i * 512, 512).ready;
    }
    // One port: ten reads of 2 ns and ten writes of 3 ns in turn. Two: the reads alone, the writes alone.
    const bool shared = std::string(ports) == "1rw";
    CHECK(read == (shared ? SimTime::ns(9 * 5 + 5) : SimTime::ns(9 * 2 + 5)));
    CHECK(written == (shared ? SimTime::ns(9 * 5 + 2 + 9) : SimTime::ns(9 * 3 + 9)));
  }
}

TEST_CASE("a posted burst is over when it has entered the queues, and a read that comes with it goes first") {
  auto config = round_numbers();
  config.write_queue = 4;
  Bench b(config);
  // 2 KiB are four words a bank: room for all.
  CHECK(b.driver.write(0, 2048).ready == SimTime());
  CHECK(b.driver.read(4096, 512).ready == SimTime::ns(5));
  // From 2 ns on the banks write. A read at 4 ns finds one word begun; the next may be read from 5 ns on.
  CHECK(b.driver.read(8192, 512, SimTime::ns(4)).ready == SimTime::ns(5 + 5));
  // The four words take 3 ns each, around the read: 2 to 5, 7 to 16. What was written comes after them.
  CHECK(b.driver.read(1536, 512, SimTime::ns(8)).ready == SimTime::ns(16 + 5));
  // Eight words a bank into queues of four, drained two at a time, on idle banks: the last enters when the fourth is written.
  CHECK(b.span(tlm::TLM_WRITE_COMMAND, 0, 4096) == SimTime::ns(4 * 3));
}

TEST_CASE("posted bytes are read back at once, whatever the queues hold") {
  auto config = round_numbers();
  config.write_queue = 8;
  config.ports = "1r1w";
  Bench b(config);
  for (unsigned i = 0; i < 40; ++i) {
    b.driver.buffer.assign(4096, static_cast<std::uint8_t>(i));
    REQUIRE(b.driver.write(i % 3 * 1000, 4096).ok());
    std::vector<std::uint8_t> back(4096);
    REQUIRE(b.driver.access(tlm::TLM_READ_COMMAND, i % 3 * 1000, back.data(), 4096).ok());
    CHECK(back == b.driver.buffer);
  }
}

TEST_CASE("direct accesses book the port of their command") {
  auto config = round_numbers();
  config.ports = "1r1w";
  Bench b(config);
  // 8 reads keep each bank's read port busy for 2 ns at a time in the middle of slices; writes of bursts see nothing of it.
  CHECK(b.memory.settle({.reads = 8, .read_bytes = 512}, core::no_region, SimTime(), SimTime()) == SimTime());
  CHECK(b.driver.write(0, 512).ready == SimTime::ns(9));
  CHECK(b.driver.read(0, 512).ready > SimTime::ns(5));
}

TEST_CASE("impossible configurations are refused with the field and what is allowed") {
  const auto refused = [](auto change, const char* field) {
    OnChipMemoryConfig config;
    change(config);
    CHECK_THROWS_WITH(config.bank_sheet("soc.sot"), Catch::StartsWith(std::string("soc.sot.") + field));
  };
  refused([](auto& c) { c.interleave = {96}; }, "interleave");
  refused([](auto& c) { c.interleave = {192}; }, "interleave");
  refused([](auto& c) { c.interleave = {32}; }, "interleave");
  refused([](auto& c) { c.size = {(64ull << 20) + 64}; }, "size");
  refused([](auto& c) { c.banks = 257; }, "banks");
  refused([](auto& c) { c.sheet = "sram_1mib_22nm"; }, "sheet");
  refused([](auto& c) { c.technology = "magic"; }, "technology");
  OnChipMemoryConfig queue;
  queue.write_queue = 4;
  queue.write_queue_drain = 5;
  CHECK_THROWS_WITH(queue.port_shape("soc.sot"), Catch::StartsWith("soc.sot.write_queue_drain"));
  queue.ports = "2rw";
  CHECK_THROWS_WITH(queue.port_shape("soc.sot"), Catch::StartsWith("soc.sot.ports"));
}
