#include "platform/report/power_csv.h"

#include <iterator>
#include <string>

#include <fmt/format.h>

namespace spinvp::platform {

void write_power_csv(std::ostream& out, const core::EnergyAccount& energy, const PowerTrace& trace) {
  out << "time_s,total_w";
  for (std::uint32_t i = 0; i < energy.components(); ++i) out << ',' << energy.component_name({i});
  out << '\n';
  std::string row;
  for (std::size_t i = 0; i < trace.size(); ++i) {
    const PowerTrace::Bin bin = trace.bin(i);
    row.clear();
    // Whole picoseconds of up to a second, and power within 1e-9 of itself: half the size of all 17 digits.
    fmt::format_to(std::back_inserter(row), "{:.12g},{:.10g}", bin.time_s, bin.total_w);
    for (const double power : bin.components_w) fmt::format_to(std::back_inserter(row), ",{:.10g}", power);
    row += '\n';
    out << row;
  }
}

}  // namespace spinvp::platform
