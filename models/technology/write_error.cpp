#include "models/technology/write_error.h"

#include <cmath>

namespace spinvp::technology {

namespace {

// e^x for x <= 0, in IEEE operations alone. x = n ln 2 + r with |r| <= ln(2) / 2; the series ends below 2^-53.
double exp_of(double x) {
  if (x < -740) return 0;                                                        // below the least subnormal
  constexpr double ln2_high = 0x1.62e42feep-1, ln2_low = 0x1.a39ef35793c76p-33;  // the high part has 32 bits: its product with n is exact
  const int n = static_cast<int>(x / ln2_high - 0.5);
  const double r = (x - n * ln2_high) - n * ln2_low;
  double term = 1, sum = 1;
  for (int k = 1; k <= 16; ++k) {
    term *= r / k;
    sum += term;
  }
  return std::ldexp(sum, n);
}

// 1 - e^-x for x >= 0, without cancellation.
double one_minus_exp(double x) {
  if (x > 0.5) return 1 - exp_of(-x);
  double term = x, sum = x;
  for (int k = 2; k <= 16; ++k) {
    term *= -x / k;
    sum += term;
  }
  return sum;
}

}  // namespace

std::vector<core::Constant> MagneticSwitching::constants() const {
  return {{"thermal_stability", thermal_stability, "", "assumed: 60, the rule for ten years of a single device with an attempt time of 1 ns"},
          {"damping", damping, "", "assumed: a thin CoFeB layer beside a heavy metal, spin pumping included"},
          {"anisotropy_field", anisotropy_field_tesla, "T", "assumed: effective perpendicular anisotropy of a thin CoFeB layer, order of magnitude"},
          {"attempt_time", attempt_time.si() * 1e9, "ns", "assumed: 1 ns, the usual rule"},
          {"gyromagnetic_ratio", gyromagnetic_ratio, "rad/(s T)", "published: CODATA, electron"}};
}

double write_error_probability(const MagneticSwitching& device, double overdrive, core::Time pulse) {
  const double stability = device.thermal_stability, t = pulse.si();
  if (overdrive <= 1) return exp_of(-(t / device.attempt_time.si()) * exp_of(-stability * (1 - overdrive)));
  constexpr double quarter_pi_squared = 2.4674011002723395;
  // Both sides of the fraction times e^-growth: no overflow.
  const double shrunk = exp_of(-(overdrive - 1) * device.growth_rate() * t);
  return one_minus_exp(quarter_pi_squared * stability * (overdrive - 1) * shrunk / (overdrive - shrunk));
}

}  // namespace spinvp::technology
