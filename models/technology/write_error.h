// How often a current pulse fails to switch a magnetic cell.
//
// Above the critical current (overdrive i > 1) the torque amplifies the angle at which the pulse finds the magnetisation; a cell fails when thermal motion left it
// too near to its axis. For a macrospin with a thermal distribution of angles (Butler et al., IEEE Trans. Magn. 48, 4684 (2012), eq. for perpendicular devices;
// recalled, to be verified):
//
//   WER = 1 - exp(-(pi^2 / 4) D (i - 1) / (i e^((i - 1) C t) - 1)),   C = 2 alpha gamma B_k / (1 + alpha^2)
//
// with the thermal stability D and the pulse t. For long pulses it is e^(-(t - t_incubation) / tau): tau = 1 / (C (i - 1)), t_incubation = tau ln(pi^2 D (i - 1) / (4 i)).
// At or below the critical current the cell must be helped over its barrier (Neel-Arrhenius, barrier D (1 - i) as for spin torque: Koch et al., PRL 92, 088302):
//
//   WER = exp(-(t / t_attempt) e^(-D (1 - i)))
//
// It is the law of Khvalkovskiy et al. (J. Phys. D 46, 074001 (2013)) written otherwise. The two branches do not meet at i = 1: just above, the closed form leaves
// out heat during the pulse and says more than just below.
//
// Caution: the torque of a SOT write across the easy axis acts at once, which this damping-like form does not hold: it asks for longer pulses than such a cell.
// A magnetic junction (magnetic_junction.h) written by SOT takes, for a pulse beyond its incubation t0,
//
//   WER = exp(-k (t - t0(I)))
//
// with a slope k that its user sets: no verified public closed form is known, so it serves studies of sensitivity. Both laws live here and nowhere else.
// The same bits on every host (exact_math.h).
#pragma once

#include <vector>

#include "models/core/energy.h"
#include "models/core/units.h"
#include "models/technology/magnetic_units.h"

namespace spinvp::technology {

struct MagneticSwitching {
  double thermal_stability = 60;                             // D = barrier / k T
  double damping = 0.1;                                      // alpha
  double anisotropy_field_tesla = 0.3;                       // B_k = mu0 H_k, effective
  core::Time attempt_time = core::Time::from_si(1e-9);       // t_attempt
  static constexpr double gyromagnetic_ratio = 1.760859e11;  // gamma of the electron, rad / (s T)

  // C, in 1/s.
  [[nodiscard]] double growth_rate() const { return 2 * damping * physics::gyromagnetic_ratio * anisotropy_field_tesla / (1 + damping * damping); }
  // Each number with its source, for reports.
  [[nodiscard]] std::vector<core::Constant> constants() const;
};

// Probability that a pulse of `overdrive` times the critical current (>= 0) leaves the cell as it was.
double write_error_probability(const MagneticSwitching& device, double overdrive, core::Time pulse);
// The other way: the pulse after which it is `error` (in (0, 1)), for an overdrive above 1; a lower one throws core::InputError.
core::Time pulse_for_write_error(const MagneticSwitching& device, double overdrive, double error);
// The least overdrive with which a pulse (above zero) fails with `error`; 1 where the closed form allows any above 1.
double overdrive_for_write_error(const MagneticSwitching& device, core::Time pulse, double error);

// SOT: exp(-k (t - t0)). A pulse shorter than the incubation throws core::InputError.
double spin_orbit_write_error(core::Frequency slope, core::Time pulse, core::Time incubation);
// What a pulse must last beyond its incubation: ln(1 / error) / k.
core::Time spin_orbit_tail(core::Frequency slope, double error);

}  // namespace spinvp::technology
