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
      latest_(std::size_t{ranks_} * banks_per_group_ * lanes_),
      turns_(lanes_),
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

// Adds `accesses` of one row of a slot, from access `local` and `position` in the lane's order on. No group is busy for longer than `most_busy`.
inline void DramSchedule::use_row(std::uint32_t lane, std::uint64_t local, std::uint32_t accesses, std::uint32_t position, std::uint32_t most_busy) {
  const std::uint32_t mask = groups_ - 1, group = map_.group(local), slot = map_.slot(local), row = map_.row(local), key = slot * lanes_ + lane;
  std::uint32_t at = latest_[key];
  if (at >= rows_used_ || rows_[at].lane != lane || rows_[at].slot != slot || rows_[at].row != row) {
    at = latest_[key] = rows_used_++;
    if (at == rows_.size()) rows_.resize(2 * rows_used_), uses_.resize(rows_.size() * groups_);
    rows_[at] = {.lane = lane, .slot = slot, .row = row};
  }
  RowUse& use = rows_[at];
  GroupUse* const groups = &uses_[std::size_t{at} * groups_];
  if (use.groups_seen < groups_)
    for (std::uint32_t j = 0; j < std::min(groups_, accesses); ++j) {
      const std::uint32_t g = (group + j) & mask;
      if ((use.seen >> g & 1u) != 0) continue;
      use.seen |= 1u << g;
      use.order |= std::uint64_t{g} << (4 * use.groups_seen++);
      groups[g] = {position + j, position + j, 0};
    }
  const std::uint32_t turns = accesses >> group_shift_, more = accesses & mask;
  if (turns > 0) {
    use.in_turn = true;
    use.end = position + accesses - 1;
    use.end_group = (group + accesses - 1) & mask;
    use.busy = std::max(use.busy, std::min(most_busy, (turns - 1) << group_shift_));
  } else {
    if (use.in_turn)
      for (std::uint32_t g = 0; g < groups_; ++g) groups[g].last = use.end - ((use.end_group - g) & mask);
    use.in_turn = false;
    for (std::uint32_t j = 0; j < more; ++j) groups[(group + j) & mask].last = position + j;
  }
  turns_[lane] += turns;
  for (std::uint32_t j = 0; j < more; ++j) {
    const std::uint32_t g = (group + j) & mask;
    groups[g].busy = std::max(groups[g].busy, std::min(most_busy, turns << group_shift_));
    ++group_work_[lane * groups_ + g];
  }
}

// Adds a run, from `position` in its lane's order on, cut where rows change.
inline void DramSchedule::use_run(const LaneRun& run, std::uint32_t position) {
  const std::uint64_t row = map_.turn() > groups_ ? groups_ : map_.row_accesses(), piece = std::min(map_.piece_accesses(), row);
  for (std::uint64_t local = run.first; local < run.end;) {
    const std::uint64_t rest = std::min(run.end, (local | (row - 1)) + 1) - local, to_boundary = piece - (local & (piece - 1));
    // A block in the middle keeps every group as busy as it can; two parts of blocks are looked at each by itself.
    const bool whole = rest >= to_boundary + piece || piece == row;
    const std::uint64_t accesses = whole ? rest : std::min(rest, to_boundary);
    use_row(run.lane, local, static_cast<std::uint32_t>(accesses), position, static_cast<std::uint32_t>(std::max<std::uint64_t>(piece, groups_) - groups_));
    position += static_cast<std::uint32_t>(accesses);
    local += accesses;
  }
}

void DramSchedule::begin_rows() {
  rows_used_ = 0;
  std::fill(turns_.begin(), turns_.end(), 0u);
  std::fill(group_work_.begin(), group_work_.end(), 0u);
}

void DramSchedule::make_visits() {
  visits_.clear();
  for (std::size_t at = 0; at < rows_used_; ++at) {
    const RowUse& use = rows_[at];
    const std::uint32_t rank = (use.slot >> bank_shift_) * lanes_ + use.lane, bank = (use.slot * lanes_ + use.lane) * groups_;
    for (std::uint32_t k = 0; k < use.groups_seen; ++k) {
      const auto g = static_cast<std::uint32_t>(use.order >> (4 * k) & 15u);
      const GroupUse& group = uses_[at * groups_ + g];
      visits_.push_back({bank + g, rank, use.slot, use.lane, g, use.row, group.first,
                         use.in_turn ? use.end - ((use.end_group - g) & (groups_ - 1)) : group.last, std::max(use.busy, group.busy)});
    }
  }
  // Banks of several slots in turn: they are opened in the order in which they are asked for first.
  if (map_.turn() > groups_) std::stable_sort(visits_.begin(), visits_.end(), [](const Visit& a, const Visit& b) { return a.first < b.first; });
}

