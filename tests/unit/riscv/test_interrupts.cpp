// Interrupts: enables, priority, vectors, waiting, and the instruction they fall on.
#include <catch2/catch.hpp>

#include "tests/unit/riscv/machine.h"

using namespace spinvp::riscv;
using namespace spinvp::riscv::test;

namespace {
constexpr unsigned software = 3, timer = 7, external = 11;
constexpr u64 interrupt_bit = u64{1} << 63;

// Enables all three interrupts in mie, then globally.
Program& enable_all(Program& p) { return p.li(t1, 0x888)(csrw(0x304, t1))(csrrsi(zero, 0x300, 8)); }
}  // namespace

TEST_CASE("a pending interrupt is taken as soon as mstatus.MIE allows it") {
  Machine m;
  Program p(code_base);
  enable_all(with_handler(p)).label("next")({addi(a0, zero, 1), wfi}).align(4).label("handler").jump("handler");
  m.put(p);
  m.hart.reset(code_base);
  m.hart.set_interrupt(timer, true);
  REQUIRE(m.hart.run({.cycles = 1000}) == Stop::budget);
  CHECK(m.hart.read_csr(csr_number::mcause) == (interrupt_bit | timer));
  CHECK(m.hart.read_csr(csr_number::mepc) == p.address("next"));
  CHECK(m.hart.read_csr(csr_number::mtval) == 0u);
  CHECK(m.hart.x(a0) == 0);
}

TEST_CASE("external comes before software before timer") {
  Machine m;
  Program p(code_base);
  // The handler notes each cause and masks it.
  enable_all(with_handler(p))(wfi).align(4).label("handler");
  p({csrr(a0, 0x342), slli(a1, a1, 8), add(a1, a1, a0), addi(a2, zero, 1), r_type(0, a0, a2, 1, a2, 0x33), csrrc(zero, 0x304, a2), mret});
  m.put(p);
  m.hart.reset(code_base);
  for (const unsigned i : {timer, software, external}) m.hart.set_interrupt(i, true);
  REQUIRE(m.hart.run({.cycles = 10000}) == Stop::wait);
  CHECK((m.hart.x(a1) & 0xffffff) == (external << 16 | software << 8 | timer));
}

TEST_CASE("vectored mode sends interrupts to base + 4 * cause and exceptions to base") {
  Machine m;
  Program p(code_base);
  p.la(t0, "table")({addi(t0, t0, 1), csrw(0x305, t0)});
  enable_all(p)(ecall).label("table");
  for (unsigned i = 0; i < 16; ++i) p.jump("entry" + std::to_string(i));
  for (unsigned i = 0; i < 16; ++i) p.label("entry" + std::to_string(i))({addi(a0, zero, static_cast<i32>(100 + i)), csrrwi(zero, 0x304, 0), wfi});
  m.put(p);
  m.hart.reset(code_base);
  REQUIRE(m.hart.run({.cycles = 10000}) == Stop::wait);
  CHECK(m.hart.x(a0) == 100);  // ecall
  m.hart.reset(code_base);
  m.hart.set_interrupt(external, true);
  REQUIRE(m.hart.run({.cycles = 10000}) == Stop::wait);
  CHECK(m.hart.x(a0) == 100 + external);
}

TEST_CASE("wfi returns with pc behind it and goes on when an enabled interrupt is pending, even with MIE off") {
  Machine m;
  Program p(code_base);
  p.li(t1, 0x80)(csrw(0x304, t1))(wfi).label("after")({addi(a0, zero, 1), csrrwi(zero, 0x304, 0), wfi});
  REQUIRE(m.start(p) == Stop::wait);
  CHECK(m.hart.pc() == p.address("after"));
  CHECK_FALSE(m.hart.wakes());
  m.hart.set_interrupt(software, true);
  CHECK_FALSE(m.hart.wakes());  // pending but not enabled
  m.hart.set_interrupt(timer, true);
  CHECK(m.hart.wakes());
  REQUIRE(m.hart.run({.cycles = 1000}) == Stop::wait);
  CHECK(m.hart.x(a0) == 1);
  CHECK(m.hart.traps() == 0);
}

