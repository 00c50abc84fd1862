#include "platform/explore/reproduce_pim_spread.h"

#include <algorithm>

namespace spinvp::platform {

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
  std::vector<MovedFigures> moved;
  for (const Uncertain& constant : uncertain) {
    const auto with = [&](double value) {
      Constants there = nominal;
      constant.set(there, value);
      return figures(there);
    };
    moved.push_back({constant.name, with(constant.low), with(constant.high)});
  }
  return spreads_of(figures(nominal), moved);
}

}  // namespace spinvp::platform
