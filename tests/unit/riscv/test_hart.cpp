// The hart under SystemC: local time, devices, interrupts at known times, waiting, direct memory access, energy, ends of a run.
#include <catch2/catch.hpp>

#include "models/riscv/hart.h"
#include "tests/unit/riscv/bench_bus.h"

using namespace spinvp::riscv;
using namespace spinvp::riscv::test;
using spinvp::core::ExitReason;
using spinvp::core::SimTime;

namespace {

constexpr unsigned timer = spinvp::core::machine_timer, external = spinvp::core::machine_external;

struct Platform {
  explicit Platform(const HartConfig& config = {}) : bus(sc_core::sc_gen_unique_name("bus")), hart(sc_core::sc_gen_unique_name("hart"), simulation, config, 0) {
    hart.bus.bind(bus.socket);
  }
  spinvp::core::Simulation simulation;
  BenchBus bus;
  Hart hart;

  void load(Program& program) {
    bus.put(program);
    hart.set_entry(program.base());
  }
  void run(Program& program, SimTime limit = SimTime::us(1000)) {
    load(program);
    sc_core::sc_start(spinvp::core::to_sc(limit));
    hart.settle_all();
  }
};

// Ends the run by `tohost` in ram.
constexpr u64 tohost = data_base + 0x8000;
Program& finish(Program& p, u64 value = 1) { return p.li(t5, tohost).li(t6, value)({sd(t6, 0, t5), jal(zero, 0)}); }

HartConfig with(double quantum_s, bool dmi = true) {
  HartConfig c;
  c.quantum = spinvp::core::Time::from_si(quantum_s);
  c.dmi = dmi;
  return c;
}

}  // namespace

TEST_CASE("a hart starts at its entry with its number in a0") {
  Platform platform;
  Program p(code_base + 0x100);
  p({addi(a2, a0, 5), addi(a3, a1, 6), wfi});
  platform.run(p);
  CHECK(platform.hart.interpreter().x(a2) == 5);
  CHECK(platform.hart.interpreter().x(a3) == 6);
  CHECK(platform.hart.interpreter().pc() == code_base + 0x100 + 12);
}

TEST_CASE("a device access happens at the hart's local time and takes its time") {
  Platform platform(with(1e-3));
  Program p(code_base);
  p.li(a0, device_word);  // 11 cycles at 1 GHz
  p({sw(zero, 0, a0), addi(a1, a1, 1), lw(a2, 0, a0), csrr(a3, 0xb00), wfi});
  platform.run(p);
  REQUIRE(platform.bus.device_accesses.size() == 2);
  const CycleTable t;
  const u64 store_at = Program::li_instructions, load_at = store_at + t[TimingClass::store] + 7 + 1;
  CHECK(platform.bus.device_accesses[0].at == SimTime::ns(store_at));
  CHECK(platform.bus.device_accesses[1].at == SimTime::ns(load_at));
  CHECK(platform.hart.interpreter().x(a2) == 1);  // the device counts its accesses
  CHECK(platform.hart.interpreter().x(a3) == load_at + t[TimingClass::load] + 7);
}

TEST_CASE("waiting for an interrupt lets time jump to an announced rise") {
  Platform platform;
  Program p(code_base);
  p.li(t1, 0x80)(csrw(0x304, t1))(wfi)({csrr(a0, 0xb00), csrrwi(zero, 0x304, 0), wfi});
  platform.hart.announce_rise(timer, SimTime::us(700));
  platform.run(p);
  CHECK(platform.hart.interpreter().x(a0) == 700000);
  const auto s = platform.hart.statistics();
  const CycleTable t;
  const u64 before = Program::li_instructions * t[TimingClass::alu] + t[TimingClass::csr] + t[TimingClass::system];
  CHECK(s.instructions == Program::li_instructions + 5);
  CHECK(s.cycles == before + 2 * t[TimingClass::csr] + u64{t[TimingClass::system]});
  CHECK(s.wait >= SimTime::ns(700000 - before));  // and the second wait, which is still on
  CHECK(platform.hart.busy() < SimTime::us(1));
}

