// NVSim's `.cell` files as memory cells. Takes SRAM and MRAM; the other cells of the tool have no model here and are refused by name.
//
// Traps that are caught:
//   - the tool has one MRAM: nothing in the file says whether a cell is written through its junction (STT) or a track (SOT). The caller says it.
//   - a unit other than the key's fixed one (read as zero by the tool): an error; no unit: a warning.
//   - `nan` energies: taken as not given, then they follow from current, resistance and pulse.
//   - a negative read voltage (written for FeFET cells): an error in a cell that can be used here.
//   - resistances in the wrong order, a magnetic cell without a write pulse, without write current and voltage: errors.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "models/technology/import/import_text.h"
#include "models/technology/memory_cell.h"

namespace spinvp::technology {

struct ImportedCell {
  MemoryCell cell;
  std::vector<ImportWarning> warnings;
};

// `file` names the text in messages; `magnetic` is what an MRAM cell is: stt or sot. Throws core::InputError.
ImportedCell import_nvsim_cell(std::string_view text, const std::string& file, MemoryTechnology magnetic = MemoryTechnology::stt);

}  // namespace spinvp::technology
