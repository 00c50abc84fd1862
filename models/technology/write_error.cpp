#include "models/technology/write_error.h"

#include <cmath>

#include <fmt/format.h>

#include "models/core/exact_math.h"
#include "models/technology/device_error.h"

namespace spinvp::technology {

namespace exact = core::exact;

namespace {
constexpr double quarter_pi_squared = physics::pi * physics::pi / 4;
constexpr const char* closed_form = "write error WER = 1 - exp(-(pi^2 / 4) Delta (i - 1) / (i e^((i - 1) C t) - 1))";
constexpr const char* spin_orbit_form = "write error of SOT WER = exp(-k (t - t0))";
}  // namespace

std::vector<core::Constant> MagneticSwitching::constants() const {
  return {{"thermal_stability", thermal_stability, "", "assumed: 60, the rule for ten years of a single device with an attempt time of 1 ns"},
          {"damping", damping, "", "assumed: a thin CoFeB layer beside a heavy metal, spin pumping included"},
          {"anisotropy_field", anisotropy_field_tesla, "T", "assumed: effective perpendicular anisotropy of a thin CoFeB layer, order of magnitude"},
          {"attempt_time", attempt_time.si() * 1e9, "ns", "assumed: 1 ns, the usual rule"},
          {"gyromagnetic_ratio", physics::gyromagnetic_ratio, "rad/(s T)", "published: CODATA, electron"}};
}

double write_error_probability(const MagneticSwitching& device, double overdrive, core::Time pulse) {
  const double stability = device.thermal_stability, t = pulse.si();
  if (overdrive <= 1) return exact::exp(-(t / device.attempt_time.si()) * exact::exp(-stability * (1 - overdrive)));
  // Both sides of the fraction times e^-growth: no overflow.
  const double shrunk = exact::exp(-(overdrive - 1) * device.growth_rate() * t);
  return -exact::expm1(-quarter_pi_squared * stability * (overdrive - 1) * shrunk / (overdrive - shrunk));
}

core::Time pulse_for_write_error(const MagneticSwitching& device, double overdrive, double error) {
  if (!(overdrive > 1)) refuse(closed_form, "overdrive i = I / I_c", overdrive, "", "above 1");
  require_probability(closed_form, "write error", error);
  const double exponent = -exact::log1p(-error);
  const double growth = (1 + quarter_pi_squared * device.thermal_stability * (overdrive - 1) / exponent) / overdrive;
  // At or below one, a pulse of no length fails no more often than allowed.
  return core::Time::from_si(growth <= 1 ? 0 : exact::log(growth) / ((overdrive - 1) * device.growth_rate()));
}

double overdrive_for_write_error(const MagneticSwitching& device, core::Time pulse, double error) {
  require_positive(closed_form, "pulse t", pulse.si() * 1e9, "ns");
  require_probability(closed_form, "write error", error);
  // With x = i - 1 and A = (pi^2 / 4) Delta / -ln(1 - WER) the law reads ln((1 + A x) / (1 + x)) = C t x. The left side is concave in x, both sides are 0 at x = 0:
  // the root above it exists where A - 1 > C t. Newton from the right of the root falls towards it without passing it.
  const double a = quarter_pi_squared * device.thermal_stability / -exact::log1p(-error), slope = device.growth_rate() * pulse.si();
  if (a - 1 <= slope) return 1;
  const auto excess = [&](double x) { return slope * x - exact::log((1 + a * x) / (1 + x)); };
  // The left side never exceeds ln A.
  double x = exact::log(a) / slope;
  for (int step = 0; step < 100; ++step) {
    const double next = x - excess(x) / (slope - a / (1 + a * x) + 1 / (1 + x));
    if (!(next < x * (1 - 1e-14))) break;
    x = next;
  }
  return 1 + x;
}

double spin_orbit_write_error(core::Frequency slope, core::Time pulse, core::Time incubation) {
  require_positive(spin_orbit_form, "slope k", slope.si() * 1e-9, "1/ns");
  if (!(pulse >= incubation))
    refuse(spin_orbit_form, "pulse t", pulse.si() * 1e9, "ns", fmt::format("at least the incubation t0 = {:.6g} ns", incubation.si() * 1e9));
  return exact::exp(-(slope * (pulse - incubation)));
}

core::Time spin_orbit_tail(core::Frequency slope, double error) {
  require_positive(spin_orbit_form, "slope k", slope.si() * 1e-9, "1/ns");
  require_probability(spin_orbit_form, "write error", error);
  return -exact::log(error) / slope;
}

}  // namespace spinvp::technology