TEST_CASE("an interrupt line that another model raises wakes the hart") {
  Platform platform;
  Program p(code_base);
  with_handler(p)
      .li(t1, 0x800)(csrw(0x304, t1))(csrrsi(zero, 0x300, 8))
      .label("sleep")(wfi)(jal(zero, -4))
      .align(4)
      .label("handler")({csrr(a0, 0x342), csrr(a1, 0xb00)});
  p({csrrwi(zero, 0x304, 0), mret});
  sc_core::sc_spawn([&] {
    sc_core::wait(123456, sc_core::SC_NS);
    platform.hart.set_level(external, true);
  });
  platform.run(p);
  CHECK(platform.hart.interpreter().x(a0) == (u64{1} << 63 | external));
  const CycleTable t;
  CHECK(platform.hart.interpreter().x(a1) == u64{123456} + t.trap + t[TimingClass::csr]);
}

namespace {

// A program whose handler notes minstret at each timer interrupt; the device re-arms the timer, as a CLINT does.
struct TimerRun {
  Platform platform;
  TimerRun(double quantum, bool dmi) : TimerRun(with(quantum, dmi)) {}
  explicit TimerRun(const HartConfig& config) : platform(config) {
    Program p(code_base);
    with_handler(p).li(t1, 0x80)(csrw(0x304, t1)).li(s0, device_word).li(s1, data_base)(addi(s2, zero, 20))(sw(zero, 0, s0))(csrrsi(zero, 0x300, 8));
    p.label("loop")({ld(a0, 0, s1), mul(a1, a0, a0), addi(a0, a0, 1), sd(a0, 0, s1), add(a2, a2, a1)}).branch(1, s2, zero, "loop");
    p({csrrwi(zero, 0x304, 0), wfi}).align(4).label("handler");
    p({csrr(t2, 0xb02), slli(t3, a3, 5), add(a3, a3, t3), add(a3, a3, t2), sw(t2, 0, s0), addi(s2, s2, -1), mret});
    platform.load(p);
    platform.bus.on_device_write = [this](u64) {
      platform.hart.set_level(timer, false);
      platform.hart.announce_rise(timer, spinvp::core::now() + SimTime::ps(3700100));
    };
  }
  // A hash of minstret at all interrupts, the sum of all loop results, cycles, times of all device accesses.
  std::vector<u64> digest() {
    platform.hart.settle_all();
    const Interpreter& cpu = platform.hart.interpreter();
    std::vector<u64> d = {cpu.x(a3), cpu.x(a2), platform.hart.statistics().cycles, platform.bus.total.reads, platform.bus.total.writes, cpu.traps()};
    for (const auto& access : platform.bus.device_accesses) d.push_back(access.at.ps());
    return d;
  }
};

}  // namespace

TEST_CASE("timer interrupts fall on the same instruction at any quantum, with and without direct memory access") {
  std::vector<std::unique_ptr<TimerRun>> runs;
  for (const double quantum : {10e-6, 1e-6, 300e-9, 100e-9, 17e-9, 1e-9, 1e-3})
    for (const bool dmi : {true, false}) runs.push_back(std::make_unique<TimerRun>(quantum, dmi));
  sc_core::sc_start(200, sc_core::SC_US);
  const auto reference = runs.front()->digest();
  CHECK(reference[5] == 20);
  REQUIRE(reference.size() == 6 + 21);
  // A rise is announced 3700.1 ns behind an access; the next access follows it at once: trap, csrr, three instructions, to within one loop instruction.
  const CycleTable t;
  const u64 handler = u64{t.trap} + t[TimingClass::csr] + 3;
  for (std::size_t i = 7; i < reference.size(); ++i) {
    const u64 gap_ns = (reference[i] - reference[i - 1]) / 1000;
    CHECK(gap_ns >= 3701 + handler);
    CHECK(gap_ns < 3701 + handler + t[TimingClass::multiply]);
  }
  for (const auto& run : runs) CHECK(run->digest() == reference);
}

