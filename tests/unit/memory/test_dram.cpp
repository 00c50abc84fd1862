#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>

#include "models/core/error.h"
#include "models/memory/dram.h"
#include "tests/unit/interconnect/bus_driver.h"

using namespace spinvp;
using namespace spinvp::core::literals;
using core::SimTime;
using memory::Dram;
using memory::DramConfig;

namespace {
// HBM2: 16 lanes of 16 GB/s, accesses of 32 bytes, blocks of 256 bytes; times in test_dram_schedule.cpp.
struct Bench {
  core::Simulation simulation{7};
  Dram memory;
  test::BusDriver driver{"driver"};
  explicit Bench(const DramConfig& config = {}) : memory("dram", simulation, config) {
    driver.socket.bind(*memory.windows()[0].socket);
    sc_core::sc_start(sc_core::SC_ZERO_TIME);
  }
  SimTime span(std::uint64_t address, std::uint64_t length, SimTime at) {
    const auto done = driver.read(address, length, at);
    REQUIRE(done.ok());
    return done.ready - at;
  }
  std::uint64_t counter(const std::string& name) const {
    for (const core::Counter& c : memory.counters())
      if (c.name == name) return c.value;
    FAIL("no counter " << name);
    return 0;
  }
  [[nodiscard]] core::EnergyAccount::Cut energy() const { return simulation.energy.by_component(memory.id()); }
  void run_to(SimTime t) { sc_core::sc_start(core::to_sc(t - core::now())); }
};

std::string problem(const DramConfig& config) {
  try {
    (void)config.data_sheet("dram");
    (void)config.order("dram");
  } catch (const core::InputError& e) {
    return e.what();
  }
  return "accepted";
}

// A memory of our own: one lane of 64 bits at 1 GHz, four banks, non-volatile.
const char* const small_memspec = R"({"memspec": {"memoryId": "small", "memoryType": "STT-MRAM",
  "memarchitecturespec": {"burstLength": 8, "dataRate": 2, "nbrOfBanks": 4, "nbrOfColumns": 1024, "nbrOfRanks": 1, "nbrOfRows": 4096, "width": 64, "nbrOfChannels": 1},
  "memtimingspec": {"tCK": 1e-9, "RCD": 10, "RP": 10, "RAS": 20, "RC": 30, "RL": 10, "WL": 8, "CCD": 4, "RRD": 5, "FAW": 25, "WR": 12, "RTP": 6, "WTR": 4}}})";
}  // namespace

TEST_CASE("a burst through the bus takes what its rows, its lanes and the interface take") {
  Bench b;
  CHECK(b.memory.size() == (2ull << 30));
  CHECK(b.memory.type() == "dram");
  CHECK(b.span(0, 32, SimTime()) == SimTime::ns(14 + 14 + 2 + 32));                   // closed
  CHECK(b.span(4, 8, SimTime::ns(200)) == SimTime::ns(14 + 2 + 32));                  // open
  CHECK(b.span(1 << 18, 8, SimTime::ns(400)) == SimTime::ns(14 + 14 + 14 + 2 + 32));  // another row of the bank
  CHECK(b.span(1 << 16, 4096, SimTime::ns(600)) == SimTime::ns(20 + 16 + 14 + 32));   // all lanes: 4096 bytes in 16 ns
  b.memory.clock().set_divider(2);
  CHECK(b.span(1 << 16, 4096, SimTime::ns(1600)) == SimTime::ns(2 * (16 + 14 + 32)));
}

TEST_CASE("counters say what accesses met, and refreshes are counted by rank and lane") {
  Bench b;
  b.driver.read(0, 4096);                          // 64 rows opened, 128 accesses
  b.driver.read(0, 4096, SimTime::ns(500));        // all hit
  b.driver.write(1 << 18, 32, SimTime::ns(1000));  // conflict, and the lane turns
  CHECK(b.counter("row_hits") == 64 + 128);
  CHECK(b.counter("row_misses") == 64);
  CHECK(b.counter("row_conflicts") == 1);
  CHECK(b.counter("activates") == 65);
  CHECK(b.counter("turnarounds") == 1);
  b.run_to(SimTime::us(40));
  (void)b.memory.at_end(SimTime::us(40));
  CHECK(b.counter("refreshes") == 16 * 10);  // 40 / 3.9
}

