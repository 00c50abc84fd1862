// Zba, Zbb and Zbs against definitions spelled bit by bit.
#include <catch2/catch.hpp>

#include "tests/unit/riscv/machine.h"

using namespace spinvp::riscv;
using namespace spinvp::riscv::test;

namespace {

const std::vector<u64> edges = {0,
                                1,
                                2,
                                31,
                                32,
                                63,
                                64,
                                0x7f,
                                0x80,
                                0xff00,
                                0x7fff,
                                0x8000,
                                0x7fffffff,
                                0x80000000,
                                0xffffffff,
                                0x100000000,
                                0x8000000000000000,
                                0x7fffffffffffffff,
                                ~u64{0},
                                0x0100000000000080,
                                0x0123456789abcdef,
                                0xfedcba9876543210,
                                0x00ff00ff0000ff00};

u64 low_word(u64 v) { return v & 0xffffffff; }
u64 sign_extended(u64 v, unsigned width) {
  for (unsigned i = width; i < 64; ++i) v = (v & ~(u64{1} << i)) | (v >> (width - 1) & 1) << i;
  return v;
}
u64 rotated_left(u64 v, u64 by, unsigned width) {
  u64 result = 0;
  for (unsigned i = 0; i < width; ++i) result |= (v >> i & 1) << ((i + by) % width);
  return width == 32 ? sign_extended(result, 32) : result;
}
u64 rotated_right(u64 v, u64 by, unsigned width) { return rotated_left(v, width - by % width, width); }
u64 leading_zeros(u64 v, unsigned width) {
  u64 n = 0;
  while (n < width && (v >> (width - 1 - n) & 1) == 0) ++n;
  return n;
}
u64 trailing_zeros(u64 v, unsigned width) {
  u64 n = 0;
  while (n < width && (v >> n & 1) == 0) ++n;
  return n;
}
u64 ones(u64 v, unsigned width) {
  u64 n = 0;
  for (unsigned i = 0; i < width; ++i) n += v >> i & 1;
  return n;
}
template <typename F>
u64 by_byte(u64 v, F place) {
  u64 result = 0;
  for (unsigned i = 0; i < 8; ++i) result |= place(v >> (8 * i) & 0xff, i);
  return result;
}
bool less(u64 a, u64 b) { return static_cast<i64>(a) < static_cast<i64>(b); }
u64 bit(u64 n) { return u64{1} << (n % 64); }

// The result, in a2, of the instruction with a0 = a and a1 = b.
class OneInstruction {
 public:
  explicit OneInstruction(u32 word) {
    Program p(code_base);
    p({word, wfi});
    m.put(p);
    m.hart.reset(code_base);
  }
  u64 operator()(u64 a, u64 b = 0) {
    m.hart.set_x(a0, a);
    m.hart.set_x(a1, b);
    m.hart.set_pc(code_base);
    REQUIRE(m.hart.run({.cycles = 1000}) == Stop::wait);
    return m.hart.x(a2);
  }

 private:
  Machine m;
};

}  // namespace

TEST_CASE("bit manipulation with two operands gives the manual's results at the edges") {
  struct Case {
    const char* name;
    u32 word;
    u64 (*expected)(u64 a, u64 b);
  };
  const auto op = [](u32 funct7, u32 funct3) { return r_type(funct7, a1, a0, funct3, a2, 0x33); };
  const auto op_32 = [](u32 funct7, u32 funct3) { return r_type(funct7, a1, a0, funct3, a2, 0x3b); };
  const Case cases[] = {
      {"add.uw", op_32(0x04, 0), [](u64 a, u64 b) { return low_word(a) + b; }},
      {"sh1add", op(0x10, 2), [](u64 a, u64 b) { return 2 * a + b; }},
      {"sh2add", op(0x10, 4), [](u64 a, u64 b) { return 4 * a + b; }},
      {"sh3add", op(0x10, 6), [](u64 a, u64 b) { return 8 * a + b; }},
      {"sh1add.uw", op_32(0x10, 2), [](u64 a, u64 b) { return 2 * low_word(a) + b; }},
      {"sh2add.uw", op_32(0x10, 4), [](u64 a, u64 b) { return 4 * low_word(a) + b; }},
      {"sh3add.uw", op_32(0x10, 6), [](u64 a, u64 b) { return 8 * low_word(a) + b; }},
      {"andn", op(0x20, 7), [](u64 a, u64 b) { return a & ~b; }},
      {"orn", op(0x20, 6), [](u64 a, u64 b) { return a | ~b; }},
      {"xnor", op(0x20, 4), [](u64 a, u64 b) { return ~a ^ b; }},
      {"min", op(0x05, 4), [](u64 a, u64 b) { return less(a, b) ? a : b; }},
      {"minu", op(0x05, 5), [](u64 a, u64 b) { return a < b ? a : b; }},
      {"max", op(0x05, 6), [](u64 a, u64 b) { return less(a, b) ? b : a; }},
      {"maxu", op(0x05, 7), [](u64 a, u64 b) { return a < b ? b : a; }},
      {"rol", op(0x30, 1), [](u64 a, u64 b) { return rotated_left(a, b % 64, 64); }},
      {"ror", op(0x30, 5), [](u64 a, u64 b) { return rotated_right(a, b % 64, 64); }},
      {"rolw", op_32(0x30, 1), [](u64 a, u64 b) { return rotated_left(a, b % 32, 32); }},
      {"rorw", op_32(0x30, 5), [](u64 a, u64 b) { return rotated_right(a, b % 32, 32); }},
      {"bclr", op(0x24, 1), [](u64 a, u64 b) { return a & ~bit(b); }},
      {"bext", op(0x24, 5), [](u64 a, u64 b) { return u64{(a & bit(b)) != 0}; }},
      {"binv", op(0x34, 1), [](u64 a, u64 b) { return a ^ bit(b); }},
      {"bset", op(0x14, 1), [](u64 a, u64 b) { return a | bit(b); }},
  };
  for (const Case& c : cases) {
    OneInstruction result_of(c.word);
    for (const u64 a : edges)
      for (const u64 b : edges) {
        INFO(c.name << " of " << std::hex << a << ", " << b);
        REQUIRE(result_of(a, b) == c.expected(a, b));
      }
  }
}

