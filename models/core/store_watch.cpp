#include "models/core/store_watch.h"

namespace spinvp::core {

void StoreWatch::watch(Watcher& watcher, std::uint64_t first, std::uint64_t last) {
  const auto same = [&](const Range& r) { return r.watcher == &watcher && r.first == first && r.last == last; };
  if (std::any_of(ranges_.begin(), ranges_.end(), same)) return;
  unwatch(watcher);
  ranges_.push_back({&watcher, first, last});
  for (Watcher* other : joined_)
    if (other != &watcher) other->announce_stores(first, last);
}

void StoreWatch::tell(std::uint64_t first, std::uint64_t last, const Watcher* by) {
  for (std::size_t i = 0; i < ranges_.size();) {
    const Range range = ranges_[i];
    if (range.watcher == by || range.first > last || range.last < first) {
      ++i;
      continue;
    }
    ranges_.erase(ranges_.begin() + static_cast<std::ptrdiff_t>(i));
    range.watcher->on_store(first, last);
  }
}

}  // namespace spinvp::core
