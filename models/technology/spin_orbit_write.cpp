#include "models/technology/spin_orbit_write.h"

#include <cmath>

#include <fmt/format.h>

#include "models/core/exact_math.h"
#include "models/technology/device_error.h"

namespace spinvp::technology {

namespace {

constexpr const char* critical = "SOT critical current J_c = (2e/hbar) (mu0 Ms t / theta) (Hk / 2 - Hx / sqrt 2)";
constexpr const char* track_size = "track cross-section of I_c = J_c w t";
constexpr const char* charge_rule = "charge rule I = I_c (1 + t_q / t)";

// mu0 Ms t, the magnetic moment of the layer by its area, in SI (T m).
double moment(const FreeLayer& layer, core::Temperature temperature) {
  return physics::vacuum_permeability * saturation_at(layer, temperature).si() * layer.thickness.si();
}

core::Area cross_section(const SpinOrbitTrack& track) {
  require_positive(track_size, "track width", track.width.si() * 1e9, "nm");
  require_positive(track_size, "track thickness", track.thickness.si() * 1e9, "nm");
  return track.width * track.thickness;
}

}  // namespace

double effective_spin_hall_angle(const SpinOrbitTrack& track) {
  constexpr const char* law = "spin Hall angle theta = theta_SH (1 - sech(t / lambda))";
  const double angle = std::abs(track.spin_hall_angle);
  require_positive(law, "|theta_SH|", angle, "");
  require_not_negative(law, "spin diffusion length lambda", track.spin_diffusion_length.si() * 1e9, "nm");
  if (track.spin_diffusion_length.si() == 0) return angle;
  require_positive(law, "track thickness t", track.thickness.si() * 1e9, "nm");
  return angle * (1 - 1 / core::exact::cosh(track.thickness / track.spin_diffusion_length));
}

CurrentDensity spin_orbit_critical_density(const FreeLayer& layer, const SpinOrbitTrack& track, core::Temperature temperature) {
  const double field = effective_field_at(layer, temperature).si(), assist = track.assist_field.si();
  const double prefactor = 2 * physics::elementary_charge / physics::reduced_planck * moment(layer, temperature) / effective_spin_hall_angle(track);
  if (layer.easy_axis == EasyAxis::in_plane) {
    require_positive("SOT critical current J_c = (2e/hbar) (mu0 Ms t / theta) alpha (Hk + Ms / 2)", "damping alpha", layer.damping, "");
    return CurrentDensity::from_si(prefactor * layer.damping * (field + saturation_at(layer, temperature).si() / 2));
  }
  const double bracket = field / 2 - assist / std::sqrt(2.0);
  require_not_negative(critical, "in-plane assist field Hx", assist, "A/m");
  if (!(bracket > 0)) refuse(critical, "Hk / 2 - Hx / sqrt 2", bracket, "A/m", fmt::format("above 0: Hx below {:.6g} A/m", field / std::sqrt(2.0)));
  return CurrentDensity::from_si(prefactor * bracket);
}

core::Current spin_orbit_critical_current(const FreeLayer& layer, const SpinOrbitTrack& track, core::Temperature temperature) {
  return spin_orbit_critical_density(layer, track, temperature) * cross_section(track);
}

core::Resistance track_resistance(const SpinOrbitTrack& track) {
  constexpr const char* law = "track resistance R = rho L / (w t)";
  require_positive(law, "resistivity rho", track.resistivity.si() * 1e8, "uOhm cm");
  require_positive(law, "length L", track.length.si() * 1e9, "nm");
  return track.resistivity * track.length / cross_section(track);
}

SpinOrbitFields spin_orbit_fields(const FreeLayer& layer, const SpinOrbitTrack& track, CurrentDensity density, core::Temperature temperature) {
  const double damping_like =
      physics::reduced_planck * effective_spin_hall_angle(track) * density.si() / (2 * physics::elementary_charge * moment(layer, temperature));
  return {MagneticField::from_si(damping_like), MagneticField::from_si(damping_like * track.field_like_ratio)};
}

core::Current charge_rule_current(core::Current critical_current, core::Time charge_time, core::Time pulse) {
  require_positive(charge_rule, "critical current I_c", critical_current.si() * 1e6, "uA");
  require_not_negative(charge_rule, "charge time t_q", charge_time.si() * 1e9, "ns");
  require_positive(charge_rule, "pulse t", pulse.si() * 1e9, "ns");
  return critical_current * (1 + charge_time / pulse);
}

core::Time charge_rule_time(core::Current critical_current, core::Time charge_time, core::Current current) {
  constexpr const char* law = "incubation t0 = t_q / (I / I_c - 1)";
  require_positive(law, "critical current I_c", critical_current.si() * 1e6, "uA");
  require_not_negative(law, "charge time t_q", charge_time.si() * 1e9, "ns");
  const double overdrive = current / critical_current;
  if (!(overdrive > 1)) refuse(law, "overdrive I / I_c", overdrive, "", fmt::format("above 1: a current above {:.6g} uA", critical_current.si() * 1e6));
  return charge_time / (overdrive - 1);
}

core::Energy supply_energy(core::Voltage supply, core::Current current, core::Time pulse) { return supply * current * pulse; }
core::Energy ohmic_energy(core::Current current, core::Resistance path, core::Time pulse) { return current * current * path * pulse; }

}  // namespace spinvp::technology
