// The call profile: every cycle and instruction in one function, whatever the guest does with its stack; and the same run with and without it.
#include <catch2/catch.hpp>

#include <map>
#include <string>

#include "models/riscv/call_profile.h"
#include "tests/unit/riscv/machine.h"

using namespace spinvp::riscv;
using namespace spinvp::riscv::test;

namespace {

// A machine whose functions are the program's labels, each up to the next one.
struct Profiled {
  Machine machine;
  std::map<u64, std::string> names;
  std::unique_ptr<CallProfile> profile;

  Stop run(Program& program, const std::vector<std::string>& functions, u64 limit = 100000) {
    std::vector<FunctionRanges::Range> ranges;
    for (const std::string& name : functions) names[program.address(name)] = name;
    for (const auto& [start, name] : names) {
      if (!ranges.empty()) ranges.back().end = start;
      ranges.push_back({start, program.here()});
    }
    profile = std::make_unique<CallProfile>(FunctionRanges(ranges));
    machine.hart.set_profile(profile.get());
    const Stop stop = machine.start(program, limit);
    profile->finish(1000, machine.hart.moment());
    return stop;
  }
  [[nodiscard]] std::string path(const CallProfile::Node& node) const {
    const auto found = names.find(node.entry);
    const std::string name = found != names.end() ? found->second : "?";
    return node.parent == nullptr || node.parent->parent == nullptr ? name : path(*node.parent) + ";" + name;
  }
  // Instructions of each call stack.
  [[nodiscard]] std::map<std::string, u64> instructions() const {
    std::map<std::string, u64> sums;
    for (const auto& node : profile->nodes()) {
      const u64 count = node.own.instructions[0] + node.own.instructions[1] + node.own.instructions[2] + node.own.instructions[3];
      if (count != 0) sums[path(node)] += count;
    }
    return sums;
  }
  void check_sums() const {
    u64 instructions = 0, time = 0;
    for (const auto& node : profile->nodes()) {
      for (const u64 count : node.own.instructions) instructions += count;
      time += node.own.time_ps;
    }
    CHECK(instructions == machine.hart.instructions());
    CHECK(time == machine.hart.cycles() * 1000);
  }
};

constexpr u32 ret = jalr(zero, ra, 0);

}  // namespace

TEST_CASE("Instructions stand where they were executed: calls, returns, a tail call, a call through t0") {
  Program p(code_base);
  p.label("start").jump("f", ra).jump("f", ra).jump("g", ra)(wfi);
  p.label("f")(addi(s0, ra, 0)).jump("leaf", ra)(addi(ra, s0, 0))(ret);
  p.label("leaf")(nop)(nop)(ret);
  p.label("g")(nop).jump("leaf");  // in g's place
  Profiled run;
  REQUIRE(run.run(p, {"start", "f", "leaf", "g"}) == Stop::wait);
  const std::map<std::string, u64> expected{{"start", 4}, {"start;f", 2 * 4}, {"start;f;leaf", 2 * 3}, {"start;g", 2}, {"start;leaf", 3}};
  CHECK(run.instructions() == expected);
  run.check_sums();
}

TEST_CASE("A table of jumps inside a function is no call, a register jump out of it is a tail call") {
  Program p(code_base);
  p.label("start").jump("f", ra)(wfi);
  p.label("f").la(t1, "case")(jalr(zero, t1, 0))(nop).label("case").la(t1, "h")(jalr(zero, t1, 0));
  p.label("h")(ret);
  Profiled run;
  REQUIRE(run.run(p, {"start", "f", "h"}) == Stop::wait);
  CHECK(run.instructions() == std::map<std::string, u64>{{"start", 2}, {"start;f", 6}, {"start;h", 1}});
  run.check_sums();
}

TEST_CASE("A return that skips frames ends in the frame that it names") {
  Program p(code_base);
  p.label("start").li(sp, data_base)(addi(sp, sp, -16)).jump("f", ra)(nop)(wfi);
  // f keeps its return address and stack pointer, g and h throw them back.
  p.label("f")(addi(s0, ra, 0))(addi(s1, sp, 0))(addi(sp, sp, -16)).jump("g", ra)(nop);
  p.label("g")(addi(sp, sp, -16)).jump("h", ra)(nop);
  p.label("h")(addi(ra, s0, 0))(addi(sp, s1, 0))(ret);
  Profiled run;
  REQUIRE(run.run(p, {"start", "f", "g", "h"}) == Stop::wait);
  CHECK(run.instructions() == std::map<std::string, u64>{{"start", Program::li_instructions + 4}, {"start;f", 4}, {"start;f;g", 2}, {"start;f;g;h", 3}});
  CHECK(run.profile->depth() == 1);
  run.check_sums();
}