TEST_CASE("energy is activates, bytes of whole accesses, refreshes and background, for region and job") {
  Bench b;
  core::KernelTally job;
  b.driver.transfer.job = &job;
  b.driver.read(0, 4096);
  b.driver.write(4, 8, SimTime::ns(500));
  // 64 activates of 909 pJ; 4096 + 32 bytes at 2.68 + 0.80 pJ/bit.
  const double bursts = 64 * 909e-12 + (4096 + 32) * 8 * 3.48e-12;
  CHECK(b.energy().dynamic_j == Approx(bursts).epsilon(1e-12));
  CHECK(job.energy_j == Approx(bursts).epsilon(1e-12));
  CHECK(job.dram_read_bytes == 4096);
  CHECK(job.dram_write_bytes == 8);
  CHECK(job.onchip_read_bytes == 0);
  CHECK(b.counter("read_bytes") == 4096);
  CHECK(b.counter("write_bytes") == 8);
  // On for 10 us with two refreshes (3.9, 7.8 us) of 16 lanes x 32 rows x 909 pJ; powered down for 10 us with three more (11.7, 15.6, 19.5); in self-refresh and off none.
  b.run_to(SimTime::us(10));
  b.memory.set_power_state(core::PowerState::clock_gated);
  b.run_to(SimTime::us(20));
  b.memory.set_power_state(core::PowerState::retention);
  b.run_to(SimTime::us(50));
  b.memory.set_power_state(core::PowerState::off);
  b.run_to(SimTime::us(90));
  b.simulation.energy.settle(core::now());
  const double refresh = 16 * 32 * 909e-12;
  CHECK(b.energy().dynamic_j == Approx(bursts + 5 * refresh).epsilon(1e-12));
  CHECK(b.energy().static_j == Approx(10e-6 * 0.4 + 10e-6 * 0.16 + 30e-6 * 0.08).epsilon(1e-12));
  // What a counter in between says is what is booked later.
  b.memory.set_power_state(core::PowerState::on);
  const double before = b.energy().total_j();
  b.run_to(SimTime::us(101));
  CHECK(b.simulation.energy.energy_until(b.memory.id(), core::now()) == Approx(before + 11e-6 * 0.4 + 2 * refresh).epsilon(1e-12));  // 93.6, 97.5
}

TEST_CASE("direct accesses cost their bytes and an activate each page, and wait only for others") {
  Bench b;
  for (std::uint64_t i = 0; i < 10; ++i) b.driver.read(i * 32, 32);
  // Ten accesses of 2 ns in sixteen lanes in the first microsecond: a load of 1/800.
  b.run_to(SimTime::us(1));
  const double before = b.energy().dynamic_j;
  const core::AccessTally tally{.reads = 10, .read_bytes = 320, .writes = 0, .write_bytes = 0};
  CHECK(b.memory.settle(tally, core::no_region, SimTime::us(1), SimTime::us(2)) == SimTime::ps(25));  // 20 ns x (1/800) / (799/800)
  CHECK(b.energy().dynamic_j - before == Approx(320 * 8 * 3.48e-12));
  b.run_to(SimTime::us(2));
  // The fourth settlement passes 1024 bytes.
  for (int i = 0; i < 3; ++i) (void)b.memory.settle(tally, core::no_region, SimTime::us(2), SimTime::us(3));
  CHECK(b.energy().dynamic_j - before == Approx(4 * 320 * 8 * 3.48e-12 + 909e-12));
}

TEST_CASE("fields of the config replace figures of the sheet") {
  DramConfig config;
  config.preset = "ddr4";
  config.latency = 100_ns;
  config.peak_gbps = 64;
  config.energy_per_bit = 10_pJ;
  config.background = 1_W;
  Bench b(config);
  // One channel of 64 GB/s: an access of 64 bytes takes 1 ns. Activates 2.5 and 5 ns apart (t_rrd), so the fourth row is open 10 - 3 x 1 ns later.
  CHECK(b.span(0, 64, SimTime()) == SimTime::ns(100 + 1));
  CHECK(b.span(0, 64, SimTime::ns(500)) == SimTime::ps(100000 - 13750 + 1000));
  CHECK(b.energy().dynamic_j == Approx(2 * 64 * 8 * 10e-12));
  b.memory.set_power_state(core::PowerState::retention);
  b.run_to(SimTime::us(1000));
  b.simulation.energy.settle(core::now());
  // Self-refresh in proportion: (20.25 x 1.2 + 2.6 x 2.5) / (44 x 1.2) of active standby.
  CHECK(b.energy().static_j == Approx(1e-3 * (20.25 * 1.2 + 2.6 * 2.5) / (44 * 1.2)));
}

