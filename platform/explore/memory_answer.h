// What `spinvp memory` says about a macro: as a JSON document, as a page for people, as rows of a comparison or of a CSV file.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "platform/explore/memory_macro.h"

namespace spinvp::platform {

nlohmann::ordered_json to_json(const MemoryAnswer& answer);
std::string to_text(const MemoryAnswer& answer);
// One line a macro.
std::string to_table(const std::vector<MemoryAnswer>& answers);
std::string to_csv(const std::vector<MemoryAnswer>& answers);

// Shared with imported designs.
// area_mm2, read_ns, write_ns, read_pj, write_pj, leakage_mw, retention_s, thermal_stability, read_gbps, write_gbps: the contract's keys; null for what is not known.
nlohmann::ordered_json figures_json(const technology::MemoryDataSheet& sheet);
nlohmann::ordered_json constants_json(const std::vector<core::Constant>& constants);
// Name, value and source in columns; a source that repeats is not repeated.
std::string constants_text(const std::vector<core::Constant>& constants);
nlohmann::ordered_json warnings_json(const std::vector<technology::ImportWarning>& warnings);
// `2.1e+04 s` and the like: 10 years are words.
std::string retention_words(const technology::MemoryDataSheet& sheet);
// To a thousandth: 65e-9 x 1e9 is not 65.
double nanometres(core::Length length);
std::string area_words(core::Area area);
std::string bandwidth_words(double bytes_per_second);

}  // namespace spinvp::platform