TEST_CASE("bit manipulation with one operand gives the manual's results at the edges") {
  struct Case {
    const char* name;
    u32 word;
    u64 (*expected)(u64 a);
  };
  const auto unary = [](i32 selector, u32 funct3, u32 opcode) { return i_type(selector, a0, funct3, a2, opcode); };
  const Case cases[] = {
      {"clz", unary(0x600, 1, 0x13), [](u64 a) { return leading_zeros(a, 64); }},
      {"ctz", unary(0x601, 1, 0x13), [](u64 a) { return trailing_zeros(a, 64); }},
      {"cpop", unary(0x602, 1, 0x13), [](u64 a) { return ones(a, 64); }},
      {"clzw", unary(0x600, 1, 0x1b), [](u64 a) { return leading_zeros(a, 32); }},
      {"ctzw", unary(0x601, 1, 0x1b), [](u64 a) { return trailing_zeros(a, 32); }},
      {"cpopw", unary(0x602, 1, 0x1b), [](u64 a) { return ones(a, 32); }},
      {"sext.b", unary(0x604, 1, 0x13), [](u64 a) { return sign_extended(a, 8); }},
      {"sext.h", unary(0x605, 1, 0x13), [](u64 a) { return sign_extended(a, 16); }},
      {"zext.h", r_type(0x04, zero, a0, 4, a2, 0x3b), [](u64 a) { return a & 0xffff; }},
      {"orc.b", unary(0x287, 5, 0x13), [](u64 a) { return by_byte(a, [](u64 v, unsigned i) { return v != 0 ? u64{0xff} << (8 * i) : 0; }); }},
      {"rev8", unary(0x6b8, 5, 0x13), [](u64 a) { return by_byte(a, [](u64 v, unsigned i) { return v << (56 - 8 * i); }); }},
  };
  for (const Case& c : cases) {
    OneInstruction result_of(c.word);
    for (const u64 a : edges) {
      INFO(c.name << " of " << std::hex << a);
      REQUIRE(result_of(a) == c.expected(a));
    }
  }
}

TEST_CASE("bit manipulation with a constant takes all six bits, words take five") {
  const auto shift = [](u32 funct6, u32 amount, u32 funct3, u32 opcode) { return i_type(static_cast<i32>(funct6 << 6 | amount), a0, funct3, a2, opcode); };
  for (const u32 n : {0u, 1u, 31u, 32u, 63u}) {
    OneInstruction rori(shift(0x18, n, 5, 0x13)), bclri(shift(0x12, n, 1, 0x13)), bexti(shift(0x12, n, 5, 0x13)), binvi(shift(0x1a, n, 1, 0x13)),
        bseti(shift(0x0a, n, 1, 0x13)), slli_uw(shift(0x02, n, 1, 0x1b)), roriw(shift(0x18, n % 32, 5, 0x1b));
    for (const u64 a : edges) {
      INFO(std::hex << a << " by " << n);
      REQUIRE(rori(a) == rotated_right(a, n, 64));
      REQUIRE(bclri(a) == (a & ~bit(n)));
      REQUIRE(bexti(a) == u64{(a & bit(n)) != 0});
      REQUIRE(binvi(a) == (a ^ bit(n)));
      REQUIRE(bseti(a) == (a | bit(n)));
      REQUIRE(slli_uw(a) == low_word(a) << n);
      REQUIRE(roriw(a) == rotated_right(a, n % 32, 32));
    }
  }
}

TEST_CASE("encodings beside the bit-manipulation instructions are illegal") {
  const u32 words[] = {
      i_type(0x603, a0, 1, a2, 0x13),                                        // no fourth count
      i_type(0x606, a0, 1, a2, 0x13),                                        // sext.w is addiw
      i_type(0x286, a0, 5, a2, 0x13),    i_type(0x6b0, a0, 5, a2, 0x13),     // other generalised or-combines and reversals
      i_type(0x603, a0, 1, a2, 0x1b),    i_type(0x620, a0, 5, a2, 0x1b),     // roriw by 32
      r_type(0x04, a1, a0, 4, a2, 0x3b), r_type(0x04, a1, a0, 4, a2, 0x33),  // zext.h has no second operand (pack)
      r_type(0x05, a1, a0, 1, a2, 0x33),                                     // clmul
      r_type(0x10, a1, a0, 1, a2, 0x33), r_type(0x14, a1, a0, 5, a2, 0x33), r_type(0x34, a1, a0, 5, a2, 0x33),
  };
  for (const u32 word : words) {
    Machine m;
    Program p(code_base);
    with_handler(p)(word)(wfi).align(4).label("handler")({csrr(a3, 0x342), csrr(a4, 0x343), wfi});
    INFO(std::hex << word);
    REQUIRE(m.start(p) == Stop::wait);
    CHECK(m.hart.x(a3) == 2);
    CHECK(m.hart.x(a4) == word);
  }
}