TEST_CASE("more channels bring bandwidth, capacity and power of their own") {
  DramConfig config;
  config.channels = 16;
  const technology::DramDataSheet two = config.data_sheet("dram"), one = DramConfig().data_sheet("dram");
  CHECK(two.peak_bytes_per_second() == Approx(2 * one.peak_bytes_per_second()));
  CHECK(two.capacity_bytes() == 2 * one.capacity_bytes());
  CHECK(two.active_standby.si() == Approx(2 * one.active_standby.si()));
}

TEST_CASE("an impossible DRAM is refused with the field and what is allowed") {
  const auto with = [](auto change) {
    DramConfig c;
    change(c);
    return problem(c);
  };
  CHECK(with([](DramConfig& c) { c.preset = "hbm9"; }) == "dram.preset: 'hbm9' is not allowed: one of hbm2, hbm3, ddr4, lpddr4, stt_mram");
  CHECK(with([](DramConfig& c) { c.mapping = "random"; }) ==
        "dram.mapping: 'random' is not allowed: one of row-bank-column-channel, row-column-bank-channel, bank-row-column-channel, channel-row-bank-column");
  CHECK(with([](DramConfig& c) { c.latency = 20_ns; }) == "dram.latency: 20ns is not allowed: at least the 28ns of activate and read");
  CHECK(with([](DramConfig& c) { c.interleave = {16}; }) == "dram.interleave: 16B is not allowed: a power of two of at least 32 bytes");
  CHECK(with([](DramConfig& c) { c.size = {100}; }) == "dram.size: 100B is not allowed: a multiple of 32 bytes");
  CHECK(with([](DramConfig& c) { c.size = {8ull << 30}; }) ==
        "dram.size: 8GiB is not allowed: at most the 4GiB of hbm2 with 8 channels (more channels hold more)");
  CHECK(with([](DramConfig& c) { c.channels = 200; }) == "dram.channels: 200 is not allowed: a whole number from 0 to 128");
  CHECK(with([](DramConfig& c) { c.memspec = "/nonexistent.json"; }) == "/nonexistent.json: cannot be read");
  CHECK(with([](DramConfig& c) { c.peak_gbps = 0.09; }) == "dram.peak_gbps: 0.09 is not allowed: 0 (as the sheet says) or at least 0.1");
  CHECK_NOTHROW([] {
    DramConfig c;
    c.peak_gbps = 0.1;
    (void)c.data_sheet("dram");
  }());
}

TEST_CASE("DRAM that was off has lost what was written and not grown") {
  Bench b;
  b.driver.buffer.assign(4096, 0x55);
  b.driver.write(0, 4096);
  b.memory.set_power_state(core::PowerState::off);
  b.memory.set_power_state(core::PowerState::on);
  std::vector<std::uint8_t> bytes(4096);
  b.driver.debug(tlm::TLM_READ_COMMAND, 0, bytes.data(), 4096);
  CHECK(bytes != b.driver.buffer);
  CHECK(b.memory.touched_bytes() == memory::Storage::chunk_bytes);
}

TEST_CASE("STT-MRAM from a memspec has its times, refreshes nothing and keeps what was written while off") {
  const std::filesystem::path file = std::filesystem::temp_directory_path() / "spinvp_test_dram_memspec.json";
  std::ofstream(file) << small_memspec;
  DramConfig config;
  config.memspec = file.string();
  config.size = {1ull << 20};
  Bench b(config);
  std::filesystem::remove(file);
  // RCD + RL + 8 beats at 2 a nanosecond, and the interface of the preset stt_mram.
  CHECK(b.span(0, 64, SimTime()) == SimTime::ps(1000 * (10 + 10 + 4) + 42500));
  b.driver.buffer.assign(4096, 0x55);
  b.driver.write(0, 4096, SimTime::us(1));
  b.memory.set_power_state(core::PowerState::off);
  b.memory.set_power_state(core::PowerState::on);
  std::vector<std::uint8_t> bytes(4096);
  b.driver.debug(tlm::TLM_READ_COMMAND, 0, bytes.data(), 4096);
  CHECK(bytes == b.driver.buffer);
  b.run_to(SimTime::us(1000));
  (void)b.memory.at_end(SimTime::us(1000));
  CHECK(b.counter("refreshes") == 0);
}
