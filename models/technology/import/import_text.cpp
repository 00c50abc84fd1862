#include "models/technology/import/import_text.h"

#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>

#include "models/core/error.h"

namespace spinvp::technology {

namespace {

constexpr std::string_view blanks = " \t\r\v\f";

struct Unit {
  Dimension dimension;
  std::string_view text;
  double per_si;  // how many are one SI unit: dividing by it keeps `10ns` the nearest double to 1e-8
};

constexpr std::array units = {
    Unit{Dimension::time, "ps", 1e12},
    Unit{Dimension::time, "ns", 1e9},
    Unit{Dimension::time, "us", 1e6},
    Unit{Dimension::time, "ms", 1e3},
    Unit{Dimension::time, "s", 1},
    Unit{Dimension::energy, "fJ", 1e15},
    Unit{Dimension::energy, "pJ", 1e12},
    Unit{Dimension::energy, "nJ", 1e9},
    Unit{Dimension::energy, "uJ", 1e6},
    Unit{Dimension::energy, "mJ", 1e3},
    Unit{Dimension::energy, "J", 1},
    Unit{Dimension::power, "pW", 1e12},
    Unit{Dimension::power, "nW", 1e9},
    Unit{Dimension::power, "uW", 1e6},
    Unit{Dimension::power, "mW", 1e3},
    Unit{Dimension::power, "W", 1},
    Unit{Dimension::area, "nm^2", 1e18},
    Unit{Dimension::area, "um^2", 1e12},
    Unit{Dimension::area, "mm^2", 1e6},
    Unit{Dimension::area, "m^2", 1},
    Unit{Dimension::bandwidth, "TB/s", 1e-12},
    Unit{Dimension::bandwidth, "GB/s", 1e-9},
    Unit{Dimension::bandwidth, "MB/s", 1e-6},
    Unit{Dimension::bandwidth, "KB/s", 1e-3},
    Unit{Dimension::bandwidth, "B/s", 1},
};

}  // namespace

void ImportLog::warn(unsigned line, const std::string& text) {
  const auto [known, is_new] = known_.emplace(text, entries_.size());
  if (is_new)
    entries_.push_back({line, text, 1});
  else
    ++entries_[known->second].lines;
}

void ImportLog::refuse(unsigned line, const std::string& text) const { throw core::InputError(fmt::format("{}: {}", place(line), text)); }

std::string ImportLog::place(unsigned line) const { return fmt::format("{}:{}", file_, line); }

std::vector<ImportWarning> ImportLog::warnings() const {
  std::vector<ImportWarning> all;
  for (const Entry& entry : entries_)
    all.push_back({place(entry.line), entry.lines == 1   ? entry.text
                                      : entry.lines == 2 ? entry.text + " (and on 1 more line)"
                                                         : fmt::format("{} (and on {} more lines)", entry.text, entry.lines - 1)});
  return all;
}

std::vector<NumberedLine> lines_of(std::string_view text) {
  std::vector<NumberedLine> lines;
  for (unsigned number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    lines.push_back({number, line});
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

std::string printable(std::string_view text) {
  constexpr std::size_t most = 48;
  std::string shown;
  for (const char c : text.substr(0, most)) shown += c >= 0x20 && c < 0x7f ? c : '?';
  return text.size() > most ? shown + "..." : shown;
}

std::string quoted(std::string_view text) { return "'" + printable(text) + "'"; }

std::string_view file_name_of(std::string_view path) {
  const std::size_t slash = path.find_last_of('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

std::optional<double> leading_number(std::string_view text, std::string_view& rest) {
  text = trimmed(text);
  if (text.starts_with('+')) text.remove_prefix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc()) return std::nullopt;
  rest = trimmed(text.substr(static_cast<std::size_t>(end - text.data())));
  return value;
}

std::optional<double> number_of(std::string_view text) {
  std::string_view rest;
  const auto value = leading_number(text, rest);
  return value && rest.empty() ? value : std::nullopt;
}

std::optional<double> measure_of(std::string_view text, Dimension dimension) {
  std::string_view unit;
  const auto value = leading_number(text, unit);
  if (!value) return std::nullopt;
  for (const Unit& u : units)
    if (u.dimension == dimension && u.text == unit) return *value / u.per_si;
  return std::nullopt;
}

const char* units_of(Dimension dimension) {
  switch (dimension) {
    case Dimension::time: return "ps, ns, us, ms, s";
    case Dimension::energy: return "fJ, pJ, nJ, uJ, mJ, J";
    case Dimension::power: return "pW, nW, uW, mW, W";
    case Dimension::area: return "nm^2, um^2, mm^2, m^2";
    case Dimension::bandwidth: return "B/s, KB/s, MB/s, GB/s, TB/s";
  }
  return "";
}

std::vector<std::string_view> columns_of(std::string_view line) {
  std::vector<std::string_view> columns;
  for (;;) {
    const std::size_t comma = line.find(',');
    columns.push_back(trimmed(line.substr(0, comma)));
    if (comma == std::string_view::npos) return columns;
    line.remove_prefix(comma + 1);
  }
}

}  // namespace spinvp::technology
