// What a firmware engineer sees of a crash: the trap by name, what lies at the address, registers, and who called whom with lines.
#include <catch2/catch.hpp>

#include <fstream>
#include <regex>

#include "program.h"

using namespace spinvp::test;
using namespace spinvp::riscv::test;

namespace {

// The number of the line that carries the mark.
std::string line_of(const std::string& file, const std::string& mark) {
  std::ifstream source(std::string(SPINVP_FIRMWARE_SOURCES "/") + file);
  std::string text;
  for (int line = 1; std::getline(source, text); ++line)
    if (text.find("HERE: " + mark) != std::string::npos) return "tests/system/firmware/" + file + ":" + std::to_string(line);
  FAIL("no mark " << mark << " in " << file);
  return "";
}

struct Fault {
  Scratch scratch;
  Outcome outcome;
  nlohmann::json report;

  explicit Fault(int number) {
    outcome = spinvp::test::spinvp({"run", "--firmware", SPINVP_FAULTS, "--steps", std::to_string(number), "--out", scratch.path("out")});
    report = spinvp::test::report(scratch.path("out"));
  }
  // A frame of the backtrace on stderr.
  [[nodiscard]] bool has_frame(int number, const std::string& function, const std::string& place) const {
    const std::regex frame("#" + std::to_string(number) + " +0x[0-9a-f]+ " + function + " \\(" + place + "\\)\n");
    return std::regex_search(outcome.err, frame);
  }
  [[nodiscard]] bool says(const std::string& text) const { return outcome.err.find(text) != std::string::npos; }
};

}  // namespace

TEST_CASE("A store through a null pointer, deep in calls: 75, the fault by name, registers, and every caller with its line") {
  const Fault fault(1);
  INFO(fault.outcome.err);
  CHECK(fault.outcome.status == 75);
  CHECK(fault.report["exit"]["reason"] == "crash");
  CHECK(fault.says("crash of hart0: store access fault at address 0x0 (null pointer: nothing answers there)\n"));
  CHECK(fault.has_frame(0, "store_at", line_of("faults.c", "store_at")));
  CHECK(fault.has_frame(1, "middle", line_of("faults.c", "middle")));
  CHECK(fault.has_frame(2, "outer", line_of("faults.c", "outer")));
  CHECK(fault.has_frame(3, "firmware_main", "firmware/startup/main.c:[0-9]+"));
  CHECK(fault.has_frame(4, "_start", "firmware/startup/crt0.S:[0-9]+"));
  CHECK_FALSE(fault.says("#5 "));
  CHECK_FALSE(fault.says(" ? "));
  // The registers are those of the store: its value and its address.
  CHECK(fault.says("  a0 0000000000000000"));
  CHECK(fault.says("  a1 0000000000000007"));
  // The report says it in one line.
  REQUIRE(fault.report["warnings"].size() == 1);
  const std::string warning = fault.report["warnings"][0];
  CHECK(warning.find("store_at (" + line_of("faults.c", "store_at") + ") < middle (" + line_of("faults.c", "middle") + ") < outer") != std::string::npos);
}

TEST_CASE("A trap inside the trap handler is reported where it happened") {
  const Fault fault(2);
  INFO(fault.outcome.err);
  CHECK(fault.outcome.status == 75);
  CHECK(fault.says("store access fault at address 0x10 (null pointer"));
  CHECK(fault.has_frame(0, "store_at", line_of("faults.c", "store_at")));
  CHECK(fault.has_frame(1, "trap_again", line_of("faults.c", "trap_again")));
  CHECK(fault.has_frame(2, "trap_dispatch", "firmware/startup/trap.c:[0-9]+"));
  CHECK(fault.has_frame(3, "trap_entry", "firmware/startup/crt0.S:[0-9]+"));
  CHECK_FALSE(fault.says("#4 "));
}

TEST_CASE("Firmware that ends itself in its handler keeps its code, and the trap is reported all the same") {
  const Fault fault(3);
  INFO(fault.outcome.err);
  CHECK(fault.outcome.status == 5);
  CHECK(fault.report["exit"]["reason"] == "guest-code");
  CHECK(fault.says("trap of hart0: store access fault at address 0x0"));
  CHECK(fault.has_frame(2, "outer", line_of("faults.c", "outer")));
}

TEST_CASE("A jump to nowhere is found by who jumped") {
  const Fault fault(4);
  INFO(fault.outcome.err);
  CHECK(fault.outcome.status == 75);
  CHECK(fault.says("instruction access fault at address 0x40000000 (nothing answers there)"));
  CHECK(fault.has_frame(1, "jump_to", line_of("faults.c", "jump_to")));
  CHECK(fault.says("#0  0x40000000 (no function)\n"));
}

TEST_CASE("An interrupt that nobody takes is a crash as well") {
  const Fault fault(5);
  INFO(fault.outcome.err);
  CHECK(fault.outcome.status == 75);
  CHECK(fault.says("crash of hart0: machine software interrupt\n"));
}

TEST_CASE("A file without symbols still gives numbers, and a fault in a device its name") {
  Program p(dram);
  p.li(t0, 0x10010000 + 0xff0)(sd(zero, 3, t0));
  const Scratch scratch;
  const Outcome outcome = spinvp::test::spinvp({"run", "--firmware", scratch.file("guest.elf", elf_of(p)), "--out", scratch.path("out")});
  INFO(outcome.err);
  CHECK(outcome.status == 75);
  CHECK(outcome.err.find("crash of hart0: store access fault at address 0x10010ff3 (npu+0xff3)\n") != std::string::npos);
  CHECK(outcome.err.find("no trap handler, mtvec was never written") != std::string::npos);
  CHECK(outcome.err.find("  #0  0x8000002c (no function)\n") != std::string::npos);
}
