// What firmware sees when it switches the on-chip memory through the power manager.
#include <catch2/catch.hpp>

#include "program.h"

using namespace spinvp::test;
using namespace spinvp::riscv::test;

namespace {

constexpr u64 finisher = 0x100000, power = 0x10040000, onchip = 0x2000000000;
enum State : u64 { on = 0, retention = 2, off = 3 };
constexpr u64 onchip_in_letters = 0x7069'6863'6e6f;  // "onchip", the first character in the lowest byte

// Ends with the code in a0.
void end(Program& p) { p(slli(a0, a0, 16)).li(t4, 0x3333)(add(a0, a0, t4)).li(t0, finisher)(sw(a0, 0, t0)).label("here").jump("here"); }

// t1: STATE of the on-chip memory. t2: a place in it, which holds 0x1234567 from now on. A trap ends with 20 + its cause.
Program begin() {
  Program p(dram);
  p.la(t0, "trap")(csrw(0x305, t0)).li(t0, power).li(t2, onchip_in_letters).li(t1, 0);
  p.label("next")(sw(t1, 4, t0))(ld(t3, 0x28, t0)).branch(0, t3, t2, "found")(addi(t1, t1, 1)).jump("next");
  p.label("found")(slli(t1, t1, 2))(add(t1, t1, t0))(addi(t1, t1, 0x100));
  return p.li(t2, onchip + 0x5000).li(t3, 0x1234567)(sw(t3, 0, t2));
}
Program& put(Program& p, State state) { return p.li(t4, state)(sw(t4, 0, t1)); }

// Through `state` and back on: 1 where the value is still there, 2 where it is not.
Program survives(State state) {
  Program p = begin();
  put(p, state);
  put(p, on)(lw(t5, 0, t2)).li(a0, 1).branch(0, t5, t3, "kept").li(a0, 2).label("kept");
  end(p);
  p.align(4).label("trap").jump("trap");
  return p;
}

struct Run {
  Outcome outcome;
  double seconds;
};
Run run(const Program& program, const std::vector<std::string>& sets) {
  const Scratch scratch;
  std::vector<std::string> arguments = {"run", "--firmware", scratch.file("guest.elf", elf_of(program)), "--out", scratch.path("out"), "--max-time", "10ms"};
  for (const std::string& set : sets) arguments.insert(arguments.end(), {"--set", set});
  Run r{spinvp::test::spinvp(arguments), 0};
  INFO(r.outcome.err);
  r.seconds = report(scratch.path("out"))["simulated_s"];
  return r;
}

}  // namespace

TEST_CASE("Firmware finds MRAM as it left it after off, and SRAM after retention alone") {
  for (const char* technology : {"sot", "stt", "sram"}) {
    const std::string set = std::string("devices.onchip.technology=") + technology;
    INFO(technology);
    CHECK(run(survives(retention), {set}).outcome.status == 1);
    CHECK(run(survives(off), {set}).outcome.status == (std::string(technology) == "sram" ? 2 : 1));
  }
}

TEST_CASE("An access to a memory that is off or in retention is an access fault") {
  for (const State state : {retention, off}) {
    Program p = begin();
    put(p, state)(lw(t5, 0, t2)).li(a0, 1).jump("end");
    p.align(4).label("trap")(csrr(a0, 0x342))(addi(a0, a0, 20)).label("end");
    end(p);
    CHECK(run(p, {}).outcome.status == 20 + 5);  // load access fault
  }
}

TEST_CASE("Firmware's first access after off or retention waits until the memory is awake") {
  const auto seconds = [](State state, const char* off_wake, const char* retention_wake) {
    return run(survives(state), {std::string("devices.onchip.wake_from_off=") + off_wake, std::string("devices.onchip.wake_from_retention=") + retention_wake})
        .seconds;
  };
  const double at_once = seconds(off, "0ns", "0ns");
  CHECK(seconds(off, "100us", "50us") - at_once == Approx(100e-6).epsilon(1e-3));
  CHECK(seconds(retention, "100us", "50us") - at_once == Approx(50e-6).epsilon(1e-3));
  CHECK(seconds(retention, "100us", "0ns") - at_once == Approx(100e-6).epsilon(1e-3));  // 0: as from off
}
