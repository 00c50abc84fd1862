#include "platform/soc/execution.h"

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>

#include <systemc>

#include "models/core/transport.h"
#include "models/riscv/hart.h"

namespace spinvp::platform {

namespace {

// A signal handler reaches nothing but a static.
volatile std::sig_atomic_t interrupted = 0;

extern "C" void on_interrupt(int) {
  interrupted = 1;
  std::signal(SIGINT, SIG_DFL);  // a second one ends the program at once
}

// Catches SIGINT while it lives.
class InterruptGuard {
 public:
  InterruptGuard() : previous_(std::signal(SIGINT, on_interrupt)) { interrupted = 0; }
  ~InterruptGuard() { std::signal(SIGINT, previous_); }
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;

 private:
  void (*previous_)(int);
};

// How often the user's interrupt is looked for, in simulated time: it changes nothing in the order of events.
constexpr core::SimTime slice = core::SimTime::us(200);

void on_systemc_report(const sc_core::sc_report& report, const sc_core::sc_actions& actions) {
  if (report.get_severity() >= sc_core::SC_WARNING) std::fprintf(stderr, "[systemc] %s: %s\n", report.get_msg_type(), report.get_msg());
  if ((actions & sc_core::SC_THROW) != 0) throw sc_core::sc_report(report);
}

}  // namespace

void run_simulation(core::Simulation& simulation, std::optional<core::SimTime> limit) {
  const InterruptGuard guard;
  for (core::Component* component : simulation.components)
    if (auto* const hart = dynamic_cast<riscv::Hart*>(component)) hart->set_run_until(limit.value_or(core::SimTime::never()));
  sc_core::sc_start(sc_core::SC_ZERO_TIME);  // elaborates and starts all processes: before that nothing is pending
  while (!simulation.exit().set) {
    const core::SimTime now = core::now();
    if (interrupted != 0) return simulation.finish(core::ExitReason::interrupted, 0);
    if (limit && now >= *limit) return simulation.finish(core::ExitReason::time_limit, 0);
    if (!sc_core::sc_pending_activity()) return simulation.finish(core::ExitReason::deadlock, 0);
    // Up to the next event at least: everybody may be asleep for longer than a slice.
    const core::SimTime span = std::max(slice, core::from_sc(sc_core::sc_time_to_pending_activity()));
    if (limit && span >= *limit - now)
      sc_core::sc_start(core::to_sc(*limit - now), sc_core::SC_RUN_TO_TIME);
    else
      sc_core::sc_start(core::to_sc(span), sc_core::SC_EXIT_ON_STARVATION);  // time stays at the last event
  }
}

int exit_status(const core::Simulation::Exit& exit) {
  using core::ExitReason;
  switch (exit.reason) {
    case ExitReason::finished: return static_cast<int>(core::ExitStatus::ok);
    case ExitReason::guest_code: return static_cast<int>(std::clamp<std::uint64_t>(exit.code, 1, 63));
    case ExitReason::crash: return static_cast<int>(core::ExitStatus::crash);
    case ExitReason::time_limit: return static_cast<int>(core::ExitStatus::time_limit);
    case ExitReason::deadlock: return static_cast<int>(core::ExitStatus::deadlock);
    case ExitReason::interrupted: return static_cast<int>(core::ExitStatus::interrupted);
  }
  return static_cast<int>(core::ExitStatus::internal);
}

void prepare_systemc() {
  setenv("SYSTEMC_DISABLE_COPYRIGHT_MESSAGE", "1", 1);
  sc_core::sc_report_handler::set_handler(on_systemc_report);
  sc_core::sc_report_handler::set_actions(sc_core::SC_FATAL, sc_core::SC_THROW);
}

}  // namespace spinvp::platform
