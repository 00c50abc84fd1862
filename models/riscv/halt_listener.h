// Who is told when a hart halts for a debugger.
#pragma once

namespace spinvp::riscv {

class Hart;

enum class Halt {
  asked,       // Hart::request_halt()
  breakpoint,  // at the next instruction
  watchpoint,  // the next instruction would touch it: Interpreter::watch_hit()
  step,        // one instruction is done
  crash,       // a trap that nobody can take: Interpreter::crash(); the run ends when the call returns
};

class HaltListener {
 public:
  virtual ~HaltListener() = default;
  // Called by the hart's process between two instructions. Simulated time stands still until it returns.
  virtual void on_halt(Hart& hart, Halt reason) = 0;
};

}  // namespace spinvp::riscv
