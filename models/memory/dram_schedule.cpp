#include "models/memory/dram_schedule.h"

#include <algorithm>
#include <bit>

namespace spinvp::memory {

using core::SimTime;

namespace {
std::uint64_t ps(core::Time t) { return SimTime::from(t).ps(); }
}  // namespace

DramSchedule::DramSchedule(const technology::DramDataSheet& sheet, DramOrder order, std::uint64_t interleave, std::uint64_t size, bool open_page)
    : access_bytes_(sheet.access_bytes()),
      interleave_(interleave),
      lanes_(sheet.lanes()),
      groups_(sheet.bank_groups),
      ranks_(sheet.ranks),
      banks_per_group_(sheet.banks_per_group),
      access_shift_(static_cast<unsigned>(std::countr_zero(sheet.access_bytes()))),
      group_shift_(static_cast<unsigned>(std::countr_zero(sheet.bank_groups))),
      bank_shift_(static_cast<unsigned>(std::countr_zero(sheet.banks_per_group))),
      open_page_(open_page),
      map_(sheet, order, interleave, size),
      calendar_(lanes_),
      banks_(std::size_t{ranks_} * banks_per_group_ * lanes_ * groups_),
      activates_(std::size_t{ranks_} * lanes_),
      read_end_(lanes_),
      write_end_(lanes_),
      work_(lanes_),
      group_work_(std::size_t{lanes_} * groups_),
      span_(lanes_),
      step_(lanes_) {
  const std::uint64_t slots = std::uint64_t{ranks_} * banks_per_group_;
  lines_.resize(slots);
  line_precharge_.resize(slots * lanes_);
  if (open_page && order == DramOrder::row_bank_column) line_accesses_ = sheet.page_bytes / access_bytes_ * groups_ * lanes_;
  const technology::DramTiming& t = sheet.timing;
  Times& b = base_;
  b.access = std::max<std::uint64_t>(ps(sheet.access_time()), 1);
  b.burst = ps(t.t_burst);
  b.ccd_l = std::max(ps(t.t_ccd_l), b.access);
  b.rcd_read = ps(t.t_rcd_read), b.rcd_write = ps(t.t_rcd_write), b.rp = ps(t.t_rp), b.ras = ps(t.t_ras), b.rc = ps(t.t_rc);
  b.cl = ps(t.t_cl), b.cwl = ps(t.t_cwl);
  b.rrd_s = ps(t.t_rrd_s), b.rrd_l = ps(t.t_rrd_l), b.faw = ps(t.t_faw);
  b.after_read = ps(t.t_rtp);
  b.after_write = b.cwl + b.burst + ps(t.t_wr);
  b.write_to_read = b.cwl + b.burst + ps(t.t_wtr_l) - std::min(b.access, b.cwl + b.burst + ps(t.t_wtr_l));
  b.read_to_write = ps(t.t_rtw) - std::min(b.access, ps(t.t_rtw));
  b.interface = ps(sheet.interface_latency);
  if (sheet.refreshes()) refi_ = ps(t.t_refi), rfc_ = ps(t.t_rfc);
}

DramSchedule::Times DramSchedule::times(unsigned divider) const {
  Times t = base_;
  if (divider == 1) return t;
  for (std::uint64_t* x : {&t.access, &t.burst, &t.ccd_l, &t.rcd_read, &t.rcd_write, &t.rp, &t.ras, &t.rc, &t.cl, &t.cwl, &t.rrd_s, &t.rrd_l, &t.faw,
                           &t.after_read, &t.after_write, &t.write_to_read, &t.read_to_write, &t.interface})
    *x *= divider;
  return t;
}

void DramSchedule::plan_run(std::uint64_t first, std::uint64_t end) {
  while (first < end) {
    const DramPiece p = map_.piece(first, end - first);
    const std::uint32_t start = work_[p.lane], bank = (p.slot * lanes_ + p.lane) * groups_, rank = (p.slot >> bank_shift_) * lanes_ + p.lane;
    for (std::uint32_t j = 0; j < std::min(groups_, p.accesses); ++j) {
      const std::uint32_t group = (p.group + j) & (groups_ - 1), accesses = (p.accesses - j + groups_ - 1) >> group_shift_;
      visits_.push_back({bank + group, rank, p.slot, p.lane, group, p.row, start + j, start + j + (accesses - 1) * groups_});
      group_work_[p.lane * groups_ + group] += accesses;
    }
    work_[p.lane] += p.accesses;
    touched_[p.lane] = true;
    first += p.accesses;
  }
}

// A contiguous burst: how much of it is on each lane. Sets work, spans and rounds; returns the accesses.
std::uint64_t DramSchedule::plan_lanes(std::uint64_t first, std::uint64_t end, const Times& t) {
  touched_.reset();
  std::fill(work_.begin(), work_.end(), 0u);
  for (std::uint64_t access = first; access < end;) {
    std::uint64_t lane = 0;
    const std::uint64_t accesses = map_.block(access, end - access, lane);
    work_[lane] += static_cast<std::uint32_t>(accesses);
    touched_[lane] = true;
    access += accesses;
  }
  set_spans(t, false);
  return end - first;
}

// A burst in all detail: sets visits, work, spans and rounds; returns the accesses.
std::uint64_t DramSchedule::plan(const DramBurst& burst, const Times& t) {
  visits_.clear();
  touched_.reset();
  std::fill(work_.begin(), work_.end(), 0u);
  std::fill(group_work_.begin(), group_work_.end(), 0u);
  std::uint64_t accesses = 0, previous = ~std::uint64_t{0};
  const auto run = [&](std::uint64_t address, std::uint64_t bytes) {
    std::uint64_t first = address >> access_shift_;
    const std::uint64_t end = ((address + bytes - 1) >> access_shift_) + 1;
    if (first == previous) ++first;  // still in the interface's buffer
    previous = end - 1;
    if (first >= end) return;
    plan_run(first, end);
    accesses += end - first;
  };
  if (burst.row_bytes == 0 || burst.row_bytes >= burst.length)
    run(burst.address, burst.length);
  else
    for (std::uint64_t done = 0, row = 0; done < burst.length; done += burst.row_bytes, ++row)
      run(burst.address + row * burst.stride, std::min(burst.row_bytes, burst.length - done));
  set_spans(t, true);
  return accesses;
}

// `by_group`: the groups' work is known; otherwise accesses turn over them. Spans are in units of the undivided clock, so that they fit 32 bits.
void DramSchedule::set_spans(const Times& t, bool by_group) {
  const auto access = static_cast<std::uint32_t>(base_.access), ccd_l = static_cast<std::uint32_t>(base_.ccd_l);
  for (unsigned lane = 0; lane < lanes_; ++lane) span_[lane] = work_[lane] * access;
  if (by_group || ccd_l > groups_ * access) {
    for (unsigned lane = 0; lane < lanes_; ++lane) {
      const std::uint32_t work = work_[lane];
      step_[lane] = access;
      if (ccd_l == access || work < 2) continue;
      const std::uint32_t most =
          by_group ? *std::max_element(group_work_.begin() + lane * groups_, group_work_.begin() + (lane + 1) * groups_) : (work + groups_ - 1) >> group_shift_;
      const std::uint32_t crowded = (most - 1) * ccd_l + access;
      if (crowded <= span_[lane]) continue;
      span_[lane] = crowded;
      step_[lane] = (crowded - access) / (work - 1);
    }
  }
  std::uint32_t least = ~0u, most = 0;
  touched_lanes_ = 0;
  for (unsigned lane = 0; lane < lanes_; ++lane) {
    touched_lanes_ += work_[lane] != 0 ? 1 : 0;
    most = std::max(most, span_[lane]);
    least = std::min(least, span_[lane] - 1);  // none wraps to the largest
  }
  const SimTime unit = SimTime::ps(&t == &base_ ? 1 : t.access / base_.access);
  if (most > 0 && least == most - 1)
    rounds_.assign(1, {touched_, unit * most});
  else
    rounds_of(span_, unit, rounds_);
}

std::uint64_t DramSchedule::activate(Activates& rank, std::uint64_t earliest, std::uint32_t group, std::uint64_t refresh, const Times& t) {
  if (rank.refresh < refresh) rank = Activates{}, rank.refresh = refresh;  // a refresh takes longer than any distance between activates
  std::uint64_t at = earliest;
  if (rank.count > 0) at = std::max(at, rank.at[(rank.next + 3) & 3] + (group == rank.last_group ? t.rrd_l : t.rrd_s));
  if (rank.count >= 4) at = std::max(at, rank.at[rank.next] + t.faw);
  rank.at[rank.next] = at;
  rank.next = (rank.next + 1) & 3;
  rank.last_group = group;
  if (rank.count < 4) ++rank.count;
  return at;
}

// Opens every row that the burst needs, from `at` on, after refresh number `refresh`. Returns the earliest start that finds each row open in time, and counts.
std::uint64_t DramSchedule::open_rows(std::uint64_t at, std::uint64_t refresh, bool write, const Times& t, DramService& result) {
  std::uint64_t start = at;
  const std::uint64_t rcd = write ? t.rcd_write : t.rcd_read, after = write ? t.after_write : t.after_read;
  result.misses = result.conflicts = 0;
  changed_banks_.clear();
  changed_activates_.clear();
  const std::uint64_t divider = &t == &base_ ? 1 : t.access / base_.access;
  for (const Visit& v : visits_) {
    Bank& bank = banks_[v.bank];
    const bool current = bank.refresh >= refresh;
    if (!current || bank.row != v.row) {
      const bool open = current && bank.row != no_row;
      std::uint64_t earliest = at;
      if (open)
        earliest = std::max(std::max({at, bank.precharge, line_precharge_[v.slot * lanes_ + v.lane]}) + t.rp, bank.activate + t.rc);
      else if (current)
        earliest = std::max(at, bank.precharge);
      lines_[v.slot].row = no_row;
      changed_banks_.emplace_back(v.bank, bank);
      if (changed_activates_.empty() || changed_activates_.back().first != v.activates) changed_activates_.emplace_back(v.activates, activates_[v.activates]);
      const std::uint64_t when = activate(activates_[v.activates], earliest, v.group, refresh, t);
      bank = {when, when + t.ras, current ? bank.refresh : refresh, v.row};
      ++(open && open_page_ ? result.conflicts : result.misses);
    }
    const std::uint64_t step = step_[v.lane] * divider, ready = std::max(at, bank.activate + rcd), hidden = v.first * step;
    bank.precharge = std::max(bank.precharge, ready + (v.last - v.first) * step + after);
    if (ready > start + hidden) start = ready - hidden;
  }
  return start;
}

void DramSchedule::undo_rows() {
  for (auto c = changed_banks_.rbegin(); c != changed_banks_.rend(); ++c) banks_[c->first] = c->second;
  for (auto c = changed_activates_.rbegin(); c != changed_activates_.rend(); ++c) activates_[c->first] = c->second;
}

// Whether nobody has opened a row of the burst's banks, or activated in their ranks, since that refresh.
bool DramSchedule::is_unused(std::uint64_t refresh) const {
  return std::none_of(visits_.begin(), visits_.end(),
                      [&](const Visit& v) { return banks_[v.bank].refresh >= refresh || activates_[v.activates].refresh >= refresh; });
}

// The first column command that the other direction's last ones allow.
std::uint64_t DramSchedule::turned(bool write, const Times& t) const {
  const std::vector<std::uint64_t>& ends = write ? read_end_ : write_end_;
  std::uint64_t last = 0;
  for (unsigned lane = 0; lane < lanes_; ++lane)
    if (work_[lane] > 0) last = std::max(last, ends[lane]);
  return last == 0 ? 0 : last + (write ? t.read_to_write : t.write_to_read);
}

bool DramSchedule::hits_line(std::uint64_t first, std::uint64_t end, std::uint64_t start, std::uint64_t span, bool write, const Times& t) const {
  if (line_accesses_ == 0 || first / line_accesses_ != (end - 1) / line_accesses_) return false;
  const Line& line = lines_[slot_of_line(first)];
  const std::uint64_t refresh = refreshes_before(start);
  return line.row == row_of_line(first) && line.refresh >= refresh && start >= line.ready + (write ? t.rcd_write : t.rcd_read) &&
         start >= awake_after(refresh) && (refi_ == 0 || start + span <= (refresh + 1) * refi_);
}

// After a burst on all lanes: is its row open in every bank of its slot now?
void DramSchedule::note_line(std::uint64_t access) {
  const std::uint64_t slot = slot_of_line(access), row = row_of_line(access);
  Line line{row, ~std::uint64_t{0}, 0};
  const std::size_t width = std::size_t{lanes_} * groups_;
  for (std::size_t i = slot * width; i < (slot + 1) * width; ++i) {
    if (banks_[i].row != row) return;
    line.refresh = std::min(line.refresh, banks_[i].refresh);
    line.ready = std::max(line.ready, banks_[i].activate);
  }
  lines_[slot] = line;
}

std::uint64_t DramSchedule::start_with_rows(const DramBurst& burst, std::uint64_t at, std::uint64_t start, std::uint64_t turn, std::uint64_t& span,
                                            const Times& t, DramService& result) {
  const auto place = [&](std::uint64_t earliest) { return calendar_.place(SimTime::ps(earliest), rounds_).ps(); };
  const std::uint64_t awake = refi_ - rfc_;  // without refresh both are zero and this is not used
  bool unused = false;
  for (std::uint64_t refresh = refreshes_before(start);;) {
    const std::uint64_t request = std::max(at, awake_after(refresh)), ready = open_rows(request, refresh, burst.write, t, result);
    start = place(std::max({ready, turn, start}));
    if (refi_ == 0 || start + span <= (refresh + 1) * refi_) return start;
    if (unused) {
      // Its rows had the whole time after a refresh to themselves and it still meets the next one: each awake time costs an interval.
      const auto stretch = [&](std::uint64_t x) { return core::divide_up(x * refi_, awake); };
      for (BankRound& round : rounds_) round.duration = SimTime::ps(stretch(round.duration.ps()));
      span = stretch(span);
      return place(std::max(request + stretch(ready - request), turn));
    }
    undo_rows();
    ++refresh;
    start = place(std::max({at, turn, awake_after(refresh)}));
    unused = start == awake_after(refresh) && is_unused(refresh);
  }
}

DramService DramSchedule::serve(const DramBurst& burst, SimTime at, SimTime now, unsigned divider) {
  DramService result;
  result.start = result.done = at;
  if (burst.length == 0) return result;
  const Times scaled = divider == 1 ? Times{} : times(divider);
  const Times& t = divider == 1 ? base_ : scaled;
  const bool contiguous = burst.row_bytes == 0 || burst.row_bytes >= burst.length;
  const std::uint64_t first = burst.address >> access_shift_, end = ((burst.address + burst.length - 1) >> access_shift_) + 1;
  result.accesses = contiguous ? plan_lanes(first, end, t) : plan(burst, t);
  std::uint64_t span = 0;
  for (const BankRound& round : rounds_) span += round.duration.ps();
  const std::uint64_t turn = turned(burst.write, t), after = burst.write ? t.after_write : t.after_read;
  std::uint64_t start = calendar_.place(SimTime::ps(std::max(at.ps(), turn)), rounds_).ps();

  const bool by_line = contiguous && hits_line(first, end, start, span, burst.write, t);
  if (!by_line) {
    if (contiguous) plan(burst, t);
    start = start_with_rows(burst, at.ps(), start, turn, span, t, result);
  }
  start = calendar_.burst(SimTime::ps(start), rounds_, now).ps();

  std::vector<std::uint64_t>& ends = burst.write ? write_end_ : read_end_;
  std::uint64_t* const precharge = by_line ? &line_precharge_[slot_of_line(first) * lanes_] : nullptr;
  for (unsigned lane = 0; lane < lanes_; ++lane) {
    if (work_[lane] == 0) continue;
    const std::uint64_t lane_end = start + std::uint64_t{span_[lane]} * divider;
    ends[lane] = std::max(ends[lane], lane_end);
    if (by_line) precharge[lane] = std::max(precharge[lane], lane_end - t.access + after);
  }
  if (!by_line) {
    for (const Visit& v : visits_) {
      Bank& bank = banks_[v.bank];
      bank.precharge = std::max(bank.precharge, start + v.last * std::uint64_t{step_[v.lane]} * divider + after);
    }
    if (!open_page_) close_pages(t);
    if (line_accesses_ != 0 && contiguous && touched_lanes_ == lanes_) note_line(first);
  }
  if (const BankSet turns = touched_ & used_ & (burst.write ? ~wrote_last_ : wrote_last_); turns.any()) result.turnarounds = turns.count();
  used_ |= touched_;
  wrote_last_ = burst.write ? wrote_last_ | touched_ : wrote_last_ & ~touched_;
  result.start = SimTime::ps(start);
  result.done = SimTime::ps(start + span - t.access + t.burst + (burst.write ? t.cwl : t.cl) + t.interface);
  return result;
}

void DramSchedule::close_pages(const Times& t) {
  for (const Visit& v : visits_) {
    Bank& bank = banks_[v.bank];
    if (bank.row == no_row) continue;
    bank.row = no_row;
    bank.precharge = std::max(bank.precharge + t.rp, bank.activate + t.rc);
  }
}

SimTime DramSchedule::direct(std::uint64_t bytes, SimTime from, SimTime to, SimTime now, unsigned divider) {
  const SimTime occupancy = SimTime::ps(core::divide_up(base_.access * divider * bytes, access_bytes_));
  return calendar_.direct(occupancy, core::divide_up(bytes, interleave_), from, to, now);
}

void DramSchedule::close_rows() {
  std::fill(banks_.begin(), banks_.end(), Bank{});
  std::fill(lines_.begin(), lines_.end(), Line{});
  std::fill(line_precharge_.begin(), line_precharge_.end(), 0u);
}

void DramSchedule::clear(SimTime now) {
  close_rows();
  std::fill(activates_.begin(), activates_.end(), Activates{});
  std::fill(read_end_.begin(), read_end_.end(), 0u);
  std::fill(write_end_.begin(), write_end_.end(), 0u);
  wrote_last_.reset();
  used_.reset();
  calendar_.clear(now);
}

void DramSchedule::describe_state(core::StateArchive& archive) {
  archive.item("banks", banks_);
  archive.item("lines", lines_);
  archive.item("line_precharge", line_precharge_);
  archive.item("activates", activates_);
  archive.item("read_end", read_end_);
  archive.item("write_end", write_end_);
  archive.item("wrote_last", wrote_last_);
  archive.item("used", used_);
  calendar_.describe_state(archive);
}

}  // namespace spinvp::memory