TEST_CASE("with caches and load-use penalties timer interrupts fall on the same instruction at any quantum, too") {
  std::vector<std::unique_ptr<TimerRun>> runs;
  for (const double quantum : {10e-6, 1e-6, 100e-9, 17e-9, 1e-9})
    for (const bool dmi : {true, false}) {
      HartConfig c = with(quantum, dmi);
      c.cycles_load_use = 2;
      c.instruction_cache_size.value = c.data_cache_size.value = 64;  // one line, so that loop and handler take turns
      c.instruction_cache_ways = c.data_cache_ways = 1;
      runs.push_back(std::make_unique<TimerRun>(c));
    }
  sc_core::sc_start(400, sc_core::SC_US);
  const auto reference = runs.front()->digest();
  CHECK(reference[5] == 20);
  const auto misses = [](TimerRun& run) { return run.platform.hart.interpreter().instruction_cache()->counts().misses; };
  CHECK(misses(*runs.front()) > 20);
  for (const auto& run : runs) {
    CHECK(run->digest() == reference);
    CHECK(misses(*run) == misses(*runs.front()));
    CHECK(run->platform.bus.line_reads == runs.front()->platform.bus.line_reads);
  }
}

TEST_CASE("a line of a cache takes its time on the bus and uses it instead of the accesses") {
  HartConfig c;
  c.data_cache_size.value = 4096;
  Platform platform(c);
  Program p(code_base);
  p.li(a1, data_base)({ld(a2, 0, a1), ld(a2, 8, a1), sd(a2, 16, a1), csrr(a3, 0xb00), wfi});
  platform.run(p);
  const CycleTable t;
  CHECK(platform.bus.line_reads == 1);
  CHECK(platform.bus.total.empty());
  CHECK(platform.hart.interpreter().x(a3) == Program::li_instructions + 2u * t[TimingClass::load] + t[TimingClass::store] + 40);
}

TEST_CASE("a hart runs on where nothing else is pending, and keeps to its quantum where something is") {
  HartConfig config = with(100e-9);
  Platform platform(config);
  platform.hart.set_run_until(SimTime::never());
  // Alone for a while, then a device access starts an engine.
  Program p(code_base);
  p.li(a0, device_word).li(a1, data_base)(addi(a2, zero, 2000)).label("alone")({ld(a3, 0, a1), addi(a2, a2, -1)}).branch(1, a2, zero, "alone");
  p({sw(zero, 0, a0), addi(a2, zero, 2000)}).label("beside")({ld(a3, 0, a1), addi(a2, a2, -1)}).branch(1, a2, zero, "beside")(wfi);
  sc_core::sc_event start;
  unsigned settled_alone = 0;
  SimTime ahead;
  platform.bus.on_device_write = [&](u64) {
    settled_alone = platform.bus.settlements;
    start.notify(sc_core::SC_ZERO_TIME);
  };
  sc_core::sc_spawn([&] {
    sc_core::wait(start);
    for (int i = 0; i < 50; ++i) {
      sc_core::wait(30, sc_core::SC_NS);
      ahead = std::max(ahead, platform.hart.local_time() - spinvp::core::now());
    }
  });
  platform.run(p);
  CHECK(settled_alone <= 3);  // 10 us at a time
  CHECK(ahead > SimTime());
  CHECK(ahead <= SimTime::ns(100));
}

namespace {

// 1000 rounds of mixed accesses, then a device access, then the end.
void check_counts(bool dmi) {
  Platform platform(with(10e-6, dmi));
  platform.hart.watch_tohost(tohost, 0);
  Program p(code_base);
  p.li(a0, data_base).li(a1, device_word)(addi(a2, zero, 1000));
  p.label("loop")({ld(a3, 0, a0), lw(a4, 8, a0), load(0, a5, 16, a0), sd(a3, 24, a0), store(1, a4, 32, a0), amo(0, 3, a6, a2, a0), addi(a2, a2, -1)});
  p.branch(1, a2, zero, "loop")(sw(zero, 0, a1));
  finish(p);
  platform.run(p);
  REQUIRE(platform.simulation.exit().set);
  CHECK(platform.bus.total.reads == 4000);
  CHECK(platform.bus.total.read_bytes == 1000 * (8 + 4 + 1 + 8));
  CHECK(platform.bus.total.writes == 3000 + 1);  // tohost
  CHECK(platform.bus.total.write_bytes == 1000 * (8 + 2 + 8) + 8);
  CHECK(platform.bus.device_accesses.at(0).settled_before.reads == 4000);  // what came before the device is settled before it
  const CycleTable t;
  using enum TimingClass;
  const u64 round = 3u * t[TimingClass::load] + 2u * t[TimingClass::store] + t[atomic] + t[alu] + t[branch];
  const u64 at = (2 * Program::li_instructions + 1) * t[alu] + 1000 * round + 999u * t.branch_taken;
  CHECK(platform.bus.device_accesses.at(0).at == SimTime::ns(at));
  CHECK(platform.bus.word(data_base) == 1000 * 1001 / 2);
  if (dmi)
    CHECK(platform.bus.transported == 0);
  else
    CHECK(platform.bus.transported >= 7000);
  // Energy: each instruction once, in its class.
  const auto& energy = platform.simulation.energy;
  std::map<std::string, u64> counts;
  for (const auto& e : energy.events()) counts[e.event] = e.count;
  CHECK(counts["instruction memory"] == 6000 + 1 + 1);
  const u64 simple = 2 * Program::li_instructions + 1 + 2000 + 2 * Program::li_instructions;
  CHECK(counts["instruction simple"] - simple <= 1);  // the endless jump behind the end may have begun
}

}  // namespace

