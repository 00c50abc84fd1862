// Tuning against closed forms of the optimum and against brute force over a fine grid.
#include <algorithm>
#include <cmath>

#include <catch2/catch.hpp>

#include "models/technology/device_presets.h"
#include "models/technology/device_tuning.h"
#include "models/technology/retention.h"
#include "models/technology/word_error.h"
#include "tests/unit/technology/refuses.h"

using namespace spinvp;
using namespace spinvp::technology;
using namespace spinvp::core::literals;

namespace {

TuningRequest request(const char* device) {
  TuningRequest r;
  r.device = device_preset(device);
  return r;
}

// The least energy of any feasible design on a fine grid.
double brute_force(const TuningRequest& r, int diameters, int layers, int tracks, int pulses, double shortest_ns) {
  double best = 1e9;
  const auto at = [](const LengthRange& range, int i, int n) { return n == 1 ? range.low : range.low + (range.high - range.low) * (double(i) / (n - 1)); };
  for (int d = 0; d < diameters; ++d)
    for (int l = 0; l < layers; ++l) {
      // A magnet that does not hold its bit does so with no track and no pulse.
      const TuningEvaluation any = evaluate(r, at(r.diameter, d, diameters), at(r.free_layer_thickness, l, layers), r.track_thickness.low, r.longest_pulse);
      if (any.margins.stability_hot * (1 - r.sigmas * r.stability_sigma) < any.margins.stability_required) continue;
      for (int t = 0; t < tracks; ++t)
        for (int p = 0; p < pulses; ++p) {
          const core::Time pulse = core::Time::from_si(1e-9 * (shortest_ns + (r.longest_pulse.in(1_ns) - shortest_ns) * (p + 1) / pulses));
          const TuningEvaluation e = evaluate(r, at(r.diameter, d, diameters), at(r.free_layer_thickness, l, layers), at(r.track_thickness, t, tracks), pulse);
          if (e.feasible) best = std::min(best, e.point.energy.in(1_fJ));
        }
    }
  return best;
}

void check_frontier(const TuningRequest& r, const TuningResult& result) {
  REQUIRE(result.feasible);
  REQUIRE(result.chosen);
  REQUIRE(result.frontier.size() >= 1);
  for (std::size_t i = 0; i < result.frontier.size(); ++i) {
    const TuningPoint& p = result.frontier[i];
    CHECK(evaluate(r, p.diameter, p.free_layer_thickness, p.track_thickness, p.pulse).feasible);
    if (i == 0) continue;
    CHECK(p.pulse > result.frontier[i - 1].pulse);
    CHECK(p.energy < result.frontier[i - 1].energy);
  }
}

}  // namespace

TEST_CASE("the cheapest SOT pulse is the closed form's, for energy from the supply and for heat in the track") {
  // I t = I_c (1 + q / x)(x + a), x the incubation and a = ln(1 / WER) / k the tail: least at x = sqrt(q a).
  // I^2 t = I_c^2 (1 + q / x)^2 (x + a): least where x^2 - q x - 2 q a = 0.
  // Budget 1e-9, of which writes get 0.4: a = ln(2.5e9) / 30 ns = 0.721313 ns; q = 0.35 ns.
  TuningRequest r = request("sot-perpendicular");
  const double q = 0.35, a = std::log(2.5e9) / 30;
  const TuningResult supply = tune(r);
  check_frontier(r, supply);
  CHECK(supply.chosen->pulse.in(1_ns) == Approx(a + std::sqrt(q * a)).epsilon(1e-3));
  r.accounting = EnergyAccounting::ohmic;
  const TuningResult heat = tune(r);
  check_frontier(r, heat);
  CHECK(heat.chosen->pulse.in(1_ns) == Approx(a + (q + std::sqrt(q * q + 8 * q * a)) / 2).epsilon(1e-3));
  // The track: I goes as x / (1 - sech x), x = t / lambda: its least has 1 - s - x s tanh x = 0.
  const double x = supply.chosen->track_thickness.in(1_nm) / 1.5, s = 1 / std::cosh(x);
  CHECK(1 - s - x * s * std::tanh(x) == Approx(0).margin(5e-3));
}

