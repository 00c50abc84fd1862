// User mode: how it is entered and left, what it may not do, and what machine mode lets it do.
#include <catch2/catch.hpp>

#include "tests/unit/riscv/machine.h"

using namespace spinvp::riscv;
using namespace spinvp::riscv::test;

namespace {

constexpr u32 mstatus = 0x300, mie_csr = 0x304, mtvec = 0x305, mcounteren = 0x306, mepc = 0x341, mcause = 0x342, mtval = 0x343;

// Opens all memory to user mode (entry 0: NAPOT, all of it, R W X) and goes on at `user` there; traps go to `handler`. t0 and t1 are used.
Program& into_user(Program& p) {
  with_handler(p);
  p({addi(t0, zero, -1), csrw(0x3b0, t0), addi(t0, zero, 0x1f), csrw(0x3a0, t0)});
  p.la(t0, "user")({csrw(mepc, t0), lui(t0, 2), addi(t0, t0, -0x800), csrrc(zero, mstatus, t0), mret});  // MPP = 0: bits 0x1800
  return p.label("user");
}
// The handler of most tests: cause, value and pc of the trap, and what mstatus says.
Program& report_trap(Program& p) { return p.align(4).label("handler")({csrr(s0, mcause), csrr(s1, mtval), csrr(s2, mepc), csrr(s3, mstatus), wfi}); }

// The trap that `word` causes in user mode, with a0 = `argument` and everything of mcounteren that is in `counters`.
struct Trap {
  u64 cause, value;
};
Trap trap_of(u32 word, u64 counters = 0, u64 status = 0) {
  Machine m;
  Program p(code_base);
  p.li(t0, counters)(csrw(mcounteren, t0)).li(t0, status)(csrrs(zero, mstatus, t0));
  into_user(p)(word)(ecall);
  report_trap(p);
  REQUIRE(m.start(p) == Stop::wait);
  return {m.hart.x(s0), m.hart.x(s1)};
}

}  // namespace

TEST_CASE("mret enters the mode of MPP, a trap returns to machine mode and keeps where it came from") {
  Machine m;
  Program p(code_base);
  into_user(p)(addi(a0, zero, 5)).label("call")(ecall);
  report_trap(p);
  m.put(p);
  m.hart.reset(code_base);
  CHECK(m.hart.privilege() == Privilege::machine);
  REQUIRE(m.hart.run({.cycles = 1000}) == Stop::wait);
  CHECK(m.hart.privilege() == Privilege::machine);
  CHECK(m.hart.x(a0) == 5);
  CHECK(m.hart.x(s0) == 8);  // environment call from user mode
  CHECK(m.hart.x(s1) == 0);
  CHECK(m.hart.x(s2) == p.address("call"));
  CHECK((m.hart.x(s3) & 0x1800) == 0);  // MPP: user
}

TEST_CASE("without a PMP entry user mode may not even fetch") {
  Machine m;
  Program p(code_base);
  with_handler(p).la(t0, "user")({csrw(mepc, t0), csrw(mstatus, zero), mret}).label("user")(nop);
  report_trap(p);
  REQUIRE(m.start(p) == Stop::wait);
  CHECK(m.hart.x(s0) == 1);
  CHECK(m.hart.x(s1) == p.address("user"));
  CHECK(m.hart.x(s2) == p.address("user"));
}

TEST_CASE("machine registers and mret are illegal in user mode, read or written") {
  for (const u32 word : {csrr(a0, mstatus), csrw(0x340, a0), csrr(a0, 0xf14), csrr(a0, 0x3a0), csrr(a0, 0xb00), csrrs(a0, 0x7a0, zero), mret}) {
    INFO(std::hex << word);
    const Trap trap = trap_of(word);
    CHECK(trap.cause == 2);
    CHECK(trap.value == word);
  }
}

TEST_CASE("mcounteren opens each counter to user mode on its own") {
  for (const u32 n : {0u, 1u, 2u, 3u, 31u}) {
    INFO(n);
    CHECK(trap_of(csrr(a0, 0xc00 + n), ~(u64{1} << n)).cause == 2);
    CHECK(trap_of(csrr(a0, 0xc00 + n), u64{1} << n).cause == 8);
  }
}

TEST_CASE("floating-point registers of control are user mode's where mstatus.FS is on") {
  CHECK(trap_of(csrr(a0, 0x003)).cause == 2);
  CHECK(trap_of(csrr(a0, 0x003), 0, 0x2000).cause == 8);
}

