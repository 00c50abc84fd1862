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
// Caution: the torque of a SOT write across the easy axis acts at once, which this damping-like form does not hold: it asks for longer pulses than such a cell.
// Plain arithmetic, the same bits on every host.
#pragma once

#include <vector>

#include "models/core/energy.h"
#include "models/core/units.h"

namespace spinvp::technology {

struct MagneticSwitching {
  double thermal_stability = 60;                             // D = barrier / k T
  double damping = 0.1;                                      // alpha
  double anisotropy_field_tesla = 0.3;                       // B_k = mu0 H_k, effective
  core::Time attempt_time = core::Time::from_si(1e-9);       // t_attempt
  static constexpr double gyromagnetic_ratio = 1.760859e11;  // gamma of the electron, rad / (s T)

  // C, in 1/s.
  [[nodiscard]] double growth_rate() const { return 2 * damping * gyromagnetic_ratio * anisotropy_field_tesla / (1 + damping * damping); }
  // Each number with its source, for reports.
  [[nodiscard]] std::vector<core::Constant> constants() const;
};

// Probability that a pulse of `overdrive` times the critical current (>= 0) leaves the cell as it was.
double write_error_probability(const MagneticSwitching& device, double overdrive, core::Time pulse);

}  // namespace spinvp::technology
