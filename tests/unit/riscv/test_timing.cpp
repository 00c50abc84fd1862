// Cycles and energy classes against sums written out by hand; code that changes under the hart.
#include <catch2/catch.hpp>

#include "tests/unit/riscv/machine.h"

using namespace spinvp::riscv;
using namespace spinvp::riscv::test;

namespace {

// Costs that are all different, so that no two classes can be confused.
CycleTable distinct() {
  CycleTable t;
  for (std::size_t i = 0; i < timing_classes; ++i) t.of_class[i] = static_cast<std::uint16_t>(11 + 7 * i);
  t.branch_taken = 5;
  t.trap = 13;
  return t;
}

}  // namespace

TEST_CASE("each instruction costs its class") {
  struct Case {
    u32 word;
    TimingClass timing;
    EnergyClass energy;
  };
  using enum TimingClass;
  using enum EnergyClass;
  const Case cases[] = {
      {add(a2, a2, a2), alu, simple},
      {lw(a2, 0, a0), TimingClass::load, memory},
      {sw(a2, 0, a0), TimingClass::store, memory},
      {mul(a2, a2, a2), multiply, multiply_divide},
      {test::div(a2, a2, a2), divide, multiply_divide},
      {fp(0x01, 1, 2, 0, 3), float_add, floating},
      {fp(0x09, 1, 2, 0, 3), float_multiply, floating},
      {1u << 27 | 1u << 25 | 2u << 20 | 3u << 15 | 4u << 7 | 0x43, float_fused, floating},  // fmadd.d
      {fp(0x0d, 1, 2, 0, 3), float_divide, floating},
      {fp(0x2d, 0, 2, 0, 3), float_sqrt, floating},
      {fp(0x69, 0, 2, 0, 3), float_convert, floating},
      {fp(0x11, 1, 2, 0, 3), float_move, floating},
      {csrr(a2, 0x340), csr, simple},
      {amo(0, 3, a2, zero, a0), atomic, memory},
      {0x0ff0000f, fence, simple},
      {fence_i, fence, simple},
  };
  const CycleTable t = distinct();
  for (const Case& c : cases) {
    Machine m(t);
    Program p(code_base);
    with_float(p).li(a0, data_base)(c.word)(c.word)(wfi);
    REQUIRE(m.start(p) == Stop::wait);
    INFO(std::hex << c.word);
    const u64 before = (1 + Program::li_instructions) * t[alu] + t[csr];
    CHECK(m.hart.cycles() == before + 2 * t[c.timing] + t[TimingClass::system]);
    std::array<u64, 4> counts = {2 + Program::li_instructions + 1, 0, 0, 0};
    counts[static_cast<std::size_t>(c.energy)] += 2;
    CHECK(m.hart.class_counts() == counts);
  }
}

TEST_CASE("a counted loop costs its closed form, read by mcycle from inside") {
  const CycleTable t = distinct();
  Machine m(t);
  Program p(code_base);
  p({csrr(s0, 0xb00), csrr(s1, 0xb02), addi(a0, zero, 100)}).label("loop")({add(a1, a1, a0), mul(a2, a0, a0), addi(a0, a0, -1)}).branch(1, a0, zero, "loop");
  p({csrr(s2, 0xb00), csrr(s3, 0xb02), wfi});
  REQUIRE(m.start(p) == Stop::wait);
  using enum TimingClass;
  const u64 body = 2u * t[alu] + t[multiply] + t[branch];
  CHECK(m.hart.x(s2) - m.hart.x(s0) == 2u * t[csr] + t[alu] + 100 * body + 99u * t.branch_taken);
  CHECK(m.hart.x(s3) - m.hart.x(s1) == 2 + 4 * 100 + 1);  // from the reading of s1 to that of s3
  CHECK(m.hart.x(s0) == 0);
}

TEST_CASE("a load's result costs load_use where the next instruction reads it, across the border of a long block, too") {
  CycleTable t;
  t.load_use = 4;
  const auto cycles_of = [&](std::initializer_list<u32> words, unsigned before) {
    Machine m(t);
    Program p(code_base);
    with_float(p).li(s1, data_base);
    for (unsigned i = 0; i < before; ++i) p(nop);
    p(words)(wfi);
    REQUIRE(m.start(p) == Stop::wait);
    return m.hart.cycles() - (1 + Program::li_instructions + before) * t[TimingClass::alu] - t[TimingClass::csr] - t[TimingClass::system];
  };
  const u64 pair = u64{t[TimingClass::load]} + t[TimingClass::alu];
  // The first block is csrrs; the second one has 64 instructions: with 52 nops the load is its last.
  for (const unsigned before : {0u, 51u, 52u, 53u}) {
    INFO(before);
    CHECK(cycles_of({ld(a0, 0, s1), addi(a1, a0, 1)}, before) == pair + 4);
    CHECK(cycles_of({ld(a0, 0, s1), add(a1, a2, a0)}, before) == pair + 4);
    CHECK(cycles_of({ld(a0, 0, s1), addi(a1, a2, 1)}, before) == pair);
    CHECK(cycles_of({ld(zero, 0, s1), addi(a1, zero, 1)}, before) == pair);
    CHECK(cycles_of({ld(a0, 0, s1), nop, addi(a1, a0, 1)}, before) == pair + t[TimingClass::alu]);
  }
  const u32 fld_2 = i_type(0, s1, 3, 2, 0x07);
  CHECK(cycles_of({fld_2, fp(0x01, 1, 2, 0, 3)}, 0) == u64{t[TimingClass::load]} + t[TimingClass::float_add] + 4);
  CHECK(cycles_of({fld_2, addi(a1, 2, 0)}, 0) == pair);  // x2 is not f2
  CHECK(cycles_of({ld(a0, 0, s1), sd(a0, 8, s1)}, 0) == u64{t[TimingClass::load]} + t[TimingClass::store] + 4);
}

