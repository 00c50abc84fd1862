#include "models/technology/spin_transfer_write.h"

#include <cmath>

#include <fmt/format.h>

#include "models/core/exact_math.h"
#include "models/technology/device_error.h"

namespace spinvp::technology {

namespace {

constexpr const char* precessional = "precessional switching I / I_c = 1 + t_D ln(pi / (2 theta0)) / t";
constexpr const char* thermal = "thermal switching I / I_c = 1 - ln(t / tau0) / Delta";

// t_D ln(pi / (2 theta0)), theta0 = 1 / sqrt(2 Delta): (I / I_c - 1) t of precessional switching.
core::Time precessional_product(const FreeLayer& layer, core::Temperature temperature) {
  const double stability = thermal_stability(layer, temperature), start = 1 / std::sqrt(2 * stability);
  if (!(start < physics::pi / 2)) refuse(precessional, "thermal angle theta0 = 1 / sqrt(2 Delta)", start, "rad", "below pi / 2: Delta above 0.2");
  return characteristic_time(layer, temperature) * core::exact::log(physics::pi / (2 * start));
}

}  // namespace

core::Current spin_transfer_critical_current(const FreeLayer& layer, double efficiency, core::Temperature temperature) {
  constexpr const char* law = "STT critical current I_c0 = (4 e k T / hbar) (alpha / eta) Delta";
  require_positive(law, "damping alpha", layer.damping, "");
  require_between(law, "spin transfer efficiency eta", efficiency, 1e-6, 1, "");
  const double perpendicular =
      4 * physics::elementary_charge / physics::reduced_planck * (layer.damping / efficiency) * energy_barrier(layer, temperature).si();
  if (layer.easy_axis == EasyAxis::perpendicular) return core::Current::from_si(perpendicular);
  return core::Current::from_si(perpendicular * (1 + saturation_at(layer, temperature) / (2 * effective_field_at(layer, temperature))));
}

core::Time characteristic_time(const FreeLayer& layer, core::Temperature temperature) {
  // The growth rate of the squared angle at I = 2 I_c is C; that of the angle C / 2 = 1 / t_D.
  return core::Time::from_si(2 / switching_at(layer, temperature).growth_rate());
}

double precessional_overdrive(const FreeLayer& layer, core::Time pulse, core::Temperature temperature) {
  require_positive(precessional, "pulse t", pulse.si() * 1e9, "ns");
  return 1 + precessional_product(layer, temperature) / pulse;
}

double thermal_overdrive(const FreeLayer& layer, core::Time pulse, core::Temperature temperature) {
  if (!(pulse >= layer.attempt_time))
    refuse(thermal, "pulse t", pulse.si() * 1e9, "ns", fmt::format("at least the attempt time tau0 = {:.6g} ns", layer.attempt_time.si() * 1e9));
  return 1 - core::exact::log(pulse / layer.attempt_time) / thermal_stability(layer, temperature);
}

double bridged_overdrive(const FreeLayer& layer, core::Time pulse, core::Temperature temperature, const SwitchingBridge& bridge) {
  constexpr const char* law = "bridged switching (thermal + precessional e^(-A (t - T))) / (1 + e^(-A (t - T)))";
  require_positive(law, "steepness A", bridge.steepness.si() * 1e-9, "1/ns");
  const double fast = precessional_overdrive(layer, pulse, temperature);
  // Below the attempt time there is no thermal regime to mix in.
  if (pulse <= layer.attempt_time) return fast;
  const double slow = thermal_overdrive(layer, pulse, temperature), weight = core::exact::exp(-(bridge.steepness * (pulse - bridge.middle)));
  return std::isfinite(weight) ? (slow + fast * weight) / (1 + weight) : fast;
}

core::Time precessional_time(const FreeLayer& layer, double overdrive, core::Temperature temperature) {
  if (!(overdrive > 1)) refuse(precessional, "overdrive I / I_c", overdrive, "", "above 1; at or below it heat alone switches");
  return precessional_product(layer, temperature) / (overdrive - 1);
}

core::Time thermal_time(const FreeLayer& layer, double overdrive, core::Temperature temperature) {
  require_not_negative(thermal, "overdrive I / I_c", overdrive, "");
  if (!(overdrive < 1)) refuse(thermal, "overdrive I / I_c", overdrive, "", "below 1; above it torque alone switches");
  return layer.attempt_time * core::exact::exp(thermal_stability(layer, temperature) * (1 - overdrive));
}

core::Time bridged_time(const FreeLayer& layer, double overdrive, core::Temperature temperature, const SwitchingBridge& bridge) {
  require_not_negative("bridged switching", "overdrive I / I_c", overdrive, "");
  // The current falls as the pulse grows. Bisection over the logarithm, from a femtosecond to the age of the universe.
  double low = 1e-15, high = 4e17;
  for (int step = 0; step < 120 && high / low > 1 + 1e-14; ++step) {
    const double middle = std::sqrt(low * high);
    (bridged_overdrive(layer, core::Time::from_si(middle), temperature, bridge) > overdrive ? low : high) = middle;
  }
  return core::Time::from_si(std::sqrt(low * high));
}

}  // namespace spinvp::technology
