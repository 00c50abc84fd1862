// What a request asks of a cell, and one design held against it. The search over designs: tuning_search.cpp.
#include "models/technology/device_tuning.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "models/core/error.h"
#include "models/technology/device_error.h"
#include "models/technology/retention.h"
#include "models/technology/tuning_limits.h"
#include "models/technology/word_error.h"

namespace spinvp::technology {

std::optional<TuningGoal> tuning_goal(const std::string& text) {
  for (const TuningGoal goal : {TuningGoal::write_energy, TuningGoal::write_latency, TuningGoal::energy_delay})
    if (text == name_of(goal)) return goal;
  return std::nullopt;
}

const char* name_of(TuningGoal goal) {
  switch (goal) {
    case TuningGoal::write_energy: return "energy";
    case TuningGoal::write_latency: return "latency";
    case TuningGoal::energy_delay: return "energy-delay";
  }
  return "";
}

namespace {

constexpr const char* request_law = "tuning request";

void check_range(const char* what, const LengthRange& range) {
  require_positive(request_law, what, range.low.si() * 1e9, "nm");
  if (!(range.high >= range.low))
    refuse(request_law, what, range.high.si() * 1e9, "nm", fmt::format("a highest value of at least {:.6g} nm", range.low.si() * 1e9));
}

void check(const TuningRequest& r) {
  require_positive(request_law, "retention time", r.retention.si(), "s");
  require_probability(request_law, "error budget", r.budget.failure);
  require_positive(request_law, "share of retention", r.budget.retention_share, "");
  require_positive(request_law, "share of writes", r.budget.write_share, "");
  require_positive(request_law, "share of reads", r.budget.read_share, "");
  const double shares = r.budget.retention_share + r.budget.write_share + r.budget.read_share;
  if (!(shares <= 1 + 1e-12)) refuse(request_law, "sum of shares", shares, "", "at most 1");
  require_positive(request_law, "coldest temperature", r.coldest.si(), "K");
  if (!(r.hottest >= r.coldest)) refuse(request_law, "hottest temperature", r.hottest.si(), "K", "at least the coldest");
  require_not_negative(request_law, "sigmas", r.sigmas, "");
  require_between(request_law, "k sigma of Delta", r.sigmas * r.stability_sigma, 0, 0.99, "");
  require_between(request_law, "k sigma of I_c", r.sigmas * r.current_sigma, 0, 0.99, "");
  require_positive(request_law, "longest pulse", r.longest_pulse.si() * 1e9, "ns");
  require_not_negative(request_law, "bandwidth of a bank", r.bank_bytes_per_second, "B/s");
  require_not_negative(request_law, "word", r.word_bytes, "bytes");
  require_not_negative(request_law, "write overhead", r.write_overhead.si() * 1e9, "ns");
  check_range("diameter", r.diameter);
  check_range("free layer thickness", r.free_layer_thickness);
  check_range("track thickness", r.track_thickness);
  require_positive(request_law, "current limit", r.current_limit.si() * 1e6, "uA");
  require_not_negative(request_law, "access resistance", r.access_resistance.si(), "Ohm");
  require_positive(request_law, "supply voltage", r.supply.si(), "V");
  require_not_negative(request_law, "reads per residency", r.reads_per_residency, "");
  const MagneticJunction& d = r.device;
  if (d.write == WriteMechanism::spin_orbit) {
    require_not_negative(request_law, "track width beyond the free layer", (d.track.width - d.layer.width).si() * 1e9, "nm");
    require_not_negative(request_law, "track length beyond the free layer", (d.track.length - d.layer.length).si() * 1e9, "nm");
  }
  // The device as it is must be one: its own equations refuse it here. In the search a size that is none is an answer.
  (void)critical_current(d, d.layer.reference);
  (void)switching_at(d.layer, d.layer.reference);
  (void)read_disturb(d, {core::Voltage{}, r.read.duration}, d.layer.reference);
  require_not_negative(request_law, "read voltage", r.read.voltage.si(), "V");
}

}  // namespace

TuningLimits tuning_limits(const TuningRequest& r) {
  check(r);
  TuningLimits limits;
  limits.bit_budget = r.budget.word_bits == 0 ? r.budget.failure : bit_error_for(r.budget.word_bits, r.budget.corrected_bits, r.budget.failure);
  limits.retention = r.budget.retention_share * limits.bit_budget;
  limits.write = r.budget.write_share * limits.bit_budget;
  limits.read = r.budget.read_share * limits.bit_budget;
  limits.stability = required_stability(r.retention, r.device.layer.attempt_time, limits.retention);
  limits.pulse = r.longest_pulse;
  if (r.bank_bytes_per_second > 0 && r.word_bytes > 0)
    limits.pulse = std::clamp(core::Time::from_si(r.word_bytes / r.bank_bytes_per_second) - r.write_overhead, core::Time(), limits.pulse);
  limits.shortest = r.device.write == WriteMechanism::spin_orbit ? spin_orbit_tail(r.device.track.error_slope, limits.write) : core::Time{};
  return limits;
}

MagneticJunction tuned_device(const TuningRequest& r, core::Length diameter, core::Length free_layer_thickness, core::Length track_thickness) {
  // Without name and constants: a search makes a hundred thousand of these.
  MagneticJunction device;
  device.write = r.device.write;
  device.layer = r.device.layer;
  device.barrier = r.device.barrier;
  device.spin_transfer_efficiency = r.device.spin_transfer_efficiency;
  device.layer.width = diameter;
  device.layer.length = diameter * (r.device.layer.length / r.device.layer.width);
  device.layer.thickness = free_layer_thickness;
  if (device.write == WriteMechanism::spin_orbit) {
    device.track = r.device.track;
    device.track.width = diameter + (r.device.track.width - r.device.layer.width);
    device.track.length = device.layer.length + (r.device.track.length - r.device.layer.length);
    device.track.thickness = track_thickness;
  }
  return device;
}

TunedMagnet tuned_magnet(const TuningRequest& r, const TuningLimits& limits, core::Length diameter, core::Length free_layer_thickness) {
  TunedMagnet magnet;
  const MagneticJunction device = tuned_device(r, diameter, free_layer_thickness, r.track_thickness.low);
  const FreeLayer& layer = device.layer;
  // A layer that lies in plane when hot is no memory, which is an answer here and not an error.
  try {
    magnet.hot = thermal_stability(layer, r.hottest);
    magnet.reference = thermal_stability(layer, layer.reference);
    magnet.cold = thermal_stability(layer, r.coldest);
  } catch (const core::InputError&) {
    return magnet;
  }
  const double low = 1 - r.sigmas * r.stability_sigma, worst = magnet.hot * low;
  magnet.retention_ratio = worst / limits.stability;
  const core::Current read = r.read.voltage / junction_resistance(device.barrier, layer.area(), r.read.voltage, r.hottest).parallel;
  const double ratio = read / (spin_transfer_critical_current(layer, device.spin_transfer_efficiency, r.hottest) * low);
  // At the critical current a read is a write.
  magnet.read_disturb = ratio < 1 ? std::min(1.0, r.reads_per_residency * read_disturb(worst, layer.attempt_time, ratio, r.read.duration)) : 1;
  magnet.read_ratio = magnet.read_disturb > 0 ? limits.read / magnet.read_disturb : std::numeric_limits<double>::infinity();
  magnet.possible = true;
  return magnet;
}

core::Current least_current(const TuningRequest& r, const TuningLimits& limits, const MagneticJunction& device, const TunedMagnet& magnet, core::Time pulse) {
  const core::Current worst = critical_current(device, r.coldest) * (1 + r.sigmas * r.current_sigma);
  if (device.write == WriteMechanism::spin_orbit) return charge_rule_current(worst, device.track.charge_time, pulse - limits.shortest);
  MagneticSwitching switching = switching_at(device.layer, r.coldest);
  // The cell with the highest critical current has the highest barrier, too.
  switching.thermal_stability = magnet.cold * (1 + r.sigmas * r.stability_sigma);
  return worst * overdrive_for_write_error(switching, pulse, limits.write);
}

TuningEvaluation evaluate(const TuningRequest& r, const TuningLimits& limits, const TunedMagnet& magnet, core::Length diameter,
                          core::Length free_layer_thickness, core::Length track_thickness, core::Time pulse) {
  TuningEvaluation e;
  e.point.diameter = diameter;
  e.point.free_layer_thickness = free_layer_thickness;
  e.point.pulse = pulse;
  TuningMargins& m = e.margins;
  m.stability_required = limits.stability;
  m.retention_allowed = limits.retention;
  m.write_allowed = limits.write;
  m.read_allowed = limits.read;
  m.pulse_ratio = limits.pulse / pulse;
  if (!magnet.possible) return e;
  m.stability_reference = magnet.reference;
  m.stability_hot = magnet.hot;
  m.read_disturb = magnet.read_disturb;
  const MagneticJunction device = tuned_device(r, diameter, free_layer_thickness, track_thickness);
  const bool spin_orbit = device.write == WriteMechanism::spin_orbit;
  if (spin_orbit) {
    e.point.track_width = device.track.width;
    e.point.track_thickness = track_thickness;
  }
  // In a shorter pulse no current meets the write error.
  if (!(pulse > limits.shortest)) return e;
  const core::Current current = least_current(r, limits, device, magnet, pulse);
  const core::Resistance path = write_resistance(device, r.coldest) + r.access_resistance;
  e.point.current = current;
  e.point.energy = r.accounting == EnergyAccounting::supply ? supply_energy(r.supply, current, pulse) : ohmic_energy(current, path, pulse);
  m.current_ratio = r.current_limit / current;
  m.supply_ratio = r.supply / (current * path);
  e.feasible = magnet.retention_ratio >= 1 && magnet.read_ratio >= 1 && m.current_ratio >= 1 && m.supply_ratio >= 1 && m.pulse_ratio >= 1;
  return e;
}

void complete_margins(const TuningRequest& r, TuningEvaluation& e) {
  const MagneticJunction device = tuned_device(r, e.point.diameter, e.point.free_layer_thickness, e.point.track_thickness);
  TuningMargins& m = e.margins;
  const double sigma = m.stability_hot * r.stability_sigma;
  m.retention_sigmas = sigma > 0 ? (m.stability_hot - m.stability_required) / sigma : 0;
  m.retention_failure = retention_failure(m.stability_hot * (1 - r.sigmas * r.stability_sigma), device.layer.attempt_time, r.retention);
  const core::Current typical = critical_current(device, device.layer.reference),
                      worst = critical_current(device, r.coldest) * (1 + r.sigmas * r.current_sigma);
  m.overdrive_cold = e.point.current / worst;
  if (device.write == WriteMechanism::spin_orbit) {
    const auto error = [&](core::Current critical) {
      return spin_orbit_write_error(device.track.error_slope, e.point.pulse, charge_rule_time(critical, device.track.charge_time, e.point.current));
    };
    m.write_error_cold = error(worst);
    m.write_error_typical = error(typical);
  } else {
    MagneticSwitching cold = switching_at(device.layer, r.coldest);
    cold.thermal_stability *= 1 + r.sigmas * r.stability_sigma;
    m.write_error_cold = write_error_probability(cold, m.overdrive_cold, e.point.pulse);
    m.write_error_typical = write_error_probability(switching_at(device.layer, device.layer.reference), e.point.current / typical, e.point.pulse);
  }
}

TuningEvaluation evaluate(const TuningRequest& r, core::Length diameter, core::Length free_layer_thickness, core::Length track_thickness, core::Time pulse) {
  require_positive(request_law, "pulse", pulse.si() * 1e9, "ns");
  const TuningLimits limits = tuning_limits(r);
  const TunedMagnet magnet = tuned_magnet(r, limits, diameter, free_layer_thickness);
  TuningEvaluation e = evaluate(r, limits, magnet, diameter, free_layer_thickness, track_thickness, pulse);
  if (e.point.current.si() > 0) complete_margins(r, e);
  return e;
}

}  // namespace spinvp::technology
