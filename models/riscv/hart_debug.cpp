// The hart under a debugger: halts between two instructions that leave no trace in simulated time.
//
// A halt is a call out of the hart's process: no other process runs before it returns, and the broken-off run goes on with its old limits (RunLimit::resumed). So
// a run that was halted, stepped and continued ends as one that was not. Only a hart that is held while others go on loses time.
#include "models/riscv/hart.h"

namespace spinvp::riscv {

using core::SimTime;

void Hart::request_halt() { cpu_.request_halt(); }

void Hart::hold(bool held) {
  if (held == held_) return;
  held_ = held;
  if (held && executing_) cpu_.request_stop();  // out of the slice after the present instruction
  if (!held) released_.notify(sc_core::SC_ZERO_TIME);
}

void Hart::take_reset() {
  if (reset_requested_ && between_instructions()) restart();
}

void Hart::wake_for_debugger() {
  if (!sleeping()) return;
  woken_by_debugger_ = true;
  wake_.notify(sc_core::SC_ZERO_TIME);
}

// True: it was held, and the slice begins anew at the present.
bool Hart::stand_while_held() {
  if (!held_) return false;
  cpu_.idle(settle());
  wait_until(local_time());
  const SimTime start = local_time();
  while (held_ && !simulation().exit().set) sc_core::wait(released_ | wake_);
  if (core::now() > start) cpu_.idle(cycles_in(core::now() - start));
  const SimTime waited = local_time() - start;
  wait_ += waited;
  wait_cycles_ += waited / period_;
  settled_until_ = local_time();
  return true;
}

Stop Hart::run_debugged() {
  RunLimit limit = slice_limit();
  for (;;) {
    if (stand_while_held() || simulation().exit().set || reset_requested_) return Stop::requested;
    limit.single = single_step_;
    executing_ = true;
    const Stop stop = cpu_.run(limit);
    executing_ = false;
    limit.resumed = true;
    if (halt_listener_ == nullptr && stop != Stop::breakpoint && stop != Stop::watchpoint && stop != Stop::step && stop != Stop::halt) return stop;
    instructions_counter_.value = cpu_.instructions();
    traps_counter_.value = cpu_.traps();
    const auto tell = [this](Halt reason) {
      if (halt_listener_ != nullptr) halt_listener_->on_halt(*this, reason);
    };
    switch (stop) {
      case Stop::breakpoint: tell(Halt::breakpoint); break;
      case Stop::watchpoint: tell(Halt::watchpoint); break;
      case Stop::step: tell(Halt::step); break;
      case Stop::halt: tell(single_step_ ? Halt::step : Halt::asked); break;
      case Stop::crash:
        if (cpu_.crash().no_vector) cpu_.set_pc(cpu_.crash().pc);  // where it happened
        tell(Halt::crash);
        return reset_requested_ ? Stop::requested : stop;
      case Stop::wait:
        if (single_step_) cpu_.request_halt();  // the step ends when the hart wakes
        return stop;
      case Stop::budget:
      case Stop::requested: return stop;
    }
  }
}

}  // namespace spinvp::riscv
