// What firmware sees of errors in the on-chip memory: nothing where a code corrects them, a load access fault or an interrupt where it cannot, wrong data where there is none.
#include <catch2/catch.hpp>

#include <cmath>
#include <functional>

#include "models/memory/ecc.h"
#include "program.h"

using namespace spinvp::test;
using namespace spinvp::riscv::test;

namespace {

constexpr u64 onchip = 0x20'0000'0000, finisher = 0x100000, plic = 0xc00'0000, registers = 0x1006'0000, irq = 36;
constexpr u64 words = 16384;  // of 8 bytes
constexpr double stuck = 1e-3;

// Fills the words with their addresses, then loads them: s2 counts those that differ, the trap handler what it likes in s3. Ends with s3 as exit code, or with 60 where words
// differ that may not.
Program check_words(const std::function<void(Program&)>& before, const std::function<void(Program&)>& handler, bool may_differ) {
  Program p(dram);
  p.la(t0, "handler")(csrw(0x305, t0)).li(s2, 0).li(s3, 0).li(s4, 0);
  before(p);
  p.li(s0, onchip).li(s1, onchip + 8 * words).label("fill")({sd(s0, 0, s0), addi(s0, s0, 8)}).branch(6, s0, s1, "fill");
  p.li(s0, onchip)
      .label("check")({addi(t1, s0, 0), ld(t1, 0, s0)})
      .branch(0, t1, s0, "right")(addi(s2, s2, 1))
      .label("right")(addi(s0, s0, 8))
      .branch(6, s0, s1, "check");
  p({nop, nop});
  if (!may_differ) p.branch(0, s2, zero, "good").li(s3, 60).label("good");
  p({slli(s3, s3, 16)}).li(t1, 0x3333)(add(t1, t1, s3)).li(t0, finisher)(sw(t1, 0, t0)).label("here").jump("here");
  p.align(4).label("handler");
  handler(p);
  return p;
}

struct Run {
  Scratch scratch;
  Outcome outcome;
  nlohmann::json memory;
  Run(const Program& program, std::vector<std::string> settings) {
    std::vector<std::string> arguments = {"run", "--firmware", scratch.file("guest.elf", elf_of(program)), "--out", scratch.path("out")};
    for (const std::string& s : settings) arguments.insert(arguments.end(), {"--set", "devices.onchip." + s});
    outcome = spinvp::test::spinvp(arguments);
    INFO(outcome.err.substr(0, 2000));
    memory = report(scratch.path("out"))["memory"]["onchip"];
  }
};

const auto no_set_up = [](Program&) {};
// Counts load access faults (cause 5) and goes on behind them; the loaded register keeps the address, so the word counts as right.
const auto count_faults = [](Program& p) {
  p({csrr(t2, 0x342), addi(t3, zero, 5)}).branch(1, t2, t3, "other")({addi(s3, s3, 1), csrr(t2, 0x341), addi(t2, t2, 4), csrw(0x341, t2), mret});
  p.label("other").li(t0, finisher).li(t1, 61u << 16 | 0x3333)(sw(t1, 0, t0)).label("over").jump("over");
};

void check_words_that_fail(double found) {
  // A stuck cell is wrong half of the time; two or more of 72.
  const double expected = words * spinvp::memory::word_failure(72, 1, stuck / 2);
  CHECK(std::abs(found - expected) < 4 * std::sqrt(expected));
}

}  // namespace

TEST_CASE("Errors that the code corrects are invisible to firmware, those that it cannot are load access faults") {
  const Run run(check_words(no_set_up, count_faults, false), {"ecc=secded", "faults.stuck=0.001"});
  const auto faults = run.memory["uncorrectable"].get<double>();
  CHECK(run.outcome.status == static_cast<int>(faults));
  check_words_that_fail(faults);
  // Words with one wrong bit of 72, met once each.
  const double one = words * (1 - std::pow(1 - stuck / 2, 72));
  CHECK(std::abs(run.memory["corrected"].get<double>() - one) < 4 * std::sqrt(one));
  CHECK(run.memory["bit_errors_injected"].get<double>() > run.memory["corrected"].get<double>());
  CHECK(run.memory["retention_failures"] == 0);
  CHECK(run.outcome.err.find("more wrong bits than secded corrects") != std::string::npos);
}