TEST_CASE("counts, time and energy with direct memory access") { check_counts(true); }
TEST_CASE("counts, time and energy without direct memory access") { check_counts(false); }

TEST_CASE("instructions before a device access are booked to the region before it") {
  Platform platform;
  Program p(code_base);
  p.li(a0, device_word);
  for (int i = 0; i < 50; ++i) p(addi(a1, a1, 1));
  p(sw(zero, 0, a0));
  for (int i = 0; i < 10; ++i) p(addi(a1, a1, 1));
  p(wfi);
  platform.bus.on_device_write = [&](u64) { platform.simulation.regions.open("inner", spinvp::core::now()); };
  platform.run(p);
  const auto& energy = platform.simulation.energy;
  const double outside = energy.by_component_and_region(platform.hart.id(), 0).dynamic_j,
               inside = energy.by_component_and_region(platform.hart.id(), 1).dynamic_j;
  // 20 pJ an instruction of class simple, 30 of class memory; the store itself ends inside.
  CHECK(outside == Approx((Program::li_instructions + 50) * 20e-12));
  CHECK(inside == Approx(11 * 20e-12 + 30e-12));
}

TEST_CASE("contention that the hops report stalls the hart") {
  Platform platform;
  platform.bus.contention = SimTime::ps(2500);
  Program p(code_base);
  p.li(a0, device_word).li(a1, data_base)({ld(a2, 0, a1), sw(zero, 0, a0), csrr(a3, 0xb00), wfi});
  platform.run(p);
  const CycleTable t;
  const u64 at = 2 * Program::li_instructions + t[TimingClass::load] + 3;  // 2.5 ns are three cycles
  REQUIRE(platform.bus.device_accesses.size() == 1);
  CHECK(platform.bus.device_accesses[0].at == SimTime::ns(at));
  CHECK(platform.hart.interpreter().x(a3) == at + 7 + t[TimingClass::store]);
}

TEST_CASE("contention found at the end of a slice stalls the hart as well") {
  HartConfig config = with(100e-9);
  Platform platform(config);
  platform.bus.contention = SimTime::ns(5);
  Program p(code_base);
  p.li(a1, data_base)(addi(a0, zero, 200)).label("loop")({ld(a2, 0, a1), addi(a0, a0, -1)}).branch(1, a0, zero, "loop")({csrr(a3, 0xb00), wfi});
  platform.run(p);
  const CycleTable t;
  const u64 unstalled = (Program::li_instructions + 1) * t[TimingClass::alu] +
                        200 * (u64{t[TimingClass::load]} + t[TimingClass::alu] + t[TimingClass::branch]) + 199u * t.branch_taken;
  const u64 stalled = platform.hart.interpreter().x(a3) - unstalled;
  CHECK(stalled > 0);
  CHECK(stalled == 5 * (platform.bus.settlements - 1));  // the last settlement is that of wfi
}

TEST_CASE("revoked memory is asked for again, and accesses until then are settled") {
  Platform platform;
  Program p(code_base);
  p.li(a0, device_word).li(a1, data_base)({sd(a0, 0, a1), sw(zero, 0, a0), sd(a0, 8, a1), ld(a2, 0, a1), wfi});
  platform.bus.on_device_write = [&](u64) { platform.bus.revoke(); };
  platform.run(p);
  CHECK(platform.bus.grants == 2);
  CHECK(platform.bus.total.writes == 2);
  CHECK(platform.bus.total.reads == 1);
  CHECK(platform.bus.word(data_base + 8) == device_word);
}

