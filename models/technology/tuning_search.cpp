// The search of device_tuning.h: at one pulse the best free layer and track, then the pulse.
//
// At a pulse: diameters on a grid, refined by a golden section about the best. For a diameter: free layers on a grid, and those between two grid points where one
// just begins or ceases to hold its bit (energy falls with stability, so the best one usually lies there). For a free layer: track thicknesses on a grid, refined.
// Feasibility grows with the pulse, since every current falls: the shortest feasible pulse is bisected.
#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <map>

#include <fmt/format.h>

#include "models/technology/tuning_limits.h"

namespace spinvp::technology {

namespace {

constexpr double infinite = std::numeric_limits<double>::infinity();

struct Found {
  double cost = infinite;       // infinite: not feasible
  double violation = infinite;  // then: value over limit of current or supply, infinite where the bit does not hold
  TuningEvaluation evaluation;

  [[nodiscard]] bool better_than(const Found& other) const { return cost != other.cost ? cost < other.cost : violation < other.violation; }
};

// Of equal ones the first.
void keep(Found& best, const Found& other) {
  if (other.better_than(best)) best = other;
}

std::vector<double> grid(const LengthRange& range, int points) {
  std::vector<double> values;
  const double low = range.low.si(), high = range.high.si();
  if (low == high) return {low};
  for (int i = 0; i < points; ++i) values.push_back(low + (high - low) * i / (points - 1));
  return values;
}

// Grid, then golden sections of the interval about the best grid point. Where nothing is feasible, the least violation leads towards what is.
Found minimise(const std::vector<double>& points, int refinements, const std::function<Found(double)>& f) {
  Found best;
  std::size_t at = 0;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const Found here = f(points[i]);
    if (here.better_than(best)) {
      best = here;
      at = i;
    }
  }
  if (points.size() == 1 || (best.cost == infinite && best.violation == infinite)) return best;
  constexpr double golden = 0.6180339887498949;
  double low = points[at == 0 ? 0 : at - 1], high = points[std::min(at + 1, points.size() - 1)];
  double left = high - golden * (high - low), right = low + golden * (high - low);
  Found f_left = f(left), f_right = f(right);
  for (int step = 0; step < refinements; ++step) {
    keep(best, f_left);
    keep(best, f_right);
    if (f_left.better_than(f_right)) {
      high = right;
      right = left;
      f_right = f_left;
      left = high - golden * (high - low);
      f_left = f(left);
    } else {
      low = left;
      left = right;
      f_left = f_right;
      right = low + golden * (high - low);
      f_right = f(right);
    }
  }
  keep(best, f_left);
  keep(best, f_right);
  return best;
}

class Search {
 public:
  Search(const TuningRequest& request, const TuningLimits& limits)
      : request_(request),
        limits_(limits),
        diameters_(grid(request.diameter, 9)),
        layers_(grid(request.free_layer_thickness, 9)),
        tracks_(grid(request.device.write == WriteMechanism::spin_orbit ? request.track_thickness
                                                                        : LengthRange{request.track_thickness.low, request.track_thickness.low},
                     7)) {}

  // The feasible design of least energy at this pulse.
  [[nodiscard]] Found at(core::Time pulse) const {
    return minimise(diameters_, 12, [&](double diameter) { return at(pulse, core::Length::from_si(diameter)); });
  }

  // A pulse between two: even steps of the fourth root of what is beyond the shortest conceivable one, so that short pulses lie closer.
  [[nodiscard]] core::Time pulse_at(core::Time from, core::Time to, double share) const {
    if (share <= 0) return from;
    if (share >= 1) return to;
    const double low = std::sqrt(std::sqrt((from - limits_.shortest).si())), high = std::sqrt(std::sqrt((to - limits_.shortest).si()));
    const double root = low + (high - low) * share;
    return limits_.shortest + core::Time::from_si(root * root * root * root);
  }

  // The shortest feasible pulse, to a part in 10^7; the longest allowed is feasible.
  [[nodiscard]] core::Time shortest_pulse() const {
    core::Time low = limits_.shortest, high = limits_.pulse;
    for (int step = 0; step < 40 && high - low > (high - limits_.shortest) * 1e-7; ++step) {
      const core::Time middle = pulse_at(low, high, 0.5);
      (at(middle).cost < infinite ? high : low) = middle;
    }
    return high;
  }

  // Every free layer of the grid.
  void visit(const std::function<void(const TunedMagnet&)>& visitor) const {
    for (const double diameter : diameters_)
      for (const double layer : layers_) visitor(tuned_magnet(request_, limits_, core::Length::from_si(diameter), core::Length::from_si(layer)));
  }

