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
  double cost = infinite;
  TuningEvaluation evaluation;
};

// The lower cost; of equal ones the first.
void keep(Found& best, const Found& other) {
  if (other.cost < best.cost) best = other;
}

std::vector<double> grid(const LengthRange& range, int points) {
  std::vector<double> values;
  const double low = range.low.si(), high = range.high.si();
  if (low == high) return {low};
  for (int i = 0; i < points; ++i) values.push_back(low + (high - low) * i / (points - 1));
  return values;
}

// Grid, then golden sections of the interval about the best grid point. `f` may be infinite where nothing is feasible.
Found minimise(const std::vector<double>& points, int refinements, const std::function<Found(double)>& f) {
  Found best;
  std::size_t at = 0;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const Found here = f(points[i]);
    if (here.cost < best.cost) {
      best = here;
      at = i;
    }
  }
  if (points.size() == 1 || best.cost == infinite) return best;
  constexpr double golden = 0.6180339887498949;
  double low = points[at == 0 ? 0 : at - 1], high = points[std::min(at + 1, points.size() - 1)];
  double left = high - golden * (high - low), right = low + golden * (high - low);
  Found f_left = f(left), f_right = f(right);
  for (int step = 0; step < refinements; ++step) {
    keep(best, f_left);
    keep(best, f_right);
    // Beside an infeasible side both may be infinite: then the feasible grid point's side is kept.
    const bool go_left = f_left.cost < f_right.cost || (f_left.cost == f_right.cost && points[at] - low < high - points[at]);
    if (go_left) {
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

  // A pulse between `from` and the limit: even steps of the fourth root of what is beyond the shortest conceivable one, so that short pulses lie closer.
  [[nodiscard]] core::Time pulse_at(core::Time from, double share) const {
    const double low = std::sqrt(std::sqrt((from - limits_.shortest).si())), high = std::sqrt(std::sqrt((limits_.pulse - limits_.shortest).si()));
    const double root = low + (high - low) * share;
    return share >= 1 ? limits_.pulse : limits_.shortest + core::Time::from_si(root * root * root * root);
  }

  [[nodiscard]] core::Time shortest_pulse() const {
    double low = 0, high = 1;
    const core::Time smallest = limits_.shortest + (limits_.pulse - limits_.shortest) * 1e-6;
    for (int step = 0; step < 24; ++step) {
      const double middle = (low + high) / 2;
      (at(pulse_at(smallest, middle)).cost < infinite ? high : low) = middle;
    }
    return pulse_at(smallest, high);
  }

  // Every design of the coarse grid.
  void visit(const std::function<void(double diameter, double layer, const TunedMagnet&)>& visitor) const {
    for (const double diameter : diameters_)
      for (const double layer : layers_)
        visitor(diameter, layer, tuned_magnet(request_, limits_, core::Length::from_si(diameter), core::Length::from_si(layer)));
  }
  [[nodiscard]] const std::vector<double>& tracks() const { return tracks_; }

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
             here.cost = here.evaluation.feasible ? here.evaluation.point.energy.si() : infinite;
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

// Which limits no design of the coarse grid keeps; each on its own first, then those that the least bad design misses.
std::vector<TuningShortfall> explain(const TuningRequest& r, const TuningLimits& limits, const Search& search) {
  std::vector<TuningShortfall> all;
  if (!(limits.pulse > limits.shortest)) {
    all.push_back(shortfall("pulse", limits.shortest.si() * 1e9, limits.pulse.si() * 1e9, "ns",
                            fmt::format("{:.4g} ns are left for a pulse, but a write error of {:.3g} takes more than {:.4g} ns at any current",
                                        limits.pulse.si() * 1e9, limits.write, limits.shortest.si() * 1e9)));
    return all;
  }
  double stability = 0, disturb = 1, current = infinite, drop = infinite, least_bad = 0;
  const double low = 1 - r.sigmas * r.stability_sigma;
  bool any_holds = false;
  TuningEvaluation nearest;
  TunedMagnet nearest_magnet;
  const auto weigh = [&](const TunedMagnet& magnet, core::Length diameter, core::Length layer) {
    for (const double track : search.tracks()) {
      const TuningEvaluation e = evaluate(r, limits, magnet, diameter, layer, core::Length::from_si(track), limits.pulse);
      if (magnet.holds()) {
        any_holds = true;
        current = std::min(current, e.point.current.si());
        drop = std::min(drop, r.supply.si() / e.margins.supply_ratio);
      }
      const double worst = std::min({magnet.retention_ratio, magnet.read_ratio, e.margins.current_ratio, e.margins.supply_ratio});
      if (worst > least_bad) {
        least_bad = worst;
        nearest = e;
        nearest_magnet = magnet;
      }
    }
  };
  double diameter_before = 0;
  search.visit([&](double diameter, double layer, const TunedMagnet& magnet) {
    if (!magnet.possible) return;
    stability = std::max(stability, magnet.hot * low);
    disturb = std::min(disturb, magnet.read_disturb);
    weigh(magnet, core::Length::from_si(diameter), core::Length::from_si(layer));
    if (diameter != diameter_before)
      for (const Search::Layer& edge : search.layers_that_hold(core::Length::from_si(diameter)))
        weigh(edge.magnet, core::Length::from_si(diameter), edge.thickness);
    diameter_before = diameter;
  });

  const auto miss_retention = [&](double best) {
    all.push_back(shortfall("retention", limits.stability, best, "",
                            fmt::format("the worst cell needs a thermal stability of {:.4g} at {:.4g} K, the best within the ranges has {:.4g}",
                                        limits.stability, r.hottest.si(), best)));
  };
  const auto miss_read = [&](double best) {
    all.push_back(
        shortfall("read disturb", limits.read, best, "",
                  fmt::format("{:.3g} reads may flip a bit with {:.3g}, the least within the ranges is {:.3g}", r.reads_per_residency, limits.read, best)));
  };
  const auto miss_access = [&](double best) {
    all.push_back(shortfall("access", best * 1e6, r.current_limit.si() * 1e6, "uA",
                            fmt::format("a pulse of {:.4g} ns needs at least {:.4g} uA, the transistor drives {:.4g} uA", limits.pulse.si() * 1e9, best * 1e6,
                                        r.current_limit.si() * 1e6)));
  };
  const auto miss_supply = [&](double best) {
    all.push_back(shortfall("supply", best, r.supply.si(), "V",
                            fmt::format("a pulse of {:.4g} ns needs at least {:.4g} V over write path and transistor, the supply gives {:.4g} V",
                                        limits.pulse.si() * 1e9, best, r.supply.si())));
  };
  if (stability < limits.stability) miss_retention(stability);
  if (disturb > limits.read) miss_read(disturb);
  if (any_holds && current > r.current_limit.si()) miss_access(current);
  if (any_holds && drop > r.supply.si()) miss_supply(drop);
  if (!all.empty()) return all;
  // Each can be kept alone, not all together.
  if (nearest_magnet.retention_ratio < 1) miss_retention(nearest_magnet.hot * low);
  if (nearest_magnet.read_ratio < 1) miss_read(nearest_magnet.read_disturb);
  if (nearest.margins.current_ratio < 1) miss_access(nearest.point.current.si());
  if (nearest.margins.supply_ratio < 1) miss_supply(r.supply.si() / nearest.margins.supply_ratio);
  for (TuningShortfall& s : all) s.text += " (in the design that misses least; each limit can be kept alone, not all together)";
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

  constexpr int pulses = 17;
  const core::Time shortest = search.shortest_pulse();
  std::vector<double> shares;
  for (int i = 0; i < pulses; ++i) shares.push_back(static_cast<double>(i) / (pulses - 1));
  std::vector<Found> tried;
  // Another goal than energy weighs what the search over geometry found: at a pulse all goals want the least energy.
  const Found chosen = minimise(shares, request.goal == TuningGoal::write_latency ? 0 : 14, [&](double share) {
    Found here = search.at(search.pulse_at(shortest, share));
    tried.push_back(here);
    if (here.cost == infinite) return here;
    if (request.goal == TuningGoal::write_latency) here.cost = here.evaluation.point.pulse.si();
    if (request.goal == TuningGoal::energy_delay) here.cost *= here.evaluation.point.pulse.si();
    return here;
  });

  std::sort(tried.begin(), tried.end(), [](const Found& a, const Found& b) { return a.evaluation.point.pulse < b.evaluation.point.pulse; });
  double least = infinite;
  for (const Found& f : tried)
    if (f.cost < least) {
      least = f.cost;
      result.frontier.push_back(f.evaluation.point);
    }
  TuningEvaluation evaluation = chosen.evaluation;
  complete_margins(request, evaluation);
  result.chosen = evaluation.point;
  result.margins = evaluation.margins;
  return result;
}

}  // namespace spinvp::technology
