// F and D as the hart executes them: rounding modes static and dynamic, flags, NaN boxing, comparisons, moves. Reference for rounding: soft_float, itself held
// against the host in test_soft_float.cpp; everything else is written out from the manual.
#include <catch2/catch.hpp>

#include "models/riscv/float_operations.h"
#include "tests/unit/riscv/float_support.h"
#include "tests/unit/riscv/machine.h"

using namespace spinvp::riscv;
using namespace spinvp::riscv::test;

namespace {

constexpr u64 qnan_s = 0x7fc00000, snan_s = 0x7f800001, inf_s = 0x7f800000, qnan_d = 0x7ff8000000000000, snan_d = 0x7ff0000000000001;
constexpr u64 boxed(u64 single) { return 0xffffffff00000000 | single; }
constexpr u64 one_s = 0x3f800000, minus_zero_s = 0x80000000;

// Runs one instruction (sources f1, f2, f3 and a0; destinations f4 and a1) and returns both results and fflags.
class Unit {
 public:
  struct Result {
    u64 f, x, flags;
  };
  // frm is set first. Repeated calls with one word reuse the decoded program.
  Result run(u32 word, u64 frm, u64 f1, u64 f2 = 0, u64 f3 = 0, u64 x = 0) {
    if (word != word_) {
      Program p(code_base);
      with_float(p)(csrw(0x003, a2)).label("go")({word, csrr(a3, 0x001), wfi});
      machine_.put(p);
      machine_.hart.reset(code_base);
      word_ = word;
    }
    machine_.hart.set_pc(code_base);
    machine_.hart.set_f(1, f1);
    machine_.hart.set_f(2, f2);
    machine_.hart.set_f(3, f3);
    machine_.hart.set_x(a0, x);
    machine_.hart.set_x(a2, frm << 5);
    REQUIRE(machine_.hart.run({.cycles = 100000}) == Stop::wait);
    return {machine_.hart.f(4), machine_.hart.x(a1), machine_.hart.x(a3)};
  }

 private:
  Machine machine_;
  u32 word_ = 0;
};

struct RoundingCase {
  Operation operation;
  u32 funct7, rs2;  // rs2 field: 2 for a second operand, otherwise the selector
  enum Kind { to_float, to_integer, from_integer } kind;
  bool single;
};
const RoundingCase rounding_cases[] = {
    {Operation::fadd_s, 0x00, 2, RoundingCase::to_float, true},       {Operation::fsub_s, 0x04, 2, RoundingCase::to_float, true},
    {Operation::fmul_s, 0x08, 2, RoundingCase::to_float, true},       {Operation::fdiv_s, 0x0c, 2, RoundingCase::to_float, true},
    {Operation::fsqrt_s, 0x2c, 0, RoundingCase::to_float, true},      {Operation::fadd_d, 0x01, 2, RoundingCase::to_float, false},
    {Operation::fsub_d, 0x05, 2, RoundingCase::to_float, false},      {Operation::fmul_d, 0x09, 2, RoundingCase::to_float, false},
    {Operation::fdiv_d, 0x0d, 2, RoundingCase::to_float, false},      {Operation::fsqrt_d, 0x2d, 0, RoundingCase::to_float, false},
    {Operation::fcvt_s_d, 0x20, 1, RoundingCase::to_float, false},    {Operation::fcvt_d_s, 0x21, 0, RoundingCase::to_float, true},
    {Operation::fcvt_w_s, 0x60, 0, RoundingCase::to_integer, true},   {Operation::fcvt_wu_s, 0x60, 1, RoundingCase::to_integer, true},
    {Operation::fcvt_l_s, 0x60, 2, RoundingCase::to_integer, true},   {Operation::fcvt_lu_s, 0x60, 3, RoundingCase::to_integer, true},
    {Operation::fcvt_w_d, 0x61, 0, RoundingCase::to_integer, false},  {Operation::fcvt_wu_d, 0x61, 1, RoundingCase::to_integer, false},
    {Operation::fcvt_l_d, 0x61, 2, RoundingCase::to_integer, false},  {Operation::fcvt_lu_d, 0x61, 3, RoundingCase::to_integer, false},
    {Operation::fcvt_s_w, 0x68, 0, RoundingCase::from_integer, true}, {Operation::fcvt_s_wu, 0x68, 1, RoundingCase::from_integer, true},
    {Operation::fcvt_s_l, 0x68, 2, RoundingCase::from_integer, true}, {Operation::fcvt_s_lu, 0x68, 3, RoundingCase::from_integer, true},
    {Operation::fcvt_d_w, 0x69, 0, RoundingCase::from_integer, true}, {Operation::fcvt_d_wu, 0x69, 1, RoundingCase::from_integer, true},
    {Operation::fcvt_d_l, 0x69, 2, RoundingCase::from_integer, true}, {Operation::fcvt_d_lu, 0x69, 3, RoundingCase::from_integer, true},
};

}  // namespace

