// One link of the bus: a calendar in beats, and how loaded it was of late.
#pragma once

#include <vector>

#include "models/core/calendar.h"
#include "models/core/state.h"
#include "models/core/units.h"

namespace spinvp::interconnect {

// Bursts book an exact place. Direct accesses of a hart come in sum, once a synchronisation, for a span of its local time: they are booked in a few equal slices over
// that span, so that bursts meet them with the right probability, and pay for the bursts by sharing: while bursts take the part u of the link, an
// occupancy of d takes d / (1 - u), so the hart waits d u / (1 - u). Arbitration is fair, so u counts as at most 1/2 and a hart waits at most d. u is measured over
// the bursts booked in the last whole window of at least 1 us.
class Link {
 public:
  // Books `occupancy` at or after `earliest`; returns its start.
  core::SimTime burst(core::SimTime earliest, core::SimTime occupancy, core::SimTime now);
  // The same for a burst that stands for several transactions, of which each takes `share`. A burst that is longer than one lets others in between its transactions: whoever comes while it has the
  // link, or waits for it, waits for one transaction of each such burst until its own first one passes (`first`). Its place in the calendar is where it would be without that, since the
  // ends of the others are told already: so the link never carries more than it can, and nobody ends before his place does.
  struct Passage {
    core::SimTime first, start;
  };
  Passage shared_burst(core::SimTime earliest, core::SimTime occupancy, core::SimTime share, core::SimTime now);
  // The start that burst() would return now.
  [[nodiscard]] core::SimTime gap(core::SimTime earliest, core::SimTime occupancy) const { return calendar_.first_gap(earliest, occupancy); }
  // Books `occupancy` in slices over [from, to] and returns the waiting that bursts cause.
  core::SimTime direct(core::SimTime occupancy, core::SimTime from, core::SimTime to, core::SimTime now);
  void clear(core::SimTime now);
  // With the bookings: a hart that ran ahead has some in the future at any moment.
  void describe_state(core::StateArchive& archive);
  // The part of its time that bursts took in the last whole window.
  [[nodiscard]] double load() const { return load_; }

  static constexpr core::SimTime load_window = core::SimTime::us(1);
  static constexpr unsigned slices = 4;

 private:
  struct LongBurst {
    core::SimTime from, end;
  };
  core::Calendar calendar_;
  std::vector<LongBurst> long_;
  core::SimTime window_start_, burst_time_;
  double load_ = 0;
};

}  // namespace spinvp::interconnect
