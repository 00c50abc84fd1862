// Which words go to which stream.
#include <catch2/catch.hpp>

#include "program.h"

using namespace spinvp::test;

TEST_CASE("With --json stdout holds the report and nothing else, and the guest's words go to uart.log alone") {
  const Scratch scratch;
  const Outcome outcome = spinvp::test::spinvp({"run", "--app", "hello", "--json", "--out", scratch.path("out")});
  CHECK(outcome.status == 0);
  CHECK(nlohmann::json::parse(outcome.out) == report(scratch.path("out")));
  CHECK_FALSE(contents(scratch.path("out/uart.log")).empty());
}

TEST_CASE("The table at the end goes to stderr and names the reports, and -q keeps it away") {
  const Scratch scratch;
  const Outcome loud = spinvp::test::spinvp({"run", "--app", "hello", "--out", scratch.path("out")});
  CHECK(loud.err.find("simulated time") != std::string::npos);
  CHECK(loud.err.find(scratch.path("out") + "/report.json") != std::string::npos);
  const Outcome quiet = spinvp::test::spinvp({"-q", "run", "--app", "hello", "--out", scratch.path("out")});
  CHECK(quiet.err.empty());
  CHECK(quiet.out == loud.out);
}

TEST_CASE("SystemC's banner and its notices are seen nowhere") {
  const Scratch scratch;
  const Outcome outcome = spinvp::test::spinvp({"run", "--app", "hello", "--out", scratch.path("out")});
  for (const std::string* stream : {&outcome.out, &outcome.err}) {
    CHECK(stream->find("SystemC") == std::string::npos);
    CHECK(stream->find("Info:") == std::string::npos);
  }
}

TEST_CASE("A message of a model carries simulated time and the component's path") {
  using namespace spinvp::riscv::test;
  Program p(dram);
  p.la(t0, "handler")(csrw(0x305, t0))
      .li(t0, 0x50000000)(lw(t1, 0, t0))
      .align(4)
      .label("handler")
      .li(t0, 0x100000)
      .li(t1, 0x5555)(sw(t1, 0, t0))
      .label("here")
      .jump("here");
  const Scratch scratch;
  const Outcome outcome = spinvp::test::spinvp({"run", "--firmware", scratch.file("guest.elf", elf_of(p)), "--out", scratch.path("out")});
  CHECK(outcome.status == 0);
  CHECK(outcome.err.find(" us interconnect: read of 4 bytes at 0x50000000 by hart0") != std::string::npos);
}
