// Traps are precise: cause, mepc, mtval, registers and minstret as if instructions ran one by one. Crashes are told apart from traps.
#include <catch2/catch.hpp>

#include "tests/unit/riscv/machine.h"

using namespace spinvp::riscv;
using namespace spinvp::riscv::test;

namespace {

struct Expectation {
  u64 cause, value;
};

// Runs `word` in the middle of a block of additions, with a handler that stops.
void check_trap(u32 word, unsigned length, Expectation e) {
  Machine m;
  Program p(code_base);
  with_handler(p)({addi(a0, a0, 1), addi(a0, a0, 1), addi(a0, a0, 1)}).label("bad");
  if (length == 4)
    p(word);
  else
    p.half(static_cast<u16>(word));
  p(addi(a0, a0, 1))(wfi).align(4).label("handler")({csrr(a1, 0xb02), wfi});
  INFO(std::hex << word);
  REQUIRE(m.start(p) == Stop::wait);
  CHECK(m.hart.read_csr(csr_number::mcause) == e.cause);
  CHECK(m.hart.read_csr(csr_number::mtval) == e.value);
  CHECK(m.hart.read_csr(csr_number::mepc) == p.address("bad"));
  CHECK(m.hart.x(a0) == 3);
  CHECK(m.hart.x(a1) == 3 + 3);  // the la pair, csrw and three additions; the trapping instruction does not retire
  CHECK(m.hart.traps() == 1);
}

}  // namespace

TEST_CASE("ecall, ebreak and illegal instructions trap precisely") {
  check_trap(ecall, 4, {11, 0});
  check_trap(0xffffffff, 4, {2, 0xffffffff});
  check_trap(0x0000, 2, {2, 0});
  check_trap(0x8002, 2, {2, 0x8002});
  check_trap(0x10200073, 4, {2, 0x10200073});                                        // sret: no S-mode
  check_trap(csrr(a2, 0x180), 4, {2, csrr(a2, 0x180)});                              // satp does not exist
  check_trap(csrw(0xc00, a0), 4, {2, csrw(0xc00, a0)});                              // cycle is read-only
  check_trap(csrrsi(a2, 0xf14, 1), 4, {2, csrrsi(a2, 0xf14, 1)});                    // mhartid is read-only
  check_trap(fp(0x01, 1, 2, 0, 3), 4, {2, fp(0x01, 1, 2, 0, 3)});                    // fadd.d while FS is off
  check_trap(csrr(a2, 0x003), 4, {2, csrr(a2, 0x003)});                              // fcsr while FS is off
  check_trap(i_type(0x40, a0, 1, a0, 0x1b), 4, {2, i_type(0x40, a0, 1, a0, 0x1b)});  // slliw by 64
}

TEST_CASE("ebreak's trap value is its own address") {
  Machine m;
  Program p(code_base);
  with_handler(p).label("bad")(ebreak).align(4).label("handler")(wfi);
  REQUIRE(m.start(p) == Stop::wait);
  CHECK(m.hart.read_csr(csr_number::mcause) == 3u);
  CHECK(m.hart.read_csr(csr_number::mtval) == p.address("bad"));
}

TEST_CASE("a load fault in the middle of a block gives back what was not executed") {
  Machine m;
  Program p(code_base);
  with_handler(p)({addi(a0, zero, 1), lui(a1, 5)}).label("bad")({ld(a2, 0, a1), addi(a0, a0, 1), mul(a3, a0, a0), sd(a0, 0, a1), addi(a0, a0, 1), wfi});
  p.align(4).label("handler")({csrr(s0, 0xb00), csrr(s1, 0xb02), wfi});
  REQUIRE(m.start(p) == Stop::wait);
  const CycleTable t;
  CHECK(m.hart.x(a0) == 1);
  CHECK(m.hart.x(s1) == 5 + 1);  // five before the fault, one in the handler
  CHECK(m.hart.x(s0) == 4u * t[TimingClass::alu] + t[TimingClass::csr] + t.trap);
  CHECK(m.hart.class_counts() == std::array<u64, 4>{8, 0, 0, 0});
}

