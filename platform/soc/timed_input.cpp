#include "platform/soc/timed_input.h"

#include <optional>

#include <fmt/format.h>

#include "models/core/error.h"
#include "models/core/fields.h"

namespace spinvp::platform {

namespace {

std::optional<unsigned> hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return std::nullopt;
}

// Nothing: a backslash that begins no escape.
std::optional<std::string> unescape(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      result += text[i];
      continue;
    }
    if (++i == text.size()) return std::nullopt;
    switch (text[i]) {
      case 'n': result += '\n'; break;
      case 'r': result += '\r'; break;
      case 't': result += '\t'; break;
      case '\\': result += '\\'; break;
      case 'x': {
        if (i + 2 >= text.size()) return std::nullopt;
        const auto high = hex_digit(text[i + 1]), low = hex_digit(text[i + 2]);
        if (!high || !low) return std::nullopt;
        result += static_cast<char>(*high << 4 | *low);
        i += 2;
        break;
      }
      default: return std::nullopt;
    }
  }
  return result;
}

}  // namespace

std::vector<TimedLine> parse_timed_input(std::string_view content, const std::string& name) {
  std::vector<TimedLine> lines;
  for (std::size_t number = 1; !content.empty(); ++number) {
    const std::size_t end = content.find('\n');
    std::string_view line = content.substr(0, end);
    content = end == std::string_view::npos ? std::string_view() : content.substr(end + 1);
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (line.empty() || line.front() == '#') continue;
    const auto refuse = [&](const std::string& what) { throw core::InputError(fmt::format("{}:{}: {}", name, number, what)); };
    const std::size_t blank = line.find_first_of(" \t");
    if (blank == std::string_view::npos || blank + 1 == line.size()) refuse("a line without text; allowed is a time, a blank, text (10us hello\\n)");
    const std::string_view time = line.substr(0, blank);
    const auto seconds = core::parse_quantity(time, "time", "s");
    if (!seconds || !(*seconds >= 0) || *seconds > 1e7) refuse(fmt::format("'{}' is no time; allowed is 0 to 1e7 s, with a unit (10us)", time));
    const core::SimTime at = core::SimTime::from(core::Time::from_si(*seconds));
    if (!lines.empty() && at < lines.back().at) refuse(fmt::format("{} lies before the line above; times must not fall", time));
    auto text = unescape(line.substr(blank + 1));
    if (!text) refuse("a backslash that begins no escape; allowed are \\n, \\r, \\t, \\\\ and \\xHH");
    lines.push_back({at, std::move(*text)});
  }
  return lines;
}

}  // namespace spinvp::platform
