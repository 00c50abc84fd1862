// Published magnetic devices and the cells that studies start from, each constant with its source.
//
// Devices hold physics (magnetic_junction.h): what a paper or a public model prints, and what it leaves out as an assumption of ours that says so.
// Cells hold what an array model needs (memory_cell.h) as their sources print it; current, pulse and energy of one row need not agree with each other there.
#pragma once

#include <string>
#include <vector>

#include "models/technology/magnetic_junction.h"

namespace spinvp::technology {

// wang-2018-p-sot, wang-2018-i-sot, vgsot, sot-stt-compact, arm-stt, stt-perpendicular; another name throws core::InputError with the list.
const std::vector<std::string>& device_preset_names();
MagneticJunction device_preset(const std::string& name);

struct CellPreset {
  MemoryCell cell;
  std::string device;    // the device preset nearest to it, for error rates; empty: none
  double endurance = 0;  // writes
  std::string endurance_source;
};
// sot-aggressive (Wang 2018, imec), sot-mid (the NVSim sweep's cell), sot-conservative (SCOPE), stt-default, stt-aggressive (NVSim); others throw core::InputError.
const std::vector<std::string>& cell_preset_names();
CellPreset cell_preset(const std::string& name);

}  // namespace spinvp::technology
