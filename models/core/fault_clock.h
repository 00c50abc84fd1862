// When rare events come: as a number of trials, or as a moment, until the next one. What does not happen costs nothing.
//
// Both clocks are functions of (seed, number of the draw) in plain arithmetic: the same bits on every host, saved as two numbers.
#pragma once

#include <cstdint>

#include "models/core/state.h"
#include "models/core/units.h"

namespace spinvp::core {

// Events of probability `rate` (0 to 1) in a sequence of independent trials. The distance to the next is geometric, floor(ln u / ln(1 - rate)) with u uniform in (0, 1] in steps
// of 2^-53: the longest distance is 36.7 mean ones.
class FaultClock {
 public:
  FaultClock(double rate, std::uint64_t seed);
  [[nodiscard]] double rate() const { return rate_; }
  // Trials before the next event.
  [[nodiscard]] std::uint64_t wait() const { return wait_; }
  // Counts `trials`; calls use(index) for each that strikes, ascending.
  template <typename Use>
  void pass(std::uint64_t trials, Use&& use) {
    if (rate_ <= 0) return;
    std::uint64_t at = wait_;
    while (at < trials) {
      use(at);
      at += 1 + draw();
    }
    wait_ = at - trials;
  }
  void describe_state(StateArchive& archive);

 private:
  double rate_, log_keep_;  // ln(1 - rate)
  std::uint64_t seed_, drawn_ = 0, wait_ = 0;
  std::uint64_t draw();
};

// Events that come at a constant mean rate in time (Poisson): the span to the next is -ln u / rate. Many sources of one rate each are one clock of the summed rate.
class ArrivalClock {
 public:
  ArrivalClock(Frequency rate, std::uint64_t seed);
  // The moment of the next event; never() at rate 0, or where it lies beyond what SimTime holds.
  [[nodiscard]] SimTime next() const { return next_; }
  // Goes on to the one after it.
  void advance();
  void describe_state(StateArchive& archive);

 private:
  double rate_per_ps_;
  std::uint64_t seed_, drawn_ = 0;
  SimTime next_;
};

}  // namespace spinvp::core