TEST_CASE("every rounding instruction gives the reference's bits and flags in all modes, static and dynamic") {
  Samples samples;
  for (const RoundingCase& c : rounding_cases)
    for (u32 rm = 0; rm < 8; ++rm) {
      if (rm == 5 || rm == 6) continue;
      Unit unit;
      const u32 word = fp(c.funct7, c.rs2, c.kind == RoundingCase::from_integer ? u32{a0} : 1u, rm, c.kind == RoundingCase::to_integer ? u32{a1} : 4u);
      for (int n = 0; n < 300; ++n) {
        const u64 frm = static_cast<u64>(n % 5);
        const auto operand = [&] {
          if (c.kind == RoundingCase::to_integer && n % 2) {
            const double v = samples.near_integer_range();
            return c.single ? boxed(std::bit_cast<u32>(static_cast<float>(v))) : std::bit_cast<u64>(v);
          }
          return c.single ? boxed(samples.binary32()) : samples.binary64();
        };
        const u64 f1 = operand(), f2 = operand(), x = samples.integer() * (n % 2 ? 1 : ~u64{0});
        unsigned flags = 0;
        const auto mode = static_cast<Rounding>(rm == 7 ? frm : rm);
        const u64 expected = soft_operation(c.operation, mode, c.kind == RoundingCase::from_integer ? x : f1, f2, 0, flags);
        const Unit::Result r = unit.run(word, frm, f1, f2, 0, x);
        INFO("operation " << static_cast<int>(c.operation) << " rm " << rm << " frm " << frm << std::hex << " f1 " << f1 << " f2 " << f2 << " x " << x);
        REQUIRE((c.kind == RoundingCase::to_integer ? r.x : r.f) == expected);
        REQUIRE(r.flags == flags);
      }
    }
}

TEST_CASE("fused operations round once and negate as their names say") {
  Samples samples;
  const Operation operations[2][4] = {{Operation::fmadd_s, Operation::fmsub_s, Operation::fnmsub_s, Operation::fnmadd_s},
                                      {Operation::fmadd_d, Operation::fmsub_d, Operation::fnmsub_d, Operation::fnmadd_d}};
  for (u32 format = 0; format < 2; ++format)
    for (u32 which = 0; which < 4; ++which)
      for (const u32 rm : {0u, 1u, 2u, 3u, 4u, 7u}) {
        Unit unit;
        const u32 word = 3u << 27 | format << 25 | 2u << 20 | 1u << 15 | rm << 12 | 4u << 7 | (0x43 + 4 * which);
        for (int n = 0; n < 400; ++n) {
          const auto operand = [&] { return format == 0 ? boxed(samples.binary32()) : samples.binary64(); };
          const u64 f1 = operand(), f2 = operand(), f3 = operand(), frm = static_cast<u64>(n % 5);
          unsigned flags = 0;
          const u64 expected = soft_operation(operations[format][which], static_cast<Rounding>(rm == 7 ? frm : rm), f1, f2, f3, flags);
          const Unit::Result r = unit.run(word, frm, f1, f2, f3);
          INFO("format " << format << " which " << which << " rm " << rm << std::hex << " of " << f1 << " " << f2 << " " << f3);
          REQUIRE(r.f == expected);
          REQUIRE(r.flags == flags);
        }
      }
  // (1 + 2^-52) * (1 - 2^-52) - 1 = -2^-104: lost where the product is rounded first. And infinity * 0 + quiet NaN is invalid.
  Unit unit;
  const u32 fmadd_d = 3u << 27 | 1u << 25 | 2u << 20 | 1u << 15 | 4u << 7 | 0x43;
  CHECK(unit.run(fmadd_d, 0, 0x3ff0000000000001, 0x3feffffffffffffe, 0xbff0000000000000).f == 0xb970000000000000);
  CHECK(unit.run(fmadd_d, 0, 0x7ff0000000000000, 0, qnan_d).flags == flag_invalid);
}

