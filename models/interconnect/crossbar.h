// Who may use which link when, decided at the time itself: the arbitration of the approximately timed bus. Pure C++; interconnect_phases.cpp drives it.
//
// A request of initiator i to target t keeps the initiator's link busy for `own` and the target's for `busy`. It goes through
//   enter   at s1, once the initiator's link is free and fewer than `buffer` requests of the initiator wait for targets. The link is busy over [s1, s1 + own)
//   wait    at its target
//   start   at s2 >= s1, once the target's link is free and the target is not blocked, the oldest of those that wait there first. The link is busy over [s2, s2 + busy)
// Oldest: by the time of entering; of those that enter at one time, in rounds: first all initiators in the order in which they were bound, then, where a start
// has made room in a buffer or a new request has come at the same time, again. A request never overtakes another one to the same target, and does not stop one to another target.
//
// Links are the same calendars that the loosely timed bus books: a hart's direct accesses in sum take their slices there. Nothing is booked ahead: a request
// starts when its whole occupancy fits from now on, or not yet.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

#include "models/interconnect/link.h"

namespace spinvp::interconnect {

class Crossbar {
 public:
  explicit Crossbar(std::size_t buffer) : buffer_(buffer) {}
  // Links outlive this.
  void add_initiator(Link& link) { initiators_.push_back({&link, {}, 0, false}); }
  void add_target(Link& link) { targets_.push_back({&link, {}, false}); }

  struct Request {
    std::size_t initiator, target;
    core::SimTime own, busy;
    void* item;  // the caller's
  };
  // The initiator must not have one that has not entered yet.
  void request(const Request& request) {
    initiators_[request.initiator].request = request;
    initiators_[request.initiator].asks = true;
  }
  // A target that takes no request stops the starts to it.
  void block(std::size_t target, bool blocked) { targets_[target].blocked = blocked; }

  // Lets enter and start whatever can now; calls entered(request) and started(request) in that order of events.
  template <typename Entered, typename Started>
  void decide(core::SimTime now, Entered&& entered, Started&& started) {
    for (bool again = true; again;) {
      again = false;
      next_ = core::SimTime::never();
      for (Initiator& i : initiators_) {
        if (!i.asks || i.waiting >= buffer_ || !free(*i.link, i.request.own, now)) continue;
        i.link->burst(now, i.request.own, now);
        i.asks = false;
        ++i.waiting;
        targets_[i.request.target].waiting.push_back(i.request);
        entered(i.request);
      }
      for (Target& t : targets_) {
        if (t.waiting.empty() || t.blocked || !free(*t.link, t.waiting.front().busy, now)) continue;
        const Request request = t.waiting.front();
        t.waiting.pop_front();
        t.link->burst(now, request.busy, now);
        --initiators_[request.initiator].waiting;
        started(request);
        again = true;
      }
    }
  }
  // When decide() may find something to do without anything else happening before; never: not at all. Of the last decide().
  [[nodiscard]] core::SimTime next() const { return next_; }
  [[nodiscard]] bool idle() const {
    return std::none_of(initiators_.begin(), initiators_.end(), [](const Initiator& i) { return i.asks || i.waiting != 0; });
  }

 private:
  struct Initiator {
    Link* link;
    Request request;
    std::size_t waiting = 0;
    bool asks = false;
  };
  struct Target {
    Link* link;
    std::deque<Request> waiting;
    bool blocked = false;
  };
  std::size_t buffer_;
  std::vector<Initiator> initiators_;
  std::vector<Target> targets_;
  core::SimTime next_ = core::SimTime::never();

  // Whether the link has `span` free from now on; if not, notes when it has.
  bool free(const Link& link, core::SimTime span, core::SimTime now) {
    const core::SimTime gap = link.gap(now, span);
    if (gap == now) return true;
    next_ = next_ < gap ? next_ : gap;
    return false;
  }
};

}  // namespace spinvp::interconnect
