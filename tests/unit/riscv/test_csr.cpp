// Control and status registers as a program sees them.
#include <catch2/catch.hpp>

#include "tests/unit/riscv/machine.h"

using namespace spinvp::riscv;
using namespace spinvp::riscv::test;

namespace {

// What csrr reads after csrw of `value`.
u64 read_back(u32 number, u64 value) {
  Machine m({}, 3);
  Program p(code_base);
  p({csrw(number, a0), csrr(a1, number), wfi});
  m.put(p);
  m.hart.reset(code_base);
  m.hart.set_x(a0, value);
  REQUIRE(m.hart.run({.cycles = 1000}) == Stop::wait);
  return m.hart.x(a1);
}

}  // namespace

TEST_CASE("machine registers keep their writable bits alone") {
  const u64 ones = ~u64{0};
  CHECK(read_back(0x340, ones) == ones);                           // mscratch
  CHECK(read_back(0x341, ones) == ones - 1);                       // mepc: bit 0 is zero
  CHECK(read_back(0x342, ones) == ones);                           // mcause
  CHECK(read_back(0x343, ones) == ones);                           // mtval
  CHECK(read_back(0x305, ones) == ones - 2);                       // mtvec: modes 0 and 1
  CHECK(read_back(0x304, ones) == 0x888);                          // mie: external, timer, software
  CHECK(read_back(0x344, ones) == 0);                              // mip: driven by lines
  const u64 always = u64{2} << 32, dirty = u64{1} << 63 | 0x6000;  // mstatus.UXL; SD and FS
  CHECK(read_back(0x300, ones) == (always | dirty | 0x221888));    // and TW, MPRV, MPP, MPIE, MIE
  CHECK(read_back(0x300, 0) == always);                            // MPP: user mode
  CHECK(read_back(0x300, 0x0800) == always);                       // supervisor mode is none, nor is
  CHECK(read_back(0x300, 0x1000) == always);                       // the reserved mode
  CHECK(read_back(0x300, 0x2000) == (always | dirty));             // FS initial counts as dirty
  CHECK(read_back(0x301, 0) == (u64{2} << 62 | 0x10112f));         // misa: RV64 A B C D F I M U
  CHECK(read_back(0x306, ones) == 0xffffffff);                     // mcounteren
  CHECK(read_back(0x30a, ones) == 1);                              // menvcfg: FIOM
  CHECK(read_back(0x320, ones) == 5);                              // mcountinhibit: CY, IR
  CHECK(read_back(0x3a0, ones) == 0x9f9f9f9f9f9f9f9f);             // pmpcfg: L, A, X, W, R
  CHECK(read_back(0x3a2, ones) == 0x9f9f9f9f9f9f9f9f);
  CHECK(read_back(0x3b0, ones) == (u64{1} << 54) - 1);  // pmpaddr: bits 55:2
  CHECK(read_back(0x3bf, ones) == (u64{1} << 54) - 1);
  CHECK(read_back(0x3a4, ones) == 0);  // sixteen entries
  CHECK(read_back(0x3c0, ones) == 0);
  CHECK(read_back(0xb03, ones) == 0);  // no performance counter
  CHECK(read_back(0x323, ones) == 0);
}

TEST_CASE("identity registers read") {
  Machine m({}, 3);
  Program p(code_base);
  p({csrr(a0, 0xf14), csrr(a1, 0xf11), csrr(a2, 0xf12), csrr(a3, 0xf13), csrr(a4, 0xf15), wfi});
  REQUIRE(m.start(p) == Stop::wait);
  CHECK(m.hart.x(a0) == 3);
  for (const u32 r : {a1, a2, a3, a4}) CHECK(m.hart.x(r) == 0u);
}

TEST_CASE("set, clear and write return the old value, x0 and zero fields do not write") {
  Machine m;
  Program p(code_base);
  p({addi(a0, zero, 0x5a), csrw(0x340, a0), addi(a1, zero, 0x0f), csrrs(s0, 0x340, a1), csrrc(s1, 0x340, a1), csrrsi(s2, 0x340, 0x10),
     i_type(0x340, 0x08, 7, s3, 0x73), csrrwi(s4, 0x340, 0x11), csrr(s5, 0x340), csrrs(s6, 0xc00, zero), wfi});
  REQUIRE(m.start(p) == Stop::wait);
  CHECK(m.hart.x(s0) == 0x5a);
  CHECK(m.hart.x(s1) == 0x5f);
  CHECK(m.hart.x(s2) == 0x50);
  CHECK(m.hart.x(s3) == 0x50);
  CHECK(m.hart.x(s4) == 0x50);
  CHECK(m.hart.x(s5) == 0x11);
  CHECK(m.hart.traps() == 0);  // reading cycle by csrrs with x0 is no write
}

TEST_CASE("minstret and mcycle written are what the next instruction reads") {
  Machine m;
  Program p(code_base);
  p({addi(a0, zero, 1000), csrw(0xb02, a0), csrr(a1, 0xb02), nop, csrr(a2, 0xb02), csrr(a3, 0xc02), csrw(0xb00, a0), csrr(a4, 0xb00), csrr(a5, 0xc00), wfi});
  REQUIRE(m.start(p) == Stop::wait);
  CHECK(m.hart.x(a1) == 1000);
  CHECK(m.hart.x(a2) == 1002);
  CHECK(m.hart.x(a3) == 1003);
  CHECK(m.hart.x(a4) == 1000);
  CHECK(m.hart.x(a5) == 1000u + CycleTable{}[TimingClass::csr]);
}

TEST_CASE("mcountinhibit freezes a counter and lets it go on from there") {
  Machine m;
  Program p(code_base);
  p({csrrwi(zero, 0x320, 4), csrr(a0, 0xb02), nop, nop, csrr(a1, 0xb02), csrrwi(zero, 0x320, 0), csrr(a2, 0xb02), nop, csrr(a3, 0xb02), wfi});
  REQUIRE(m.start(p) == Stop::wait);
  CHECK(m.hart.x(a1) == m.hart.x(a0));
  CHECK(m.hart.x(a2) == m.hart.x(a0));
  CHECK(m.hart.x(a3) == m.hart.x(a0) + 2);
}

TEST_CASE("time reads the platform's counter") {
  Machine m;
  m.time_value = 123456789;
  Program p(code_base);
  p({csrr(a0, 0xc01), wfi});
  REQUIRE(m.start(p) == Stop::wait);
  CHECK(m.hart.x(a0) == 123456789);
}

TEST_CASE("frm, fflags and fcsr are views of one register") {
  Machine m;
  Program p(code_base);
  with_float(p)(
      {csrrwi(zero, 0x002, 3), csrrwi(zero, 0x001, 0x15), csrr(a0, 0x003), addi(a1, zero, 0x4a), csrw(0x003, a1), csrr(a2, 0x002), csrr(a3, 0x001), wfi});
  REQUIRE(m.start(p) == Stop::wait);
  CHECK(m.hart.x(a0) == (3u << 5 | 0x15u));
  CHECK(m.hart.x(a2) == 2);
  CHECK(m.hart.x(a3) == 0x0a);
}
