// Where the data sheet of a bank of on-chip memory comes from: the array model, or a row of an array tool by name (OnChipMemoryConfig::bank_sheet).
#pragma once

#include <string>
#include <vector>

namespace spinvp::memory {

// What the fields `sheet`, `model.cell` and `model.sram_leakage` may say.
std::vector<std::string> sheet_choices();
std::vector<std::string> cell_choices();
std::vector<std::string> leakage_choices();

}  // namespace spinvp::memory
