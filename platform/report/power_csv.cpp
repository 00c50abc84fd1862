#include "platform/report/power_csv.h"

#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace spinvp::platform {

void write_power_csv(std::ostream& out, const core::EnergyAccount& energy, const PowerTrace& trace) {
  out << "time_s,total_w";
  for (std::uint32_t i = 0; i < energy.components(); ++i) out << ',' << energy.component_name({i});
  out << '\n';
  fmt::memory_buffer row;
  // A component that rests has the same power in many bins: its text is made once.
  std::vector<std::pair<double, std::string>> last(energy.components(), {-1.0, ""});
  for (std::size_t i = 0; i < trace.size(); ++i) {
    const PowerTrace::Bin bin = trace.bin(i);
    row.clear();
    // Whole picoseconds of up to a second, and power within 1e-9 of itself: half the size of all 17 digits.
    fmt::format_to(fmt::appender(row), "{:.12g},{:.10g}", bin.time_s, bin.total_w);
    for (std::size_t c = 0; c < bin.components_w.size(); ++c) {
      auto& [power, text] = last[c];
      if (power != bin.components_w[c]) {
        power = bin.components_w[c];
        text.clear();
        fmt::format_to(std::back_inserter(text), ",{:.10g}", power);
      }
      row.append(text);
    }
    row.push_back('\n');
    out.write(row.data(), static_cast<std::streamsize>(row.size()));
  }
}

}  // namespace spinvp::platform