// Of a contiguous burst: no row is met twice, but where banks of several slots come in turn.
void DramSchedule::make_visits_of_runs() {
  const std::uint64_t row_accesses = map_.row_accesses(), piece = map_.piece_accesses();
  if (map_.turn() > groups_) {
    begin_rows();
    for (const LaneRun& run : runs_) use_run(run, 0);
    return make_visits();
  }
  visits_.clear();
  for (const LaneRun& run : runs_) {
    std::uint32_t position = 0;
    for (std::uint64_t local = run.first; local < run.end;) {
      const auto accesses = static_cast<std::uint32_t>(std::min(run.end, (local | (row_accesses - 1)) + 1) - local), mask = groups_ - 1;
      const std::uint32_t row = map_.row(local), slot = map_.slot(local), group = map_.group(local);
      const std::uint32_t rank = (slot >> bank_shift_) * lanes_ + run.lane, bank = (slot * lanes_ + run.lane) * groups_;
      const auto to_boundary = static_cast<std::uint32_t>(piece >= row_accesses ? row_accesses : piece - (local & (piece - 1)));
      const auto in_block = static_cast<std::uint32_t>(piece >> group_shift_);
      const bool alone = accesses == run.end - run.first;  // no other row of its bank follows, and nobody asks how long it is busy
      for (std::uint32_t j = 0; j < std::min(groups_, accesses); ++j) {
        const std::uint32_t g = (group + j) & mask, each = ((accesses - j - 1) >> group_shift_) + 1, first = position + j;
        std::uint32_t together = 1;
        if (!alone) {
          const std::uint32_t before = to_boundary > j ? std::min(each, ((to_boundary - j - 1) >> group_shift_) + 1) : 0;
          together = std::max({before, std::min(each - before, in_block), 1u});
        }
        visits_.push_back({bank + g, rank, slot, run.lane, g, row, first, first + ((each - 1) << group_shift_), (together - 1) << group_shift_});
      }
      position += accesses;
      local += accesses;
    }
  }
}

// A contiguous burst: its runs, how much of it is on each lane, spans and rounds; returns the accesses. Its visits are for who needs them.
std::uint64_t DramSchedule::plan_lanes(std::uint64_t first, std::uint64_t end, const Times& t) {
  runs_.clear();
  touched_.reset();
  std::fill(work_.begin(), work_.end(), 0u);
  map_.for_each_lane(first, end, [&](std::uint32_t lane, std::uint64_t from, std::uint64_t to) {
    runs_.push_back({lane, from, to});
    work_[lane] = static_cast<std::uint32_t>(to - from);
    touched_[lane] = true;
  });
  set_spans(t, false);
  return end - first;
}

// A burst of rows apart from each other: visits, work, spans and rounds; returns the accesses.
std::uint64_t DramSchedule::plan_rows(const DramBurst& burst, const Times& t) {
  begin_rows();
  touched_.reset();
  std::fill(work_.begin(), work_.end(), 0u);
  std::uint64_t accesses = 0, previous = ~std::uint64_t{0};
  for (std::uint64_t done = 0, row = 0; done < burst.length; done += burst.row_bytes, ++row) {
    const std::uint64_t address = burst.address + row * burst.stride, bytes = std::min(burst.row_bytes, burst.length - done);
    std::uint64_t first = address >> access_shift_;
    const std::uint64_t end = ((address + bytes - 1) >> access_shift_) + 1;
    if (first == previous) ++first;  // still in the interface's buffer
    previous = end - 1;
    if (first >= end) continue;
    map_.for_each_lane(first, end, [&](std::uint32_t lane, std::uint64_t from, std::uint64_t to) {
      use_run({lane, from, to}, work_[lane]);
      work_[lane] += static_cast<std::uint32_t>(to - from);
      touched_[lane] = true;
    });
    accesses += end - first;
  }
  make_visits();
  set_spans(t, true);
  return accesses;
}

