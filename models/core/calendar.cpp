#include "models/core/calendar.h"

#include <algorithm>

namespace spinvp::core {

std::size_t Calendar::position(SimTime earliest, SimTime duration, SimTime& start) const {
  start = earliest;
  // The first interval that ends after the request can be the first to stand in its way.
  auto next = std::upper_bound(intervals_.begin(), intervals_.end(), earliest, [](SimTime t, const Interval& i) { return t < i.end; });
  while (next != intervals_.end() && next->start < start + std::max(duration, SimTime::ps(1))) {
    start = std::max(start, next->end);
    ++next;
  }
  return static_cast<std::size_t>(next - intervals_.begin());
}

SimTime Calendar::first_gap(SimTime earliest, SimTime duration) const {
  SimTime start;
  (void)position(earliest, duration, start);
  return start;
}

SimTime Calendar::book(SimTime earliest, SimTime duration) {
  SimTime start;
  const std::size_t at = position(earliest, duration, start);
  if (duration == SimTime()) return start;
  const SimTime end = start + duration;
  const bool joins_previous = at > 0 && intervals_[at - 1].end == start;
  const bool joins_next = at < intervals_.size() && intervals_[at].start == end;
  const auto here = intervals_.begin() + static_cast<std::ptrdiff_t>(at);
  if (joins_previous && joins_next) {
    intervals_[at - 1].end = here->end;
    intervals_.erase(here);
  } else if (joins_previous) {
    intervals_[at - 1].end = end;
  } else if (joins_next) {
    here->start = start;
  } else {
    intervals_.insert(here, {start, end});
  }
  return start;
}

void Calendar::forget_before(SimTime now) {
  const auto keep = std::find_if(intervals_.begin(), intervals_.end(), [now](const Interval& i) { return i.end > now; });
  intervals_.erase(intervals_.begin(), keep);
}

}  // namespace spinvp::core
