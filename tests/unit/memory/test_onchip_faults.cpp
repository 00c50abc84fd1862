// On-chip memory with cells that err and words that carry a code: what initiators read, what they are told, what it costs.
#include <catch2/catch.hpp>

#include "models/core/error.h"
#include "models/core/exact_math.h"
#include "models/memory/ecc_cost.h"
#include "models/memory/onchip_memory.h"
#include "models/technology/device_presets.h"
#include "tests/unit/interconnect/bus_driver.h"

using namespace spinvp;
using namespace spinvp::core::literals;
using core::SimTime;
using memory::OnChipMemory;
using memory::OnChipMemoryConfig;

namespace {

// Eight banks of 32 KiB, words of 64 bytes, round numbers.
OnChipMemoryConfig round_numbers() {
  OnChipMemoryConfig config;
  config.size = {256ull << 10};
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
  test::LogText log{simulation};
  OnChipMemory memory;
  test::BusDriver driver{"driver"};
  std::unique_ptr<test::BusDriver> registers;
  explicit Bench(const OnChipMemoryConfig& config) : memory("sot", simulation, config) {
    driver.socket.bind(*memory.windows()[0].socket);
    if (memory.windows().size() > 1) {
      registers = std::make_unique<test::BusDriver>("registers");
      registers->socket.bind(*memory.windows()[1].socket);
    }
    sc_core::sc_start(sc_core::SC_ZERO_TIME);
  }
  // Idles until nothing is booked any more.
  void rest(SimTime span = SimTime::us(10)) { sc_core::sc_start(core::to_sc(span)); }
  SimTime span(tlm::tlm_command command, std::uint64_t address, std::uint64_t length) {
    rest();
    driver.buffer.resize(std::max<std::uint64_t>(driver.buffer.size(), length));
    const auto done = driver.access(command, address, driver.buffer.data(), length);
    REQUIRE(done.ok());
    return done.ready - core::now();
  }
  [[nodiscard]] std::uint64_t counter(const std::string& name) const {
    for (const core::Counter& c : memory.counters())
      if (c.name == name) return c.value;
    FAIL("no counter " << name);
    return 0;
  }
  [[nodiscard]] std::uint64_t events(const std::string& name) const {
    for (const auto& e : simulation.energy.events())
      if (e.component == "sot" && e.event == name) return e.count;
    return 0;
  }
  std::uint64_t reg(std::uint64_t offset, unsigned bytes) {
    std::uint64_t value = 0;
    REQUIRE(registers->access(tlm::TLM_READ_COMMAND, offset, reinterpret_cast<std::uint8_t*>(&value), bytes).ok());
    return value;
  }
};

OnChipMemoryConfig leaky(const char* ecc, double hertz) {
  OnChipMemoryConfig config = round_numbers();
  config.ecc = ecc;
  config.fault_retention_loss = core::Frequency::from_si(hertz);
  return config;
}

}  // namespace

TEST_CASE("a memory without faults and code has neither counters nor events of them, and pays nothing") {
  Bench b(round_numbers());
  CHECK(b.memory.counters().size() == 4);
  CHECK(b.span(tlm::TLM_READ_COMMAND, 0, 64) == SimTime::ns(5));
  CHECK(b.memory.windows().size() == 1);
  for (const auto& e : b.simulation.energy.events()) CHECK(e.activity != "error correction");
}

