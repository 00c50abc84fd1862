#include "models/technology/free_layer.h"

#include <cmath>

#include <fmt/format.h>

#include "models/core/exact_math.h"
#include "models/technology/device_error.h"

namespace spinvp::technology {

namespace {

constexpr const char* geometry = "volume V = area t of the free layer";
constexpr const char* bloch_law = "Bloch law Ms(T) = Ms(0) (1 - (T/T*)^1.5)";
constexpr const char* field_form = "thermal stability Delta = mu0 Ms Hk V / (2 k T)";
constexpr const char* interface_form = "thermal stability Delta = (K_i / t - mu0 (Nz - Nx) Ms^2 / 2) V / (k T)";

void check(const FreeLayer& layer) {
  require_positive(geometry, "length", layer.length.in(core::Length::from_si(1e-9)), "nm");
  require_positive(geometry, "width", layer.width.in(core::Length::from_si(1e-9)), "nm");
  require_positive(geometry, "thickness t", layer.thickness.in(core::Length::from_si(1e-9)), "nm");
  const char* form = layer.interface_anisotropy.si() == 0 ? field_form : interface_form;
  require_positive(form, "saturation magnetisation Ms", layer.saturation.si(), "A/m");
  if (layer.interface_anisotropy.si() == 0)
    require_positive(form, "anisotropy field Hk", layer.effective_field.si(), "A/m");
  else
    require_positive(form, "interface anisotropy K_i", layer.interface_anisotropy.si(), "J/m2");
}

// 1 - (T/T*)^1.5, above zero.
double bloch_factor(const FreeLayer& layer, core::Temperature temperature) {
  require_positive(bloch_law, "temperature T", temperature.si(), "K");
  require_positive(bloch_law, "constant T*", layer.bloch.si(), "K");
  const double ratio = temperature / layer.bloch;
  if (ratio >= 1) refuse(bloch_law, "temperature T", temperature.si(), "K", fmt::format("below T* = {:.6g} K, where the magnetisation ends", layer.bloch.si()));
  return 1 - ratio * std::sqrt(ratio);
}

// Ms(T) / Ms(T0).
double magnetisation_ratio(const FreeLayer& layer, core::Temperature temperature) {
  return bloch_factor(layer, temperature) / bloch_factor(layer, layer.reference);
}

}  // namespace

core::Area FreeLayer::area() const { return length * width * (shape == ElementShape::ellipse ? physics::pi / 4 : 1); }
Volume FreeLayer::volume() const { return area() * thickness; }

Demagnetisation demagnetisation(const FreeLayer& layer) {
  check(layer);
  const double diameter = std::sqrt((layer.length * layer.width).si());
  const double in_plane = physics::pi * layer.thickness.si() / (4 * diameter);
  // Nx = Nz = 1/3 is a sphere: the thin-disc form ends there.
  if (in_plane >= 1.0 / 3) refuse("demagnetisation Nx = pi t / (4 D)", "Nx", in_plane, "", "below 1/3: a layer thinner than about 0.42 of its diameter");
  return {in_plane, 1 - 2 * in_plane};
}

MagneticField saturation_at(const FreeLayer& layer, core::Temperature temperature) { return layer.saturation * magnetisation_ratio(layer, temperature); }

MagneticField effective_field_at(const FreeLayer& layer, core::Temperature temperature) {
  check(layer);
  const double m = magnetisation_ratio(layer, temperature);
  const double k = core::exact::pow(m, layer.anisotropy_exponent);  // K(T) / K(T0)
  // mu0 Ms Hk / 2 goes as K, so Hk as K / Ms.
  if (layer.interface_anisotropy.si() == 0) return layer.effective_field * (k / m);
  const Demagnetisation n = demagnetisation(layer);
  const double saturation = layer.saturation.si() * m;
  const double surface = layer.interface_anisotropy.si() * k / layer.thickness.si();
  const double shape = physics::vacuum_permeability * (n.across - n.in_plane) * saturation * saturation / 2;
  if (surface <= shape)
    refuse(interface_form, "K_i / t - mu0 (Nz - Nx) Ms^2 / 2", surface - shape, "J/m3",
           fmt::format("above 0: this layer lies in plane; at {:.6g} K and t = {:.4g} nm K_i must exceed {:.4g} mJ/m2", temperature.si(),
                       layer.thickness.si() * 1e9, shape * layer.thickness.si() * 1e3));
  return MagneticField::from_si(2 * (surface - shape) / (physics::vacuum_permeability * saturation));
}

core::Energy energy_barrier(const FreeLayer& layer, core::Temperature temperature) {
  const MagneticField field = effective_field_at(layer, temperature);
  return core::Energy::from_si(physics::vacuum_permeability * saturation_at(layer, temperature).si() * field.si() * layer.volume().si() / 2);
}

double thermal_stability(const FreeLayer& layer, core::Temperature temperature) {
  return energy_barrier(layer, temperature).si() / (physics::boltzmann * temperature.si());
}

MagneticSwitching switching_at(const FreeLayer& layer, core::Temperature temperature) {
  require_positive("growth rate C = 2 alpha gamma mu0 Hk / (1 + alpha^2)", "damping alpha", layer.damping, "");
  require_positive("Neel-Arrhenius law", "attempt time tau0", layer.attempt_time.si() * 1e9, "ns");
  MagneticSwitching switching;
  switching.thermal_stability = thermal_stability(layer, temperature);
  switching.damping = layer.damping;
  switching.anisotropy_field_tesla = physics::vacuum_permeability * effective_field_at(layer, temperature).si();
  switching.attempt_time = layer.attempt_time;
  return switching;
}

}  // namespace spinvp::technology
