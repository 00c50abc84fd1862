// Several harts: the firmware's interface to them, inter-processor interrupts, and an interleaving that is the same in every run.
#include <catch2/catch.hpp>

#include <fmt/format.h>

#include "program.h"

using namespace spinvp::test;

namespace {

constexpr const char* answer(unsigned harts) {
  switch (harts) {
    case 1: return "harts    1\nsum      22898104320\nadded    500\nlinked   500\nlocked   500\ncode     12\n";
    case 4: return "harts    4\nsum      22898104320\nadded    2000\nlinked   2000\nlocked   2000\ncode     12\n";
    default: return "harts    8\nsum      22898104320\nadded    4000\nlinked   4000\nlocked   4000\ncode     12\n";
  }
}

Outcome run_harts(unsigned count, const std::string& out, const std::string& setting = "seed=1") {
  return spinvp::test::spinvp({"-q", "run", "--app", "harts", "--set", fmt::format("harts.count={}", count), "--set", setting, "--out", out});
}

}  // namespace

TEST_CASE("1, 4 and 8 harts share work that hart 0 gives them by inter-processor interrupts") {
  const Scratch scratch;
  for (const unsigned count : {1u, 4u, 8u}) {
    const Outcome outcome = run_harts(count, scratch.path("out"));
    INFO(count << ": " << outcome.err);
    CHECK(outcome.status == 0);
    CHECK(outcome.out == answer(count));
    const auto harts = report(scratch.path("out")).at("harts");
    REQUIRE(harts.size() == count);
    for (const auto& hart : harts) CHECK(hart.at("instructions") > 1000);  // each did its part
  }
}

TEST_CASE("Four harts interleave in the same way in every run, with and without direct memory access") {
  const Scratch scratch;
  for (const char* name : {"a", "b"}) REQUIRE(run_harts(4, scratch.path(name)).status == 0);
  REQUIRE(run_harts(4, scratch.path("slow"), "dmi=false").status == 0);
  CHECK(comparable_report(scratch.path("a")) == comparable_report(scratch.path("b")));
  const auto fast = report(scratch.path("a")), slow = report(scratch.path("slow"));
  for (const char* key : {"harts", "simulated_s", "memory", "totals"}) CHECK(fast.at(key) == slow.at(key));
}

TEST_CASE("At any quantum, and approximately timed, harts lose no count") {
  const Scratch scratch;
  for (const char* setting : {"quantum=20ns", "quantum=1ms", "transport=at"}) {
    const Outcome outcome = run_harts(4, scratch.path("out"), setting);
    INFO(setting << ": " << outcome.err);
    CHECK(outcome.status == 0);
    CHECK(outcome.out == answer(4));
  }
}

TEST_CASE("Harts that the program gives nothing to sleep, and do not keep it from ending") {
  const Scratch scratch;
  const Outcome outcome = spinvp::test::spinvp({"-q", "run", "--app", "hello", "--set", "harts.count=8", "--out", scratch.path("out")});
  CHECK(outcome.status == 0);
  const auto harts = report(scratch.path("out")).at("harts");
  REQUIRE(harts.size() == 8);
  CHECK(harts[7].at("instructions") < 20);
}

TEST_CASE("More than eight harts are refused, and the message says what is allowed") {
  const Scratch scratch;
  const Outcome outcome = run_harts(9, scratch.path("out"));
  CHECK(outcome.status == 65);
  CHECK(outcome.err.find("harts.count") != std::string::npos);
}
