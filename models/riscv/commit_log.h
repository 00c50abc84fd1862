// A trace of executed instructions, a line each, in the form of Spike's commit log (riscv-isa-sim, `--log-commits`), so that what reads and compares those reads ours:
//
//   core   0: 3 0x0000000080000004 (0x00a28293) x5  0x000000008000000a
//   core   0: 3 0x0000000080000008 (0x30029073) c768_mstatus 0x8000000a00006080
//   core   0: 3 0x000000008000000c (0x0005b023) mem 0x0000000080002000 0x0000000000000000
//
// Hart, privilege, pc, instruction, registers written (CSRs by number and name), addresses read, addresses written with what. Instructions that trap have no line.
#pragma once

#include <ostream>
#include <string>

#include "models/riscv/observer.h"

namespace spinvp::riscv {

// One line, with its end.
std::string commit_line(const Executed& instruction);

class CommitLog : public InstructionObserver {
 public:
  // `out` outlives it.
  explicit CommitLog(std::ostream& out) : out_(out) {}
  void on_executed(const Executed& instruction) override { out_ << commit_line(instruction); }

 private:
  std::ostream& out_;
};

}  // namespace spinvp::riscv