TEST_CASE("an access to nothing traps in the guest") {
  Platform platform;
  Program p(code_base);
  with_handler(p).li(a0, 0x40000000)(lw(a1, 0, a0))(wfi).align(4).label("handler")({csrr(a2, 0x342), csrr(a3, 0x343), wfi});
  platform.run(p);
  CHECK(platform.hart.interpreter().x(a2) == 5);
  CHECK(platform.hart.interpreter().x(a3) == 0x40000000);
}

TEST_CASE("a trap without a handler ends the run as a crash") {
  Platform platform;
  Program p(code_base);
  p({nop, 0xffffffff});
  platform.run(p);
  REQUIRE(platform.simulation.exit().set);
  CHECK(platform.simulation.exit().reason == ExitReason::crash);
  CHECK(platform.simulation.exit().code == 2);
  REQUIRE(platform.simulation.warnings().size() == 1);
  CHECK(platform.simulation.warnings()[0].find("0x80000004") != std::string::npos);
}

TEST_CASE("tohost with 1 ends the run well") {
  Platform platform;
  platform.hart.watch_tohost(tohost, 0);
  Program p(code_base);
  finish(p);
  platform.run(p);
  REQUIRE(platform.simulation.exit().set);
  CHECK(platform.simulation.exit().reason == ExitReason::finished);
  CHECK(platform.simulation.exit().code == 0);
}

TEST_CASE("tohost with another odd value ends the run with half of it") {
  Platform platform;
  platform.hart.watch_tohost(tohost, 0);
  Program p(code_base);
  finish(p, 1337 * 2 + 1);
  platform.run(p);
  CHECK(platform.simulation.exit().reason == ExitReason::guest_code);
  CHECK(platform.simulation.exit().code == 1337);
}

TEST_CASE("tohost writes to the console, by character and by system call") {
  Platform platform;
  std::string text;
  platform.hart.set_console([&](std::string_view t) { text += t; });
  platform.hart.watch_tohost(tohost, tohost + 64);
  Program p(code_base);
  p.li(a0, tohost);
  for (const char c : std::string("hi ")) p.li(a1, u64{0x0101} << 48 | static_cast<u8>(c))(sd(a1, 0, a0));
  // {64, 1, address, 5} at data_base
  p.li(a2, data_base)
      .li(a3, data_base + 64)
      .li(a4, 0x6f6c6c6568)({addi(a5, zero, 64), sd(a5, 0, a2), addi(a5, zero, 1), sd(a5, 8, a2), sd(a3, 16, a2), sd(a4, 0, a3)});
  p({addi(a5, zero, 5), sd(a5, 24, a2), sd(a2, 0, a0), ld(a6, 0, a2), ld(a7, 64, a0)});
  finish(p);
  platform.run(p);
  CHECK(text == "hi hello");
  CHECK(platform.hart.interpreter().x(a6) == 5);
  CHECK(platform.hart.interpreter().x(a7) == 1);
  CHECK(platform.simulation.exit().reason == ExitReason::finished);
}

TEST_CASE("a reset from the hart's own store starts it anew behind that store") {
  Platform platform;
  Program p(code_base);
  p.li(a2, device_word).li(a3, data_base)({ld(a4, 0, a3), addi(a4, a4, 1), sd(a4, 0, a3), sw(a4, 0, a2), addi(s0, zero, 9), wfi});
  platform.bus.on_device_write = [&](u64 value) {
    if (value < 3) platform.simulation.request_reset();
  };
  platform.run(p);
  CHECK(platform.bus.device_accesses.size() == 3);
  CHECK(platform.bus.word(data_base) == 3);  // memory keeps its contents
  CHECK(platform.hart.interpreter().x(s0) == 9);
}

