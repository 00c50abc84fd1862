// Units of magnetism, beside those of models/core/units.h. A field H and a magnetisation M are in A/m (mu0 H is the flux density, in tesla).
#pragma once

#include "models/core/units.h"

namespace spinvp::technology {

using MagneticField = core::Quantity<-1, 0, 0, 1, 0>;  // H or M
using FluxDensity = core::Quantity<0, 1, -2, -1, 0>;
using CurrentDensity = core::Quantity<-2, 0, 0, 1, 0>;
using SurfaceEnergy = core::Quantity<0, 1, -2, 0, 0>;
using EnergyDensity = core::Quantity<-1, 1, -2, 0, 0>;
using Volume = core::Quantity<3, 0, 0, 0, 0>;
using AreaResistance = core::Quantity<4, 1, -3, -2, 0>;  // RA of a tunnel barrier
using Resistivity = core::Quantity<3, 1, -3, -2, 0>;

// CODATA 2018, SI. e, h and k are exact.
namespace physics {
constexpr double elementary_charge = 1.602176634e-19;     // C
constexpr double reduced_planck = 1.054571817e-34;        // J s
constexpr double boltzmann = 1.380649e-23;                // J / K
constexpr double vacuum_permeability = 1.25663706212e-6;  // T m / A
constexpr double electron_mass = 9.1093837015e-31;        // kg
constexpr double gyromagnetic_ratio = 1.760859e11;        // of the electron, rad / (s T)
constexpr double pi = 3.14159265358979323846;
}  // namespace physics

namespace literals {
#define SPINVP_UNIT(suffix, type, factor)                                                                        \
  constexpr type operator""_##suffix(long double v) { return type::from_si(static_cast<double>(v) * (factor)); } \
  constexpr type operator""_##suffix(unsigned long long v) { return type::from_si(static_cast<double>(v) * (factor)); }
SPINVP_UNIT(A_per_m, MagneticField, 1.0)
SPINVP_UNIT(kA_per_m, MagneticField, 1e3)
SPINVP_UNIT(A_per_m2, CurrentDensity, 1.0)
SPINVP_UNIT(mJ_per_m2, SurfaceEnergy, 1e-3)
SPINVP_UNIT(Ohm_um2, AreaResistance, 1e-12)
SPINVP_UNIT(uOhm_cm, Resistivity, 1e-8)
#undef SPINVP_UNIT
}  // namespace literals

}  // namespace spinvp::technology
