// The table at the end of a run: simulated time, energy, average power by component and by phase.
#pragma once

#include <string>

#include "platform/measure/measurement.h"

namespace spinvp::platform {

// Several lines, each ended. Components that used no energy are left out.
std::string summary_table(const Measurement& measurement);

}  // namespace spinvp::platform