TEST_CASE("a code takes its check on reads, its encoder on writes, and cells in proportion") {
  OnChipMemoryConfig config = round_numbers();
  config.ecc = "secded";
  Bench b(config);
  const memory::EccCost cost = memory::cost_of(*memory::make_codec("secded"), "45nm");
  CHECK(b.span(tlm::TLM_READ_COMMAND, 0, 64) == SimTime::from(5_ns + cost.check));
  CHECK(b.span(tlm::TLM_WRITE_COMMAND, 0, 64) == SimTime::from(9_ns + cost.encode));
  CHECK(b.events("ecc_check") == 1);
  CHECK(b.events("ecc_encode") == 1);
  // One word read, one written; 72 bits for 64; eight code words a word of the macro.
  const double joules = 100e-12 * 1.125 + 300e-12 * 1.125 + 8 * (cost.check_energy + cost.encode_energy).si();
  CHECK(b.simulation.energy.by_component(b.memory.id()).dynamic_j == Approx(joules).epsilon(1e-12));
  const auto plain = round_numbers().bank_sheet("x");
  CHECK(b.memory.area().si() == Approx(8 * (plain.area.si() * 1.125 + 8 * cost.area.si()) + cost.corrector_area.si()).epsilon(1e-12));
  CHECK(b.memory.bank_sheet().leakage.si() == Approx(plain.leakage.si() * 1.125).epsilon(1e-12));
}

TEST_CASE("a write of a part reads its word first, in time and energy") {
  OnChipMemoryConfig config = round_numbers();
  config.ecc = "dec";
  Bench b(config);
  const memory::EccCost cost = memory::cost_of(*memory::make_codec("dec"), "45nm");
  // The cycle is a write's and a read's; the data are there a read and its check after the start.
  const SimTime read = SimTime::from(5_ns + cost.check), write = SimTime::from(9_ns + cost.encode);
  CHECK(b.span(tlm::TLM_WRITE_COMMAND, 8, 16) == read + write);
  CHECK(b.events("word_read") == 1);
  CHECK(b.events("word_write") == 1);
  // 4096 bytes from offset 32: 65 words, the first and the last in part; the ninth turn over 8 banks gives bank 0 nine words. Cycle 3 ns + 2 ns x 2 / 65.
  const SimTime cycle = SimTime::ps(3000 + 2000 * 2 / 65);
  CHECK(b.span(tlm::TLM_WRITE_COMMAND, 32, 4096) == 8 * cycle + read + write);
  CHECK(b.events("word_read") == 3);
  // Direct stores of 8 bytes are parts of 64; with SEC-DED, whole words.
  b.memory.settle({0, 0, 100, 800}, core::no_region, core::now(), core::now() + SimTime::us(1));
  CHECK(b.events("word_read") == 103);
}

TEST_CASE("with SEC-DED stores of 8 bytes are whole code words, of 4 and less are parts") {
  OnChipMemoryConfig config = round_numbers();
  config.ecc = "secded";
  Bench b(config);
  b.memory.settle({0, 0, 100, 800}, core::no_region, core::now(), core::now() + SimTime::us(1));
  CHECK(b.events("word_read") == 0);
  b.memory.settle({0, 0, 100, 400}, core::no_region, core::now(), core::now() + SimTime::us(1));
  CHECK(b.events("word_read") == 100);
  b.memory.settle({0, 0, 100, 100}, core::no_region, core::now(), core::now() + SimTime::us(1));
  CHECK(b.events("word_read") == 200);
}

TEST_CASE("without a code wrong bits are what initiators read, through the bus, through pointers and through the debugger") {
  Bench b(leaky("none", 1));
  b.driver.buffer.assign(4096, 0);
  tlm::tlm_dmi dmi;
  REQUIRE(b.driver.direct(0, dmi));
  b.rest(SimTime::us(20000));  // 2^21 cells x 1/s x 20 ms: 41,943 flips
  std::uint64_t wrong = 0, by_pointer = 0, by_debugger = 0;
  std::vector<std::uint8_t> debug(4096);
  for (std::uint64_t at = 0; at < b.memory.size(); at += 4096) {
    REQUIRE(b.driver.read(at, 4096).ok());
    for (std::size_t i = 0; i < 4096; ++i) {
      wrong += static_cast<unsigned>(std::popcount(b.driver.buffer[i]));
      by_pointer += static_cast<unsigned>(std::popcount(dmi.get_dmi_ptr()[at + i]));
    }
    b.driver.debug(tlm::TLM_READ_COMMAND, at, debug.data(), 4096);
    by_debugger += debug == std::vector<std::uint8_t>(b.driver.buffer.begin(), b.driver.buffer.begin() + 4096) ? 0 : 1;
  }
  b.memory.at_end(core::now());
  const double n = 8.0 * 256 * 1024, p = -core::exact::expm1(-0.04) / 2;
  CHECK(std::abs(static_cast<double>(wrong) - n * p) < 4 * std::sqrt(n * p));
  CHECK(by_pointer == wrong);
  CHECK(by_debugger == 0);
  CHECK(b.counter("retention_failures") == b.counter("bit_errors_injected"));
  CHECK(b.counter("retention_failures") >= wrong);
  CHECK(b.counter("corrected") == 0);
}

