// RV64I and RV64M arithmetic and control transfers against the manual's definitions, spelled here with wide integers.
#include <catch2/catch.hpp>

#include "tests/unit/riscv/machine.h"

using namespace spinvp::riscv;
using namespace spinvp::riscv::test;

namespace {

const std::vector<u64> edges = {0,
                                1,
                                2,
                                5,
                                31,
                                63,
                                64,
                                0x7fffffff,
                                0x80000000,
                                0xffffffff,
                                0x100000000,
                                0x7fffffffffffffff,
                                0x8000000000000000,
                                0xffffffff80000000,
                                0xfffffffffffffff6,
                                ~u64{0},
                                0x0123456789abcdef,
                                0xfedcba9876543210};

i64 s(u64 v) { return static_cast<i64>(v); }
u64 sext(u64 v) { return static_cast<u64>(static_cast<i64>(static_cast<i32>(v))); }

struct Binary {
  const char* name;
  u32 word;  // rd = a2, rs1 = a0, rs2 = a1
  u64 (*expected)(u64 a, u64 b);
};

u64 division(u64 a, u64 b) { return b == 0 ? ~u64{0} : s(b) == -1 ? 0 - a : static_cast<u64>(s(a) / s(b)); }
u64 remainder_of(u64 a, u64 b) { return b == 0 ? a : s(b) == -1 ? 0 : static_cast<u64>(s(a) % s(b)); }

const Binary binaries[] = {
    {"add", r_type(0, a1, a0, 0, a2, 0x33), [](u64 a, u64 b) { return a + b; }},
    {"sub", r_type(0x20, a1, a0, 0, a2, 0x33), [](u64 a, u64 b) { return a - b; }},
    {"sll", r_type(0, a1, a0, 1, a2, 0x33), [](u64 a, u64 b) { return a << (b % 64); }},
    {"slt", r_type(0, a1, a0, 2, a2, 0x33), [](u64 a, u64 b) { return u64{s(a) < s(b)}; }},
    {"sltu", r_type(0, a1, a0, 3, a2, 0x33), [](u64 a, u64 b) { return u64{a < b}; }},
    {"xor", r_type(0, a1, a0, 4, a2, 0x33), [](u64 a, u64 b) { return a ^ b; }},
    {"srl", r_type(0, a1, a0, 5, a2, 0x33), [](u64 a, u64 b) { return a >> (b % 64); }},
    {"sra", r_type(0x20, a1, a0, 5, a2, 0x33), [](u64 a, u64 b) { return static_cast<u64>(s(a) >> (b % 64)); }},
    {"or", r_type(0, a1, a0, 6, a2, 0x33), [](u64 a, u64 b) { return a | b; }},
    {"and", r_type(0, a1, a0, 7, a2, 0x33), [](u64 a, u64 b) { return a & b; }},
    {"addw", r_type(0, a1, a0, 0, a2, 0x3b), [](u64 a, u64 b) { return sext(a + b); }},
    {"subw", r_type(0x20, a1, a0, 0, a2, 0x3b), [](u64 a, u64 b) { return sext(a - b); }},
    {"sllw", r_type(0, a1, a0, 1, a2, 0x3b), [](u64 a, u64 b) { return sext(a << (b % 32)); }},
    {"srlw", r_type(0, a1, a0, 5, a2, 0x3b), [](u64 a, u64 b) { return sext((a & 0xffffffff) >> (b % 32)); }},
    {"sraw", r_type(0x20, a1, a0, 5, a2, 0x3b), [](u64 a, u64 b) { return static_cast<u64>(s(sext(a)) >> (b % 32)); }},
    {"mul", r_type(1, a1, a0, 0, a2, 0x33), [](u64 a, u64 b) { return a * b; }},
    {"mulh", r_type(1, a1, a0, 1, a2, 0x33), [](u64 a, u64 b) { return static_cast<u64>((__int128{s(a)} * s(b)) >> 64); }},
    {"mulhsu", r_type(1, a1, a0, 2, a2, 0x33), [](u64 a, u64 b) { return static_cast<u64>((__int128{s(a)} * static_cast<__int128>(b)) >> 64); }},
    {"mulhu", r_type(1, a1, a0, 3, a2, 0x33), [](u64 a, u64 b) { return static_cast<u64>((static_cast<unsigned __int128>(a) * b) >> 64); }},
    {"div", r_type(1, a1, a0, 4, a2, 0x33), division},
    {"divu", r_type(1, a1, a0, 5, a2, 0x33), [](u64 a, u64 b) { return b == 0 ? ~u64{0} : a / b; }},
    {"rem", r_type(1, a1, a0, 6, a2, 0x33), remainder_of},
    {"remu", r_type(1, a1, a0, 7, a2, 0x33), [](u64 a, u64 b) { return b == 0 ? a : a % b; }},
    {"mulw", r_type(1, a1, a0, 0, a2, 0x3b), [](u64 a, u64 b) { return sext(a * b); }},
    {"divw", r_type(1, a1, a0, 4, a2, 0x3b), [](u64 a, u64 b) { return sext(division(sext(a), sext(b))); }},
    {"divuw", r_type(1, a1, a0, 5, a2, 0x3b),
     [](u64 a, u64 b) { return static_cast<u32>(b) == 0 ? ~u64{0} : sext(static_cast<u32>(a) / static_cast<u32>(b)); }},
    {"remw", r_type(1, a1, a0, 6, a2, 0x3b), [](u64 a, u64 b) { return sext(remainder_of(sext(a), sext(b))); }},
    {"remuw", r_type(1, a1, a0, 7, a2, 0x3b),
     [](u64 a, u64 b) { return static_cast<u32>(b) == 0 ? sext(a) : sext(static_cast<u32>(a) % static_cast<u32>(b)); }},
};

}  // namespace

