#include "platform/measure/power_trace.h"

#include <algorithm>

namespace spinvp::platform {

PowerTrace::PowerTrace(const core::EnergyAccount& energy, core::SimTime end)
    : energy_(energy), end_(end), bins_(std::max<std::size_t>(core::divide_up(end.ps(), energy.power_bin().ps()), 1)) {}

void PowerTrace::read(std::size_t index, Bin& bin) const {
  const core::SimTime width = energy_.power_bin(), begin = width * index;
  const bool last = index + 1 == bins_;
  bin.time_s = begin.seconds();
  bin.length_s = last && end_ > begin ? (end_ - begin).seconds() : width.seconds();
  bin.total_w = 0;
  bin.components_w.resize(energy_.components());
  for (std::uint32_t i = 0; i < bin.components_w.size(); ++i) {
    double joules = energy_.bin_energy({i}, index);
    if (last)
      for (std::size_t beyond = bins_; beyond < energy_.bins(); ++beyond) joules += energy_.bin_energy({i}, beyond);
    bin.components_w[i] = joules / bin.length_s;
    bin.total_w += bin.components_w[i];
  }
}

PowerTrace::Bin PowerTrace::bin(std::size_t index) const {
  Bin result;
  read(index, result);
  return result;
}

double PowerTrace::peak_w() const {
  const bool last_is_whole = end_ == energy_.power_bin() * bins_;
  double peak = 0;
  Bin bin;
  for (std::size_t i = 0; i < bins_ - (last_is_whole ? 0 : 1); ++i) {
    read(i, bin);
    peak = std::max(peak, bin.total_w);
  }
  return peak;
}

}  // namespace spinvp::platform