TEST_CASE("an interrupt raised by a device access is taken behind that access") {
  Machine m;
  Program p(code_base);
  enable_all(with_handler(p)).li(a1, device_word).label("access")({sw(zero, 0, a1), addi(a0, zero, 1), addi(a0, zero, 2), wfi});
  p.align(4).label("handler")({csrrwi(zero, 0x304, 0), csrr(a2, 0xb02), wfi});
  m.on_device = [&m] { m.hart.set_interrupt(external, true); };
  REQUIRE(m.start(p) == Stop::wait);
  CHECK(m.hart.read_csr(csr_number::mepc) == p.address("access") + 4);
  CHECK(m.hart.x(a0) == 0);
  CHECK(m.hart.x(a2) == 3 + 2 * Program::li_instructions + 2 + 1 + 1);  // handler set-up, two constants, two CSRs, the store, one in the handler
}

TEST_CASE("an interrupt at a known cycle falls on the same instruction whatever the slices are") {
  // A loop of 7 instructions whose block costs 11 cycles; the interrupt comes at cycle `due`, after the first instruction that ends at or behind it.
  const auto interrupted_at = [](u64 due, u64 slice, bool direct) {
    Machine m;
    m.direct_allowed = direct;
    Program p(code_base);
    enable_all(with_handler(p)).li(a1, data_base);
    p.label("loop")({addi(a0, a0, 1), ld(a2, 0, a1), mul(a3, a0, a0), sd(a0, 0, a1), addi(a4, a4, 3), addi(a5, a5, 5)}).jump("loop");
    p.align(4).label("handler")({csrr(s1, 0xb00), csrr(s0, 0xb02), csrrwi(zero, 0x304, 0), wfi});
    m.put(p);
    m.hart.reset(code_base);
    for (;;) {
      const u64 now = m.hart.cycles();
      if (now >= due) m.hart.set_interrupt(timer, true);
      const Stop stop = m.hart.run({.cycles = slice, .exact_cycles = now < due ? due - now : ~u64{0}});
      if (stop == Stop::wait) break;
    }
    return std::tuple(m.hart.x(s0), m.hart.x(s1), m.hart.x(a0), m.hart.read_csr(csr_number::mepc).value());
  };
  for (const u64 due : {500u, 501u, 502u, 503u, 504u, 505u, 506u, 507u, 508u, 509u, 510u, 511u, 3333u}) {
    const auto reference = interrupted_at(due, 1, true);
    CHECK(std::get<1>(reference) >= due + CycleTable{}.trap);
    CHECK(std::get<1>(reference) < due + CycleTable{}.trap + CycleTable{}[TimingClass::multiply]);  // not a whole instruction later than it must
    for (const u64 slice : {7u, 10u, 100u, 1000u, 1000000u})
      for (const bool direct : {true, false}) CHECK(interrupted_at(due, slice, direct) == reference);
  }
}

TEST_CASE("a device access that takes long does not let the block run past a known moment") {
  Machine m;
  m.device_cycles = 1000;
  Program p(code_base);
  p.li(a1, device_word)(sw(zero, 0, a1));
  for (int i = 0; i < 20; ++i) p(addi(a0, a0, 1));
  p(wfi);
  m.put(p);
  m.hart.reset(code_base);
  REQUIRE(m.hart.run({.cycles = 10000, .exact_cycles = 500}) == Stop::budget);
  CHECK(m.hart.x(a0) == 0);
}

TEST_CASE("request_stop ends the run behind the current instruction") {
  Machine m;
  Program p(code_base);
  p.li(a1, device_word)({sw(zero, 0, a1), addi(a0, zero, 1), wfi});
  m.on_device = [&m] { m.hart.request_stop(); };
  REQUIRE(m.start(p) == Stop::requested);
  CHECK(m.hart.x(a0) == 0);
  CHECK(m.hart.run({.cycles = 1000}) == Stop::wait);
  CHECK(m.hart.x(a0) == 1);
}