// `by_group`: the groups' work is known; otherwise accesses turn over them. Spans are in units of the undivided clock.
void DramSchedule::set_spans(const Times& t, bool by_group) {
  const std::uint64_t access = base_.access, ccd_l = base_.ccd_l;
  for (unsigned lane = 0; lane < lanes_; ++lane) span_[lane] = work_[lane] * access;
  std::fill(step_.begin(), step_.end(), access);
  if (by_group || ccd_l > groups_ * access) {
    for (unsigned lane = 0; lane < lanes_; ++lane) {
      const std::uint32_t work = work_[lane];
      if (ccd_l == access || work < 2) continue;
      const std::uint64_t most = by_group ? turns_[lane] + *std::max_element(group_work_.begin() + lane * groups_, group_work_.begin() + (lane + 1) * groups_)
                                          : (work + groups_ - 1) >> group_shift_;
      const std::uint64_t crowded = (most - 1) * ccd_l + access;
      if (crowded <= span_[lane]) continue;
      span_[lane] = crowded;
      step_[lane] = (crowded - access) / (work - 1);
    }
  }
  std::uint64_t least = ~std::uint64_t{0}, most = 0;
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

std::uint64_t DramSchedule::Activates::next_at(std::uint64_t earliest, std::uint32_t group, std::uint64_t after_refresh, const Times& t) {
  if (refresh < after_refresh) *this = Activates{}, refresh = after_refresh;  // a refresh takes longer than any distance between activates
  std::uint64_t when = earliest;
  if (count > 0) when = std::max(when, at[(next + 3) & 3] + (group == last_group ? t.rrd_l : t.rrd_s));
  if (count >= 4) when = std::max(when, at[next] + t.faw);
  at[next] = when;
  next = (next + 1) & 3;
  last_group = group;
  if (count < 4) ++count;
  return when;
}

// Opens every row that the burst needs, from `at` on, after refresh number `refresh`. Returns the earliest start that finds each row open in time, and counts.
std::uint64_t DramSchedule::open_rows(std::uint64_t at, std::uint64_t refresh, bool write, const Times& t, DramService& result) {
  const std::uint64_t rcd = write ? t.rcd_write : t.rcd_read, after = write ? t.after_write : t.after_read,
                      divider = &t == &base_ ? 1 : t.access / base_.access;
  // What a bank and a rank were like, to take it back.
  changed_banks_.resize(visits_.size());
  changed_activates_.clear();
  auto* changed = changed_banks_.data();
  std::uint64_t start = at, misses = 0, conflicts = 0;
  Activates* rank = nullptr;
  std::uint32_t rank_number = ~0u;
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
      *changed++ = {v.bank, bank};
      if (v.activates != rank_number) {
        rank_number = v.activates;
        rank = &activates_[rank_number];
        changed_activates_.emplace_back(rank_number, *rank);
      }
      const std::uint64_t when = rank->next_at(earliest, v.group, refresh, t);
      bank = {when, when + t.ras, current ? bank.refresh : refresh, v.row};
      ++(open && open_page_ ? conflicts : misses);
    }
    const std::uint64_t step = step_[v.lane] * divider, ready = std::max(at, bank.activate + rcd), hidden = v.first * step;
    bank.precharge = std::max(bank.precharge, ready + v.busy * step + after);
    if (ready > start + hidden) start = ready - hidden;
  }
  changed_banks_.resize(static_cast<std::size_t>(changed - changed_banks_.data()));
  result.misses = misses;
  result.conflicts = conflicts;
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

// Sets work, spans and rounds; returns the accesses.
std::uint64_t DramSchedule::plan(const DramBurst& burst, const Times& t) {
  if (!burst.contiguous()) return plan_rows(burst, t);
  return plan_lanes(burst.address >> access_shift_, ((burst.address + burst.length - 1) >> access_shift_) + 1, t);
}

std::uint64_t DramSchedule::span() const {
  std::uint64_t sum = 0;
  for (const BankRound& round : rounds_) sum += round.duration.ps();
  return sum;
}