TEST_CASE("wfi in user mode waits, or is illegal with mstatus.TW") {
  Machine m;
  Program p(code_base);
  into_user(p)(wfi)(ecall);
  report_trap(p);
  m.put(p);
  m.hart.reset(code_base);
  REQUIRE(m.hart.run({.cycles = 1000}) == Stop::wait);
  CHECK(m.hart.privilege() == Privilege::user);
  const Trap trap = trap_of(wfi, 0, 1u << 21);
  CHECK(trap.cause == 2);
  CHECK(trap.value == wfi);
}

TEST_CASE("machine interrupts are taken in user mode whatever mstatus.MIE says") {
  Machine m;
  Program p(code_base);
  p({addi(t0, zero, 8), csrw(mie_csr, t0)});  // software
  into_user(p).label("loop").jump("loop");
  p.align(4).label("handler")({csrr(s0, mcause), csrr(s2, mepc), csrr(s3, mstatus)}).label("stay").jump("stay");
  m.put(p);
  m.hart.reset(code_base);
  REQUIRE(m.hart.run({.cycles = 200}) == Stop::budget);
  CHECK(m.hart.privilege() == Privilege::user);
  m.hart.set_interrupt(3, true);
  m.hart.run({.cycles = 50});
  CHECK(m.hart.privilege() == Privilege::machine);
  CHECK(m.hart.x(s0) == (interrupt_cause | 3));
  CHECK(m.hart.x(s2) == p.address("loop"));
  CHECK((m.hart.x(s3) & 0x1888) == 0);  // MPP user, MIE and MPIE as before: off
}

TEST_CASE("ebreak and illegal instructions of user mode trap as in machine mode") {
  CHECK(trap_of(ebreak).cause == 3);
  const Trap trap = trap_of(0xffffffff);
  CHECK(trap.cause == 2);
  CHECK(trap.value == 0xffffffff);
}

TEST_CASE("the same code runs as machine and as user, each with its own rights") {
  // Reads mscratch twice: in machine mode it is there, in user mode it traps, although the block was decoded before.
  Machine m;
  Program p(code_base);
  with_handler(p)({addi(t0, zero, -1), csrw(0x3b0, t0), addi(t0, zero, 0x1f), csrw(0x3a0, t0)});
  p.jump("shared", ra).la(t0, "shared")({csrw(mepc, t0), csrw(mstatus, zero), addi(a0, zero, 1), mret});
  p.label("shared")({addi(a1, a1, 1), csrr(a2, 0x340), jalr(zero, ra, 0)});
  report_trap(p);
  REQUIRE(m.start(p) == Stop::wait);
  CHECK(m.hart.x(a1) == 2);
  CHECK(m.hart.x(s0) == 2);
}

TEST_CASE("MPRV lets machine mode load and store with the rights of MPP, and fetch with its own") {
  // Entry 0 gives user mode the page at data_base to read; nothing else.
  for (const bool write : {false, true}) {
    Machine m;
    Program p(code_base);
    p.li(a0, data_base);
    with_handler(p).li(t0, (data_base >> 2) | 0x1ff)({csrw(0x3b0, t0), addi(t0, zero, 0x19), csrw(0x3a0, t0)});
    p({sd(a0, 0, a0), ld(a1, 0, a0)});  // machine mode: both allowed, and the page is cached as such
    p({csrw(mstatus, zero), lui(t0, 0x20), csrrs(zero, mstatus, t0)})
        .label("first")(ld(a2, 0, a0))
        .label("second")(write ? sd(a0, 8, a0) : lw(a3, 0, sp))
        .label("end")(wfi);
    report_trap(p);
    m.put(p);
    m.hart.reset(code_base);
    m.hart.set_x(sp, data_base + 0x1000);  // the page behind
    REQUIRE(m.hart.run({.cycles = 1000}) == Stop::wait);
    CHECK(m.hart.x(a2) == data_base);
    CHECK(m.hart.x(s2) == p.address("second"));
    CHECK(m.hart.x(s0) == (write ? 7 : 5));
    CHECK(m.hart.x(s1) == (write ? data_base + 8 : data_base + 0x1000));
    CHECK((m.hart.x(s3) & 0x20000) != 0);  // a trap leaves MPRV alone
  }
}

TEST_CASE("mret to user mode clears MPRV, mret to machine mode keeps it") {
  for (const bool user : {false, true}) {
    Machine m;
    Program p(code_base);
    with_handler(p)({addi(t0, zero, -1), csrw(0x3b0, t0), addi(t0, zero, 0x1f), csrw(0x3a0, t0)});
    p.la(t0, "next").li(t1, user ? 0x20000 : 0x21800)({csrw(mepc, t0), csrw(mstatus, t1), mret}).label("next")(ecall);
    report_trap(p);
    REQUIRE(m.start(p) == Stop::wait);
    CHECK(m.hart.x(s0) == (user ? 8 : 11));
    CHECK((m.hart.x(s3) & 0x20000) == (user ? 0 : 0x20000));
  }
}
