// Row times and cell energies of the arrays, as named presets with their sources, and the time of a step count.
//
// Stand-ins until the platform's own array model (device, bit line, sense amplifier, driver) gives these numbers: each preset is one coherent published
// set, none is solved backwards from a headline. The accounting boundary says what an energy covers:
//   device: the switching of the cell alone; supply: V x I x t of every driven cell; array: with sense and write circuits; chip: everything.
#pragma once

#include <string>
#include <vector>

#include "models/core/energy.h"
#include "models/core/units.h"
#include "models/pim/step_counts.h"

namespace spinvp::pim {

struct DeviceTiming {
  std::string name, boundary;
  core::SimTime read, write, search;                // of one row, all columns at once
  core::Energy read_cell, write_cell, search_cell;  // of one driven cell (column of a row step), whether it flips or not
  core::Current write_current;                      // of one driven cell
  core::Length feature;                             // half pitch F of the node
  std::vector<core::Constant> sources;              // one a number above

  // "prenat-2016" or "scope-sot". An unknown name throws core::InputError.
  static DeviceTiming preset(const std::string& name);
  static std::vector<std::string> preset_names();

  // reads x T_read + writes x waves x T_write + searches x T_search, rounded up to a whole picosecond once. `waves`: how often a row write is
  // repeated because the supply carries only so many subarrays writing at once; reads and searches are not limited.
  [[nodiscard]] core::SimTime time_of(const StepCounts& steps, std::uint64_t waves = 1) const;
  // Subarrays whose `lanes` columns may be written at once within `limit`: floor(limit / (lanes x write_current)), at least one (a narrower supply would
  // have to split a row, which the arrays cannot).
  [[nodiscard]] std::uint64_t writers_at_once(core::Current limit, std::uint64_t lanes) const;
};

}  // namespace spinvp::pim