TEST_CASE("a corrected word costs a correction, an uncorrectable one is an error response with a line in the log") {
  Bench b(leaky("secded", 1));
  b.rest(SimTime::us(10000));
  std::uint64_t errors = 0;
  for (std::uint64_t at = 0; at < b.memory.size(); at += 8) {
    std::uint64_t word = 0;
    const auto done = b.driver.access(tlm::TLM_READ_COMMAND, at, reinterpret_cast<std::uint8_t*>(&word), 8);
    if (!done.ok()) {
      CHECK(done.response == tlm::TLM_GENERIC_ERROR_RESPONSE);
      ++errors;
    }
  }
  b.memory.at_end(core::now());
  CHECK(errors > 1000);
  CHECK(b.counter("uncorrectable") == errors);
  // Words taken for others were corrected as far as the hardware knows, but for those whose four or more wrong bits make another code word: nothing to correct there.
  const std::uint64_t put_right = b.counter("corrected") + b.counter("miscorrected");
  CHECK(b.events("ecc_correct") <= put_right);
  CHECK(b.events("ecc_correct") > put_right - 10);
  CHECK(b.log.has("more wrong bits than secded corrects"));
  // All 32,768 code words: P(2 or more of 72).
  const double n = 32768, p = memory::word_failure(72, 1, -core::exact::expm1(-0.02) / 2);
  CHECK(std::abs(static_cast<double>(errors + b.counter("miscorrected")) - n * p) < 4 * std::sqrt(n * p * (1 - p)));
  CHECK(b.counter("reads") == 32768);
}

TEST_CASE("an uncorrectable word can raise the interrupt instead, with its address in a register") {
  OnChipMemoryConfig config = leaky("dec", 1);
  config.uncorrectable = "interrupt";
  config.ecc_registers = 0x10060000;
  Bench b(config);
  REQUIRE(b.registers != nullptr);
  REQUIRE(b.memory.interrupt() != nullptr);
  CHECK(b.memory.windows()[1].at == 0x10060000);
  b.rest(SimTime::us(1000));  // half a wrong bit a word in the mean
  CHECK_FALSE(b.memory.interrupt()->level());
  std::uint64_t at = 0;
  while (!b.memory.interrupt()->level() && at < b.memory.size()) {
    REQUIRE(b.driver.read(at, 64).ok());
    at += 64;
  }
  REQUIRE(b.memory.interrupt()->level());
  CHECK(b.reg(0x00, 4) == 3);
  CHECK(b.reg(0x08, 8) == at - 64);
  CHECK(b.reg(0x18, 8) == 1);
  CHECK(b.reg(0x10, 8) > 0);
  // Another one meanwhile does not move the address; clearing lets the line fall.
  for (std::uint64_t next = at; next < b.memory.size(); next += 4096) REQUIRE(b.driver.read(next, 4096 - next % 4096).ok());
  CHECK(b.reg(0x18, 8) > 1);
  CHECK(b.reg(0x08, 8) == at - 64);
  std::uint32_t clear = 1;
  REQUIRE(b.registers->access(tlm::TLM_WRITE_COMMAND, 0, reinterpret_cast<std::uint8_t*>(&clear), 4).ok());
  CHECK_FALSE(b.memory.interrupt()->level());
  CHECK(b.reg(0x00, 4) == 2);
}

