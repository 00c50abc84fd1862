#include "models/technology/read_path.h"

#include <cmath>

#include <fmt/format.h>

#include "models/core/exact_math.h"
#include "models/technology/device_error.h"

namespace spinvp::technology {

namespace {

constexpr const char* brinkman = "barrier RA = (t / (F sqrt phi)) exp(2 t sqrt(2 m e phi) / hbar)";
constexpr const char* roll_off = "TMR(V) = TMR0 / (1 + (V / V_h)^2)";
constexpr const char* polarisation = "polarisation P(T) = P(0) (1 - b T^1.5)";

double thinning(const TunnelBarrier& barrier, core::Temperature temperature) {
  require_positive(polarisation, "temperature T", temperature.si(), "K");
  require_not_negative(polarisation, "slope b", barrier.polarisation_slope, "1/K^1.5");
  const double left = 1 - barrier.polarisation_slope * temperature.si() * std::sqrt(temperature.si());
  if (!(left > 0)) refuse(polarisation, "P(T) / P(0)", left, "", "above 0: a lower temperature or a smaller slope b");
  return left;
}

// P^2 at a temperature, from the TMR at the reference: TMR = 2 P^2 / (1 - P^2).
double squared_polarisation(const TunnelBarrier& barrier, core::Temperature temperature) {
  require_positive(roll_off, "TMR0", barrier.magnetoresistance, "");
  const double ratio = thinning(barrier, temperature) / thinning(barrier, barrier.reference);
  const double squared = barrier.magnetoresistance / (barrier.magnetoresistance + 2) * ratio * ratio;
  if (!(squared < 1)) refuse(polarisation, "P^2", squared, "", "below 1");
  return squared;
}

}  // namespace

AreaResistance resistance_area(const TunnelBarrier& barrier) {
  require_positive("junction resistance R_P = RA / area", "RA", barrier.resistance_area.si() * 1e12, "Ohm um2");
  if (barrier.thickness.si() == 0 || barrier.thickness == barrier.reference_thickness) return barrier.resistance_area;
  require_positive(brinkman, "barrier height phi", barrier.height.si(), "V");
  require_positive(brinkman, "barrier thickness t", barrier.thickness.si() * 1e9, "nm");
  require_positive(brinkman, "reference thickness of RA", barrier.reference_thickness.si() * 1e9, "nm");
  // F falls out of the ratio.
  const double decay = 2 * std::sqrt(2 * physics::electron_mass * physics::elementary_charge * barrier.height.si()) / physics::reduced_planck;
  return barrier.resistance_area *
         (barrier.thickness / barrier.reference_thickness * core::exact::exp(decay * (barrier.thickness - barrier.reference_thickness).si()));
}

double magnetoresistance(const TunnelBarrier& barrier, core::Voltage bias, core::Temperature temperature) {
  require_positive(roll_off, "V_h", barrier.half_bias.si(), "V");
  const double squared = squared_polarisation(barrier, temperature), x = bias / barrier.half_bias;
  return 2 * squared / (1 - squared) / (1 + x * x);
}

JunctionResistance junction_resistance(const TunnelBarrier& barrier, core::Area area, core::Voltage bias, core::Temperature temperature) {
  require_positive("junction resistance R_P = RA / area", "area", area.si() * 1e18, "nm2");
  const double conductance = (1 + squared_polarisation(barrier, barrier.reference)) / (1 + squared_polarisation(barrier, temperature));
  const core::Resistance parallel = resistance_area(barrier) / area * conductance;
  return {parallel, parallel * (1 + magnetoresistance(barrier, bias, temperature))};
}

core::Voltage sense_signal(const JunctionResistance& junction, core::Current read_current) {
  return read_current * (junction.antiparallel - junction.parallel) / 2;
}

core::Current sense_current(const JunctionResistance& junction, core::Voltage read_voltage) {
  return (read_voltage / junction.parallel - read_voltage / junction.antiparallel) / 2;
}

double sense_error(core::Voltage signal, core::Voltage sigma) {
  constexpr const char* law = "sense error = erfc(dV / (sqrt 2 sigma)) / 2";
  require_not_negative(law, "signal dV", signal.si() * 1e3, "mV");
  require_positive(law, "sigma", sigma.si() * 1e3, "mV");
  return core::exact::erfc(signal / sigma / std::sqrt(2.0)) / 2;
}

core::Time read_time(const SenseTiming& timing, core::Current difference) {
  require_positive("read time t = t_decode + C dV_min / dI + t_SA", "current difference dI", difference.si() * 1e6, "uA");
  return timing.decode + timing.bit_line * timing.least_signal / difference + timing.amplifier;
}

}  // namespace spinvp::technology
