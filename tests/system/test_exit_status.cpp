// How a run ends and what status the program then has: the contract's table, row by row.
#include <signal.h>

#include <catch2/catch.hpp>

#include "program.h"

using namespace spinvp::test;
using namespace spinvp::riscv::test;

namespace {

constexpr u64 finisher = 0x100000, uart = 0x10000000;

// Stores `value` to the finisher.
Program ends_with(u64 value) {
  Program p(dram);
  p.li(t0, finisher).li(t1, value)(sw(t1, 0, t0)).label("here").jump("here");
  return p;
}

struct Guest {
  Scratch scratch;
  Outcome outcome;
  nlohmann::json report;

  explicit Guest(Program program, const std::vector<std::string>& symbols = {}, const std::vector<std::string>& more = {}) {
    std::vector<std::string> arguments = {"run", "--firmware", scratch.file("guest.elf", elf_of(std::move(program), symbols)), "--out", scratch.path("out")};
    arguments.insert(arguments.end(), more.begin(), more.end());
    outcome = spinvp::test::spinvp(arguments);
    INFO(outcome.err);
    report = spinvp::test::report(scratch.path("out"));
  }
};

}  // namespace

TEST_CASE("A guest that passes gives 0") {
  const Guest guest(ends_with(0x5555));
  CHECK(guest.outcome.status == 0);
  CHECK(guest.report["exit"]["reason"] == "finished");
  CHECK(guest.report["exit"]["code"] == 0);
}

TEST_CASE("A guest's own code is the status up to 63") {
  const Guest guest(ends_with(42u << 16 | 0x3333));
  CHECK(guest.outcome.status == 42);
  CHECK(guest.report["exit"]["reason"] == "guest-code");
  CHECK(guest.report["exit"]["code"] == 42);
}

TEST_CASE("A larger code gives 63, and the report has the true one") {
  const Guest guest(ends_with(200u << 16 | 0x3333));
  CHECK(guest.outcome.status == 63);
  CHECK(guest.report["exit"]["code"] == 200);
}

TEST_CASE("A failure with code 0 gives 1") { CHECK(Guest(ends_with(0x3333)).outcome.status == 1); }

TEST_CASE("An ELF with tohost ends by storing there: 1 passes") {
  Program p(dram);
  p.la(t0, "tohost").li(t1, 1)(sd(t1, 0, t0)).label("here").jump("here").align(64).label("tohost")({0, 0});
  CHECK(Guest(p, {"tohost"}).outcome.status == 0);
}

TEST_CASE("An odd value in tohost fails with half of it as code") {
  Program p(dram);
  p.la(t0, "tohost").li(t1, 7 << 1 | 1)(sd(t1, 0, t0)).label("here").jump("here").align(64).label("tohost")({0, 0});
  const Guest guest(p, {"tohost"});
  CHECK(guest.outcome.status == 7);
  CHECK(guest.report["exit"]["code"] == 7);
}

TEST_CASE("A trap before mtvec was written is a crash") {
  Program p(dram);
  p(0);  // no instruction
  const Guest guest(p);
  CHECK(guest.outcome.status == 75);
  CHECK(guest.report["exit"]["reason"] == "crash");
  CHECK(guest.report["exit"]["code"].is_null());
  CHECK(guest.report["warnings"].size() == 1);
}

TEST_CASE("A trap handler that cannot be fetched is a crash") {
  Program p(dram);
  p.li(t0, 0x40000000)(csrw(0x305, t0))(ecall);
  CHECK(Guest(p).outcome.status == 75);
}

TEST_CASE("The time limit gives 76, at exactly that time") {
  Program p(dram);
  p.label("here").jump("here");
  const Guest guest(p, {}, {"--max-time", "1ms"});
  CHECK(guest.outcome.status == 76);
  CHECK(guest.report["exit"]["reason"] == "time-limit");
  CHECK(guest.report["simulated_s"] == Approx(1e-3).epsilon(1e-12));
}

