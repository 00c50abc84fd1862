// The magnetic cells that studies start from, as their sources print them (memory_cell.h).
//
//   sot-aggressive     Wang et al. 2018 p-SOT cell: 0.4 ns, 25 uA, 49 to 58 fJ (imec prints below 100 fJ)
//   sot-mid            the cell of our NVSim sweep: 81.5 F2, 100 uA, 1 ns, 0.1 pJ
//   sot-conservative   SCOPE's device library: 100 F2, 10 ns, 102 fJ
//   stt-aggressive, stt-default   the STT cells that come with NVSim
//
// Current, pulse and energy of one row need not agree with each other: where a source's own numbers do not multiply out, the row's source says so. Compare
// magnetic_junction.h, where they follow from a device.
#pragma once

#include <string>
#include <vector>

#include "models/technology/memory_cell.h"

namespace spinvp::technology {

struct CellPreset {
  MemoryCell cell;
  std::string device;    // the device preset nearest to it, for error rates
  double endurance = 0;  // writes
  std::string endurance_source;
};

const std::vector<std::string>& cell_preset_names();
// Another name throws core::InputError with the list.
CellPreset cell_preset(const std::string& name);

}  // namespace spinvp::technology
