// NVSim's `.cfg` files: what array was asked for. What the array model can be asked as well; the rest (wire types, forced organisations, constraints) is named in a
// warning.
//
// Traps that are caught: `Capacity` without B, KB or MB in its unit; a cache target (what is designed here is its data array); a word that is no whole number of bytes;
// DeviceRoadmap LSTP, for which there are no transistors here (the one who uses the request decides).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/core/units.h"
#include "models/technology/import/import_text.h"

namespace spinvp::technology {

// What is absent in the file is absent here.
struct ImportedRequest {
  std::optional<std::uint64_t> capacity_bytes;
  std::optional<unsigned> word_bits;
  std::optional<core::Length> node;
  std::optional<core::Temperature> temperature;
  std::string roadmap;    // "HP", "LOP", "LSTP" or empty
  std::string target;     // OptimizationTarget, as "ReadEDP"; empty
  std::string cell_file;  // MemoryCellInputFile, as it is written: relative to where the tool was started
  bool cache = false;     // DesignTarget cache
  unsigned associativity = 1;
  bool external_sensing = false;  // InternalSensing false
  std::string place;              // of the file, for messages
  std::vector<ImportWarning> warnings;
};

// Throws core::InputError.
ImportedRequest import_nvsim_config(std::string_view text, const std::string& file);

}  // namespace spinvp::technology
