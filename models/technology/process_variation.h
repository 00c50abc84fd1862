// How devices of one design differ: a Monte Carlo over diameter, thickness, anisotropy, barrier and spin Hall angle.
//
// Each parameter is normal with a relative standard deviation, cells are independent. The n-th cell depends on the seed and on n alone (counter-based), so a longer
// run begins with the shorter one and every host gives the same bits. Write error across cells is then about log-normal (published: abstracts of arXiv 2209.13828
// and AIP Adv. 2024), so its quantiles matter more than its mean.
#pragma once

#include <cstdint>

#include "models/technology/magnetic_junction.h"

namespace spinvp::technology {

// Relative standard deviations. The defaults are assumed, of a size that spreads Delta by the 3 to 10 % that are usual (recalled): in a layer held up by its
// interface, thickness and K_i count several fold, since Delta is the small difference of two large energies.
struct ProcessVariation {
  double diameter = 0.02, thickness = 0.005, anisotropy = 0.005, resistance_area = 0.04, spin_hall_angle = 0.02;
};

struct Statistics {
  double mean = 0, sigma = 0;
  double q001 = 0, q01 = 0, median = 0, q99 = 0, q999 = 0;  // quantiles at 0.1 %, 1 %, 50 %, 99 %, 99.9 %
};

struct VariationReport {
  std::uint64_t cells = 0;
  std::uint64_t impossible = 0;  // drawn cells that are no memory (the layer lies in plane); left out below
  std::uint64_t not_written =
      0;  // cells that the pulse never switches: at or below their critical current, or shorter than their incubation; they count as error 1
  Statistics stability, critical_current_a, write_error, read_signal_v;
};

// `drive`: a SOT cell sees the current itself, a STT cell the voltage that drives this current through the nominal junction.
VariationReport vary(const MagneticJunction& nominal, const ProcessVariation& variation, const WriteDrive& drive, const ReadDrive& read,
                     core::Temperature temperature, std::uint64_t cells, std::uint64_t seed);

// First-order error propagation of the same: relative standard deviations from central differences.
struct RelativeSigma {
  double stability = 0, critical_current = 0;
};
RelativeSigma propagated_sigma(const MagneticJunction& nominal, const ProcessVariation& variation, core::Temperature temperature);

}  // namespace spinvp::technology