TEST_CASE("A hart that waits while nothing is left to happen is a deadlock") {
  Program p(dram);
  p.label("here")(wfi).jump("here");
  const Guest guest(p, {}, {"--max-time", "none"});
  CHECK(guest.outcome.status == 77);
  CHECK(guest.report["exit"]["reason"] == "deadlock");
}

TEST_CASE("A hart that sleeps for long until its timer is no deadlock, and time jumps there") {
  Program p(dram);
  // mtimecmp = 100000 ticks of 100 ns; MTIE; wfi goes on without a trap because mstatus.MIE is off.
  p.li(t0, 0x2004000)
      .li(t1, 100000)(sd(t1, 0, t0))
      .li(t1, 0x80)(csrw(0x304, t1))(wfi)
      .li(t0, finisher)
      .li(t1, 0x5555)(sw(t1, 0, t0))
      .label("here")
      .jump("here");
  const Guest guest(p, {}, {"--max-time", "none"});
  CHECK(guest.outcome.status == 0);
  CHECK(guest.report["simulated_s"].get<double>() >= 10e-3);
  CHECK(guest.report["simulated_s"].get<double>() < 10.01e-3);
}

TEST_CASE("The time register follows MTIME when firmware sets it") {
  Program p(dram);
  // MTIME = 25 ticks of 100 ns, then the failure code is what `time` reads within the same tick.
  p.li(t0, 0x200bff8)
      .li(t1, 25)(sd(t1, 0, t0))(csrr(t1, 0xc01))(slli(t1, t1, 16))
      .li(t2, 0x3333)(add(t1, t1, t2))
      .li(t0, finisher)(sw(t1, 0, t0))
      .label("here")
      .jump("here");
  CHECK(Guest(p).outcome.status == 25);
}

TEST_CASE("The time limit holds while everybody sleeps") {
  Program p(dram);
  p.li(t0, 0x2004000).li(t1, 100000)(sd(t1, 0, t0)).li(t1, 0x80)(csrw(0x304, t1))(wfi).label("here").jump("here");
  const Guest guest(p, {}, {"--max-time", "5ms"});
  CHECK(guest.outcome.status == 76);
  CHECK(guest.report["simulated_s"] == Approx(5e-3).epsilon(1e-12));
}

TEST_CASE("The finisher's reset starts the harts again and leaves the memories as they are") {
  Program p(dram);
  // The second time round the word is 1: pass.
  p.la(t2, "word")(lw(a0, 0, t2))
      .li(t0, finisher)
      .branch(1, a0, zero, "again")
      .li(t1, 1)(sw(t1, 0, t2))
      .li(t1, 0x7777)(sw(t1, 0, t0))
      .label("here")
      .jump("here");
  p.label("again").li(t1, 0x5555)(sw(t1, 0, t0)).jump("here").align(8).label("word")({0, 0});
  CHECK(Guest(p).outcome.status == 0);
}

TEST_CASE("The user's interrupt ends the run with a report and 130") {
  Program p(dram);
  p.li(t0, uart).li(t1, 'A')(store(0, t1, 0, t0)).li(t1, '\n')(store(0, t1, 0, t0)).label("here").jump("here");
  const Scratch scratch;
  Running run({"run", "--firmware", scratch.file("guest.elf", elf_of(p)), "--out", scratch.path("out"), "--max-time", "none"});
  run.await("A\n");
  run.signal(SIGINT);
  CHECK(run.finish().status == 130);
  CHECK(report(scratch.path("out"))["exit"]["reason"] == "interrupted");
}

TEST_CASE("Wrong usage gives 64") {
  for (const auto& arguments : std::vector<std::vector<std::string>>{{"no-such-verb"},
                                                                     {"run", "--no-such-option"},
                                                                     {"run", "--steps", "none"},
                                                                     {"run", "--steps", "-1"},
                                                                     {"run", "--max-time", "soon"},
                                                                     {"run", "--max-time", "-1s"},
                                                                     {"run", "--set", "seed"},
                                                                     {"run", "--app", "hello", "--firmware", "x.elf"},
                                                                     {"list"},
                                                                     {"list", "papers"},
                                                                     {"config"},
                                                                     {"config", "--schema", "--defaults"},
                                                                     {"registers"},
                                                                     {"registers", "--format", "pdf"},
                                                                     {"check"}}) {
    INFO(arguments.back());
    const Outcome outcome = spinvp::test::spinvp(arguments);
    CHECK(outcome.status == 64);
    CHECK(outcome.error_lines() == 1);
    CHECK(outcome.out.empty());
  }
}