TEST_CASE("results and counts do not depend on how a run is sliced") {
  const auto run = [](u64 slice, bool direct) {
    Machine m(distinct());
    m.direct_allowed = direct;
    Program p(code_base);
    p.li(a1, data_base)(addi(a0, zero, 300)).label("loop")({sd(a0, 0, a1), ld(a2, 0, a1), mul(a3, a2, a0), add(a4, a4, a3), addi(a0, a0, -1)});
    p.branch(1, a0, zero, "loop")({csrr(s0, 0xb00), csrr(s1, 0xb02), wfi});
    m.put(p);
    m.hart.reset(code_base);
    while (m.hart.run({.cycles = slice}) != Stop::wait) {}
    return std::tuple(m.hart.cycles(), m.hart.class_counts(), m.hart.x(a4), m.hart.x(s0), m.hart.x(s1), m.tally.read_bytes(), m.tally.write_count());
  };
  const auto reference = run(1u << 30, true);
  for (const u64 slice : {1u, 3u, 17u, 100u, 1000u, 70000u}) CHECK(run(slice, true) == reference);
  CHECK(run(100, false) == reference);
}

TEST_CASE("long runs count every instruction although a block's counts have 16 bits") {
  Machine m;
  Program p(code_base);
  p.li(a0, 1000000).label("loop")(addi(a0, a0, -1)).branch(1, a0, zero, "loop")(wfi);
  REQUIRE(m.start(p, 100000000) == Stop::wait);
  CHECK(m.hart.instructions() == Program::li_instructions + 2 * 1000000 + 1);
}

TEST_CASE("code that a program writes runs after fence.i, also in a block that ran before") {
  // The loop's block runs three times as it was, is patched behind the third, and runs twice more.
  Machine m;
  Program p(code_base);
  p.la(a0, "patch").li(a1, addi(a2, a2, 100))({addi(a4, zero, 3), addi(a5, zero, 5)});
  p.jump("again").label("again").label("patch")({addi(a2, a2, 1), addi(a3, a3, 1)}).branch(1, a3, a4, "unchanged")({sw(a1, 0, a0), fence_i});
  p.label("unchanged").branch(1, a3, a5, "again")(wfi);
  REQUIRE(m.start(p) == Stop::wait);
  CHECK(m.hart.x(a2) == 3 * 1 + 2 * 100);
}

TEST_CASE("code changed from outside runs anew once the hart is told") {
  Machine m;
  Program p(code_base);
  p({addi(a0, a0, 1), wfi}).jump("start");
  p.label("start").jump("start2").label("start2");
  Program q(code_base);
  q({addi(a0, a0, 16), wfi});
  m.put(p);
  m.hart.reset(code_base);
  REQUIRE(m.hart.run({.cycles = 100}) == Stop::wait);
  m.put(q);
  m.hart.invalidate_code(code_base + 4096, code_base + 8191);  // elsewhere: nothing happens
  m.hart.set_pc(code_base);
  REQUIRE(m.hart.run({.cycles = 100}) == Stop::wait);
  CHECK(m.hart.x(a0) == 2);
  m.hart.invalidate_code(code_base + 3, code_base + 3);
  m.hart.set_pc(code_base);
  REQUIRE(m.hart.run({.cycles = 100}) == Stop::wait);
  CHECK(m.hart.x(a0) == 18);
}

TEST_CASE("a saved and restored hart goes on as if nothing had been") {
  const auto make = [] {
    Program p(code_base);
    with_float(p)(addi(a0, zero, 500))
        .label("loop")({fp(0x69, 0, a0, 7, 1), fp(0x01, 1, 2, 7, 2), addi(a0, a0, -1)})
        .branch(1, a0, zero, "loop")({csrr(s0, 0xb00), wfi});
    return p;
  };
  Program p = make();
  Machine one, two;
  one.start(p, 700);
  spinvp::core::StateArchive saved;
  one.hart.describe_state(saved);
  one.hart.run({.cycles = 1000000});
  two.put(p);
  spinvp::core::StateArchive restored(saved.bytes());
  two.hart.describe_state(restored);
  two.hart.run({.cycles = 1000000});
  CHECK(two.hart.x(s0) == one.hart.x(s0));
  CHECK(two.hart.f(2) == one.hart.f(2));
  CHECK(two.hart.cycles() == one.hart.cycles());
  CHECK(two.hart.class_counts() == one.hart.class_counts());
}
