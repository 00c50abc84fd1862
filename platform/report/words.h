// Quantities as people read them: four digits and a unit that keeps the number between 1 and 1000.
#pragma once

#include <string>

namespace spinvp::platform {

std::string time_words(double seconds);   // `12.35 ms`
std::string energy_words(double joules);  // `3.141 mJ`
std::string power_words(double watts);    // `271.8 mW`

}  // namespace spinvp::platform
