#include "models/technology/dram_currents.h"

#include <fmt/format.h>

#include "models/core/error.h"

namespace spinvp::technology {

void apply_currents(DramDataSheet& sheet, const DramCurrents& c, const std::string& source, const std::string& owner) {
  core::Energy activate, read, write, refresh;
  core::Power active, precharged, down, self;
  for (const DramRail& r : c.rails) {
    activate += r.voltage * r.idd0 * c.t_rc - r.voltage * r.idd3n * c.t_ras - r.voltage * r.idd2n * (c.t_rc - c.t_ras);
    read += r.voltage * (r.idd4r - r.idd3n) * c.t_burst;
    write += r.voltage * (r.idd4w - r.idd3n) * c.t_burst;
    refresh += r.voltage * (r.idd5 - r.idd3n) * c.t_rfc;
    active += r.voltage * r.idd3n;
    precharged += r.voltage * r.idd2n;
    down += r.voltage * r.idd2p;
    self += r.voltage * r.idd6;
  }
  const auto positive = [&owner](core::Energy e, const char* current, const char* standby) {
    if (e.si() < 0) throw core::InputError(fmt::format("{}: {} draws less than standby, at least {} is allowed", owner, current, standby));
  };
  positive(activate, "idd0", "idd3n and idd2n in their shares of a row cycle");
  positive(read, "idd4r", "idd3n");
  positive(write, "idd4w", "idd3n");
  if (sheet.refreshes()) positive(refresh, "idd5", "idd3n");
  const double devices = c.devices, bits = static_cast<double>(sheet.access_bytes()) * 8, all = devices * sheet.lanes() * sheet.ranks;
  sheet.activate = activate * devices;
  sheet.read_array_per_bit = read * (devices / bits);
  sheet.write_array_per_bit = write * (devices / bits);
  sheet.refresh = sheet.refreshes() ? refresh * devices : core::Energy();
  sheet.active_standby = active * all;
  sheet.precharge_standby = precharged * all;
  sheet.power_down = down * all;
  sheet.self_refresh = self * all;
  sheet.activate_source = sheet.array_source = sheet.refresh_source = sheet.background_source = source;
}

}  // namespace spinvp::technology