  struct Layer {
    core::Length thickness;
    TunedMagnet magnet;
  };
  // The free layers of a diameter that hold their bit: grid points, and the boundaries between them. Kept, since every pulse asks for the same diameters.
  [[nodiscard]] const std::vector<Layer>& layers_that_hold(core::Length diameter) const {
    const auto [known, added] = layers_of_.try_emplace(diameter.si());
    std::vector<Layer>& found = known->second;
    if (!added) return found;
    Layer before;
    for (std::size_t i = 0; i < layers_.size(); ++i) {
      const core::Length thickness = core::Length::from_si(layers_[i]);
      const Layer here{thickness, tuned_magnet(request_, limits_, diameter, thickness)};
      if (i > 0 && here.magnet.holds() != before.magnet.holds()) found.push_back(boundary(diameter, before, here));
      if (here.magnet.holds()) found.push_back(here);
      before = here;
    }
    return found;
  }

 private:
  [[nodiscard]] Layer boundary(core::Length diameter, Layer a, Layer b) const {
    for (int step = 0; step < 40; ++step) {
      const core::Length middle = (a.thickness + b.thickness) / 2;
      const Layer here{middle, tuned_magnet(request_, limits_, diameter, middle)};
      (here.magnet.holds() == a.magnet.holds() ? a : b) = here;
    }
    return a.magnet.holds() ? a : b;
  }

  [[nodiscard]] Found at(core::Time pulse, core::Length diameter) const {
    Found best;
    for (const Layer& layer : layers_that_hold(diameter))
      keep(best, minimise(tracks_, 10, [&](double track) {
             Found here;
             here.evaluation = evaluate(request_, limits_, layer.magnet, diameter, layer.thickness, core::Length::from_si(track), pulse);
             const TuningMargins& m = here.evaluation.margins;
             here.cost = here.evaluation.feasible ? here.evaluation.point.energy.si() : infinite;
             here.violation = here.evaluation.feasible ? 0 : 1 / std::min(m.current_ratio, m.supply_ratio);
             return here;
           }));
    return best;
  }

  const TuningRequest& request_;
  const TuningLimits& limits_;
  std::vector<double> diameters_, layers_, tracks_;
  mutable std::map<double, std::vector<Layer>> layers_of_;
};

TuningShortfall shortfall(const char* constraint, double needed, double best, const char* unit, const std::string& text) {
  return {constraint, needed, best, unit, fmt::format("{}: {}", constraint, text)};
}

// Which limits no design keeps: each on its own first, then those that the least bad design misses.
std::vector<TuningShortfall> explain(const TuningRequest& r, const TuningLimits& limits, const Search& search) {
  if (!(limits.pulse > limits.shortest))
    return {shortfall("pulse", limits.shortest.si() * 1e9, limits.pulse.si() * 1e9, "ns",
                      fmt::format("{:.4g} ns are left for a pulse, but a write error of {:.3g} takes more than {:.4g} ns at any current",
                                  limits.pulse.si() * 1e9, limits.write, limits.shortest.si() * 1e9))};
  const auto retention = [&](double best) {
    return shortfall("retention", limits.stability, best, "",
                     fmt::format("the worst cell needs a thermal stability of {:.4g} at {:.4g} K, the best within the ranges has {:.4g}", limits.stability,
                                 r.hottest.si(), best));
  };
  const auto read = [&](double best) {
    return shortfall("read disturb", limits.read, best, "",
                     fmt::format("{:.4g} reads may flip a bit with {:.3g}, the least within the ranges is {:.3g}", r.reads_per_residency, limits.read, best));
  };
  std::vector<TuningShortfall> all;

  const Found nearest = search.at(limits.pulse);
  if (nearest.violation < infinite) {
    const TuningMargins& m = nearest.evaluation.margins;
    const double current = nearest.evaluation.point.current.si() * 1e6, limit = r.current_limit.si() * 1e6, drop = r.supply.si() / m.supply_ratio;
    if (m.current_ratio < 1)
      all.push_back(shortfall("access", current, limit, "uA",
                              fmt::format("a pulse of {:.4g} ns needs {:.4g} uA, the transistor drives {:.4g} uA", limits.pulse.si() * 1e9, current, limit)));
    if (m.supply_ratio < 1)
      all.push_back(shortfall("supply", drop, r.supply.si(), "V",
                              fmt::format("a pulse of {:.4g} ns needs {:.4g} V over write path and transistor, the supply gives {:.4g} V",
                                          limits.pulse.si() * 1e9, drop, r.supply.si())));
    return all;
  }

  // No free layer of the ranges holds its bit.
  const double low = 1 - r.sigmas * r.stability_sigma;
  double stability = 0, disturb = 1, least_bad = 0;
  TunedMagnet balanced;
  search.visit([&](const TunedMagnet& magnet) {
    stability = std::max(stability, magnet.hot * low);
    disturb = std::min(disturb, magnet.read_disturb);
    const double worst = std::min(magnet.retention_ratio, magnet.read_ratio);
    if (worst <= least_bad) return;
    least_bad = worst;
    balanced = magnet;
  });
  if (stability < limits.stability) all.push_back(retention(stability));
  if (disturb > limits.read) all.push_back(read(disturb));
  if (!all.empty()) return all;
  if (balanced.retention_ratio < 1) all.push_back(retention(balanced.hot * low));
  if (balanced.read_ratio < 1) all.push_back(read(balanced.read_disturb));
  for (TuningShortfall& s : all) s.text += " (where retention and read disturb are nearest to being kept together; each can be kept alone)";
  return all;
}

std::vector<core::Constant> assumptions(const TuningRequest& r) {
  std::vector<core::Constant> all = r.device.constants;
  const char* given = "assumed: as requested";
  all.push_back({"sigmas", r.sigmas, "", given});
  all.push_back({"stability_sigma", r.stability_sigma, "", "assumed: as requested; 3 to 10 % is usual (recalled)"});
  all.push_back({"current_sigma", r.current_sigma, "", given});
  all.push_back({"hottest", r.hottest.si(), "K", given});
  all.push_back({"coldest", r.coldest.si(), "K", given});
  all.push_back({"current_limit", r.current_limit.si() * 1e6, "uA", given});
  all.push_back({"access_resistance", r.access_resistance.si(), "Ohm", given});
  all.push_back({"supply", r.supply.si(), "V", given});
  all.push_back({"read_voltage", r.read.voltage.si(), "V", given});
  all.push_back({"read_time", r.read.duration.si() * 1e9, "ns", given});
  all.push_back({"reads_per_residency", r.reads_per_residency, "", given});
  return all;
}

}  // namespace

