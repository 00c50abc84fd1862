// power.csv: `time_s, total_w`, then one column a component; one row a bin of the power trace.
#pragma once

#include <ostream>

#include "models/core/energy.h"
#include "platform/measure/power_trace.h"

namespace spinvp::platform {

void write_power_csv(std::ostream& out, const core::EnergyAccount& energy, const PowerTrace& trace);

}  // namespace spinvp::platform
