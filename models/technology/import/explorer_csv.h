// NVMExplorer's CSV as data sheets: its header is the keys of cell and configuration, then what a benchmark costs, then the array's figures.
//
// Rows that differ in nothing but the benchmark are one design. Bandwidth is not a column: it follows from the benchmark's accesses and its utilisation of the bandwidth
// where both are above zero in some row of the design; otherwise a bank is taken to be busy for its latency, and the source says so.
//
// Traps that are caught:
//   - failed designs: array figures of -1; left out and counted. A figure of -1 or `nan` among others: the design is left out, the column named.
//   - leading blanks; `nan` cell energies and a negative ReadVoltage (FeFET rows): warned about, neither is part of a data sheet.
//   - leakage of 1 W and more lost its unit and its last digit (`1.808W` became 1.80 mW): such a value has at most two decimals and is nearer to a thousandth of what
//     its technology and transistors leak than to the whole; warned about, or multiplied by 1000 (ImportOptions::repair_leakage).
//   - tables from before a fix of units: the columns of total dynamic power and energy are 1000 times too high against accesses x energy; warned about. The energies of
//     an access, which are used here, are right in both.
//   - energies are of one access of WordWidth bits, not of a bit. MRAM's write is one figure; SET is what the tool takes of resistive cells, their RESET is lost.
//   - cells without a model here (RRAM, PCM, FeFET, CTT): given, but without a technology.
#pragma once

#include <string>
#include <string_view>

#include "models/technology/import/imported_design.h"

namespace spinvp::technology {

// Throws core::InputError.
ImportedDesigns import_explorer_csv(std::string_view text, const std::string& file, const ImportOptions& options = {});

}  // namespace spinvp::technology