TEST_CASE("mret returns to mepc and restores the interrupt enable") {
  Machine m;
  Program p(code_base);
  with_handler(p)(csrrsi(zero, 0x300, 8))(ecall).label("after")({csrr(a1, 0x300), wfi});
  p.align(4).label("handler")({csrr(a0, 0x300), csrr(a2, 0x341), addi(a2, a2, 4), csrw(0x341, a2), mret});
  REQUIRE(m.start(p) == Stop::wait);
  CHECK(m.hart.x(a2) == p.address("after"));
  CHECK((m.hart.x(a0) & 0x1888) == 0x1880);  // in the handler: MIE off, MPIE on, MPP machine
  CHECK((m.hart.x(a1) & 0x1888) == 0x88);    // back: MIE on, MPIE on; MPP is the least privileged mode, user
}

TEST_CASE("mret into code that ran with interrupts off leaves them off") {
  Machine m;
  Program p(code_base);
  with_handler(p)(ecall)({csrr(a1, 0x300), wfi});
  p.align(4).label("handler")({csrr(a2, 0x341), addi(a2, a2, 4), csrw(0x341, a2), mret});
  REQUIRE(m.start(p) == Stop::wait);
  CHECK((m.hart.x(a1) & 0x88) == 0x80);  // MIE off as before the trap, MPIE set by mret
}

TEST_CASE("a jump outside memory is a fetch fault at the target") {
  Machine m;
  Program p(code_base);
  with_handler(p).li(a0, 0x1000)(jalr(ra, a0, 0)).label("after")(wfi).align(4).label("handler")(wfi);
  REQUIRE(m.start(p) == Stop::wait);
  CHECK(m.hart.read_csr(csr_number::mcause) == 1u);
  CHECK(m.hart.read_csr(csr_number::mepc) == 0x1000u);
  CHECK(m.hart.read_csr(csr_number::mtval) == 0x1000u);
  CHECK(m.hart.x(ra) == p.address("after"));  // the jump itself is done
}

TEST_CASE("a fetch fault in an instruction's second half names that half") {
  Machine m;
  Program tail(ram_base + ram_size - 2);
  tail.half(0x0013);  // first half of a 32-bit addition
  m.put(tail);
  Program p(code_base);
  with_handler(p).li(a0, ram_base + ram_size - 2)(jalr(zero, a0, 0)).align(4).label("handler")(wfi);
  REQUIRE(m.start(p) == Stop::wait);
  CHECK(m.hart.read_csr(csr_number::mcause) == 1u);
  CHECK(m.hart.read_csr(csr_number::mepc) == ram_base + ram_size - 2);
  CHECK(m.hart.read_csr(csr_number::mtval) == ram_base + ram_size);
}

TEST_CASE("a trap before mtvec was written is a crash") {
  Machine m;
  Program p(code_base);
  p({nop, nop}).label("bad")(ecall);
  REQUIRE(m.start(p) == Stop::crash);
  CHECK(m.hart.crash().no_vector);
  CHECK(m.hart.crash().cause == 11);
  CHECK(m.hart.crash().pc == p.address("bad"));
  CHECK(m.hart.instructions() == 2);
}

TEST_CASE("a trap whose handler cannot be fetched is a crash that names the trap") {
  Machine m;
  Program p(code_base);
  p({lui(t0, 5), csrw(0x305, t0), lui(a1, 7)}).label("bad")(ld(a0, 8, a1));
  REQUIRE(m.start(p) == Stop::crash);
  CHECK_FALSE(m.hart.crash().no_vector);
  CHECK(m.hart.crash().cause == 5);
  CHECK(m.hart.crash().pc == p.address("bad"));
  CHECK(m.hart.crash().value == 0x7008);
}

TEST_CASE("a handler that traps for ever uses up time instead of hanging") {
  Machine m;
  Program p(code_base);
  with_handler(p)(ecall).align(4).label("handler")(ecall);
  REQUIRE(m.start(p, 10000) == Stop::budget);
  CHECK(m.hart.cycles() >= 10000);
  CHECK(m.hart.traps() > 1000);
}
