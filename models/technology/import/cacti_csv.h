// CACTI's `.out` table (CSV) as data sheets of one bank each.
//
// Traps that are caught:
//   - the tool appends to its file: rows of several runs, perhaps the header again. All rows are given, the newest is the last.
//   - capacity and area are of all banks, leakage is of one (so its column says): a sheet is one bank, so the first two are divided by the number of banks.
//   - no write latency: a write takes the random cycle time, and both commands have that cycle.
//   - the table does not name its cell: taken as SRAM, and it is said.
//   - `nan`, `inf` or 1e39 for designs that the tool did not find: left out.
#pragma once

#include <string>
#include <string_view>

#include "models/technology/import/imported_design.h"

namespace spinvp::technology {

// Throws core::InputError.
ImportedDesigns import_cacti_csv(std::string_view text, const std::string& file, const ImportOptions& options = {});

}  // namespace spinvp::technology