TEST_CASE("Bad input gives 65 and one line that begins with the place") {
  const Scratch scratch;
  struct Row {
    std::vector<std::string> arguments;
    std::string begin;
  };
  const std::string key = scratch.file("key.yaml", "no_such_key: 1\n"), twice = scratch.file("twice.yaml", "seed: 1\nseed: 2\n"),
                    syntax = scratch.file("syntax.yaml", "a: [1,\n");
  const std::string rubbish = scratch.file("rubbish.elf", std::string(300, 'x')), cut = scratch.file("cut.elf",
                                                                                                     "\x7f"
                                                                                                     "ELF\x02\x01\x01");
  Program elsewhere(0x1000);
  elsewhere(nop);
  for (const Row& row : std::vector<Row>{{{"run", "--config", key}, key + ":1:1: "},
                                         {{"run", "--config", twice}, twice + ":2:1: "},
                                         {{"run", "--config", syntax}, syntax + ":2:1: "},
                                         {{"check", key}, key + ":1:1: "},
                                         {{"run", "--app", "hello", "--set", "no.such.path=1"}, "--set no.such.path=1: "},
                                         {{"run", "--app", "hello", "--set", "devices.dma.base=0x10000000"}, "--set devices.dma.base=0x10000000: "},
                                         {{"run", "--app", "hallo"}, "--app hallo: there is no such app; nearest is 'hello'"},
                                         {{"run", "--firmware", rubbish}, rubbish + ": "},
                                         {{"run", "--firmware", cut}, cut + ": "}}) {
    std::vector<std::string> arguments = row.arguments;
    if (arguments[0] == "run") arguments.insert(arguments.end(), {"--out", scratch.path("out")});
    const Outcome outcome = spinvp::test::spinvp(arguments);
    INFO(outcome.err);
    CHECK(outcome.status == 65);
    CHECK(outcome.error_lines() == 1);
    CHECK(outcome.err.substr(0, row.begin.size()) == row.begin);
    CHECK_FALSE(std::filesystem::exists(scratch.path("out")));
  }
}

TEST_CASE("Files that cannot be read or written give 74") {
  const Scratch scratch;
  for (const auto& arguments : std::vector<std::vector<std::string>>{{"run", "--config", scratch.path("absent.yaml")},
                                                                     {"run", "--firmware", scratch.path("absent.elf")},
                                                                     {"run", "--app", "hello", "--out", "/proc/none"},
                                                                     {"run", "--app", "hello", "--dataset", scratch.path("absent")},
                                                                     {"check", scratch.path("absent.yaml")}}) {
    const Outcome outcome = spinvp::test::spinvp(arguments);
    INFO(outcome.err);
    CHECK(outcome.status == 74);
    CHECK(outcome.error_lines() == 1);
  }
}

TEST_CASE("A folder that the program did not write is left alone") {
  const Scratch scratch;
  std::filesystem::create_directory(scratch.path("mine"));
  const std::string keep = scratch.file("mine/keep.txt", "mine");
  CHECK(spinvp::test::spinvp({"run", "--app", "hello", "--out", scratch.path("mine")}).status == 74);
  CHECK(contents(keep) == "mine");
  CHECK(std::distance(std::filesystem::directory_iterator(scratch.path("mine")), std::filesystem::directory_iterator()) == 1);
}

TEST_CASE("A verb that does not exist is wrong usage, also when its help is asked for") {
  CHECK(spinvp::test::spinvp({"memoryy", "--help"}).status == 64);
  CHECK(spinvp::test::spinvp({"run", "--help"}).status == 0);
}