TEST_CASE("singles are boxed on the way in and out") {
  Unit unit;
  const u32 fadd_s = fp(0x00, 2, 1, 0, 4);
  CHECK(unit.run(fadd_s, 0, boxed(one_s), boxed(one_s)).f == boxed(0x40000000));
  CHECK(unit.run(fadd_s, 0, one_s, boxed(one_s)).f == boxed(qnan_s));  // not boxed: the canonical NaN, quiet
  CHECK(unit.run(fadd_s, 0, one_s, boxed(one_s)).flags == 0);
  CHECK(unit.run(fp(0x78, 0, a0, 0, 4), 0, 0, 0, 0, 0x12345678deadbeef).f == boxed(0xdeadbeef));         // fmv.w.x
  CHECK(unit.run(fp(0x70, 0, 1, 0, a1), 0, 0x12345678deadbeef).x == 0xffffffffdeadbeef);                 // fmv.x.w: raw bits, sign-extended
  CHECK(unit.run(fp(0x71, 0, 1, 0, a1), 0, 0x12345678deadbeef).x == 0x12345678deadbeef);                 // fmv.x.d
  CHECK(unit.run(fp(0x10, 2, 1, 0, 4), 0, one_s, boxed(minus_zero_s)).f == boxed(qnan_s | 0x80000000));  // fsgnj.s of an unboxed value

  Machine m;
  m.set_word(data_base, 0x1122334455667788);
  Program p(code_base);
  with_float(p).li(a0, data_base)({i_type(0, a0, 2, 1, 0x07), i_type(0, a0, 3, 2, 0x07), s_type(8, 2, a0, 2, 0x27), s_type(16, 1, a0, 3, 0x27), wfi});
  REQUIRE(m.start(p) == Stop::wait);
  CHECK(m.hart.f(1) == boxed(0x55667788));             // flw
  CHECK(m.word(data_base + 8) == 0x55667788);          // fsw of a double: its low word
  CHECK(m.word(data_base + 16) == boxed(0x55667788));  // fsd of a boxed single: the box as well
}

TEST_CASE("NaN results are canonical and only signaling operands are invalid") {
  Unit unit;
  const u32 fadd_d = fp(0x01, 2, 1, 0, 4), fadd_s = fp(0x00, 2, 1, 0, 4);
  const auto a = unit.run(fadd_d, 0, 0xfff8000000001234, 0x3ff0000000000000);
  CHECK(a.f == qnan_d);
  CHECK(a.flags == 0);
  const auto b = unit.run(fadd_d, 0, snan_d, 0x3ff0000000000000);
  CHECK(b.f == qnan_d);
  CHECK(b.flags == flag_invalid);
  const auto c = unit.run(fadd_s, 0, boxed(inf_s), boxed(inf_s | 0x80000000));
  CHECK(c.f == boxed(qnan_s));
  CHECK(c.flags == flag_invalid);
}

TEST_CASE("minimum and maximum order zeros and prefer numbers to NaNs") {
  Unit unit;
  const u32 fmin = fp(0x14, 2, 1, 0, 4), fmax = fp(0x14, 2, 1, 1, 4), fmin_d = fp(0x15, 2, 1, 0, 4), fmax_d = fp(0x15, 2, 1, 1, 4);
  CHECK(unit.run(fmin, 0, boxed(0), boxed(minus_zero_s)).f == boxed(minus_zero_s));
  CHECK(unit.run(fmax, 0, boxed(minus_zero_s), boxed(0)).f == boxed(0));
  CHECK(unit.run(fmin, 0, boxed(qnan_s), boxed(one_s)).f == boxed(one_s));
  CHECK(unit.run(fmin, 0, boxed(qnan_s), boxed(one_s)).flags == 0);
  CHECK(unit.run(fmax, 0, boxed(one_s), boxed(snan_s)).f == boxed(one_s));
  CHECK(unit.run(fmax, 0, boxed(one_s), boxed(snan_s)).flags == flag_invalid);
  CHECK(unit.run(fmin, 0, boxed(0xffc00000), boxed(0xffc00000)).f == boxed(qnan_s));
  CHECK(unit.run(fmin_d, 0, 0xbff0000000000000, 0xc000000000000000).f == 0xc000000000000000);  // -1, -2
  CHECK(unit.run(fmax_d, 0, 0xbff0000000000000, 0x3ff0000000000000).f == 0x3ff0000000000000);
}