TEST_CASE("pages with errors give no pointers and take those given back; a write that clears them gives them again") {
  Bench b(leaky("secded", 1e-3));  // 2^21 x 9 / 8 cells: 2359 flips a second
  tlm::tlm_dmi dmi;
  REQUIRE(b.driver.direct(0, dmi));
  CHECK((dmi.get_start_address() == 0 && dmi.get_end_address() == b.memory.size() - 1));
  b.driver.revoked.clear();
  b.rest(SimTime::us(1000));
  REQUIRE(b.driver.read(0, 64).ok());  // somebody looks
  REQUIRE_FALSE(b.driver.revoked.empty());
  const std::uint64_t page = b.driver.revoked[0].first / 4096 * 4096;
  CHECK_FALSE(b.driver.direct(page, dmi));
  CHECK(dmi.get_start_address() <= page);
  // An access there is an ordinary one; beside it, it is settled in sum.
  std::vector<core::DirectHop*> hops;
  b.driver.transfer.hops = &hops;
  REQUIRE(b.driver.read(page, 8).ok());
  CHECK(hops.empty());
  CHECK(b.counter("reads") == 2);
  b.driver.transfer.hops = nullptr;
  b.driver.revoked.clear();
  REQUIRE(b.driver.write(page, 4096).ok());
  CHECK_FALSE(b.driver.revoked.empty());
  REQUIRE(b.driver.direct(page, dmi));
  b.driver.transfer.hops = &hops;
  REQUIRE(b.driver.read(page, 8).ok());
  CHECK(hops.size() == 1);
}

TEST_CASE("a read of a wrong word writes it back: its page gives pointers again, at the cost of one write") {
  Bench b(leaky("secded", 1e-3));
  tlm::tlm_dmi dmi;
  b.rest(SimTime::us(1000));
  REQUIRE(b.driver.read(b.memory.size() - 64, 64).ok());  // somebody looks
  std::uint64_t page = 0;
  while (b.driver.direct(page, dmi)) page += 4096;
  const memory::EccCost cost = memory::cost_of(*memory::make_codec("secded"), "45nm");
  const SimTime clean = SimTime::from(5_ns + cost.check), corrected = clean + SimTime::from(cost.correct);
  std::uint64_t met = 0;
  for (std::uint64_t at = page; at < page + 4096; at += 64) {
    b.rest();
    const std::uint64_t before = b.counter("corrected");
    const SimTime first = b.driver.read(at, 64).ready - core::now(), second = b.driver.read(at, 64).ready - core::now();
    met += b.counter("corrected") - before;
    const bool wrong = b.counter("corrected") != before;
    // The bank is busy for the word's read cycle of 2 ns, and the 3 ns of writing it back.
    CHECK(first == (wrong ? corrected : clean));
    CHECK(second == clean + SimTime::ns(wrong ? 5 : 2));
  }
  CHECK(met >= 1);
  CHECK(b.counter("words_written_back") == met);
  CHECK(b.events("word_write") == met);
  CHECK(b.events("ecc_encode") == met);
  CHECK(b.driver.direct(page, dmi));
  CHECK(b.driver.revoked.size() >= 1);
}

TEST_CASE("without writing back a wrong word is met at every read") {
  OnChipMemoryConfig config = leaky("secded", 1e-3);
  config.ecc_write_back = false;
  Bench b(config);
  b.rest(SimTime::us(1000));
  const auto read_all = [&b] {
    for (std::uint64_t at = 0; at < b.memory.size(); at += 4096) REQUIRE(b.driver.read(at, 4096).ok());
    return b.counter("corrected");
  };
  const std::uint64_t once = read_all();
  CHECK(once > 0);
  CHECK(read_all() == 2 * once);
  CHECK(b.counter("words_written_back") == 0);
  CHECK(b.events("word_write") == 0);
}

