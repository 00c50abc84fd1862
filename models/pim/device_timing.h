// Row times and cell energies of the arrays, as named presets with their sources, and the time of a step count.
//
// They come from the array model (models/technology/pim_array.h) in one of its regimes, or are one coherent published set; none is solved backwards from a
// headline. The accounting boundary says what an energy covers:
//   device: the switching of the cell alone; supply: V x I x t of every driven cell; array: with sense and write circuits; chip: everything.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "models/core/energy.h"
#include "models/core/units.h"
#include "models/pim/cell_events.h"
#include "models/pim/step_counts.h"
#include "models/technology/pim_array.h"

namespace spinvp::pim {

struct DeviceTiming {
  std::string name, boundary;
  core::SimTime read, write, search, nor, init;              // of one row, all columns at once
  std::array<core::Energy, cell_event_kinds> energy{};       // of one event
  std::array<std::string, cell_event_kinds> energy_sources;  // empty where the energy is zero
  core::Current write_current;                               // of one driven cell
  core::Area area;                                           // of one subarray with its periphery, by cells; zero: not known, see periphery_of()
  core::Length feature;                                      // half pitch F of the node
  core::Power static_power;                                  // of one subarray's circuits; zero: not known, see periphery_of()
  std::vector<core::Constant> sources;                       // one a number above

  [[nodiscard]] core::Energy of(CellEvent event) const { return energy[static_cast<unsigned>(event)]; }
  static DeviceTiming of(const technology::PimTechnology& technology);
  // A regime of models/technology/pim_array.h for the cell, or one of the published SOT sets "prenat-2016" and "scope-sot". An unknown name throws core::InputError.
  static DeviceTiming preset(const std::string& name, const std::string& cell, unsigned rows, unsigned lanes);
  static std::vector<std::string> preset_names();

  // reads x T_read + writes x waves x T_write + searches x T_search + NORs x waves x T_nor + inits x waves x T_init, rounded up to a whole picosecond once. `waves`: how often a row write is
  // repeated because the supply carries only so many subarrays writing at once; reads and searches are not limited.
  [[nodiscard]] core::SimTime time_of(const StepCounts& steps, std::uint64_t waves = 1) const;
  // Subarrays whose `lanes` columns may be written at once within `limit`: floor(limit / (lanes x write_current)), at least one (a narrower supply would
  // have to split a row, which the arrays cannot).
  [[nodiscard]] std::uint64_t writers_at_once(core::Current limit, std::uint64_t lanes) const;
};

}  // namespace spinvp::pim
