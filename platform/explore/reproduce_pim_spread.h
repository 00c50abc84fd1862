// How far a figure moves when the constants behind it move between their low and high values, one at a time.
//
// Figures are ratios and products of constants, so moves are taken as logarithms: each constant's largest move down and up, the moves of all constants combined as
// the root of the sum of their squares, low and high on each side of the computed value. A constant's share is its part of the sum of all squares of both sides.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "platform/explore/reproduce_pim_cost.h"

namespace spinvp::platform {

struct Uncertain {
  std::string name;
  double low, high;
  std::function<void(Constants&, double)> set;
};

// Our executed multiply-accumulates flip 0.40 (sot) to 0.64 (nor) of what they write and set.
inline constexpr double least_flip_share = 0.3;

// The fields of the physics that have a range, and flip_share. Those named in `fixed` are left out.
std::vector<Uncertain> uncertain_constants(const std::vector<std::string>& fixed = {});

struct Spread {
  double computed = 0, low = 0, high = 0;
  std::vector<std::pair<std::string, double>> shares;  // largest first; they sum to 1, or there are none
};

// Of each of the figures that `figures` returns; all are greater than zero, or a figure without spread.
std::vector<Spread> spreads_of(const std::function<std::vector<double>(const Constants&)>& figures, const Constants& nominal,
                               const std::vector<Uncertain>& uncertain);

}  // namespace spinvp::platform