TEST_CASE("two harts run side by side, each with its own number") {
  spinvp::core::Simulation simulation;
  BenchBus bus("bus"), other_bus("other_bus");
  Hart one("one", simulation, {}, 0), two("two", simulation, {}, 1);
  one.bus.bind(bus.socket);
  two.bus.bind(other_bus.socket);
  Program p(code_base);
  p({addi(a2, a0, 1), csrr(a3, 0xf14), wfi});
  for (BenchBus* b : {&bus, &other_bus}) b->put(p);
  one.set_entry(code_base);
  two.set_entry(code_base);
  sc_core::sc_start(1, sc_core::SC_US);
  CHECK(one.interpreter().x(a2) == 1);
  CHECK(two.interpreter().x(a2) == 2);
  CHECK(two.interpreter().x(a3) == 1);
}

TEST_CASE("a clock divider set by a device access slows the next instruction down") {
  Platform platform;
  Program p(code_base);
  p.li(a0, device_word)({sw(zero, 0, a0), addi(a1, a1, 1), sw(zero, 0, a0), wfi});
  platform.bus.device_time = SimTime();
  platform.bus.on_device_write = [&](u64) { platform.hart.clock().set_divider(4); };
  platform.run(p);
  REQUIRE(platform.bus.device_accesses.size() == 2);
  const CycleTable t;
  const u64 first = Program::li_instructions;
  CHECK(platform.bus.device_accesses[0].at == SimTime::ns(first));
  CHECK(platform.bus.device_accesses[1].at == SimTime::ns(first + t[TimingClass::store] + 4u * t[TimingClass::alu]));
}

TEST_CASE("a hart's saved state goes on in another one") {
  Platform one, two;
  Program p(code_base);
  p.li(a1, 100000).label("loop")(addi(a1, a1, -1)).branch(1, a1, zero, "loop")({csrr(a2, 0xb00), csrr(a3, 0xb02), wfi});
  one.load(p);
  two.load(p);
  sc_core::sc_start(50, sc_core::SC_US);
  spinvp::core::StateArchive saved;
  one.hart.describe_state(saved);
  sc_core::sc_start(1, sc_core::SC_MS);
  const u64 cycles = one.hart.interpreter().x(a2), instructions = one.hart.interpreter().x(a3);
  REQUIRE(cycles > 0);
  spinvp::core::StateArchive restored(saved.bytes());
  two.hart.describe_state(restored);
  CHECK(two.hart.interpreter().x(a1) > 1);
  CHECK(two.hart.interpreter().x(a2) == 0);
  two.hart.interpreter().run({.cycles = 10000000});
  CHECK(two.hart.interpreter().x(a2) == cycles);
  CHECK(two.hart.interpreter().x(a3) == instructions);
}

namespace {

// a0 = SYS_TICKFREQ, then the three words of a call; a2 becomes 1 where it was a breakpoint.
constexpr u32 entry = Semihosting::entry_word, call = Semihosting::break_word, mark = Semihosting::exit_word;
Program calling(u64 base, const std::function<void(Program&)>& words) {
  Program p(base);
  with_handler(p)({addi(a0, zero, 0x31)});
  words(p);
  p(wfi).align(4).label("handler")({addi(a2, zero, 1), wfi});
  return p;
}

}  // namespace

TEST_CASE("three words are a call to the host, once that is switched on") {
  Platform off, on;
  on.hart.enable_semihosting({});
  Program p = calling(code_base, [](Program& q) { q({entry, call, mark}); });
  off.load(p);
  on.run(p);
  CHECK(on.hart.interpreter().x(a0) == Semihosting::ticks_a_second);
  CHECK(on.hart.interpreter().x(a2) == 0);
  CHECK(off.hart.interpreter().x(a0) == 0x31);
  CHECK(off.hart.interpreter().x(a2) == 1);
}

TEST_CASE("an ebreak without its marks, or with one of them in another page, is a breakpoint") {
  Platform without, across;
  for (Platform* platform : {&without, &across}) platform->hart.enable_semihosting({});
  Program p = calling(code_base, [](Program& q) { q({entry, call, addi(zero, zero, 0)}); });
  without.load(p);
  Program q = calling(code_base, [](Program& r) {
    while (r.here() < code_base + 0x1000 - 8) r(addi(zero, zero, 0));
    r({entry, call, mark});
  });
  across.run(q);
  for (Platform* platform : {&without, &across}) CHECK(platform->hart.interpreter().x(a2) == 1);
}