TuningResult tune(const TuningRequest& request) {
  const TuningLimits limits = tuning_limits(request);
  TuningResult result;
  result.goal = request.goal;
  result.bit_budget = limits.bit_budget;
  result.stability_required = limits.stability;
  result.pulse_limit = limits.pulse;
  result.constants = assumptions(request);

  const Search search(request, limits);
  if (!(limits.pulse > limits.shortest) || search.at(limits.pulse).cost == infinite) {
    result.shortfalls = explain(request, limits, search);
    return result;
  }
  result.feasible = true;

  // At a pulse every goal wants the least energy. Beyond the pulse of the least energy of all, nothing is worth having.
  const core::Time shortest = search.shortest_pulse();
  const auto least = [&](core::Time longest, const std::function<double(const TuningPoint&)>& cost) {
    return minimise(grid({core::Length{}, core::Length::from_si(1)}, 17), 14, [&](double share) {
      Found here = search.at(search.pulse_at(shortest, longest, share));
      if (here.cost < infinite) here.cost = cost(here.evaluation.point);
      return here;
    });
  };
  const Found cheapest = least(limits.pulse, [](const TuningPoint& p) { return p.energy.si(); });
  const core::Time longest = cheapest.evaluation.point.pulse;
  Found chosen = cheapest;
  if (request.goal == TuningGoal::write_latency) chosen = search.at(shortest);
  if (request.goal == TuningGoal::energy_delay) chosen = least(longest, [](const TuningPoint& p) { return p.energy.si() * p.pulse.si(); });

  constexpr int points = 12;
  std::vector<TuningPoint> tried = {chosen.evaluation.point, cheapest.evaluation.point};
  for (int i = 0; i < points; ++i) tried.push_back(search.at(search.pulse_at(shortest, longest, static_cast<double>(i) / points)).evaluation.point);
  std::sort(tried.begin(), tried.end(),
            [](const TuningPoint& a, const TuningPoint& b) { return a.pulse != b.pulse ? a.pulse < b.pulse : a.energy < b.energy; });
  for (const TuningPoint& p : tried)
    if (result.frontier.empty() || p.energy < result.frontier.back().energy) result.frontier.push_back(p);
  TuningEvaluation evaluation = chosen.evaluation;
  complete_margins(request, evaluation);
  result.chosen = evaluation.point;
  result.margins = evaluation.margins;
  return result;
}

}  // namespace spinvp::technology
