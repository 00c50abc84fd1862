// Quantities as people read them: four digits and a unit that keeps the number between 1 and 1000.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace spinvp::platform {

std::string time_words(double seconds);       // `12.35 ms`
std::string energy_words(double joules);      // `3.141 mJ`
std::string power_words(double watts);        // `271.8 mW`
std::string size_words(std::uint64_t bytes);  // `1.500 MiB`; `64 KiB` where it is whole

// Rows in columns, each as wide as its longest text: the first `left_columns` to the left, the others to the right.
std::string columns_text(const std::vector<std::vector<std::string>>& rows, std::size_t left_columns);

}  // namespace spinvp::platform
