#include "models/technology/retention.h"

#include <fmt/format.h>

#include "models/core/exact_math.h"
#include "models/technology/device_error.h"

namespace spinvp::technology {

namespace {
constexpr const char* law = "retention failure P = 1 - exp(-t / (tau0 e^Delta))";
constexpr const char* required = "stability for a retention Delta = ln(t / (tau0 (-ln(1 - P))))";

void check(double stability, core::Time attempt_time) {
  require_positive(law, "thermal stability Delta", stability, "");
  require_positive(law, "attempt time tau0", attempt_time.si() * 1e9, "ns");
}
double at_least_zero(double stability, double seconds) {
  if (!(stability > 0))
    refuse(required, "Delta", stability, "", fmt::format("above 0: {:.6g} s is too short for this law, which holds above the attempt time", seconds));
  return stability;
}
}  // namespace

core::Frequency escape_rate(double stability, core::Time attempt_time) {
  check(stability, attempt_time);
  return core::exact::exp(-stability) / attempt_time;
}

double retention_failure(double stability, core::Time attempt_time, core::Time resting) {
  require_not_negative(law, "time t", resting.si(), "s");
  return -core::exact::expm1(-(escape_rate(stability, attempt_time) * resting));
}

core::Time retention_time(double stability, core::Time attempt_time, double failure) {
  check(stability, attempt_time);
  require_probability(law, "failure P", failure);
  return attempt_time * (-core::exact::log1p(-failure) * core::exact::exp(stability));
}

double required_stability(core::Time resting, core::Time attempt_time, double failure) {
  require_positive(required, "time t", resting.si(), "s");
  require_positive(required, "attempt time tau0", attempt_time.si() * 1e9, "ns");
  require_probability(required, "failure P", failure);
  return at_least_zero(core::exact::log(resting / attempt_time / -core::exact::log1p(-failure)), resting.si());
}

double required_stability_of_array(core::Time resting, core::Time attempt_time, std::uint64_t bits, double failure) {
  constexpr const char* array = "array rule Delta = ln(t N / (tau0 p))";
  require_positive(array, "time t", resting.si(), "s");
  require_positive(array, "attempt time tau0", attempt_time.si() * 1e9, "ns");
  require_positive(array, "bits N", static_cast<double>(bits), "");
  require_probability(array, "failure p", failure);
  return at_least_zero(core::exact::log(resting / attempt_time * static_cast<double>(bits) / failure), resting.si());
}

double read_disturb(double stability, core::Time attempt_time, double current_ratio, core::Time read) {
  constexpr const char* disturb = "read disturb P = 1 - exp(-(t_r / tau0) exp(-Delta (1 - I_r / I_c)))";
  check(stability, attempt_time);
  require_not_negative(disturb, "read time t_r", read.si() * 1e9, "ns");
  if (!(current_ratio >= 0 && current_ratio < 1)) refuse(disturb, "I_r / I_c", current_ratio, "", "0 to below 1: at 1 a read is a write");
  return -core::exact::expm1(-(read / attempt_time * core::exact::exp(-stability * (1 - current_ratio))));
}

double guard_banded_stability(double required_delta, double sigmas, double relative_sigma, double hot_over_reference) {
  constexpr const char* guard = "guard band Delta_design = Delta_required / ((1 - k sigma) Delta(T_max) / Delta(T0))";
  require_positive(guard, "Delta_required", required_delta, "");
  require_positive(guard, "Delta(T_max) / Delta(T0)", hot_over_reference, "");
  const double left = 1 - sigmas * relative_sigma;
  if (!(left > 0)) refuse(guard, "1 - k sigma", left, "", fmt::format("above 0: sigma below {:.6g} for k = {:.6g}", 1 / sigmas, sigmas));
  return required_delta / (left * hot_over_reference);
}

}  // namespace spinvp::technology
