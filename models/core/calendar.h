// When a shared resource is free: a calendar of booked intervals.
//
// Every shared resource (a link, a memory bank, a DRAM channel) owns one. A request books the first gap that is long enough at or after the
// time it asks for, so a request that is issued late by the simulator but early in simulated time (a hart that ran ahead inside its quantum
// met an engine still in the present) takes an earlier gap rather than queueing behind the future. Intervals that end before the
// kernel's time can no longer matter and are dropped.
#pragma once

#include <vector>

#include "models/core/state.h"
#include "models/core/units.h"

namespace spinvp::core {

class Calendar {
 public:
  // Books `duration` at or after `earliest`; returns its start. A zero duration books nothing and starts at the first free instant.
  SimTime book(SimTime earliest, SimTime duration);
  // The start `book` would return.
  [[nodiscard]] SimTime first_gap(SimTime earliest, SimTime duration) const;
  // Drops intervals that end at or before `now`.
  void forget_before(SimTime now);
  void clear() { intervals_.clear(); }
  void describe_state(StateArchive& archive) { archive.item("intervals", intervals_); }
  // The end of the last booking, or zero.
  [[nodiscard]] SimTime last_end() const { return intervals_.empty() ? SimTime() : intervals_.back().end; }
  [[nodiscard]] std::size_t size() const { return intervals_.size(); }

 private:
  struct Interval {
    SimTime start, end;
  };
  // Sorted, disjoint, and merged where they touch.
  std::vector<Interval> intervals_;
  [[nodiscard]] std::size_t position(SimTime earliest, SimTime duration, SimTime& start) const;
};

}  // namespace spinvp::core
