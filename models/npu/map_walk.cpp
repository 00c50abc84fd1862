#include "models/npu/map_walk.h"

#include <algorithm>

namespace spinvp::npu {

MapWalk::MapWalk(const Box& box, std::span<const unsigned> order, const std::array<bool, map_axes>& reduced, std::span<const WalkStream> streams)
    : streams_(streams.size()) {
  for (std::size_t s = 0; s < streams_; ++s) first_[s] = streams[s].first;
  for (const unsigned axis : order) {
    if (box.size[axis] == 1) continue;
    Axis here{box.size[axis], reduced[axis], {}};
    for (std::size_t s = 0; s < streams_; ++s) here.stride[s] = streams[s].stride[axis];
    bool joins = !axes_.empty() && axes_.back().reduced == here.reduced;
    for (std::size_t s = 0; joins && s < streams_; ++s) joins = axes_.back().stride[s] == here.stride[s] * static_cast<std::int64_t>(here.size);
    if (joins) here.size *= axes_.back().size;
    if (joins)
      axes_.back() = here;
    else
      axes_.push_back(here);
  }
  if (axes_.empty()) axes_.emplace_back();
}

}  // namespace spinvp::npu
