#include "models/interconnect/link.h"

#include <algorithm>

namespace spinvp::interconnect {

using core::SimTime;

SimTime Link::burst(SimTime earliest, SimTime occupancy, SimTime now) {
  calendar_.forget_before(now);
  burst_time_ += occupancy;
  return calendar_.book(earliest, occupancy);
}

Link::Passage Link::shared_burst(SimTime earliest, SimTime occupancy, SimTime share, SimTime now) {
  std::erase_if(long_, [now](const LongBurst& l) { return l.end <= now; });
  const SimTime start = burst(earliest, occupancy, now);
  const auto others = std::count_if(long_.begin(), long_.end(), [earliest](const LongBurst& l) { return l.from <= earliest && earliest < l.end; });
  if (occupancy > share) long_.push_back({earliest, start + occupancy});
  if (others == 0) return {start, start};
  return {std::min(start, earliest + share * static_cast<std::uint64_t>(others)), start};
}

SimTime Link::direct(SimTime occupancy, SimTime from, SimTime to, SimTime now) {
  calendar_.forget_before(now);
  if (now >= window_start_ + load_window) {
    load_ = std::min(1.0, static_cast<double>(burst_time_.ps()) / static_cast<double>((now - window_start_).ps()));
    window_start_ = now;
    burst_time_ = SimTime();
  }
  // A hart that settles after the fact lies in the past, where nobody could meet it: its slices are moved to the present.
  const SimTime start = std::max(from, now), span = to > from ? to - from : SimTime();
  const SimTime slice = SimTime::ps(core::divide_up(occupancy.ps(), slices));
  SimTime left = occupancy;
  for (unsigned i = 0; i < slices && left > SimTime(); ++i) {
    const SimTime part = std::min(slice, left);
    calendar_.book(start + SimTime::ps((2 * i + 1) * (span.ps() / (2 * slices))), part);
    left -= part;
  }
  const double shared = std::min(load_, 0.5);
  return SimTime::ps(static_cast<std::uint64_t>(static_cast<double>(occupancy.ps()) * (shared / (1 - shared)) + 0.5));
}

void Link::clear(SimTime now) {
  calendar_.clear();
  long_.clear();
  window_start_ = now;
  burst_time_ = SimTime();
  load_ = 0;
}

void Link::describe_state(core::StateArchive& archive) {
  calendar_.describe_state(archive);
  archive.item("long", long_);
  archive.item("window_start", window_start_);
  archive.item("burst_time", burst_time_);
  archive.item("load", load_);
}

}  // namespace spinvp::interconnect