TEST_CASE("register arithmetic gives the manual's results at the edges") {
  Machine m;
  for (const Binary& b : binaries) {
    Program p(code_base);
    p({b.word, wfi});
    m.put(p);
    m.hart.reset(code_base);
    for (const u64 x : edges)
      for (const u64 y : edges) {
        m.hart.set_x(a0, x);
        m.hart.set_x(a1, y);
        m.hart.set_pc(code_base);
        m.hart.run({.cycles = 1000});
        INFO(b.name << " of " << std::hex << x << ", " << y);
        REQUIRE(m.hart.x(a2) == b.expected(x, y));
      }
  }
}

TEST_CASE("immediate arithmetic sign-extends its constant") {
  Machine m;
  Program p(code_base);
  p.li(a0, 0xfedcba9876543210);
  p({addi(s0, a0, -1), i_type(-5, a0, 2, s1, 0x13), i_type(-5, a0, 3, a1, 0x13), i_type(-1, a0, 4, a2, 0x13), i_type(0x7ff, a0, 6, a3, 0x13),
     i_type(-16, a0, 7, a4, 0x13), i_type(36, a0, 1, a5, 0x13), i_type(36, a0, 5, a6, 0x13), i_type(36 | 0x400, a0, 5, a7, 0x13), i_type(-1, a0, 0, s2, 0x1b),
     i_type(4, a0, 1, s3, 0x1b), i_type(4, a0, 5, s4, 0x1b), i_type(4 | 0x400, s3, 5, s5, 0x1b), lui(s6, 0x80000), wfi});
  REQUIRE(m.start(p) == Stop::wait);
  CHECK(m.hart.x(s0) == 0xfedcba987654320f);
  CHECK(m.hart.x(s1) == 1);  // slti: the number is a large negative one
  CHECK(m.hart.x(a1) == 1);  // sltiu: -5 is close to 2^64
  CHECK(m.hart.x(a2) == ~0xfedcba9876543210u);
  CHECK(m.hart.x(a3) == 0xfedcba98765437ff);
  CHECK(m.hart.x(a4) == 0xfedcba9876543210);
  CHECK(m.hart.x(a5) == 0xfedcba9876543210 << 36);
  CHECK(m.hart.x(a6) == 0xfedcba9876543210 >> 36);
  CHECK(m.hart.x(a7) == 0xffffffffffedcba9);
  CHECK(m.hart.x(s2) == 0x7654320f);
  CHECK(m.hart.x(s3) == 0x65432100);
  CHECK(m.hart.x(s4) == 0x07654321);
  CHECK(m.hart.x(s5) == 0x06543210);
  CHECK(m.hart.x(s6) == 0xffffffff80000000);
}

TEST_CASE("x0 stays zero whatever writes it") {
  Machine m;
  Program p(code_base);
  p.li(a0, data_base);
  p({addi(zero, zero, 7), ld(zero, 0, a0), lui(zero, 1), jal(zero, 4), csrr(zero, 0x301), addi(a1, zero, 0), wfi});
  m.set_word(data_base, 99);
  REQUIRE(m.start(p) == Stop::wait);
  CHECK(m.hart.x(zero) == 0);
  CHECK(m.hart.x(a1) == 0);
}

TEST_CASE("each branch decides as its name says") {
  // funct3 0 beq, 1 bne, 4 blt, 5 bge, 6 bltu, 7 bgeu
  const auto taken = [](u32 funct3, u64 a, u64 b) {
    switch (funct3) {
      case 0: return a == b;
      case 1: return a != b;
      case 4: return s(a) < s(b);
      case 5: return s(a) >= s(b);
      case 6: return a < b;
      default: return a >= b;
    }
  };
  Machine m;
  for (const u32 funct3 : {0u, 1u, 4u, 5u, 6u, 7u}) {
    Program p(code_base);
    p(addi(a2, zero, 0)).branch(funct3, a0, a1, "there")(wfi).label("there")({addi(a2, zero, 1), wfi});
    m.put(p);
    m.hart.reset(code_base);
    for (const u64 x : edges)
      for (const u64 y : edges) {
        m.hart.set_x(a0, x);
        m.hart.set_x(a1, y);
        m.hart.set_pc(code_base);
        REQUIRE(m.hart.run({.cycles = 1000}) == Stop::wait);
        INFO("funct3 " << funct3 << std::hex << " of " << x << ", " << y);
        REQUIRE(m.hart.x(a2) == u64{taken(funct3, x, y)});
      }
  }
}

TEST_CASE("jumps link the following instruction and jalr clears the lowest bit") {
  Machine m;
  Program p(code_base);
  p.jump("first", ra)(wfi).label("back")({auipc(a2, 0), wfi});
  p.label("first").la(a0, "back")(addi(a1, ra, 0))(jalr(ra, a0, 1)).label("after");
  REQUIRE(m.start(p) == Stop::wait);
  CHECK(m.hart.x(a1) == code_base + 4);
  CHECK(m.hart.x(ra) == p.address("after"));
  CHECK(m.hart.x(a2) == p.address("back"));
}

TEST_CASE("jalr with equal source and destination uses the old value") {
  Machine m;
  Program p(code_base);
  p.la(ra, "there")(jalr(ra, ra, 0)).label("after")(wfi).label("there")({addi(a0, ra, 0), wfi});
  REQUIRE(m.start(p) == Stop::wait);
  CHECK(m.hart.x(a0) == p.address("after"));
}
