// Guests that lost their way, and files that are no guests: each ends with its status of the contract, never with a hang.
#include <catch2/catch.hpp>

#include "program.h"
#include "tests/unit/platform/elf_writer.h"

using namespace spinvp::test;
using namespace spinvp::riscv::test;

namespace {

constexpr u64 finisher = 0x100000, nowhere = 0x40000000;
constexpr u32 mtvec = 0x305, mie = 0x304;

struct Ended {
  Outcome outcome;
  nlohmann::json exit;
};

Ended run(Program program, const std::vector<std::string>& more = {}) {
  const Scratch scratch;
  std::vector<std::string> arguments = {"run", "--firmware", scratch.file("guest.elf", elf_of(std::move(program))), "--out", scratch.path("out")};
  arguments.insert(arguments.end(), more.begin(), more.end());
  Ended ended;
  ended.outcome = spinvp::test::spinvp(arguments);
  ended.exit = report(scratch.path("out"))["exit"];
  return ended;
}

void ends(const Ended& ended, int status, const std::string& reason) {
  INFO(ended.outcome.err);
  CHECK(ended.outcome.status == status);
  CHECK(ended.exit["reason"] == reason);
}

// One line with the file's name and these words, status 65, and no output folder.
void refused(const std::string& bytes, const std::string& words) {
  const Scratch scratch;
  const std::string file = scratch.file("guest.elf", bytes);
  const Outcome outcome = spinvp::test::spinvp({"run", "--firmware", file, "--out", scratch.path("out")});
  INFO(outcome.err);
  CHECK(outcome.status == 65);
  CHECK(outcome.error_lines() == 1);
  CHECK(outcome.err.substr(0, file.size() + 2) == file + ": ");
  CHECK(outcome.err.find(words) != std::string::npos);
  CHECK_FALSE(std::filesystem::exists(scratch.path("out")));
}

ElfWriter good() { return ElfWriter().segment(dram, std::string("\x6f\x00\x00\x00", 4)); }

}  // namespace

TEST_CASE("A wild jump without a handler is a crash") {
  for (const u64 target : {nowhere, u64{0}, ~u64{1}, dram - 4, u64{0x10000000}}) {  // the last is a device
    INFO(target);
    Program p(dram);
    p.li(t0, target)(jalr(zero, t0, 0));
    ends(run(p), 75, "crash");
  }
}

TEST_CASE("A wild jump with a handler is the handler's to answer") {
  Program p(dram);
  p.la(t0, "handler")(csrw(mtvec, t0)).li(t0, nowhere)(jalr(zero, t0, 0));
  // The code is the cause: 1, an instruction access fault.
  p.align(4).label("handler")(csrr(a0, 0x342))(slli(a0, a0, 16)).li(t1, 0x3333)(add(t1, t1, a0)).li(t0, finisher)(sw(t1, 0, t0)).label("here").jump("here");
  ends(run(p), 1, "guest-code");
}

TEST_CASE("A handler that traps for ever ends at the time limit") {
  Program p(dram);
  p.la(t0, "handler")(csrw(mtvec, t0)).align(4).label("handler")(0);  // no instruction
  const Ended ended = run(p, {"--max-time", "1ms"});
  ends(ended, 76, "time-limit");
  // A trap takes time, whatever is said of it.
  ends(run(p, {"--max-time", "1us", "--set", "harts.cycles.trap=1"}), 76, "time-limit");
  const Scratch scratch;
  const std::string file = scratch.file("guest.elf", elf_of(p));
  CHECK(spinvp::test::spinvp({"run", "--firmware", file, "--set", "harts.cycles.trap=0", "--out", scratch.path("out")}).status == 65);
}

TEST_CASE("A handler that returns to what trapped ends at the time limit") {
  Program p(dram);
  p.la(t0, "handler")(csrw(mtvec, t0))(ecall).align(4).label("handler")(mret);
  ends(run(p, {"--max-time", "1ms"}), 76, "time-limit");
}

TEST_CASE("A hart that sleeps for ever is a deadlock, with every interrupt enabled as without") {
  for (const u64 enabled : {u64{0}, u64{0xfff}}) {
    Program p(dram);
    p.la(t0, "handler")(csrw(mtvec, t0)).li(t0, enabled)(csrw(mie, t0))(csrrsi(zero, 0x300, 8)).label("here")(wfi).jump("here");
    p.align(4).label("handler").jump("handler");
    ends(run(p, {"--max-time", "none"}), 77, "deadlock");
  }
}

TEST_CASE("A file that is no guest of this machine is refused with the reason") {
  const std::string whole = good().bytes();
  refused("", "is not an ELF file");
  refused(whole.substr(0, 40), "is not an ELF file");
  refused(whole.substr(0, whole.size() - 1), "ends beyond the file");
  ElfWriter other = good();
  other.header.e_machine = EM_X86_64;
  refused(other.bytes(), "is for machine 62; allowed is RISC-V (243)");
  refused(good().segment(dram + 2, "xx").bytes(), "overlap");
  refused(good().segment(dram + 0x1000, "x", u64{1} << 40).bytes(), "lies in no memory; allowed");  // larger than the memory
  refused(good().segment(nowhere, "x").bytes(), "");                                                // outside of it
  refused(good().segment(dram + 0x1000, "x", ~u64{0} - 0xfff).bytes(), "wraps around");
}
