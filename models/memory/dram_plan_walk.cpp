// Bursts that are planned run by run (dram_plan.h).
#include <algorithm>

#include "models/memory/dram_plan.h"

namespace spinvp::memory {

// Adds `accesses` of one row of a slot, from access `local` and `position` in the lane's order on.
void DramPlan::use_row(std::uint32_t lane, std::uint64_t local, std::uint32_t accesses, std::uint32_t position, std::uint32_t longest) {
  const std::uint32_t mask = groups_ - 1, group = map_.group(local), slot = map_.slot(local), row = map_.row(local), key = slot * lanes_ + lane;
  std::uint32_t at = latest_[key];
  if (at >= rows_used_ || rows_[at].lane != lane || rows_[at].slot != slot || rows_[at].row != row) {
    at = latest_[key] = rows_used_++;
    if (at == rows_.size()) rows_.resize(2 * rows_used_), uses_.resize(rows_.size() * groups_);
    rows_[at] = {.lane = lane, .slot = slot, .row = row};
  }
  RowUse& use = rows_[at];
  GroupUse* const groups = &uses_[std::size_t{at} * groups_];
  for (std::uint32_t j = 0; j < std::min(groups_, accesses); ++j) {
    const std::uint32_t g = (group + j) & mask, each = of_group(accesses, j), further = (each - 1) << group_shift_;
    if ((use.seen >> g & 1u) == 0) {
      use.seen |= 1u << g;
      use.order |= std::uint64_t{g} << (4 * use.groups_seen++);
      groups[g] = {position + j, 0, 0};
    }
    groups[g].last = position + j + further;
    groups[g].busy = std::max(groups[g].busy, std::min(longest, further));
    group_work_[lane * groups_ + g] += each;
  }
}

// Adds a run, from `position` in its lane's order on, cut where rows change.
void DramPlan::use_run(std::uint32_t lane, std::uint64_t first, std::uint64_t end, std::uint32_t position, std::uint32_t longest) {
  const std::uint64_t row = map_.turn() > groups_ ? groups_ : map_.row_accesses();
  for (std::uint64_t local = first; local < end;) {
    const auto accesses = static_cast<std::uint32_t>(std::min(end, (local | (row - 1)) + 1) - local);
    in_blocks(local, accesses,
              [&](std::uint64_t from, std::uint32_t length) { use_row(lane, from, length, position + static_cast<std::uint32_t>(from - local), longest); });
    position += accesses;
    local += accesses;
  }
}

std::uint64_t DramPlan::walk(const DramBurst& burst) {
  begin(Kind::walk);
  std::fill(work_.begin(), work_.end(), 0u);
  rows_used_ = 0;
  std::fill(group_work_.begin(), group_work_.end(), 0u);
  const std::uint32_t longest = most_busy();
  // Bits of an access's number that are equal within a block of a row; 0: blocks are of no use here.
  const std::uint64_t within_block = map_.turn() <= groups_ && map_.piece_accesses() <= map_.row_accesses() ? ~(map_.piece_accesses() - 1) : 0;
  const std::uint64_t row_bytes = burst.contiguous() ? burst.length : burst.row_bytes;
  std::uint64_t accesses = 0, previous = ~std::uint64_t{0};
  for (std::uint64_t done = 0, row = 0; done < burst.length; done += row_bytes, ++row) {
    const std::uint64_t address = burst.address + row * burst.stride, bytes = std::min(row_bytes, burst.length - done);
    std::uint64_t first = address >> access_shift_;
    const std::uint64_t end = ((address + bytes - 1) >> access_shift_) + 1;
    if (first == previous) ++first;  // still in the interface's buffer
    previous = end - 1;
    if (first >= end) continue;
    map_.for_each_lane(first, end, [&](std::uint32_t lane, std::uint64_t from, std::uint64_t to) {
      // Most runs lie in one block of one row.
      if (within_block != 0 && ((from ^ (to - 1)) & within_block) == 0)
        use_row(lane, from, static_cast<std::uint32_t>(to - from), work_[lane], longest);
      else
        use_run(lane, from, to, work_[lane], longest);
      work_[lane] += static_cast<std::uint32_t>(to - from);
      touched_[lane] = true;
    });
    accesses += end - first;
  }
  finish_walk();
  return accesses;
}

void DramPlan::finish_walk() {
  for (std::size_t lane = 0; lane < lanes_; ++lane) {
    if (work_[lane] != 0) {
      const auto groups = group_work_.begin() + static_cast<std::ptrdiff_t>(lane * groups_);
      shape_of_[lane] = static_cast<std::uint16_t>(shapes_.size());
      shapes_.push_back({static_cast<std::uint32_t>(lane), work_[lane], *std::max_element(groups, groups + groups_), 0});
    }
    walked_[lane].clear();
  }
  for (std::size_t at = 0; at < rows_used_; ++at) {
    const RowUse& use = rows_[at];
    for (std::uint32_t k = 0; k < use.groups_seen; ++k) {
      const auto g = static_cast<std::uint32_t>(use.order >> (4 * k) & 15u);
      const GroupUse& group = uses_[at * groups_ + g];
      walked_[use.lane].push_back({(use.slot << group_shift_) + g, g, use.row, group.first, group.last, group.busy});
    }
  }
  // Banks of several slots in turn: they are opened in the order in which they are asked for first.
  if (map_.turn() > groups_)
    for (std::vector<Visit>& visits : walked_) std::stable_sort(visits.begin(), visits.end(), [](const Visit& a, const Visit& b) { return a.first < b.first; });
}

}  // namespace spinvp::memory
