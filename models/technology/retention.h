// What heat does to a resting or read cell: it escapes over its barrier at a mean rate e^-Delta / tau0 (Neel-Arrhenius; tau0 = 1 ns in the literature that we follow).
//
//   P(t) = 1 - exp(-t / (tau0 e^Delta))                                retention failure of a bit within t (recalled, standard)
//   P_read = 1 - exp(-(t_r / tau0) exp(-Delta (1 - I_r / I_c)))        one read of a STT cell (published: SCOPE's code)
//
// A SOT cell's read current crosses its junction, not the track: the same form with the spin-transfer I_c of that junction, usually negligible.
// Array rule: one bit of N failing with probability p needs Delta = ln(t N / (tau0 p)).
// Guard band: a design of mean Delta at T0 that must hold Delta_required at T_max in cells k sigma below the mean:
//   Delta_design = Delta_required / ((1 - k sigma) Delta(T_max) / Delta(T0))   where Delta(T) of the layer stands for the bare T0 / T of the rule.
// Every function throws core::InputError that names the equation, the value and what is allowed.
#pragma once

#include <cstdint>

#include "models/core/units.h"

namespace spinvp::technology {

// Mean escapes a second.
core::Frequency escape_rate(double thermal_stability, core::Time attempt_time);
double retention_failure(double thermal_stability, core::Time attempt_time, core::Time resting);
// The time after which a bit has failed with the given probability.
core::Time retention_time(double thermal_stability, core::Time attempt_time, double failure);
// Delta that keeps the failure of a bit within `resting` at `failure`.
double required_stability(core::Time resting, core::Time attempt_time, double failure);
// Delta that keeps the failure of any of `bits` at `failure` (small).
double required_stability_of_array(core::Time resting, core::Time attempt_time, std::uint64_t bits, double failure);

// `current_ratio` is I_r / I_c, below 1.
double read_disturb(double thermal_stability, core::Time attempt_time, double current_ratio, core::Time read);

// Delta to design for: `hot_over_reference` is Delta(T_max) / Delta(T0), T0 / T_max where Ms and Hk stay.
double guard_banded_stability(double required, double sigmas, double relative_sigma, double hot_over_reference);

}  // namespace spinvp::technology
