// Numbers as text with so many significant digits, as printf's "%.10g" has them, for files with a great many of them.
#pragma once

#include <cstddef>

namespace spinvp::platform {

// The longest text of a number with at most 15 digits: sign, digits, point, exponent.
inline constexpr std::size_t longest_number = 24;

// Writes `value` from `out` on, which has room for longest_number, and returns the end. `digits` is 1 to 15. The same characters as "%.{digits}g" for every value.
char* write_number(char* out, double value, int digits);

}  // namespace spinvp::platform
