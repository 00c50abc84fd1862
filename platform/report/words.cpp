#include "platform/report/words.h"

#include <algorithm>
#include <array>
#include <string_view>

#include <fmt/format.h>

namespace spinvp::platform {

namespace {

std::string words(double value, std::string_view unit) {
  struct Prefix {
    double factor;
    std::string_view text;
  };
  static constexpr std::array<Prefix, 6> prefixes = {{{1, ""}, {1e-3, "m"}, {1e-6, "u"}, {1e-9, "n"}, {1e-12, "p"}, {1e-15, "f"}}};
  const double magnitude = value < 0 ? -value : value;
  if (magnitude == 0) return fmt::format("0 {}", unit);
  for (const Prefix& prefix : prefixes)
    // 0.9995 rounds to 1.000 with four digits.
    if (magnitude >= prefix.factor * 0.99995) return fmt::format("{:#.4g} {}{}", value / prefix.factor, prefix.text, unit);
  return fmt::format("{:.3g} {}", value, unit);
}

}  // namespace

std::string time_words(double seconds) { return words(seconds, "s"); }
std::string energy_words(double joules) { return words(joules, "J"); }
std::string power_words(double watts) { return words(watts, "W"); }

std::string size_words(std::uint64_t bytes) {
  static constexpr std::array<std::string_view, 5> units = {"B", "KiB", "MiB", "GiB", "TiB"};
  std::size_t unit = 0;
  while (unit + 1 < units.size() && bytes >> (10 * (unit + 1)) != 0) ++unit;
  const std::uint64_t one = std::uint64_t{1} << (10 * unit);
  if (bytes % one == 0) return fmt::format("{} {}", bytes / one, units[unit]);
  const double value = static_cast<double>(bytes) / static_cast<double>(one);
  return fmt::format("{:.{}f} {}", value, value < 9.9995 ? 3 : value < 99.995 ? 2 : value < 999.95 ? 1 : 0, units[unit]);
}

std::string columns_text(const std::vector<std::vector<std::string>>& rows, std::size_t left_columns) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows)
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (widths.size() <= i) widths.push_back(0);
      widths[i] = std::max(widths[i], row[i].size());
    }
  std::string text;
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i)
      line += i < left_columns ? fmt::format("{:<{}}  ", row[i], widths[i]) : fmt::format("{:>{}}  ", row[i], widths[i]);
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

}  // namespace spinvp::platform
