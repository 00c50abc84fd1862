// A SOT write: a current along the heavy-metal track under the free layer.
//
//   theta = theta_SH (1 - sech(t_track / lambda))                               finite thickness (recalled; e.g. Liu et al. 2011); lambda = 0: theta_SH as it is
//   J_c = (2e/hbar) (mu0 Ms t / theta) (Hk / 2 - Hx / sqrt 2)                   perpendicular, in-plane assist field Hx (macrospin; Lee et al. 2013, recalled)
//   J_c = (2e/hbar) (mu0 Ms t / theta) alpha (Hk + Ms / 2)                      in plane, easy axis across the current: damping is overcome as by spin transfer (recalled)
//   I_c = J_c w_track t_track,   R = rho L / (w_track t_track)                  (derived; public VGSOT model code)
//   H_DL = hbar theta J / (2 e mu0 Ms t),  H_FL = ratio H_DL                    (published: public VGSOT model code, ratio 0.83 there)
//   I = I_c (1 + t_q / t)                                                       charge rule of sub-nanosecond switching, t_q of 0.2 .. 0.5 ns (recalled)
//   E = V I t from the supply, I^2 (R + R_access) t where the access device drops no more than its own resistance (derived)
//
// The time t0(I) = t_q / (I / I_c - 1) is the incubation: a shorter pulse does not switch. Beyond it errors fall as exp(-k (t - t0)): write_error.h.
// Every function throws core::InputError that names the equation, the value and what is allowed.
#pragma once

#include "models/technology/free_layer.h"

namespace spinvp::technology {

struct SpinOrbitTrack {
  core::Length length, width, thickness;
  Resistivity resistivity;
  double spin_hall_angle = 0;                                    // theta_SH; its sign only turns the polarity and is dropped
  core::Length spin_diffusion_length;                            // lambda; zero: spin_hall_angle is that of the track as it is
  MagneticField assist_field;                                    // Hx
  double field_like_ratio = 0;                                   // H_FL / H_DL
  core::Time charge_time = core::Time::from_si(0.35e-9);         // t_q
  core::Frequency error_slope = core::Frequency::from_si(30e9);  // k: set by the user, no published law is known
};

double effective_spin_hall_angle(const SpinOrbitTrack& track);
CurrentDensity spin_orbit_critical_density(const FreeLayer& layer, const SpinOrbitTrack& track, core::Temperature temperature);
core::Current spin_orbit_critical_current(const FreeLayer& layer, const SpinOrbitTrack& track, core::Temperature temperature);
core::Resistance track_resistance(const SpinOrbitTrack& track);

struct SpinOrbitFields {
  MagneticField damping_like, field_like;
};
SpinOrbitFields spin_orbit_fields(const FreeLayer& layer, const SpinOrbitTrack& track, CurrentDensity density, core::Temperature temperature);

// The charge rule, both ways: the current that switches within `pulse`, and the time t0 that a current takes (it must be above the critical one).
core::Current charge_rule_current(core::Current critical, core::Time charge_time, core::Time pulse);
core::Time charge_rule_time(core::Current critical, core::Time charge_time, core::Current current);

// What a write takes: from the supply, and in track and access device alone.
core::Energy supply_energy(core::Voltage supply, core::Current current, core::Time pulse);
core::Energy ohmic_energy(core::Current current, core::Resistance path, core::Time pulse);

}  // namespace spinvp::technology
