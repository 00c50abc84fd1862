// Stops for a debugger: where they fall, and that a run that was stopped ends as one that was not.
#include <catch2/catch.hpp>

#include "tests/unit/riscv/machine.h"

using namespace spinvp::riscv;
using namespace spinvp::riscv::test;

namespace {

// Sums 1 to 10 into memory, in a loop, and sleeps.
Program summing() {
  Program p(code_base);
  p.li(s0, data_base)(addi(a0, zero, 10)).label("loop")({ld(a1, 0, s0), add(a1, a1, a0)});
  p.label("store")(sd(a1, 0, s0))(addi(a0, a0, -1)).branch(1, a0, zero, "loop");
  p(wfi);
  return p;
}

}  // namespace

TEST_CASE("a breakpoint stops before its instruction each time it is reached") {
  Machine m;
  Program p = summing();
  const u64 store_at = p.address("store");
  m.hart.set_breakpoints({store_at});
  CHECK(m.start(p) == Stop::breakpoint);
  CHECK(m.hart.pc() == store_at);
  CHECK(m.word(data_base) == 0);
  CHECK(m.hart.x(a1) == 10);
  CHECK(m.hart.run({.resumed = true, .single = true}) == Stop::breakpoint);  // still there
  m.hart.set_breakpoints({});
  CHECK(m.hart.run({.resumed = true, .single = true}) == Stop::step);
  CHECK(m.word(data_base) == 10);
  CHECK(m.hart.pc() == store_at + 4);
  m.hart.set_breakpoints({store_at});
  CHECK(m.hart.run({.resumed = true}) == Stop::breakpoint);
  CHECK(m.hart.x(a1) == 19);
}

TEST_CASE("a watchpoint stops before the access and leaves counts and cycles as they are") {
  Machine plain, watched;
  Program p = summing(), q = summing();
  REQUIRE(plain.start(p) == Stop::wait);
  watched.hart.set_watches({{data_base + 4, data_base + 4, false, true}});
  unsigned stops = 0;
  for (Stop stop = watched.start(q); stop == Stop::watchpoint; stop = watched.hart.run({.resumed = true})) {
    ++stops;
    CHECK(watched.hart.watch_hit().address == data_base + 4);
    CHECK(watched.hart.pc() == q.address("store"));
    watched.hart.set_watches({});
    CHECK(watched.hart.run({.resumed = true, .single = true}) == Stop::step);
    watched.hart.set_watches({{data_base + 4, data_base + 4, false, true}});
  }
  CHECK(stops == 10);
  CHECK(watched.word(data_base) == 55);
  CHECK(watched.hart.cycles() == plain.hart.cycles());
  CHECK(watched.tally.writes == plain.tally.writes);
  CHECK(watched.tally.reads == plain.tally.reads);
}

TEST_CASE("single steps end a slice on the instruction where it ends without them") {
  for (u64 limit = 12; limit < 80; ++limit) {
    Machine plain, stepped;
    Program p = summing(), q = summing();
    const Stop end = plain.start(p, limit);
    stepped.put(q);
    stepped.hart.reset(q.base());
    Stop stop = stepped.hart.run({.cycles = limit, .single = true});
    while (stop == Stop::step) stop = stepped.hart.run({.resumed = true, .single = true});
    INFO(limit);
    CHECK(stop == end);
    CHECK(stepped.hart.pc() == plain.hart.pc());
    CHECK(stepped.hart.cycles() == plain.hart.cycles());
    CHECK(stepped.hart.class_counts() == plain.hart.class_counts());
  }
}

TEST_CASE("a step with an interrupt pending ends at the handler's first instruction") {
  Machine m;
  Program p(code_base);
  with_handler(p).li(t1, 0x80)(csrw(0x304, t1))(csrrsi(zero, 0x300, 8)).label("here")(nop)(nop)(wfi).align(4).label("handler")(nop)(wfi);
  m.hart.set_breakpoints({p.address("here")});
  REQUIRE(m.start(p) == Stop::breakpoint);
  m.hart.set_interrupt(7, true);
  CHECK(m.hart.run({.resumed = true, .single = true}) == Stop::step);
  CHECK(m.hart.pc() == p.address("handler"));
}
