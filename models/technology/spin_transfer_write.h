// A STT write: a current through the junction itself.
//
//   I_c0 = (4 e k T / hbar) (alpha / eta) Delta                       perpendicular (published: Arm's MRAM code; a survey prints h for hbar: hbar is right)
//   in plane times 1 + Ms / (2 Hk)                                    the demagnetisation that the torque must overcome (published: survey, eq. 3)
//   t_D = (1 + alpha^2) / (alpha gamma mu0 Hk)                        characteristic time (published: Arm's MRAM code)
//   precessional (below about 3 ns):  I / I_c = 1 + t_D ln(pi / (2 theta0)) / t,  theta0 = 1 / sqrt(2 Delta)       (published: STT switching paper, eq. 8)
//   thermal (above about 20 ns):      I / I_c = 1 - ln(t / tau0) / Delta                                           (eq. 10)
//   between: (thermal + precessional e^(-A (t - T))) / (1 + e^(-A (t - T)))                                        (eq. 9; A and T are fitted, ours assumed)
//
// These are the currents that switch half of the time or so; errors of a given pulse are write_error.h's. Every function throws core::InputError that names the
// equation, the value and what is allowed.
#pragma once

#include "models/technology/free_layer.h"

namespace spinvp::technology {

core::Current spin_transfer_critical_current(const FreeLayer& layer, double efficiency, core::Temperature temperature);
core::Time characteristic_time(const FreeLayer& layer, core::Temperature temperature);

// Where precession hands over to heat.
struct SwitchingBridge {
  core::Frequency steepness = core::Frequency::from_si(0.5e9);  // A
  core::Time middle = core::Time::from_si(8e-9);                // T: between 3 and 20 ns
};

// I / I_c that switches within `pulse`, in each regime. The thermal one needs a pulse above the attempt time.
double precessional_overdrive(const FreeLayer& layer, core::Time pulse, core::Temperature temperature);
double thermal_overdrive(const FreeLayer& layer, core::Time pulse, core::Temperature temperature);
double bridged_overdrive(const FreeLayer& layer, core::Time pulse, core::Temperature temperature, const SwitchingBridge& bridge = {});

// The time that a current takes, in each regime: precessional needs I / I_c > 1, thermal I / I_c < 1.
core::Time precessional_time(const FreeLayer& layer, double overdrive, core::Temperature temperature);
core::Time thermal_time(const FreeLayer& layer, double overdrive, core::Temperature temperature);
core::Time bridged_time(const FreeLayer& layer, double overdrive, core::Temperature temperature, const SwitchingBridge& bridge = {});

}  // namespace spinvp::technology
