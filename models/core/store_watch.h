// Tells of stores to bytes that somebody relies on: what the reservation of a hart's load-reserved rests on.
//
// A watcher names a range; the first store to it by anybody else ends the watch and is told. Whoever carries out stores announces them with stored(): the bus
// does for all that travels on it (Transfer::watcher says whose own a store is), and whoever stores past the bus, through a host pointer, gives that way up where
// others watch: joined watchers are told where, and ask watched_by_others() before they take the way again. Nothing is paid while nobody watches.
//
// Models of one simulation act one at a time: a watch is needed only while its owner lets others run.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

namespace spinvp::core {

class StoreWatch {
 public:
  class Watcher {
   public:
    virtual ~Watcher() = default;
    // Somebody else stored to [first, last], of which some bytes were watched. The watch is over.
    virtual void on_store(std::uint64_t first, std::uint64_t last) = 0;
    // Stores of this watcher's owner to [first, last] are to be announced from now on.
    virtual void announce_stores(std::uint64_t first, std::uint64_t last) = 0;
  };

  void join(Watcher& watcher) { joined_.push_back(&watcher); }
  void leave(Watcher& watcher) {
    unwatch(watcher);
    std::erase(joined_, &watcher);
  }

  // One range a watcher: a new one replaces the old one.
  void watch(Watcher& watcher, std::uint64_t first, std::uint64_t last);
  void unwatch(const Watcher& watcher) {
    std::erase_if(ranges_, [&](const Range& r) { return r.watcher == &watcher; });
  }
  [[nodiscard]] bool watched_by_others(std::uint64_t first, std::uint64_t last, const Watcher& than) const {
    return std::any_of(ranges_.begin(), ranges_.end(), [&](const Range& r) { return r.watcher != &than && r.first <= last && r.last >= first; });
  }
  // [first, last] has been stored to; `by` is the watcher of the one who did, if it has one.
  void stored(std::uint64_t first, std::uint64_t last, const Watcher* by) {
    if (!ranges_.empty()) [[unlikely]]
      tell(first, last, by);
  }
  [[nodiscard]] bool idle() const { return ranges_.empty(); }

 private:
  struct Range {
    Watcher* watcher;
    std::uint64_t first, last;
  };
  std::vector<Watcher*> joined_;
  std::vector<Range> ranges_;

  void tell(std::uint64_t first, std::uint64_t last, const Watcher* by);
};

}  // namespace spinvp::core
