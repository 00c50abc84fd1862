#include "models/technology/process_variation.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "models/core/error.h"
#include "models/technology/device_error.h"
#include "models/technology/normal_deviate.h"

namespace spinvp::technology {

namespace {

// Factors on one cell's parameters.
struct Factors {
  double diameter = 1, thickness = 1, anisotropy = 1, resistance_area = 1, spin_hall_angle = 1;
};

MagneticJunction scaled(const MagneticJunction& nominal, const Factors& f) {
  MagneticJunction cell = nominal;
  cell.layer.length = nominal.layer.length * f.diameter;
  cell.layer.width = nominal.layer.width * f.diameter;
  cell.layer.thickness = nominal.layer.thickness * f.thickness;
  cell.layer.interface_anisotropy = nominal.layer.interface_anisotropy * f.anisotropy;
  cell.layer.effective_field = nominal.layer.effective_field * f.anisotropy;
  cell.barrier.resistance_area = nominal.barrier.resistance_area * f.resistance_area;
  cell.track.spin_hall_angle = nominal.track.spin_hall_angle * f.spin_hall_angle;
  return cell;
}

// Cell n takes deviates 8 n .. 8 n + 4; eight leave room for more parameters without changing the cells of a seed.
Factors draw(const ProcessVariation& sigma, std::uint64_t seed, std::uint64_t n) {
  return {1 + sigma.diameter * normal_deviate(seed, 8 * n), 1 + sigma.thickness * normal_deviate(seed, 8 * n + 1),
          1 + sigma.anisotropy * normal_deviate(seed, 8 * n + 2), 1 + sigma.resistance_area * normal_deviate(seed, 8 * n + 3),
          1 + sigma.spin_hall_angle * normal_deviate(seed, 8 * n + 4)};
}

Statistics statistics(std::vector<double> values) {
  Statistics s;
  if (values.empty()) return s;
  const double count = static_cast<double>(values.size());
  for (const double v : values) s.mean += v / count;
  double squares = 0;
  for (const double v : values) squares += (v - s.mean) * (v - s.mean);
  s.sigma = values.size() > 1 ? std::sqrt(squares / (count - 1)) : 0;
  std::sort(values.begin(), values.end());
  // The value below which a share of the cells lies, rounded up to a cell that exists.
  const auto quantile = [&](double share) { return values[std::min(values.size() - 1, static_cast<std::size_t>(share * count))]; };
  s.q001 = quantile(0.001), s.q01 = quantile(0.01), s.median = quantile(0.5), s.q99 = quantile(0.99), s.q999 = quantile(0.999);
  return s;
}

}  // namespace

VariationReport vary(const MagneticJunction& nominal, const ProcessVariation& variation, const WriteDrive& drive, const ReadDrive& read,
                     core::Temperature temperature, std::uint64_t cells, std::uint64_t seed) {
  constexpr const char* law = "process variation, relative standard deviation";
  require_between(law, "of the diameter", variation.diameter, 0, 0.3, "");
  require_between(law, "of the thickness", variation.thickness, 0, 0.3, "");
  require_between(law, "of the anisotropy", variation.anisotropy, 0, 0.3, "");
  require_between(law, "of RA", variation.resistance_area, 0, 0.3, "");
  require_between(law, "of the spin Hall angle", variation.spin_hall_angle, 0, 0.3, "");
  if (cells == 0) refuse("process variation", "cells", 0, "", "1 or more");

  // The nominal device is refused where it stands, with its own message.
  const double nominal_area_resistance = (resistance_area(nominal.barrier) / nominal.layer.area()).si();
  (void)thermal_stability(nominal.layer, temperature);

  VariationReport report;
  report.cells = cells;
  std::vector<double> stability, critical, error, signal;
  for (std::uint64_t n = 0; n < cells; ++n) {
    const MagneticJunction cell = scaled(nominal, draw(variation, seed, n));
    double delta = 0, current = 0;
    try {
      delta = thermal_stability(cell.layer, temperature);
      current = critical_current(cell, temperature).si();
    } catch (const core::InputError&) {
      ++report.impossible;
      continue;
    }
    WriteDrive seen = drive;
    if (nominal.write == WriteMechanism::spin_transfer)
      seen.current = drive.current * (nominal_area_resistance / (resistance_area(cell.barrier) / cell.layer.area()).si());
    double failure = 1;
    try {
      failure = write_error(cell, seen, temperature);
    } catch (const core::InputError&) {
      ++report.not_written;
    }
    stability.push_back(delta);
    critical.push_back(current);
    error.push_back(failure);
    const JunctionResistance resistance = junction_resistance(cell.barrier, cell.layer.area(), read.voltage, temperature);
    // Half the read voltage's share that tells the states apart: I_P R_P is the read voltage, so dV = V TMR / 2 would not vary; the amplifier sees the current
    // difference over the nominal resistance.
    signal.push_back(sense_current(resistance, read.voltage).si() * nominal_area_resistance);
  }
  report.stability = statistics(std::move(stability));
  report.critical_current_a = statistics(std::move(critical));
  report.write_error = statistics(std::move(error));
  report.read_signal_v = statistics(std::move(signal));
  return report;
}

RelativeSigma propagated_sigma(const MagneticJunction& nominal, const ProcessVariation& variation, core::Temperature temperature) {
  constexpr double step = 1e-4;
  const double stability = thermal_stability(nominal.layer, temperature), current = critical_current(nominal, temperature).si();
  RelativeSigma squares;
  const auto add = [&](double Factors::*parameter, double sigma) {
    Factors up, down;
    up.*parameter += step;
    down.*parameter -= step;
    const MagneticJunction a = scaled(nominal, up), b = scaled(nominal, down);
    const double d = (thermal_stability(a.layer, temperature) - thermal_stability(b.layer, temperature)) / (2 * step * stability) * sigma;
    const double i = (critical_current(a, temperature).si() - critical_current(b, temperature).si()) / (2 * step * current) * sigma;
    squares.stability += d * d;
    squares.critical_current += i * i;
  };
  add(&Factors::diameter, variation.diameter);
  add(&Factors::thickness, variation.thickness);
  add(&Factors::anisotropy, variation.anisotropy);
  add(&Factors::spin_hall_angle, variation.spin_hall_angle);
  return {std::sqrt(squares.stability), std::sqrt(squares.critical_current)};
}

}  // namespace spinvp::technology