TEST_CASE("A trap's handler is called by what it interrupts, and mret goes back there") {
  Program p(code_base);
  p.label("start").la(t0, "handler")(csrw(0x305, t0)).jump("f", ra)(wfi);
  p.label("f")(nop)(ecall)(nop)(ret);
  p.align(4).label("handler")(csrr(t0, 0x341))(addi(t0, t0, 4))(csrw(0x341, t0))(mret);
  Profiled run;
  REQUIRE(run.run(p, {"start", "f", "handler"}) == Stop::wait);
  CHECK(run.instructions() == std::map<std::string, u64>{{"start", 5}, {"start;f", 3}, {"start;f;handler", 4}});
  run.check_sums();
}

TEST_CASE("Recursion without end keeps a small tree, and its sums") {
  Program p(code_base);
  p.label("start").jump("f", ra);
  p.label("f").jump("f", ra);
  Profiled run;
  REQUIRE(run.run(p, {"start", "f"}, 20000) == Stop::budget);
  CHECK(run.profile->nodes().size() < CallProfile::deepest_node + 10);
  CHECK(run.profile->depth() > 5000);
  run.check_sums();
}

TEST_CASE("Time follows the clock that it was spent under") {
  CallProfile profile{FunctionRanges{}};
  profile.start(0x100, {});
  profile.clock_changes(1000, {10, {10, 0, 0, 0}});
  profile.call(0x200, 0x104, 0, 30, 0);
  profile.pause(0, {30, {10, 0, 0, 0}});
  profile.waited(5);
  profile.finish(2000, {45, {10, 0, 0, 0}});
  REQUIRE(profile.nodes().size() == 3);
  CHECK(profile.nodes()[1].own.time_ps == 10 * 1000 + 20 * 2000);
  CHECK(profile.nodes()[2].own.time_ps == 15 * 2000);
  CHECK(profile.nodes()[2].own.wait_ps == 5 * 2000);
}

TEST_CASE("A profile changes neither cycles nor counts nor results") {
  const auto program = [] {
    Program p(code_base);
    p.label("start").li(a0, 12).jump("fibonacci", ra)(wfi);
    p.label("fibonacci").li(t0, 2).branch(6, a0, t0, "end");
    p(addi(sp, sp, -32))(sd(ra, 0, sp))(sd(s0, 8, sp))(sd(a0, 16, sp))(addi(a0, a0, -1)).jump("fibonacci", ra);
    p(addi(s0, a0, 0))(ld(a0, 16, sp))(addi(a0, a0, -2)).jump("fibonacci", ra)(add(a0, a0, s0));
    p(ld(ra, 0, sp))(ld(s0, 8, sp))(addi(sp, sp, 32)).label("end")(ret);
    return p;
  };
  Program first = program(), second = program();
  Machine plain;
  plain.put(first);
  plain.hart.reset(code_base);
  plain.hart.set_x(2, data_base + 0x1000);
  while (plain.hart.run({.cycles = 70}) == Stop::budget) continue;
  Profiled profiled;
  // Short slices: the profile is paused in all kinds of places.
  profiled.run(second, {"start", "fibonacci"}, 0);
  profiled.machine.hart.reset(code_base);
  profiled.machine.hart.set_x(2, data_base + 0x1000);
  const u64 cycles = profiled.machine.hart.cycles(), instructions = profiled.machine.hart.instructions();
  while (profiled.machine.hart.run({.cycles = 70}) == Stop::budget) continue;
  CHECK(plain.hart.x(10) == 144);
  CHECK(profiled.machine.hart.x(10) == 144);
  CHECK(profiled.machine.hart.cycles() - cycles == plain.hart.cycles());
  CHECK(profiled.machine.hart.instructions() - instructions == plain.hart.instructions());
  u64 calls = 0;
  for (const auto& node : profiled.profile->nodes())
    if (node.entry == second.address("fibonacci")) calls += node.calls;
  CHECK(calls == 465);  // 2 F(13) - 1
}
