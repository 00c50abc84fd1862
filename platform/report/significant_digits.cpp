#include "platform/report/significant_digits.h"

#include <charconv>

namespace spinvp::platform {

char* write_number(char* out, double value, int digits) { return std::to_chars(out, out + longest_number, value, std::chars_format::general, digits).ptr; }

}  // namespace spinvp::platform