TEST_CASE("write errors due among direct stores take the right to write back until one was struck") {
  OnChipMemoryConfig config = round_numbers();
  config.fault_write_0_to_1 = config.fault_write_1_to_0 = 1e-6;
  Bench b(config);
  tlm::tlm_dmi dmi;
  REQUIRE(b.driver.direct(0, dmi));
  CHECK(dmi.is_write_allowed());
  std::uint64_t stores = 0;
  while (dmi.is_write_allowed() && stores < 10'000'000) {
    b.memory.settle({0, 0, 1000, 8000}, core::no_region, core::now(), core::now());
    stores += 1000;
    REQUIRE(b.driver.direct(0, dmi));
  }
  CHECK(b.driver.revoked.size() == 1);
  CHECK(dmi.is_read_allowed());
  // The next store that is seen flips all of its bits: one of them fails, and pointers may write again.
  b.driver.buffer.assign(8, 0xff);
  std::vector<core::DirectHop*> hops;
  b.driver.transfer.hops = &hops;
  for (int i = 0; !dmi.is_write_allowed() && i < 10; ++i) {
    REQUIRE(b.driver.write(static_cast<std::uint64_t>(i) * 8, 8).ok());
    REQUIRE(b.driver.direct(0, dmi));
  }
  CHECK(dmi.is_write_allowed());
  b.memory.at_end(core::now());
  CHECK(b.counter("write_errors") >= 1);
}

TEST_CASE("scrubbing reads every word once an interval, takes its share of the banks, and is paid by nobody's region") {
  OnChipMemoryConfig config = round_numbers();
  config.ecc = "secded";
  config.scrub_interval = 10_us;
  Bench b(config);
  // 512 words a bank x 2 ns in 10 us: 10.24 % of the time.
  const double left = 1 - 512 * 2e-9 / 10e-6;
  CHECK(b.memory.bank_sheet().read_cycle().si() == Approx(2e-9 / left).epsilon(1e-9));
  b.rest(SimTime::us(1000));
  b.memory.at_end(core::now());
  CHECK(b.counter("words_scrubbed") == 100 * 4096);
  CHECK(b.events("word_read") == 100 * 4096);
  CHECK(b.events("ecc_check") == 100 * 4096);
  CHECK(b.events("word_write") == 0);  // nothing to correct
  config.scrub_interval = 2_us;
  CHECK_THROWS_WITH(config.guarded_sheet("sot"), Catch::Contains("scrub_interval") && Catch::Contains("2.048us"));
}

TEST_CASE("a warmer memory forgets sooner, by the barrier that its rate at 300 K says") {
  OnChipMemoryConfig config = round_numbers();
  // D = 40 at 300 K: 1e9 x e^-40 = 4.248e-9 a second. At 350 K D is 34.2857: 1e9 x e^-34.2857 = 1.2881e-6.
  config.fault_retention_loss = core::Frequency::from_si(4.248354255291589e-09);
  config.fault_temperature = 350_K;
  CHECK(config.error_rates("x").retention_loss.si() == Approx(1e9 * std::exp(-40.0 * 300 / 350)).epsilon(1e-9));
  config.fault_temperature = 300_K;
  CHECK(config.error_rates("x").retention_loss.si() == 4.248354255291589e-09);
  config.fault_retention_loss = core::Frequency::from_si(2e9);
  config.fault_temperature = 350_K;
  CHECK_THROWS_WITH(config.error_rates("x"), Catch::Contains("retention_loss"));
}

