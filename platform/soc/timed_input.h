// Input with times: what a peer sends to the UART, and when. Lines `<time> <text>`: a time with its unit (10us; bare: seconds), one blank, the text to the line's end,
// with \n, \r, \t, \\ and \xHH. Times do not fall. Empty lines and lines that begin with # count for nothing.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "models/core/units.h"

namespace spinvp::platform {

struct TimedLine {
  core::SimTime at;
  std::string text;
};

// Throws core::InputError `name:line: ...`.
std::vector<TimedLine> parse_timed_input(std::string_view content, const std::string& name);

}  // namespace spinvp::platform
