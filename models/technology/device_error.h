// Refusals of the magnetic device model: one line that names the equation, the value that breaks it and what is allowed.
#pragma once

#include <string>

namespace spinvp::technology {

// Throws core::InputError: "magnetic device: EQUATION: WHAT = VALUE UNIT, allowed: ALLOWED".
[[noreturn]] void refuse(const char* equation, const char* what, double value, const char* unit, const std::string& allowed);
// Refuses a value that is not above zero (a NaN is not), one below zero, and one outside [low, high].
void require_positive(const char* equation, const char* what, double value, const char* unit);
void require_not_negative(const char* equation, const char* what, double value, const char* unit);
void require_between(const char* equation, const char* what, double value, double low, double high, const char* unit);
// Refuses a probability outside (0, 1).
void require_probability(const char* equation, const char* what, double value);

}  // namespace spinvp::technology