TEST_CASE("feq is quiet, flt and fle signal for any NaN") {
  Unit unit;
  const u32 feq = fp(0x51, 2, 1, 2, a1), flt = fp(0x51, 2, 1, 1, a1), fle = fp(0x51, 2, 1, 0, a1);
  const u64 one = 0x3ff0000000000000, two = 0x4000000000000000;
  CHECK(unit.run(feq, 0, one, one).x == 1);
  CHECK(unit.run(flt, 0, one, two).x == 1);
  CHECK(unit.run(flt, 0, two, two).x == 0);
  CHECK(unit.run(fle, 0, two, two).x == 1);
  CHECK(unit.run(feq, 0, 0, u64{1} << 63).x == 1);  // +0 equals -0
  for (const u32 word : {feq, flt, fle}) {
    CHECK(unit.run(word, 0, qnan_d, one).x == 0);
    CHECK(unit.run(word, 0, qnan_d, one).flags == (word == feq ? 0u : flag_invalid));
    CHECK(unit.run(word, 0, one, snan_d).flags == flag_invalid);
  }
  const u32 feq_s = fp(0x50, 2, 1, 2, a1), flt_s = fp(0x50, 2, 1, 1, a1);
  CHECK(unit.run(feq_s, 0, boxed(qnan_s), boxed(one_s)).flags == 0);
  CHECK(unit.run(flt_s, 0, boxed(qnan_s), boxed(one_s)).flags == flag_invalid);
  CHECK(unit.run(flt_s, 0, boxed(one_s), boxed(0x40000000)).x == 1);
  // A register that holds no boxed value reads as the canonical NaN, which signals like any other.
  const u32 fle_s = fp(0x50, 2, 1, 0, a1);
  for (const u32 word : {feq_s, flt_s, fle_s}) {
    CHECK(unit.run(word, 0, one, boxed(one_s)).x == 0);
    CHECK(unit.run(word, 0, one, boxed(one_s)).flags == (word == feq_s ? 0u : flag_invalid));
    CHECK(unit.run(word, 0, boxed(one_s), two).flags == (word == feq_s ? 0u : flag_invalid));
  }
}

TEST_CASE("fclass names all ten classes") {
  Unit unit;
  const u32 single = fp(0x70, 0, 1, 1, a1), wide = fp(0x71, 0, 1, 1, a1);
  const u64 singles[] = {0xff800000, 0xbf800000, 0x80000001, 0x80000000, 0, 1, 0x3f800000, 0x7f800000, snan_s, qnan_s};
  const u64 doubles[] = {
      0xfff0000000000000, 0xbff0000000000000, 0x8000000000000001, 0x8000000000000000, 0, 1, 0x3ff0000000000000, 0x7ff0000000000000, snan_d, qnan_d};
  for (unsigned i = 0; i < 10; ++i) {
    CHECK(unit.run(single, 0, boxed(singles[i])).x == u64{1} << i);
    CHECK(unit.run(wide, 0, doubles[i]).x == u64{1} << i);
  }
}

TEST_CASE("sign injection copies, negates and combines signs") {
  Unit unit;
  const u64 plus = 0x4008000000000000, minus = 0xc008000000000000;
  CHECK(unit.run(fp(0x11, 2, 1, 0, 4), 0, plus, minus).f == minus);
  CHECK(unit.run(fp(0x11, 2, 1, 1, 4), 0, plus, minus).f == plus);
  CHECK(unit.run(fp(0x11, 2, 1, 2, 4), 0, minus, minus).f == plus);
  CHECK(unit.run(fp(0x10, 2, 1, 1, 4), 0, boxed(one_s), boxed(one_s)).f == boxed(one_s | 0x80000000));
}

