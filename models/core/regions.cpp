#include "models/core/regions.h"

#include <algorithm>
#include <array>

#include "models/core/error.h"

namespace spinvp::core {

namespace {

constexpr std::size_t deepest = 64, most = 4096;

}  // namespace

void Regions::settle(SimTime now) {
  if (now > settled_) {
    nodes_[current()].time += now - settled_;
    settled_ = now;
  }
}

void Regions::announce(SimTime now) {
  for (const auto& listener : listeners_) listener(now);
  settle(now);
}

bool Regions::open(std::string_view name, SimTime now) {
  if (stack_.size() >= deepest) return false;
  const RegionId parent = current();
  const auto same = [&](const Node& n) { return n.parent == parent && n.name == name && &n != &nodes_[0]; };
  const auto found = std::find_if(nodes_.begin(), nodes_.end(), same);
  if (found == nodes_.end() && nodes_.size() >= most) return false;
  announce(now);
  if (found != nodes_.end()) {
    stack_.push_back(static_cast<RegionId>(found - nodes_.begin()));
  } else {
    const std::string path = parent == no_region ? std::string(name) : nodes_[parent].path + "/" + std::string(name);
    nodes_.push_back({std::string(name), path, parent, SimTime()});
    stack_.push_back(static_cast<RegionId>(nodes_.size() - 1));
  }
  for (const auto& listener : opened_) listener(current());
  return true;
}

bool Regions::close(SimTime now) {
  if (stack_.empty()) return false;
  announce(now);
  stack_.pop_back();
  return true;
}

void Regions::close_all(SimTime now) {
  announce(now);
  stack_.clear();
}

void Regions::describe_state(StateArchive& archive) {
  archive.list("regions", nodes_, [&](Node& node) {
    archive.item("name", node.name);
    archive.item("path", node.path);
    archive.item("parent", node.parent);
    archive.item("time", node.time);
  });
  archive.item("open", stack_);
  archive.item("settled", settled_);
  if (!archive.reading()) return;
  const auto known = [this](RegionId id) { return id < nodes_.size(); };
  if (nodes_.empty() || nodes_.size() > most || stack_.size() > deepest || !std::all_of(stack_.begin(), stack_.end(), known))
    throw InputError("snapshot: item 'open': a region that is not there");
  // A parent is older than its children: going up comes to an end.
  for (RegionId id = 0; id < nodes_.size(); ++id)
    if (nodes_[id].parent > (id == no_region ? no_region : id - 1)) throw InputError("snapshot: item 'parent': a region that is not there");
}

std::string Regions::phase(RegionId id) const {
  static constexpr std::array<std::string_view, 3> phases = {"forward", "backward", "update"};
  for (; id != no_region; id = nodes_[id].parent)
    if (std::find(phases.begin(), phases.end(), nodes_[id].name) != phases.end()) return nodes_[id].name;
  return {};
}

}  // namespace spinvp::core
