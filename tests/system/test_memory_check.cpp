// --check-memory: each fault is found once, with function, line and address; sound firmware has none; and the run stays what it is.
#include <catch2/catch.hpp>

#include "program.h"

using namespace spinvp::test;
using namespace spinvp::riscv::test;

namespace {

struct Checked {
  Scratch scratch;
  Outcome outcome;
  std::vector<std::string> findings;

  Checked(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "run");
    arguments.insert(arguments.end(), {"--check-memory", "--out", scratch.path("out")});
    outcome = spinvp::test::spinvp(arguments);
    const nlohmann::json document = report(scratch.path("out"));
    for (const std::string warning : document["warnings"])
      if (warning.find("check-memory: ") != std::string::npos) findings.push_back(warning);
  }
  explicit Checked(int fault) : Checked({"--firmware", SPINVP_FAULTS, "--steps", std::to_string(fault)}) {}
  // There is this finding and no other.
  [[nodiscard]] bool only(const std::string& kind, const std::string& place) const {
    return findings.size() == 1 && findings[0].find("hart0: check-memory: " + kind + ": ") == 0 && findings[0].find(place) != std::string::npos &&
           outcome.err.find("check-memory: 1 finding: 1 " + kind + "\n") != std::string::npos;
  }
};

}  // namespace

TEST_CASE("A read of a local variable that was never set") {
  const Checked run(11);
  INFO(run.outcome.err);
  CHECK(run.only("read of memory never written", "load of 8 bytes at 0x"));
  CHECK(run.findings.at(0).find("read_of (tests/system/firmware/faults.c:") != std::string::npos);
  CHECK(run.findings.at(0).find(" < read_local (tests/system/firmware/faults.c:") != std::string::npos);
  CHECK(run.outcome.status == 0);  // findings are warnings
}

TEST_CASE("A read of free memory that was never set, what was set beside it is sound") {
  const Checked run(12);
  INFO(run.outcome.err);
  CHECK(run.only("read of memory never written", "read_of (tests/system/firmware/faults.c:"));
}

TEST_CASE("A stack overflow, once, where the stack pointer first leaves its stack") {
  const Checked run(13);
  INFO(run.outcome.err);
  CHECK(run.only("stack overflow", "recurse (tests/system/firmware/faults.c:"));
  CHECK(run.findings.at(0).find("below the stack's end") != std::string::npos);
}

TEST_CASE("A write to a constant") {
  const Checked run(14);
  INFO(run.outcome.err);
  CHECK(run.only("write to read-only data", "table+0x8 in .rodata"));
}

TEST_CASE("A fault that firmware deals with is a probe and no finding, one that ends the run is") {
  const Checked handled(15), crash(1);
  INFO(handled.outcome.err);
  CHECK(handled.findings.empty());
  CHECK(handled.outcome.err.find("check-memory: 0 findings\n") != std::string::npos);
  CHECK(crash.only("access to nothing", "store of 4 bytes at 0x0 (null pointer: nothing answers there)"));
  CHECK(crash.outcome.status == 75);
}

TEST_CASE("A stray access: RAM of the program's memory that is none of its sections") {
  Program p(dram);
  p.li(t0, dram + 0x20000).li(t1, 0x100000).li(t2, 0x5555)(sd(zero, 0, t0))(ld(t0, 0, t0))(sw(t2, 0, t1)).label("here").jump("here");
  const Scratch scratch;
  const Checked run({"--firmware", scratch.file("guest.elf", elf_of(p))});
  INFO(run.outcome.err);
  REQUIRE(run.findings.size() == 2);  // the store and the load: two instructions
  CHECK(run.findings[0].find("stray access: store of 8 bytes at 0x80020000 (dram)") != std::string::npos);
  CHECK(run.findings[1].find("stray access: load of 8 bytes at 0x80020000 (dram)") != std::string::npos);
}

namespace {
void has_no_findings_and_is_the_same_run(const std::vector<std::string>& arguments) {
  const Checked run(arguments);
  INFO(run.outcome.err);
  CHECK(run.findings.empty());
  CHECK(run.outcome.status == 0);
  const Scratch plain;
  std::vector<std::string> unwatched = arguments;
  unwatched.insert(unwatched.begin(), "run");
  unwatched.insert(unwatched.end(), {"--out", plain.path("out")});
  CHECK(spinvp::test::spinvp(unwatched).status == 0);
  CHECK(comparable_report(plain.path("out")) == comparable_report(run.scratch.path("out")));
}
}  // namespace

TEST_CASE("Sound firmware that uses every device has no findings, and a watched run is the same run") {
  has_no_findings_and_is_the_same_run({"--app", "bringup"});
}

TEST_CASE("The same with transactions in four phases") { has_no_findings_and_is_the_same_run({"--app", "bringup", "--transport", "at"}); }

TEST_CASE("The same without direct accesses") { has_no_findings_and_is_the_same_run({"--app", "hello", "--set", "dmi=false"}); }
