// Power over time, in bins of the configured width, read from the energy account without a copy of it.
//
// The last bin is as long as the run still was when it began; energy that is booked beyond the end (a burst that was under way) is added to it, so the sum
// of power times length over all bins is the run's energy.
#pragma once

#include <cstddef>
#include <vector>

#include "models/core/energy.h"

namespace spinvp::platform {

class PowerTrace {
 public:
  PowerTrace(const core::EnergyAccount& energy, core::SimTime end);

  struct Bin {
    double time_s = 0, length_s = 0;  // begin and length
    double total_w = 0;
    std::vector<double> components_w;  // in the account's order
  };
  [[nodiscard]] std::size_t size() const { return bins_; }
  [[nodiscard]] Bin bin(std::size_t index) const;
  // The same into a bin that is there, for loops over many.
  void read(std::size_t index, Bin& bin) const;
  // Highest power of the bins that the run lasted through; zero if it is shorter than one.
  [[nodiscard]] double peak_w() const;

 private:
  const core::EnergyAccount& energy_;
  core::SimTime end_;
  std::size_t bins_;
};

}  // namespace spinvp::platform
