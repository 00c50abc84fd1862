#include "platform/explore/reproduce_pim_spread.h"

#include <algorithm>
#include <cmath>

namespace spinvp::platform {

namespace {

// Below this a move is rounding.
constexpr double least_move = 1e-9;

struct Moves {
  double down = 0, up = 0;  // sums of squares
};

}  // namespace

std::vector<Uncertain> uncertain_constants(const std::vector<std::string>& fixed) {
  std::vector<Uncertain> list;
  for (const technology::PimPhysicsField& field : technology::pim_physics_fields())
    if (field.low < field.high && std::find(fixed.begin(), fixed.end(), field.name) == fixed.end())
      list.push_back({field.name, field.low, field.high, [member = field.member](Constants& constants, double value) { constants.physics.*member = value; }});
  list.push_back({"flip_share", least_flip_share, 1, [](Constants& constants, double value) { constants.flip_share = value; }});
  return list;
}

std::vector<Spread> spreads_of(const std::function<std::vector<double>(const Constants&)>& figures, const Constants& nominal,
                               const std::vector<Uncertain>& uncertain) {
  const std::vector<double> centre = figures(nominal);
  std::vector<Spread> spreads(centre.size());
  std::vector<Moves> moves(centre.size());
  for (const Uncertain& constant : uncertain) {
    std::vector<double> down(centre.size()), up(centre.size());
    for (const double value : {constant.low, constant.high}) {
      Constants moved = nominal;
      constant.set(moved, value);
      const std::vector<double> there = figures(moved);
      for (std::size_t i = 0; i < centre.size(); ++i) {
        if (!(centre[i] > 0) || !(there[i] > 0)) continue;
        const double move = std::log(there[i] / centre[i]);
        down[i] = std::min(down[i], move), up[i] = std::max(up[i], move);
      }
    }
    for (std::size_t i = 0; i < centre.size(); ++i) {
      if (up[i] - down[i] < least_move) continue;
      moves[i].down += down[i] * down[i], moves[i].up += up[i] * up[i];
      spreads[i].shares.emplace_back(constant.name, down[i] * down[i] + up[i] * up[i]);
    }
  }
  for (std::size_t i = 0; i < centre.size(); ++i) {
    Spread& spread = spreads[i];
    spread.computed = centre[i];
    spread.low = centre[i] * std::exp(-std::sqrt(moves[i].down));
    spread.high = centre[i] * std::exp(std::sqrt(moves[i].up));
    for (auto& [name, share] : spread.shares) share /= moves[i].down + moves[i].up;
    std::stable_sort(spread.shares.begin(), spread.shares.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
  }
  return spreads;
}

}  // namespace spinvp::platform