// How much of a long burst, planned as a whole, to serve before the next refresh: what its lanes have time for there, or else between two refreshes.
std::uint64_t DramSchedule::length_before_refresh(const DramBurst& burst, std::uint64_t at, const Times& t) const {
  const std::uint64_t whole = span(), margin = t.rc;  // until its rows are open
  const std::uint64_t start = calendar_.place(SimTime::ps(std::max(at, turned(burst.write, t))), rounds_).ps(), refresh = refreshes_before(start);
  const std::uint64_t begin = std::max(start, awake_after(refresh)) + margin, next = (refresh + 1) * refi_;
  if (begin + whole <= next) return burst.length;
  const std::uint64_t unit = burst.contiguous() ? lanes_ * interleave_ : burst.row_bytes, skew = burst.contiguous() ? burst.address % unit : 0;
  const auto fits = [&](std::uint64_t time) {
    // Long bursts are short of 2^32 bytes, and spans of 2^32 ps.
    __extension__ using Wide = unsigned __int128;
    const auto bytes = static_cast<std::uint64_t>(Wide{burst.length} * std::min(time, whole) / whole);
    return (bytes + skew) / unit * unit - std::min(skew, (bytes + skew) / unit * unit);
  };
  std::uint64_t length = begin < next ? fits(next - begin) : 0;
  if (length < longest_whole) length = refi_ > rfc_ + margin ? fits(refi_ - rfc_ - margin) : 0;
  return std::clamp(length, std::min(burst.length, std::max(unit - skew, longest_whole)), burst.length);
}

DramService DramSchedule::serve(const DramBurst& burst, SimTime at, SimTime now, unsigned divider) {
  DramService result;
  result.start = result.done = at;
  if (burst.length == 0) return result;
  const Times scaled = divider == 1 ? Times{} : times(divider);
  const Times& t = divider == 1 ? base_ : scaled;
  for (DramBurst rest = burst;;) {
    DramBurst part = rest;
    std::uint64_t accesses = plan(part, t);
    if (part.length > longest_whole && refi_ != 0) {
      part.length = length_before_refresh(part, at.ps(), t);
      if (!part.contiguous()) part.length -= part.length % part.row_bytes;
      if (part.length < rest.length) accesses = plan(part, t);
    }
    const DramService s = serve_planned(part, accesses, at, now, t, divider);
    if (rest.length == burst.length) result.start = s.start;
    result.done = s.done;
    result.accesses += s.accesses;
    result.misses += s.misses;
    result.conflicts += s.conflicts;
    result.turnarounds += s.turnarounds;
    if (part.length == rest.length) return result;
    rest.address += rest.contiguous() ? part.length : part.length / rest.row_bytes * rest.stride;
    rest.length -= part.length;
    at = s.start;
  }
}

DramService DramSchedule::serve_planned(const DramBurst& burst, std::uint64_t accesses, SimTime at, SimTime now, const Times& t, unsigned divider) {
  DramService result;
  result.accesses = accesses;
  const bool contiguous = burst.contiguous();
  const std::uint64_t first = burst.address >> access_shift_, end = ((burst.address + burst.length - 1) >> access_shift_) + 1;
  std::uint64_t span = this->span();
  const std::uint64_t turn = turned(burst.write, t), after = burst.write ? t.after_write : t.after_read;
  std::uint64_t start = calendar_.place(SimTime::ps(std::max(at.ps(), turn)), rounds_).ps();

  const bool by_line = contiguous && hits_line(first, end, start, span, burst.write, t);
  if (!by_line) {
    if (contiguous) make_visits_of_runs();
    start = start_with_rows(burst, at.ps(), start, turn, span, t, result);
  }
  start = calendar_.burst(SimTime::ps(start), rounds_, now).ps();

  std::vector<std::uint64_t>& ends = burst.write ? write_end_ : read_end_;
  std::uint64_t* const precharge = by_line ? &line_precharge_[slot_of_line(first) * lanes_] : nullptr;
  for (unsigned lane = 0; lane < lanes_; ++lane) {
    if (work_[lane] == 0) continue;
    const std::uint64_t lane_end = start + span_[lane] * divider;
    ends[lane] = std::max(ends[lane], lane_end);
    if (by_line) precharge[lane] = std::max(precharge[lane], lane_end - t.access + after);
  }
  if (!by_line) {
    for (const Visit& v : visits_) {
      Bank& bank = banks_[v.bank];
      bank.precharge = std::max(bank.precharge, start + v.last * step_[v.lane] * divider + after);
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
