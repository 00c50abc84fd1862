// Reading a magnetic junction: resistance, TMR, and how well a sense amplifier tells the two states apart.
//
//   R_P = RA / area;  RA(t_ox) = (t_ox / (F sqrt phi)) exp(2 t_ox sqrt(2 m e phi) / hbar)   Brinkman; F fitted from RA at the reference thickness (public VGSOT code)
//   TMR(V) = TMR0 / (1 + (V / V_h)^2),   R_AP = R_P (1 + TMR)                               (published: two sources)
//   TMR0 = 2 P^2 / (1 - P^2),  P(T) = P(0) (1 - b T^1.5),  R_P(T) (1 + P(T)^2) constant     Julliere, Shang et al. 1998 (recalled); b is assumed
//   dV = I_r R_P TMR / 2   (current read),   dI = (V_r / R_P - V_r / R_AP) / 2   (voltage read), against a reference in the middle
//   sense error = erfc(dV / (sqrt 2 sigma)) / 2                                              (published: SCOPE; sense amplifier noise 8 mV voltage, 12 mV current)
//   t_read = t_decode + C_BL dV_min / dI + t_SA                                              (derived)
//
// Every function throws core::InputError that names the equation, the value and what is allowed.
#pragma once

#include "models/technology/magnetic_units.h"

namespace spinvp::technology {

struct TunnelBarrier {
  AreaResistance resistance_area;                         // RA, parallel, at the reference temperature and thickness
  core::Length reference_thickness, thickness;            // t_ox of RA, and of this junction; zero: RA as it is
  core::Voltage height = core::Voltage::from_si(0.4);     // phi
  double magnetoresistance = 1;                           // TMR0 at zero bias, reference temperature: 1.2 is 120 %
  core::Voltage half_bias = core::Voltage::from_si(0.5);  // V_h
  core::Temperature reference = core::Temperature::from_si(300);
  double polarisation_slope = 2e-5;  // b, 1 / K^1.5
};

AreaResistance resistance_area(const TunnelBarrier& barrier);
// TMR at a bias and a temperature.
double magnetoresistance(const TunnelBarrier& barrier, core::Voltage bias, core::Temperature temperature);

struct JunctionResistance {
  core::Resistance parallel, antiparallel;
};
JunctionResistance junction_resistance(const TunnelBarrier& barrier, core::Area area, core::Voltage bias, core::Temperature temperature);

// Half the difference of the two states: what is left against a reference in the middle.
core::Voltage sense_signal(const JunctionResistance& junction, core::Current read_current);
core::Current sense_current(const JunctionResistance& junction, core::Voltage read_voltage);

// Probability that one decision is wrong, for a signal and the standard deviation of the amplifier's noise and offset.
double sense_error(core::Voltage signal, core::Voltage sigma);

struct SenseTiming {
  core::Time decode, amplifier;
  core::Capacitance bit_line;
  core::Voltage least_signal;
};
core::Time read_time(const SenseTiming& timing, core::Current difference);

}  // namespace spinvp::technology