TEST_CASE("a device gives the rates of its physics at the cells' temperature, and a rate that is named replaces its own") {
  OnChipMemoryConfig config = round_numbers();
  config.technology = "stt";
  config.fault_device = "stt-perpendicular";
  config.fault_write_pulse = 10_ns;
  config.fault_read_voltage = core::Voltage::from_si(0.02);  // at 0.1 V a read of this junction is a write
  config.fault_temperature = 350_K;
  const auto junction = technology::device_preset("stt-perpendicular");
  const technology::WriteDrive drive{2 * critical_current(junction, 300_K), 10_ns};
  const auto expected = cell_error_rates(junction, drive, drive, {core::Voltage::from_si(0.02), 1_ns}, 350_K);
  CHECK(expected.write_0_to_1 > 0);
  auto rates = config.error_rates("x");
  CHECK(rates.write_0_to_1 == expected.write_0_to_1);
  CHECK(rates.retention_loss == expected.retention_loss);
  CHECK(rates.read_disturb == expected.read_disturb);
  config.fault_write_0_to_1 = 0.25;
  rates = config.error_rates("x");
  CHECK(rates.write_0_to_1 == 0.25);
  CHECK(rates.write_1_to_0 == expected.write_1_to_0);
  // The critical current of 300 K is too little at 250 K.
  config.fault_write_overdrive = 1;
  config.fault_temperature = 250_K;
  CHECK_THROWS_WITH(config.error_rates("sot"), Catch::Contains("sot.faults.device stt-perpendicular"));
}

TEST_CASE("cells forget while a magnetic memory is off, and a volatile one starts without errors") {
  OnChipMemoryConfig config = leaky("secded", 1e-2);
  Bench b(config);
  b.memory.set_power_state(core::PowerState::off);
  b.rest(SimTime::us(10000));
  b.memory.set_power_state(core::PowerState::on);
  b.rest();
  std::uint64_t corrected = 0;
  for (std::uint64_t at = 0; at < b.memory.size(); at += 4096) b.driver.read(at, 4096);
  b.memory.at_end(core::now());
  corrected = b.counter("corrected");
  // 2^21 x 9 / 8 cells x 1e-2 / s x 10 ms = 236.
  CHECK(std::abs(static_cast<double>(corrected) - 236) < 4 * std::sqrt(236.0) + 1);
}

TEST_CASE("a scrambled volatile memory holds new words, without errors") {
  OnChipMemoryConfig config = leaky("secded", 1);
  config.technology = "sram";
  Bench b(config);
  b.rest(SimTime::us(1000));
  REQUIRE(b.driver.read(0, 64).ok());
  b.memory.set_power_state(core::PowerState::off);
  b.memory.set_power_state(core::PowerState::on);
  const std::uint64_t before = b.counter("corrected");
  for (std::uint64_t at = 0; at < b.memory.size(); at += 4096) REQUIRE(b.driver.read(at, 4096).ok());
  b.memory.at_end(core::now());
  CHECK(b.counter("corrected") == before);
}

TEST_CASE("another memory of the platform meets other faults, and a saved state goes on as the one that was not saved") {
  OnChipMemoryConfig config = leaky("secded", 10);
  config.scrub_interval = 500_us;
  core::Simulation simulation{7};
  OnChipMemory a("a", simulation, config), b("b", simulation, config);
  test::BusDriver da("da"), db("db");
  da.socket.bind(*a.windows()[0].socket);
  db.socket.bind(*b.windows()[0].socket);
  sc_core::sc_start(sc_core::SC_ZERO_TIME);
  sc_core::sc_start(core::to_sc(SimTime::us(300)));
  da.read(0, 4096);
  core::StateArchive saved;
  a.describe_state(saved);
  sc_core::sc_start(core::to_sc(SimTime::us(2000)));
  struct Seen {
    std::vector<std::uint8_t> bytes;
    std::vector<std::uint64_t> counters;
    bool operator==(const Seen&) const = default;
  };
  const auto look = [](OnChipMemory& memory, test::BusDriver& driver) {
    Seen seen;
    for (std::uint64_t at = 0; at < memory.size(); at += 4096) {
      driver.read(at, 4096);
      seen.bytes.insert(seen.bytes.end(), driver.buffer.begin(), driver.buffer.begin() + 4096);
    }
    memory.at_end(core::now());
    for (const core::Counter& c : memory.counters()) seen.counters.push_back(c.value);
    return seen;
  };
  const Seen straight = look(a, da);
  CHECK(straight.counters[4] > 10000);
  CHECK_FALSE(look(b, db) == straight);
  core::StateArchive load(saved.bytes());
  a.describe_state(load);
  CHECK(look(a, da) == straight);
}

