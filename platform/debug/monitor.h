// The tables of GDB's `monitor` command: what the run has come to so far. Nothing is settled or booked by looking.
#pragma once

#include <string>
#include <string_view>

#include "models/core/simulation.h"
#include "platform/soc/soc.h"

namespace spinvp::platform {

// statistics: harts; power: components; regions: where time and energy went; everything else: what there is.
std::string monitor_text(std::string_view command, const core::Simulation& simulation, const Soc& soc);

}  // namespace spinvp::platform
