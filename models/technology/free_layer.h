// The free layer of a magnetic junction: the nanomagnet that holds the bit. Its energy barrier over k T is the thermal stability Delta.
//
//   Delta = mu0 Ms Hk V / (2 k T)                                              effective field (Hk includes demagnetisation)
//   Delta = (K_i / t - mu0 (Nz - Nx) Ms^2 / 2) V / (k T)                       interface anisotropy; Nx = pi t / (4 D), Nz = 1 - 2 Nx
//
// (published: MRAM review, eq. 5; public VGSOT model code, anisotropy and demagnetisation.) The two forms are one: Hk = 2 K_i / (mu0 Ms t) - (Nz - Nx) Ms.
//
// Against temperature, all given values being those at `reference`:
//
//   Ms(T) = Ms(T0) (1 - (T/T*)^1.5) / (1 - (T0/T*)^1.5)                        Bloch
//   K(T)  = K(T0) (Ms(T) / Ms(T0))^n                                           Callen and Callen, for K_i and for mu0 Ms Hk / 2
//
// The forms are published (Gopman et al., arXiv 1307.2496: a T^1.5 law of barrier and field; Ibrahim et al., arXiv 2011.02220: the power law at Fe/MgO); their
// constants T* and n differ from stack to stack, and those here are assumptions. So Delta(T) = Delta(T0) (T0/T) [Ms Hk](T) / [Ms Hk](T0).
//
// A macrospin: the whole layer turns at once. Above about 50 nm a junction reverses through a domain wall, and its barrier grows slower than its area.
// Trap: a Delta extracted from the current dependence of switching underestimates this one (32, 36 against 42, 61 in one published set): docs/memory-device.md.
//
// Every function throws core::InputError that names the equation, the value and what is allowed.
#pragma once

#include "models/technology/magnetic_units.h"
#include "models/technology/write_error.h"

namespace spinvp::technology {

enum class ElementShape { ellipse, rectangle };
enum class EasyAxis { perpendicular, in_plane };

struct FreeLayer {
  ElementShape shape = ElementShape::ellipse;
  core::Length length, width, thickness;  // length: along the write current of a SOT cell
  EasyAxis easy_axis = EasyAxis::perpendicular;
  MagneticField saturation;                             // Ms
  MagneticField effective_field;                        // Hk with demagnetisation; zero: from interface_anisotropy
  SurfaceEnergy interface_anisotropy;                   // K_i; zero: effective_field rules
  double damping = 0.02;                                // alpha
  core::Time attempt_time = core::Time::from_si(1e-9);  // tau0

  core::Temperature reference = core::Temperature::from_si(300);
  core::Temperature bloch = core::Temperature::from_si(1120);  // T*
  double anisotropy_exponent = 2.2;                            // n

  [[nodiscard]] core::Area area() const;
  [[nodiscard]] Volume volume() const;
};

// Nx of the in-plane directions, Nz = 1 - 2 Nx across: a thin disc of diameter sqrt(length x width).
struct Demagnetisation {
  double in_plane, across;
};
Demagnetisation demagnetisation(const FreeLayer& layer);

MagneticField saturation_at(const FreeLayer& layer, core::Temperature temperature);
// Hk with demagnetisation, above zero.
MagneticField effective_field_at(const FreeLayer& layer, core::Temperature temperature);
// Delta.
double thermal_stability(const FreeLayer& layer, core::Temperature temperature);
// The barrier itself: Delta k T.
core::Energy energy_barrier(const FreeLayer& layer, core::Temperature temperature);
// What the write error law of spin torque takes (write_error.h), at a temperature.
MagneticSwitching switching_at(const FreeLayer& layer, core::Temperature temperature);

}  // namespace spinvp::technology
