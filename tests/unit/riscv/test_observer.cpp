// The observer of instructions: what it is told, in Spike's form, and that it changes nothing.
#include <catch2/catch.hpp>

#include <sstream>

#include <fmt/format.h>

#include "models/riscv/commit_log.h"
#include "tests/unit/riscv/machine.h"

using namespace spinvp::riscv;
using namespace spinvp::riscv::test;

namespace {

// As riscv-isa-sim's commit_log_print_insn() would print these: its columns, its order of registers, reads before writes.
std::string trace_of(Machine& machine, Program& p) {
  std::ostringstream out;
  CommitLog log(out);
  machine.hart.observe(&log);
  machine.start(p);
  machine.hart.observe(nullptr);
  return out.str();
}

std::vector<std::string> lines_of(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

// Everything after the instruction's word.
std::string effects(const std::string& line) { return line.substr(line.find(')') + 1); }

constexpr u32 amoadd_w(u32 rd, u32 rs2, u32 rs1) { return r_type(0, rs2, rs1, 2, rd, 0x2f); }
constexpr u32 sc_w(u32 rd, u32 rs2, u32 rs1) { return r_type(0x0c, rs2, rs1, 2, rd, 0x2f); }
constexpr u32 lr_w(u32 rd, u32 rs1) { return r_type(0x08, 0, rs1, 2, rd, 0x2f); }
constexpr u32 fadd_s(u32 rd, u32 rs1, u32 rs2) { return r_type(0, rs2, rs1, 0, rd, 0x53); }
constexpr u32 fmv_w_x(u32 rd, u32 rs1) { return r_type(0x78, 0, rs1, 0, rd, 0x53); }

}  // namespace

TEST_CASE("each line has hart, privilege, pc, word and what was written") {
  Machine machine;
  Program p(code_base);
  p({addi(t0, zero, 5), addi(zero, zero, 1), addi(s10, t0, -6), wfi});
  CHECK(trace_of(machine, p) ==
        "core   0: 3 0x0000000080000000 (0x00500293) x5  0x0000000000000005\n"
        "core   0: 3 0x0000000080000004 (0x00100013)\n"
        "core   0: 3 0x0000000080000008 (0xffa28d13) x26 0xffffffffffffffff\n"
        "core   0: 3 0x000000008000000c (0x10500073)\n");
}

TEST_CASE("loads name their address, stores the value as well, in its own width") {
  Machine machine;
  Program p(code_base);
  p.li(a0, data_base).li(a1, 0x1122334455667788);
  const std::size_t before = 2 * Program::li_instructions;
  p({sd(a1, 8, a0), store(0, a1, 0, a0), store(1, a1, 2, a0), sw(a1, 4, a0), lw(a0, 8, a0), wfi});
  const auto lines = lines_of(trace_of(machine, p));
  REQUIRE(lines.size() == before + 6);
  CHECK(effects(lines[before]) == " mem 0x0000000080010008 0x1122334455667788");
  CHECK(effects(lines[before + 1]) == " mem 0x0000000080010000 0x88");
  CHECK(effects(lines[before + 2]) == " mem 0x0000000080010002 0x7788");
  CHECK(effects(lines[before + 3]) == " mem 0x0000000080010004 0x55667788");
  CHECK(effects(lines[before + 4]) == " x10 0x0000000055667788 mem 0x0000000080010008");
}

TEST_CASE("atomics read and write; a store-conditional without reservation does neither") {
  Machine machine;
  machine.set_word(data_base, 0xfffffffe, 4);
  Program p(code_base);
  p.li(a0, data_base)({addi(a1, zero, 3), amoadd_w(a2, a1, a0), sc_w(a3, a1, a0), lr_w(a2, a0), sc_w(a3, a1, a0), wfi});
  const auto lines = lines_of(trace_of(machine, p));
  constexpr std::size_t at = Program::li_instructions + 1;
  CHECK(effects(lines[at]) == " x12 0xfffffffffffffffe mem 0x0000000080010000 mem 0x0000000080010000 0x00000001");
  CHECK(effects(lines[at + 1]) == " x13 0x0000000000000001");
  CHECK(effects(lines[at + 2]) == " x12 0x0000000000000001 mem 0x0000000080010000");
  CHECK(effects(lines[at + 3]) == " x13 0x0000000000000000 mem 0x0000000080010000 0x00000003");
}

TEST_CASE("CSRs have number and name; singles are NaN-boxed; flags are a write of fflags") {
  Machine machine;
  Program p(code_base);
  with_float(p);
  p.li(t1, 0x3f800000).li(t2, 0x33000000);  // 1 and 2^-25: their sum is inexact
  const std::size_t at = 2 + 2 * Program::li_instructions;
  p({fmv_w_x(1, t1), fmv_w_x(2, t2), fadd_s(5, 1, 2), csrrw(a0, 0x003, zero), csrrw(a1, 0x340, t1), wfi});
  const auto lines = lines_of(trace_of(machine, p));
  CHECK(effects(lines[1]).substr(0, 14) == " c768_mstatus ");
  CHECK(effects(lines[at]) == " f1  0xffffffff3f800000");
  CHECK(effects(lines[at + 2]) == " c1_fflags 0x0000000000000001 f5  0xffffffff3f800000");
  CHECK(effects(lines[at + 3]) == " c1_fflags 0x0000000000000000 c2_frm 0x0000000000000000 x10 0x0000000000000001");
  CHECK(effects(lines[at + 4]) == " x11 0x0000000000000000 c832_mscratch 0x000000003f800000");
}

TEST_CASE("a write counts as one where Spike counts it: not for counters and triggers that are not there, nor for a locked address") {
  constexpr u32 mhpmcounter3 = 0xb03, mhpmevent3 = 0x323, tselect = 0x7a0, tdata1 = 0x7a1, pmpcfg0 = 0x3a0, pmpcfg4 = 0x3a4, pmpaddr0 = 0x3b0,
                pmpaddr16 = 0x3c0;
  constexpr u64 lock_entry_1 = 0x8000, lock_entry_1_as_tor = 0x8800;
  Machine machine;
  Program p(code_base);
  p({csrw(mhpmcounter3, t0), csrw(mhpmevent3, t0), csrw(tselect, t0), csrw(tdata1, t0), csrw(pmpcfg4, t0), csrw(pmpaddr16, t0), csrrw(a0, mhpmcounter3, t0)});
  auto lines = lines_of(trace_of(machine, p(wfi)));
  // As riscv-isa-sim 1.1.1-dev prints them with --priv=mu --triggers=0.
  CHECK(effects(lines[0]).empty());
  CHECK(effects(lines[1]) == " c803_mhpmevent3 0x0000000000000000");
  CHECK(effects(lines[2]) == " c1952_tselect 0x0000000000000000");
  CHECK(effects(lines[3]).empty());
  CHECK(effects(lines[4]).empty());
  CHECK(effects(lines[5]) == " c960_pmpaddr16 0x0000000000000000");
  CHECK(effects(lines[6]) == " x10 0x0000000000000000");

  for (const u64 configuration : {lock_entry_1, lock_entry_1_as_tor}) {
    Machine locking;
    Program q(code_base);
    q.li(t1, configuration)({csrw(pmpaddr0, t1), csrw(pmpcfg0, t1), csrw(pmpaddr0 + 1, zero), csrw(pmpaddr0, zero), csrw(pmpcfg0, zero), wfi});
    lines = lines_of(trace_of(locking, q));
    constexpr std::size_t at = Program::li_instructions + 1;
    CHECK(effects(lines[at]) == fmt::format(" c928_pmpcfg0 0x{:016x}", configuration));
    CHECK(effects(lines[at + 1]).empty());
    CHECK(effects(lines[at + 2]) == (configuration == lock_entry_1_as_tor ? "" : " c944_pmpaddr0 0x0000000000000000"));
    CHECK(effects(lines[at + 3]) == fmt::format(" c928_pmpcfg0 0x{:016x}", configuration));
  }
}

TEST_CASE("an instruction that traps has no line, and the handler's first has") {
  Machine machine;
  Program p(code_base);
  with_handler(p)({0x00000073})(wfi).align(4).label("handler")(wfi);  // ecall
  const std::string trace = trace_of(machine, p);
  CHECK(trace.find("(0x00000073)") == std::string::npos);
  CHECK(lines_of(trace).back().find("(0x10500073)") != std::string::npos);
}

TEST_CASE("cycles, counts and the instruction on which a run of limited length ends are the same with an observer") {
  struct Count : InstructionObserver {
    u64 instructions = 0;
    void on_executed(const Executed&) override { ++instructions; }
  };
  Program p(code_base);
  p.li(a0, data_base).li(a1, device_word).li(s0, 1000);
  p.label("loop")({addi(s1, s1, 3), sd(s1, 0, a0), mul(s2, s1, s1), sw(s2, 0, a1), addi(s3, s3, 1), addi(s0, s0, -1)});
  p.branch(1, s0, zero, "loop")(wfi);
  for (const u64 slice : {7u, 50u, 1001u}) {
    Machine plain, watched;
    Count count;
    for (Machine* machine : {&plain, &watched}) {
      machine->device_cycles = 11;
      machine->put(p);
      machine->hart.reset(code_base);
    }
    watched.hart.observe(&count);
    for (int i = 0; i < 200; ++i) {
      const RunLimit limit{.cycles = slice, .exact_cycles = i % 3 == 0 ? slice : ~u64{0}};
      REQUIRE(plain.hart.run(limit) == watched.hart.run(limit));
      REQUIRE(plain.hart.cycles() == watched.hart.cycles());
      REQUIRE(plain.hart.pc() == watched.hart.pc());
      REQUIRE(plain.hart.class_counts() == watched.hart.class_counts());
    }
    CHECK(count.instructions == watched.hart.instructions());
    CHECK(plain.device_stores == watched.device_stores);
    CHECK(plain.tally.writes == watched.tally.writes);
  }
}