TEST_CASE("the chosen design keeps its bit just as long as asked, when hot and weak, and is written just as surely, when cold and strong") {
  TuningRequest r = request("sot-perpendicular");
  r.goal = TuningGoal::write_latency;
  const TuningResult result = tune(r);
  check_frontier(r, result);
  const TuningMargins& m = result.margins;
  CHECK(result.bit_budget == 1e-9);
  CHECK(m.stability_required == Approx(required_stability(10_s, 1_ns, 0.5e-9)).epsilon(1e-12));
  CHECK(m.stability_hot * (1 - 3 * 0.05) == Approx(m.stability_required).epsilon(1e-6));
  CHECK(m.retention_sigmas == Approx(3).margin(1e-3));
  CHECK(m.retention_failure == Approx(0.5e-9).epsilon(1e-4));
  CHECK(m.write_error_cold == Approx(0.4e-9).epsilon(1e-6));
  CHECK(m.write_error_typical < m.write_error_cold);
  CHECK(m.read_disturb <= m.read_allowed);
  // The current: I_c at T_min of this layer on this track, three times five percent up, times 1 + q / (t - a) with a = ln(2.5e9) / 30 ns.
  MagneticJunction device = r.device;
  device.layer.length = device.layer.width = result.chosen->diameter;
  device.layer.thickness = result.chosen->free_layer_thickness;
  device.track.width = result.chosen->track_width;
  device.track.thickness = result.chosen->track_thickness;
  const double incubation = result.chosen->pulse.in(1_ns) - std::log(2.5e9) / 30;
  CHECK(result.chosen->current / critical_current(device, r.coldest) == Approx(1.15 * (1 + 0.35 / incubation)).epsilon(1e-9));
  // The shortest pulse takes all the current there is.
  CHECK(m.current_ratio == Approx(1).epsilon(1e-3));
  CHECK(result.chosen->pulse == result.frontier.front().pulse);
  // Nothing shorter is feasible with this layer and track.
  const TuningPoint& p = *result.chosen;
  CHECK_FALSE(evaluate(r, p.diameter, p.free_layer_thickness, p.track_thickness, p.pulse * 0.999).feasible);
}

TEST_CASE("no design of a fine grid beats the search by more than a part in a thousand, SOT") {
  TuningRequest r = request("sot-perpendicular");
  r.accounting = EnergyAccounting::ohmic;
  r.access_resistance = 0_Ohm;
  r.longest_pulse = 3_ns;
  r.free_layer_thickness = {core::Length::from_si(0.94e-9), core::Length::from_si(1.0e-9)};
  const double tuned = tune(r).chosen->energy.in(1_fJ), brute = brute_force(r, 5, 41, 13, 16, 0.7);
  CHECK(tuned <= brute * 1.001);
  CHECK(tuned >= brute * 0.95);  // the grid's own coarseness
}

TEST_CASE("no design of a fine grid beats the search by more than a part in a thousand, STT") {
  TuningRequest r = request("stt-perpendicular");
  for (const EnergyAccounting accounting : {EnergyAccounting::supply, EnergyAccounting::ohmic}) {
    r.accounting = accounting;
    const TuningResult result = tune(r);
    check_frontier(r, result);
    const double tuned = result.chosen->energy.in(1_fJ), brute = brute_force(r, 61, 13, 1, 24, 2);
    CHECK(tuned <= brute * 1.001);
    CHECK(tuned >= brute * 0.93);
    CHECK(result.chosen->track_width.si() == 0);
  }
}

TEST_CASE("a shorter retention or a code that corrects buys energy") {
  TuningRequest r = request("sot-perpendicular");
  r.reads_per_residency = 1;  // else reads, not time, would set the stability
  const double ten_seconds = tune(r).chosen->energy.si();
  r.retention = core::Time::from_si(1e-3);
  const double millisecond = tune(r).chosen->energy.si();
  CHECK(millisecond < 0.95 * ten_seconds);
  // The same words, 72 bits failing with 7.2e-8 uncorrected: with one bit corrected a bit may err sqrt(7.2e-8 / C(72, 2)) = 5.3e-6.
  r.retention = 10_s;
  r.budget = {7.2e-8, 72, 1, 0.5, 0.4, 0.1};
  const TuningResult corrected = tune(r);
  CHECK(corrected.bit_budget == Approx(5.31e-6).epsilon(0.01));
  CHECK(word_failure(72, 1, corrected.bit_budget) == Approx(7.2e-8).epsilon(1e-9));
  CHECK(corrected.chosen->energy.si() < 0.9 * ten_seconds);
}

TEST_CASE("bandwidth bounds the pulse") {
  // 64 bytes at 32 GB/s are 2 ns, of which 0.8 ns are the write's overhead.
  TuningRequest r = request("sot-perpendicular");
  r.accounting = EnergyAccounting::ohmic;
  r.bank_bytes_per_second = 32e9;
  r.word_bytes = 64;
  r.write_overhead = 0.8_ns;
  const TuningResult result = tune(r);
  CHECK(result.pulse_limit.in(1_ns) == Approx(1.2));
  CHECK(result.chosen->pulse.in(1_ns) == Approx(1.2));  // the cheapest would be 1.63 ns
  CHECK(result.margins.pulse_ratio == Approx(1));
}

