#include "models/memory/dram_banks.h"

#include <algorithm>

#include "models/core/error.h"

namespace spinvp::memory {

namespace {
std::uint64_t ps(core::Time t) { return core::SimTime::from(t).ps(); }
}  // namespace

DramTimes::DramTimes(const technology::DramDataSheet& sheet) {
  const technology::DramTiming& t = sheet.timing;
  access = std::max<std::uint64_t>(ps(sheet.access_time()), 1);
  burst = ps(t.t_burst);
  ccd_l = std::max(ps(t.t_ccd_l), access);
  rcd_read = ps(t.t_rcd_read), rcd_write = ps(t.t_rcd_write), rp = ps(t.t_rp), ras = ps(t.t_ras), rc = ps(t.t_rc);
  cl = ps(t.t_cl), cwl = ps(t.t_cwl);
  rrd_s = ps(t.t_rrd_s), rrd_l = ps(t.t_rrd_l), faw = ps(t.t_faw);
  after_read = ps(t.t_rtp);
  after_write = cwl + burst + ps(t.t_wr);
  write_to_read = cwl + burst + ps(t.t_wtr_l) - std::min(access, cwl + burst + ps(t.t_wtr_l));
  read_to_write = ps(t.t_rtw) - std::min(access, ps(t.t_rtw));
  interface = ps(sheet.interface_latency);
}

DramTimes DramTimes::slowed(unsigned divider) const {
  DramTimes t = *this;
  for (std::uint64_t* x : {&t.access, &t.burst, &t.ccd_l, &t.rcd_read, &t.rcd_write, &t.rp, &t.ras, &t.rc, &t.cl, &t.cwl, &t.rrd_s, &t.rrd_l, &t.faw,
                           &t.after_read, &t.after_write, &t.write_to_read, &t.read_to_write, &t.interface})
    *x *= divider;
  return t;
}

DramBanks::DramBanks(const technology::DramDataSheet& sheet)
    : lanes_(sheet.lanes()),
      ranks_(sheet.ranks),
      banks_per_lane_(std::size_t{sheet.ranks} * sheet.banks_per_group * sheet.bank_groups),
      banks_(lanes_ * banks_per_lane_),
      activates_(lanes_ * ranks_),
      class_(lanes_) {}

std::span<const DramBanks::Part> DramBanks::divide(const DramPlan& plan) {
  parts_.clear();
  std::size_t mine = 0;  // mostly that of the lane before
  for (std::size_t lane = 0; lane < lanes_; ++lane) {
    const std::uint16_t shape = plan.shape_of(lane), old_class = class_[lane];
    const auto is_mine = [&](const Part& p) { return p.shape == shape && p.old_class == old_class; };
    if (parts_.empty() || !is_mine(parts_[mine])) mine = static_cast<std::size_t>(std::find_if(parts_.begin(), parts_.end(), is_mine) - parts_.begin());
    if (mine == parts_.size()) {
      if (old_class != lane) {
        // Nobody's state was here: a class's first lane stands for it, and its state is as it was until the burst is served.
        std::copy_n(banks(old_class), banks_per_lane_, banks(lane));
        std::copy_n(activates(old_class), ranks_, activates(lane));
      }
      parts_.push_back({static_cast<std::uint16_t>(lane), shape, old_class, 0});
    }
    ++parts_[mine].lanes;
    class_[lane] = parts_[mine].lane;
  }
  return parts_;
}

bool DramBanks::equal(std::size_t a, std::size_t b, std::uint64_t now, std::uint64_t refresh, const DramTimes& t) const {
  const auto same = [](std::uint64_t x, std::uint64_t y, std::uint64_t forgotten) { return std::max(x, forgotten) == std::max(y, forgotten); };
  const std::uint64_t activate_forgotten = now > t.rc ? now - t.rc : 0;
  const DramBank *x = banks(a), *y = banks(b);
  for (std::size_t i = 0; i < banks_per_lane_; ++i) {
    if (x[i].refresh < refresh && y[i].refresh < refresh) continue;
    if (x[i].row != y[i].row || x[i].refresh != y[i].refresh || !same(x[i].precharge, y[i].precharge, now) ||
        !same(x[i].activate, y[i].activate, activate_forgotten))
      return false;
  }
  const std::uint64_t longest = std::max({t.faw, t.rrd_s, t.rrd_l}), rank_forgotten = now > longest ? now - longest : 0;
  const DramActivates *p = activates(a), *q = activates(b);
  for (std::size_t rank = 0; rank < ranks_; ++rank) {
    if (std::max(p[rank].refresh, refresh) != std::max(q[rank].refresh, refresh)) return false;
    if (rank_forgotten == 0 && p[rank].count != q[rank].count) return false;  // later, one that never was is as good as one too long ago
    const auto activate = [refresh](const DramActivates& r, std::size_t i) { return r.refresh < refresh ? 0 : r.at[i]; };
    for (std::size_t i = 0; i < 4; ++i)
      if (!same(activate(p[rank], i), activate(q[rank], i), rank_forgotten)) return false;
    if (p[rank].last_group != q[rank].last_group && std::max(activate(p[rank], 3), activate(q[rank], 3)) > rank_forgotten) return false;
  }
  return true;
}

void DramBanks::join(std::uint64_t now, std::uint64_t refresh, const DramTimes& t) {
  if (!joins_) return;
  // Neighbours are likely to be alike: bursts begin in one lane and end in another.
  for (std::size_t i = parts_.size(); i-- > 1;) {
    Part &kept = parts_[i - 1], &joined = parts_[i];
    if (!equal(kept.lane, joined.lane, now, refresh, t)) continue;
    for (std::size_t lane = joined.lane; lane < lanes_; ++lane)
      if (class_[lane] == joined.lane) class_[lane] = kept.lane;
    parts_.erase(parts_.begin() + static_cast<std::ptrdiff_t>(i));
  }
}

void DramBanks::close_rows() { std::fill(banks_.begin(), banks_.end(), DramBank{}); }

void DramBanks::clear() {
  close_rows();
  std::fill(activates_.begin(), activates_.end(), DramActivates{});
  std::fill(class_.begin(), class_.end(), std::uint16_t{0});
}

void DramBanks::describe_state(core::StateArchive& archive) {
  // Of fixed length: the models index them by what the configuration says.
  archive.raw("banks", banks_.data(), banks_.size() * sizeof banks_[0]);
  archive.raw("activates", activates_.data(), activates_.size() * sizeof activates_[0]);
  archive.raw("classes", class_.data(), class_.size() * sizeof class_[0]);
  if (std::any_of(class_.begin(), class_.end(), [this](std::uint16_t first) { return first >= lanes_; }))
    throw core::InputError("snapshot: item 'classes': a lane that is not there");
}

}  // namespace spinvp::memory
