// The constants behind the PIM claims that have a range, and how far the claims move with them (claim.h).
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "platform/explore/claim.h"
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

// Of each of the figures that `figures` returns; all are greater than zero, or a figure without spread.
std::vector<Spread> spreads_of(const std::function<std::vector<double>(const Constants&)>& figures, const Constants& nominal,
                               const std::vector<Uncertain>& uncertain);

}  // namespace spinvp::platform
