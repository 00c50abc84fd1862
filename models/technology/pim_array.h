// A processing-in-memory array from its cell up: row times, energy of every cell event, area and current, for SOT-MRAM, memristor and SRAM cells.
//
// Accounting boundary, on every figure:
//   device  what a driven cell itself takes (its track, its memristor), alone
//   supply  V x I x t of every driven cell, whether it flips or not
//   array   supply, and the lines, drivers and sense amplifiers of the subarray
//   chip    array, and control, distribution and leakage
// Regimes name a boundary and how the times and energies are taken, for both families of the papers alike; ratios are only taken within one regime.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "models/core/energy.h"
#include "models/core/units.h"
#include "models/technology/pim_physics.h"

namespace spinvp::technology {

enum class EnergyBoundary { device, supply, array, chip };
const char* name_of(EnergyBoundary boundary);

// What a PIM engine counts (models/pim/cell_events.h has the same order).
enum class PimEvent : unsigned { read_cell, write_cell, write_flip, search_cell, nor_cell, nor_flip, init_cell, init_flip, row_step };
inline constexpr std::size_t pim_events = 9;

struct PimArrayShape {
  unsigned rows = 1024, columns = 1024;
};

struct PimRowTimes {
  core::Time read, write, search, nor, init;
};

struct PimTechnology {
  std::string cell, regime;
  EnergyBoundary boundary = EnergyBoundary::array;
  PimRowTimes times;
  std::array<core::Energy, pim_events> energy{};
  std::array<std::string, pim_events> energy_sources;  // empty where the energy is zero at this boundary
  core::Current write_current;                         // of one driven cell
  core::Length feature;
  core::Area cell_area, array_area;  // of one subarray: with its row and column circuits
  core::Power static_power;          // of one subarray; zero at the boundaries device and supply
  std::string time_source;
  std::vector<core::Constant> constants;  // all of the above, and the physics behind it

  [[nodiscard]] core::Energy of(PimEvent event) const { return energy[static_cast<unsigned>(event)]; }
};

struct PimRegime {
  std::string name;
  EnergyBoundary boundary;
  std::string text;
};
// bare, batched-init, init-every-nor, supply, array, chip-power, conservative.
const std::vector<PimRegime>& pim_regimes();
std::vector<std::string> pim_regime_names();

// `cell`: sot, memristor, sram. Unknown names throw core::InputError.
PimTechnology pim_technology(const std::string& cell, const std::string& regime, const PimArrayShape& shape = {}, const PimPhysics& physics = {});

// Quantities behind it, for tests and docs.
namespace pim_equations {
// Macrospin critical current of a perpendicular SOT junction without an assist field (Lee et al. 2013): Jc = (2e/hbar) (mu0 Ms t / theta) (Hk / 2), Ic = Jc w t_track.
core::Current sot_critical_current(const PimPhysics& p);
// Sub-nanosecond charge rule: I = Ic (1 + t0 / t_pulse).
core::Current sot_write_current(const PimPhysics& p);
core::Resistance sot_track_resistance(const PimPhysics& p);  // rho L / (w t)
struct Line {
  core::Resistance resistance;
  core::Capacitance capacitance;
  [[nodiscard]] core::Time delay() const;  // 0.38 R C: to half of the step, distributed
};
Line bit_line(const PimPhysics& p, double cell_f2, unsigned rows, bool transistor);
Line word_line(const PimPhysics& p, double cell_f2, unsigned columns, bool transistor);
}  // namespace pim_equations

}  // namespace spinvp::technology