TEST_CASE("what cannot be met says which limit is missed and by how much") {
  const auto missed = [](const TuningRequest& r) {
    const TuningResult result = tune(r);
    CHECK_FALSE(result.feasible);
    CHECK_FALSE(result.chosen);
    CHECK(result.frontier.empty());
    REQUIRE_FALSE(result.shortfalls.empty());
    CHECK_THAT(tuning_table(r, result), Catch::Matchers::Contains("no design meets this") && Catch::Matchers::Contains(result.shortfalls[0].text));
    return result.shortfalls;
  };
  // The age of the universe in a layer that may not be thin: needed ln(4e17 / 1e-9 / 5e-10) = 82.
  TuningRequest r = request("sot-perpendicular");
  r.retention = core::Time::from_si(4e17);
  r.free_layer_thickness = {core::Length::from_si(0.95e-9), core::Length::from_si(1.2e-9)};
  auto s = missed(r);
  CHECK(s[0].constraint == "retention");
  CHECK(s[0].needed == Approx(std::log(4e17 / 1e-9 / 5e-10)).epsilon(1e-6));
  CHECK(s[0].best < s[0].needed);
  CHECK(s[0].best > 40);

  r = request("sot-perpendicular");
  r.current_limit = 40_uA;
  s = missed(r);
  REQUIRE(s.size() == 1);
  CHECK(s[0].constraint == "access");
  CHECK(s[0].best == Approx(40));
  // 10 ns less a tail of 0.72: I_c (1 + 0.35 / 9.28) at its least.
  CHECK(s[0].needed > 100);
  CHECK(s[0].needed < 150);
  // That current is indeed what it takes.
  r.current_limit = core::Current::from_si(s[0].needed * 1.0001e-6);
  CHECK(tune(r).feasible);

  r = request("stt-perpendicular");
  r.supply = core::Voltage::from_si(0.3);
  s = missed(r);
  CHECK(s[0].constraint == "supply");
  CHECK(s[0].best == Approx(0.3));
  CHECK(s[0].needed > 0.3);

  r = request("sot-perpendicular");
  r.longest_pulse = 0.5_ns;  // the tail alone is ln(2.5e9) / 30 = 0.721 ns
  s = missed(r);
  CHECK(s[0].constraint == "pulse");
  CHECK(s[0].needed == Approx(std::log(2.5e9) / 30).epsilon(1e-9));
  CHECK(s[0].best == Approx(0.5));

  r = request("wang-2018-p-sot");
  r.read.voltage = core::Voltage::from_si(0.6);  // through a junction of 10 Ohm um2
  s = missed(r);
  CHECK(s[0].constraint == "read disturb");
  CHECK(s[0].best > s[0].needed);
}

TEST_CASE("a request that means nothing is refused") {
  TuningRequest r = request("sot-perpendicular");
  r.budget.failure = 0;
  check_refuses([&] { tune(r); }, {"tuning request", "error budget = 0"});
  r = request("sot-perpendicular");
  r.budget.retention_share = 0.9;
  check_refuses([&] { tune(r); }, {"sum of shares = 1.4", "at most 1"});
  r = request("sot-perpendicular");
  r.hottest = 200_K;
  check_refuses([&] { tune(r); }, {"hottest temperature = 200 K", "at least the coldest"});
  r = request("sot-perpendicular");
  r.diameter = {60_nm, 30_nm};
  check_refuses([&] { tune(r); }, {"diameter = 30 nm", "at least 60 nm"});
  r = request("sot-perpendicular");
  r.stability_sigma = 0.4;
  check_refuses([&] { tune(r); }, {"k sigma of Delta = 1.2"});
  r = request("sot-perpendicular");
  r.device.layer.damping = -1;
  r.device.layer.effective_field = MagneticField::from_si(-1);
  r.device.layer.interface_anisotropy = {};
  check_refuses([&] { tune(r); }, {"anisotropy field Hk = -1 A/m"});
}

TEST_CASE("tuning gives the same bits twice and prints its table") {
  TuningRequest r = request("sot-perpendicular");
  r.goal = TuningGoal::energy_delay;
  const TuningResult a = tune(r), b = tune(r);
  CHECK(tuning_table(r, a) == tuning_table(r, b));
  CHECK(a.chosen->energy.si() == b.chosen->energy.si());
  CHECK_THAT(tuning_table(r, a), Catch::Matchers::Contains("least write energy-delay") && Catch::Matchers::Contains("margins of the chosen design"));
  for (const char* goal : {"energy", "latency", "energy-delay"}) CHECK(std::string(name_of(*tuning_goal(goal))) == goal);
  CHECK_FALSE(tuning_goal("area"));
}

TEST_CASE("tuning gives what docs/memory-device.md prints for 10 s") {
  const auto energy = [](const char* device, const ErrorBudget& budget) {
    TuningRequest r = request(device);
    r.reads_per_residency = 1;
    r.budget = budget;
    const TuningResult result = tune(r);
    REQUIRE(result.chosen);
    return result.chosen->energy.in(1_fJ);
  };
  const ErrorBudget raw, corrected{7.2e-8, 72, 1, 0.5, 0.4, 0.1};
  CHECK(energy("sot-perpendicular", raw) == Approx(294).margin(0.6));
  CHECK(energy("sot-perpendicular", corrected) == Approx(183).margin(0.6));
  CHECK(energy("stt-perpendicular", raw) == Approx(592).margin(0.6));
  CHECK(energy("stt-perpendicular", corrected) == Approx(348).margin(0.6));
}
