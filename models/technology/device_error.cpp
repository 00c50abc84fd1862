#include "models/technology/device_error.h"

#include <cmath>

#include <fmt/format.h>

#include "models/core/error.h"

namespace spinvp::technology {

void refuse(const char* equation, const char* what, double value, const char* unit, const std::string& allowed) {
  throw core::InputError(fmt::format("magnetic device: {}: {} = {:.6g}{}{}, allowed: {}", equation, what, value, *unit ? " " : "", unit, allowed));
}

void require_positive(const char* equation, const char* what, double value, const char* unit) {
  if (!(value > 0 && std::isfinite(value))) refuse(equation, what, value, unit, "above 0");
}

void require_not_negative(const char* equation, const char* what, double value, const char* unit) {
  if (!(value >= 0 && std::isfinite(value))) refuse(equation, what, value, unit, "0 or above");
}

void require_between(const char* equation, const char* what, double value, double low, double high, const char* unit) {
  if (!(value >= low && value <= high)) refuse(equation, what, value, unit, fmt::format("{:.6g} to {:.6g}", low, high));
}

void require_probability(const char* equation, const char* what, double value) {
  if (!(value > 0 && value < 1)) refuse(equation, what, value, "", "above 0 and below 1");
}

}  // namespace spinvp::technology
