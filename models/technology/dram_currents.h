// From the currents of a data sheet to energy by command: what IDD0 to IDD6 are measured for.
//
// A data sheet gives, for each supply of a device, the current while a pattern runs. A command costs what its pattern draws above standby, in the time that the pattern takes
// (Micron's technical notes on DRAM power, TN-41-01 and TN-40-07):
//   activate + precharge  = sum of V (IDD0 t_rc - IDD3N t_ras - IDD2N (t_rc - t_ras))
//   read burst            = sum of V (IDD4R - IDD3N) t_burst, a write with IDD4W
//   refresh               = sum of V (IDD5 - IDD3N) t_rfc
//   background            = sum of V IDD3N (a row open), IDD2N (all closed), IDD2P (power-down), IDD6 (self-refresh)
// times the devices that work together. What drives the bus is not in these currents, unless the supply of the outputs is given as one more rail.
#pragma once

#include <string>
#include <vector>

#include "models/technology/dram_sheet.h"

namespace spinvp::technology {

struct DramRail {
  core::Voltage voltage;
  core::Current idd0, idd2n, idd2p, idd3n, idd4r, idd4w, idd5, idd6;
};

struct DramCurrents {
  std::vector<DramRail> rails;  // of one device
  unsigned devices = 1;         // that share a lane's bus
  // At which the currents were measured; a burst costs the same energy on a faster bus.
  core::Time t_rc, t_ras, t_burst, t_rfc;
};

// Sets activate, array energies, refresh and background of `sheet` (all lanes and ranks); `source` says where the currents come from. A pattern that draws less than
// standby is no data sheet: throws core::InputError that begins with `owner`.
void apply_currents(DramDataSheet& sheet, const DramCurrents& currents, const std::string& source, const std::string& owner);

}  // namespace spinvp::technology
