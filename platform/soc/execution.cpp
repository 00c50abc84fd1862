#include "platform/soc/execution.h"

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include <poll.h>

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

namespace {

// Sleeps until an input has something or the user interrupts; false if nothing can come. SIGINT is let in only while asleep: it cannot slip in between. With somebody else to look
// after it sleeps no longer than a moment.
bool wait_for_input(std::span<OutsideInput* const> inputs, bool briefly) {
  std::vector<pollfd> waiting;
  for (const OutsideInput* input : inputs)
    if (const int descriptor = input->descriptor(); descriptor >= 0) waiting.push_back({descriptor, POLLIN, 0});
  if (waiting.empty()) return false;
  std::fflush(stdout);
  sigset_t interrupt, before;
  sigemptyset(&interrupt);
  sigaddset(&interrupt, SIGINT);
  sigprocmask(SIG_BLOCK, &interrupt, &before);
  const timespec moment{0, 20'000'000};
  if (interrupted == 0) ppoll(waiting.data(), waiting.size(), briefly ? &moment : nullptr, &before);
  sigprocmask(SIG_SETMASK, &before, nullptr);
  return true;
}

}  // namespace

const volatile std::sig_atomic_t& user_interrupt() { return interrupted; }

static void run_to_end(core::Simulation& simulation, std::optional<core::SimTime> limit, std::span<OutsideInput* const> inputs,
                       const std::vector<Outside*>& outside, const std::optional<GoingOn>& from) {
  for (core::Component* component : simulation.components)
    if (auto* const hart = dynamic_cast<riscv::Hart*>(component)) hart->set_run_until(limit.value_or(core::SimTime::never()));
  sc_core::sc_start(sc_core::SC_ZERO_TIME);  // elaborates and starts all processes: before that nothing is pending
  if (from) {
    if (from->at > core::now()) sc_core::sc_start(core::to_sc(from->at - core::now()), sc_core::SC_RUN_TO_TIME);
    // What is due at that very time had happened before the snapshot was taken: a line of --uart must not come twice.
    while (sc_core::sc_pending_activity_at_current_time()) sc_core::sc_start(sc_core::SC_ZERO_TIME);
    from->resume();
  }
  while (!simulation.exit().set) {
    const core::SimTime now = core::now();
    if (interrupted != 0) return simulation.finish(core::ExitReason::interrupted, 0);
    if (limit && now >= *limit) return simulation.finish(core::ExitReason::time_limit, 0);
    for (OutsideInput* input : inputs) input->take();
    for (Outside* one : outside) one->attend();
    if (simulation.exit().set || interrupted != 0) continue;
    if (!sc_core::sc_pending_activity()) {
      if (wait_for_input(inputs, !outside.empty())) continue;
      if (std::any_of(outside.begin(), outside.end(), [](Outside* one) { return one->await(); })) continue;
      return simulation.finish(core::ExitReason::deadlock, 0);
    }
    // Up to the next event at least: everybody may be asleep for longer than a slice.
    const core::SimTime span = std::max(slice, core::from_sc(sc_core::sc_time_to_pending_activity()));
    if (limit && span >= *limit - now)
      sc_core::sc_start(core::to_sc(*limit - now), sc_core::SC_RUN_TO_TIME);
    else
      sc_core::sc_start(core::to_sc(span), sc_core::SC_EXIT_ON_STARVATION);  // time stays at the last event
  }
}

void run_simulation(core::Simulation& simulation, std::optional<core::SimTime> limit, std::span<OutsideInput* const> inputs,
                    const std::vector<Outside*>& outside, const std::optional<GoingOn>& from) {
  const InterruptGuard guard;
  run_to_end(simulation, limit, inputs, outside, from);
  for (Outside* one : outside) one->ended(exit_status(simulation.exit()));
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