TEST_CASE("a named loss of retention is what the report says of the cells, too") {
  OnChipMemoryConfig config = round_numbers();
  config.fault_retention_loss = core::Frequency::from_si(1e-3);
  // 1e-9 of the bits have failed after 1e-9 / 1e-3 s; rate = e^-D / 1 ns.
  const auto sheet = config.guarded_sheet("sot");
  REQUIRE(sheet.retention);
  CHECK(sheet.retention->si() == Approx(1e-6).epsilon(1e-12));
  REQUIRE(sheet.thermal_stability);
  CHECK(*sheet.thermal_stability == Approx(std::log(1e12)).epsilon(1e-9));
  CHECK(sheet.retention_source.find("faults.retention_loss") != std::string::npos);
  // At the cells' temperature: D = ln 1e12 at 300 K, 300 / 360 of it at 360 K.
  config.fault_temperature = 360_K;
  CHECK(*config.guarded_sheet("sot").thermal_stability == Approx(std::log(1e12) * 300 / 360).epsilon(1e-9));
  config.technology = "sram";
  CHECK_FALSE(config.guarded_sheet("sram").retention);
}

TEST_CASE("a share of stuck cells beyond 1 % is refused where it is read") {
  const core::FieldInfo* stuck = OnChipMemoryConfig::schema().find("faults.stuck");
  REQUIRE(stuck != nullptr);
  std::string problem;
  CHECK(core::parse(*stuck, "0.01", problem));
  CHECK_FALSE(core::parse(*stuck, "0.0101", problem));
  CHECK(problem == "faults.stuck: '0.0101' is not allowed: a number from 0 to 0.01");
}

TEST_CASE("what cannot be is refused with field and limit") {
  const auto refused = [](auto change, const std::string& field) {
    OnChipMemoryConfig config = round_numbers();
    change(config);
    core::Simulation simulation{7};
    CHECK_THROWS_WITH(OnChipMemory("sot", simulation, config), Catch::Contains(field));
  };
  refused([](OnChipMemoryConfig& c) { c.fault_stuck = 2; }, "faults.stuck");
  refused([](OnChipMemoryConfig& c) { c.scrub_interval = 1_ms; }, "scrub_interval");
  refused([](OnChipMemoryConfig& c) { c.uncorrectable = "interrupt"; }, "uncorrectable");
  refused([](OnChipMemoryConfig& c) { c.ecc = "secded", c.uncorrectable = "interrupt"; }, "ecc_registers");
  refused([](OnChipMemoryConfig& c) { c.ecc = "hamming"; }, "hamming");
  refused([](OnChipMemoryConfig& c) { c.ecc = "secded", c.ecc_registers = 0x10060800; }, "ecc_registers: 0x10060800 is not allowed: a multiple of 0x1000");
  // 2^21 cells: each flip is an event of the host.
  refused([](OnChipMemoryConfig& c) { c.fault_retention_loss = core::Frequency::from_si(5000); }, "1.05e+10 flips a second of all resting cells");
  refused([](OnChipMemoryConfig& c) { c.fault_retention_loss = core::Frequency::from_si(1e9); }, "1000000000 Hz is not allowed: below 1 GHz");
  refused([](OnChipMemoryConfig& c) { c.fault_device = "stt-perpendicular"; },
          "stt-perpendicular is written by spin-transfer torque, technology sot is allowed");
  refused([](OnChipMemoryConfig& c) { c.technology = "stt", c.fault_device = "sot-perpendicular"; }, "sot-perpendicular is written by spin-orbit torque");
  refused([](OnChipMemoryConfig& c) { c.technology = "sram", c.fault_device = "sot-perpendicular"; }, "technology sram is allowed with no device");
  // Just below: 8.4e9 flips a second.
  OnChipMemoryConfig allowed = round_numbers();
  allowed.fault_retention_loss = core::Frequency::from_si(4000);
  core::Simulation simulation{7};
  CHECK_NOTHROW(OnChipMemory("allowed", simulation, allowed));
}
