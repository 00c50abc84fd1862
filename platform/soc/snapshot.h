// The state of a whole platform at a quiescent moment: no engine at work, every hart between two instructions, nothing else due at that time.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "platform/soc/soc.h"

namespace spinvp::platform {

// Why the platform's state cannot be saved now, one line; empty: it can. From the process of a hart, between two instructions, or between runs of the kernel.
std::string unsettled(const core::Simulation& simulation);

// All that a run goes on from. `console`: what the guest has written so far.
std::vector<std::uint8_t> save_state(core::Simulation& simulation, std::string console);

// Gives a platform of the same shape that state, at the kernel's time of saving, and lets its harts go on. Before, all of them stand still (Hart::await_restore). Returns what the guest had
// written. Throws core::InputError where the state is another platform's.
std::string restore_state(core::Simulation& simulation, Soc& soc, std::vector<std::uint8_t> state);

}  // namespace spinvp::platform
