// Reads a result of another array tool, whatever its format: NVSim's text, NVMExplorer's or CACTI's table.
#pragma once

#include <string>
#include <string_view>

#include "models/technology/import/imported_design.h"

namespace spinvp::technology {

// By what stands in the text. Throws core::InputError, also for a text of none of the formats.
ImportedDesigns import_designs(std::string_view text, const std::string& file, const ImportOptions& options = {});

}  // namespace spinvp::technology