TEST_CASE("flags add up over instructions until they are cleared, across device accesses too") {
  Machine m;
  Program p(code_base);
  with_float(p).li(a0, 0x3ff0000000000000).li(a1, 0x4008000000000000).li(a4, device_word);
  p({fp(0x79, 0, a0, 0, 1), fp(0x79, 0, a1, 0, 2), fp(0x79, 0, zero, 0, 3)});
  p({fp(0x0d, 2, 1, 0, 4), sw(zero, 0, a4), fp(0x0d, 3, 1, 0, 5), csrr(s0, 0x001), fp(0x01, 1, 1, 0, 6), csrrwi(s1, 0x001, 0), fp(0x01, 1, 1, 0, 6),
     csrr(s2, 0x001), wfi});
  unsigned seen = 0;
  m.on_device = [&seen] {
    HostFloat probe;  // outside the hart nothing of its flags or modes is visible
    probe.enter();
    seen = probe.leave();
  };
  REQUIRE(m.start(p) == Stop::wait);
  CHECK(m.hart.x(s0) == (flag_inexact | flag_divide_by_zero));  // 1/3, 1/0
  CHECK(m.hart.x(s1) == (flag_inexact | flag_divide_by_zero));
  CHECK(m.hart.x(s2) == 0);
  CHECK(seen == 0);
}

TEST_CASE("the host's control word is its own again outside the hart") {
#if defined(__x86_64__)
  Machine m;
  Program p(code_base);
  with_float(p)({csrrwi(zero, 0x002, 3)}).li(a0, 0x3ff0000000000000).li(a1, 0x4008000000000000).li(a4, device_word);
  p({fp(0x79, 0, a0, 0, 1), fp(0x79, 0, a1, 0, 2), fp(0x0d, 2, 1, 7, 4), sw(zero, 0, a4), fp(0x0d, 2, 1, 7, 5), wfi});
  const unsigned before = _mm_getcsr();
  unsigned inside = 0;
  m.on_device = [&inside] { inside = _mm_getcsr(); };
  REQUIRE(m.start(p) == Stop::wait);
  CHECK(inside == before);
  CHECK(_mm_getcsr() == before);
  CHECK(m.hart.f(4) == 0x3fd5555555555556);  // 1/3 rounded up
  CHECK(m.hart.f(5) == m.hart.f(4));         // the mode is there again behind the access
#endif
}

TEST_CASE("reserved rounding modes are illegal, static and dynamic") {
  for (const u32 rm : {5u, 6u, 7u}) {
    Machine m;
    Program p(code_base);
    with_float(with_handler(p))(csrrwi(zero, 0x002, rm == 7 ? 5 : 0)).label("bad")({fp(0x01, 2, 1, rm, 3), wfi}).align(4).label("handler")(wfi);
    REQUIRE(m.start(p) == Stop::wait);
    CHECK(m.hart.read_csr(csr_number::mcause).value() == 2);
    CHECK(m.hart.read_csr(csr_number::mepc).value() == p.address("bad"));
    CHECK(m.hart.read_csr(csr_number::mtval).value() == fp(0x01, 2, 1, rm, 3));
  }
}

TEST_CASE("a function runs in the mode of each call although its code was decoded before") {
  Machine m;
  Program p(code_base);
  with_float(p).li(a0, 0x3ff0000000000000).li(a1, 0x4008000000000000);
  p({fp(0x79, 0, a0, 0, 1), fp(0x79, 0, a1, 0, 2), csrrwi(zero, 0x002, 3)}).jump("third", ra)(fp(0x11, 4, 4, 0, 5))(csrrwi(zero, 0x002, 2)).jump("third", ra);
  p(wfi).label("third")({fp(0x0d, 2, 1, 7, 4), jalr(zero, ra, 0)});
  REQUIRE(m.start(p) == Stop::wait);
  CHECK(m.hart.f(5) == 0x3fd5555555555556);  // 1/3 up
  CHECK(m.hart.f(4) == 0x3fd5555555555555);  // and down
}
