// Named regions that firmware opens and closes (marker device): the innermost open region owns what happens.
//
// A region is identified by its path (`train/forward/conv1`); opening the same name under the same parent again continues the same region.
// Times are exclusive: each picosecond belongs to exactly one region, what falls outside all to `(none)`, which is region 0.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "models/core/state.h"
#include "models/core/units.h"

namespace spinvp::core {

using RegionId = std::uint32_t;
inline constexpr RegionId no_region = 0;

class Regions {
 public:
  Regions() { nodes_.push_back({"(none)", "(none)", 0, SimTime()}); }
  // Opens `name` inside the innermost open region. At most 64 deep and 4,096 different regions (more: ignored, returns false), since names come from the guest.
  bool open(std::string_view name, SimTime now);
  // Closes the innermost region; false if none is open.
  bool close(SimTime now);
  [[nodiscard]] RegionId current() const { return stack_.empty() ? no_region : stack_.back(); }
  [[nodiscard]] std::size_t depth() const { return stack_.size(); }
  [[nodiscard]] std::size_t count() const { return nodes_.size(); }
  [[nodiscard]] const std::string& path(RegionId id) const { return nodes_[id].path; }
  [[nodiscard]] const std::string& name(RegionId id) const { return nodes_[id].name; }
  [[nodiscard]] SimTime time(RegionId id) const { return nodes_[id].time; }
  // "forward", "backward" or "update" where that word is an element of the path, otherwise empty.
  [[nodiscard]] std::string phase(RegionId id) const;
  // Books the time since the last change to the current region (also done by open and close).
  void settle(SimTime now);
  // Called before every change of the current region, with the time: the energy account books static power up to here.
  void before_change(std::function<void(SimTime)> listener) { listeners_.push_back(std::move(listener)); }
  void close_all(SimTime now);
  // Called after each opening, with the region that is open now.
  void after_open(std::function<void(RegionId)> listener) { opened_.push_back(std::move(listener)); }
  void describe_state(StateArchive& archive);

 private:
  struct Node {
    std::string name, path;
    RegionId parent;
    SimTime time;
  };
  std::vector<Node> nodes_;
  std::vector<RegionId> stack_;
  std::vector<std::function<void(SimTime)>> listeners_;
  std::vector<std::function<void(RegionId)>> opened_;
  SimTime settled_;
  void announce(SimTime now);
};

}  // namespace spinvp::core
