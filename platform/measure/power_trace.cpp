#include "platform/measure/power_trace.h"

#include <algorithm>

namespace spinvp::platform {

PowerTrace::PowerTrace(const core::EnergyAccount& energy, core::SimTime end)
    : energy_(energy), end_(end), bins_(std::max<std::size_t>(core::divide_up(end.ps(), energy.power_bin().ps()), 1)) {}

PowerTrace::Bin PowerTrace::bin(std::size_t index) const {
  const core::SimTime width = energy_.power_bin(), begin = width * index;
  const bool last = index + 1 == bins_;
  Bin result;
  result.time_s = begin.seconds();
  result.length_s = last && end_ > begin ? (end_ - begin).seconds() : width.seconds();
  result.components_w.reserve(energy_.components());
  for (std::uint32_t i = 0; i < energy_.components(); ++i) {
    double joules = energy_.bin_energy({i}, index);
    if (last)
      for (std::size_t beyond = bins_; beyond < energy_.bins(); ++beyond) joules += energy_.bin_energy({i}, beyond);
    result.components_w.push_back(joules / result.length_s);
    result.total_w += joules / result.length_s;
  }
  return result;
}

double PowerTrace::peak_w() const {
  const bool last_is_whole = end_ == energy_.power_bin() * bins_;
  double peak = 0;
  for (std::size_t i = 0; i < bins_ - (last_is_whole ? 0 : 1); ++i) peak = std::max(peak, bin(i).total_w);
  return peak;
}

}  // namespace spinvp::platform
