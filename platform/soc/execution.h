// Lets a loaded Soc run until it ends, and says how.
#pragma once

#include <csignal>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "models/core/error.h"
#include "models/core/simulation.h"
#include "platform/soc/outside_input.h"

namespace spinvp::platform {

// Somebody outside of the simulation who may act on it: looked after between its slices, when no process runs.
class Outside {
 public:
  virtual ~Outside() = default;
  // Takes what has come; may hold the run up.
  virtual void attend() = 0;
  // Nothing is left to happen: sleeps until something may have come, or the user interrupts. False, at once: nothing ever will.
  virtual bool await() = 0;
  // The run has ended, with the program's status to be.
  virtual void ended(int status) = 0;
};

// Where a run goes on in place of its beginning: the kernel is taken to `at`, while all harts stand still, then `resume` is called.
struct GoingOn {
  core::SimTime at;
  std::function<void()> resume;
};

// Runs until the guest ends, nothing is left to happen (deadlock), `limit` of simulated time has passed, or the user interrupts (SIGINT; a second one kills the
// program). Afterwards simulation.exit() is set. No limit: for ever. `inputs` are asked and `outside` looked after between slices of simulated time; where nothing is left to
// happen it sleeps until one of them has something, and only where none can have, that is a deadlock.
void run_simulation(core::Simulation& simulation, std::optional<core::SimTime> limit, std::span<OutsideInput* const> inputs = {},
                    const std::vector<Outside*>& outside = {}, const std::optional<GoingOn>& from = {});

// Not zero once the user has interrupted the run.
const volatile std::sig_atomic_t& user_interrupt();

// The program's status for that exit: the guest's own code from 1 to 63 (a larger one gives 63, a failure with code 0 gives 1), otherwise a status of ours.
int exit_status(const core::Simulation::Exit& exit);

// SystemC's own messages go to stderr, its banner nowhere; its errors are exceptions. Once, before the first module.
void prepare_systemc();

}  // namespace spinvp::platform