TEST_CASE("The same run has the same errors, with pointers and without") {
  const Program program = check_words(no_set_up, count_faults, false);
  const std::vector<std::string> settings = {"ecc=secded", "faults.stuck=0.0005", "faults.write_0_to_1=1e-5", "faults.retention_loss=1e-2"};
  const Run a(program, settings), again(program, settings);
  CHECK(a.memory == again.memory);
  CHECK(a.outcome.status == again.outcome.status);
  std::vector<std::string> arguments = {"run",   "--firmware", a.scratch.file("guest.elf", elf_of(program)), "--out", a.scratch.path("slow"),
                                        "--set", "dmi=false"};
  for (const std::string& s : settings) arguments.insert(arguments.end(), {"--set", "devices.onchip." + s});
  CHECK(spinvp::test::spinvp(arguments).status == a.outcome.status);
  CHECK(report(a.scratch.path("slow"))["memory"]["onchip"] == a.memory);
}

TEST_CASE("Without a code firmware reads the wrong bits") {
  const Run run(check_words(no_set_up, count_faults, false), {"faults.stuck=0.001"});
  CHECK(run.outcome.status == 60);
  CHECK(run.memory["corrected"] == 0);
  const double wrong = words * 64 * stuck / 2;
  CHECK(std::abs(run.memory["bit_errors_injected"].get<double>() - wrong) < 4 * std::sqrt(wrong));
}

TEST_CASE("An uncorrectable word can raise an interrupt, and firmware finds its address in a register") {
  const auto enable = [](Program& p) {
    // Priority 1, enabled for context 0; external interrupts on.
    p.li(t0, plic + 4 * irq).li(t1, 1)(sw(t1, 0, t0)).li(t0, plic + 0x2000 + irq / 32 * 4).li(t1, 1u << (irq % 32))(sw(t1, 0, t0));
    p.li(t0, 0x800)(csrrs(zero, 0x304, t0))(csrrsi(zero, 0x300, 8));
  };
  const auto claim = [](Program& p) {
    p.li(t4, plic + 0x200004)(lw(t5, 0, t4)).li(t0, registers)({ld(s4, 8, t0), addi(t2, zero, 1), sw(t2, 0, t0), sw(t5, 0, t4)});
    // The address is that of the word being looked at: s0 = base + offset.
    p.li(t2, onchip)(add(t2, t2, s4)).branch(1, t2, s0, "elsewhere")(addi(s3, s3, 1)).label("elsewhere")(mret);
  };
  const Run run(check_words(enable, claim, true), {"ecc=secded", "faults.stuck=0.001", "uncorrectable=interrupt", "ecc_registers=0x1006_0000", "irq=36"});
  CHECK(run.outcome.status == run.memory["uncorrectable"].get<int>());
  check_words_that_fail(run.memory["uncorrectable"].get<double>());
}

TEST_CASE("An interrupt for uncorrectable words needs a number") {
  const Scratch scratch;
  const Outcome outcome = spinvp::test::spinvp({"run", "--firmware", scratch.file("guest.elf", elf_of(check_words(no_set_up, count_faults, false))), "--out",
                                                scratch.path("out"), "--set", "devices.onchip.ecc=secded", "--set", "devices.onchip.uncorrectable=interrupt",
                                                "--set", "devices.onchip.ecc_registers=0x1006_0000"});
  CHECK(outcome.status == 65);
  CHECK(outcome.error_lines() == 1);
  CHECK(outcome.err.find("device 'onchip' has uncorrectable: interrupt, but irq 0; allowed is a number of the interrupt controller") != std::string::npos);
}

TEST_CASE("A memory without faults reports nothing of them") {
  const Run run(check_words(no_set_up, count_faults, false), {});
  for (const char* name : {"bit_errors_injected", "corrected", "uncorrectable", "retention_failures"}) CHECK(run.memory[name].is_null());
  CHECK(run.outcome.status == 1);  // 0x3333 with code 0
}
