// Named memory cells: SRAM by node, STT and SOT cells of several layouts. Each with the source of its figures.
#pragma once

#include <string>
#include <vector>

#include "models/technology/memory_cell.h"

namespace spinvp::technology {

// sram-146f2 (any node), sram-28nm, 16nm, 10nm, 7nm, 5nm, 3nm, 2nm (published bit cells); stt-aggressive, stt-default; sot-2t (2T-1MTJ), sot-nvsim (as an array tool without SOT
// sees it), sot-1t, sot-selector, sot-igzo, sot-diode.
const std::vector<MemoryCell>& memory_cells();
const MemoryCell* find_memory_cell(const std::string& name);
// As above; an unknown name throws core::InputError that lists the known ones.
const MemoryCell& memory_cell_named(const std::string& name);
std::vector<std::string> memory_cell_names();
// The cell that stands for a technology where none is named: sram-146f2, stt-aggressive, sot-2t.
const MemoryCell& default_memory_cell(MemoryTechnology technology);

}  // namespace spinvp::technology
