#include <catch2/catch.hpp>

#include "models/memory/dram.h"
#include "tests/unit/interconnect/bus_driver.h"

using namespace spinvp;
using namespace spinvp::core::literals;
using core::SimTime;
using memory::Dram;
using memory::DramConfig;

namespace {
// HBM2: eight channels of 32 GB/s, accesses of 32 bytes (1 ns in a channel), blocks of 256 bytes, latency 60 ns.
struct Bench {
  core::Simulation simulation{7};
  Dram memory;
  test::BusDriver driver{"driver"};
  explicit Bench(const DramConfig& config = {}) : memory("dram", simulation, config) {
    driver.socket.bind(*memory.windows()[0].socket);
    sc_core::sc_start(sc_core::SC_ZERO_TIME);
  }
  SimTime span(std::uint64_t address, std::uint64_t length) {
    base += SimTime::us(100);
    const auto done = driver.read(address, length, base);
    REQUIRE(done.ok());
    return done.ready - base;
  }
  SimTime base;
};
}  // namespace

TEST_CASE("a burst takes the latency and the time of its fullest channel") {
  Bench b;
  CHECK(b.memory.size() == (2ull << 30));
  CHECK(b.memory.type() == "dram");
  CHECK(b.span(0, 32) == SimTime::ns(60 + 1));
  CHECK(b.span(4, 8) == SimTime::ns(60 + 1));
  CHECK(b.span(0, 256) == SimTime::ns(60 + 8));
  CHECK(b.span(0, 2048) == SimTime::ns(60 + 8));    // one block in each channel
  CHECK(b.span(0, 4096) == SimTime::ns(60 + 16));   // 256 GB/s: 4096 bytes in 16 ns
  CHECK(b.span(16, 4096) == SimTime::ns(60 + 17));  // half an access at both ends, in the same channel
}

TEST_CASE("bursts back to back reach the peak bandwidth and no more") {
  Bench b;
  SimTime ready;
  for (int i = 0; i < 1000; ++i) ready = b.driver.read(static_cast<std::uint64_t>(i) * 4096, 4096).ready;
  // 4096000 bytes at 256 bytes a nanosecond, after one latency.
  CHECK(ready == SimTime::ns(16000 + 60));
}

TEST_CASE("rows on one channel queue, and rows inside one access are one access") {
  Bench b;
  b.driver.transfer.row_bytes = 4;
  b.driver.transfer.stride = 8 * 256;  // sixteen rows in channel 0
  CHECK(b.span(0, 16 * 4) == SimTime::ns(60 + 16));
  b.driver.transfer.stride = 8;  // sixteen rows in four accesses
  CHECK(b.span(0, 16 * 4) == SimTime::ns(60 + 4));
}

TEST_CASE("energy counts whole accesses of bursts, and counters the bytes that were asked for") {
  Bench b;
  core::KernelTally job;
  b.driver.transfer.job = &job;
  b.driver.read(0, 4096);
  b.driver.write(4, 8);
  // 3.9 pJ a bit.
  CHECK(b.simulation.energy.by_component(b.memory.id()).dynamic_j == Approx((4096 + 32) * 8 * 3.9e-12));
  CHECK(job.energy_j == Approx((4096 + 32) * 8 * 3.9e-12));
  CHECK(job.dram_read_bytes == 4096);
  CHECK(job.dram_write_bytes == 8);
  CHECK(job.onchip_read_bytes == 0);
  CHECK(b.memory.counters()[2].value == 4096);
  CHECK(b.memory.counters()[3].value == 8);
}

TEST_CASE("direct accesses in whole accesses cost what bursts cost, and wait only for others") {
  Bench b;
  for (std::uint64_t i = 0; i < 10; ++i) b.driver.read(i * 32, 32);
  const double joules = b.simulation.energy.by_component(b.memory.id()).dynamic_j;
  // Ten accesses of 1 ns in eight channels in the first microsecond: a load of 1/800.
  sc_core::sc_start(sc_core::sc_time(1, sc_core::SC_US));
  const core::AccessTally tally{.reads = 10, .read_bytes = 320, .writes = 0, .write_bytes = 0};
  CHECK(b.memory.settle(tally, core::no_region, SimTime::us(1), SimTime::us(2)) == SimTime::ps(13));  // 10 ns x (1/800) / (799/800) = 12.5 ps
  CHECK(b.simulation.energy.by_component(b.memory.id()).dynamic_j == Approx(2 * joules).epsilon(1e-12));
  sc_core::sc_start(sc_core::sc_time(1, sc_core::SC_US));
  CHECK(b.memory.settle(tally, core::no_region, SimTime::us(2), SimTime::us(3)) == SimTime());
}

TEST_CASE("fields of the config replace figures of the preset") {
  DramConfig config;
  config.preset = "ddr4";
  config.latency = 100_ns;
  config.peak_gbps = 64;
  config.energy_per_bit = 10_pJ;
  config.background = 1_W;
  Bench b(config);
  // One channel of 64 GB/s: an access of 64 bytes takes 1 ns.
  CHECK(b.span(0, 4096) == SimTime::ns(100 + 64));
  CHECK(b.simulation.energy.by_component(b.memory.id()).dynamic_j == Approx(4096 * 8 * 10e-12));
  b.memory.set_power_state(core::PowerState::retention);
  sc_core::sc_start(sc_core::sc_time(1, sc_core::SC_MS));
  b.simulation.energy.settle(core::now());
  CHECK(b.simulation.energy.by_component(b.memory.id()).static_j == Approx(0.2 * 1e-3));  // self-refresh: a fifth
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
