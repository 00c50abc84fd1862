#include "models/memory/dram_schedule.h"

#include <algorithm>
#include <bit>

namespace spinvp::memory {

using core::SimTime;

DramSchedule::DramSchedule(const technology::DramDataSheet& sheet, DramOrder order, std::uint64_t interleave, std::uint64_t size, bool open_page)
    : base_(sheet),
      access_bytes_(sheet.access_bytes()),
      interleave_(interleave),
      lanes_(sheet.lanes()),
      rank_shift_(static_cast<unsigned>(std::countr_zero(sheet.banks()))),
      open_page_(open_page),
      banks_(sheet),
      calendar_(lanes_),
      read_end_(lanes_),
      write_end_(lanes_),
      plan_(sheet, DramAddressMap(sheet, order, interleave, size)),
      lane_span_(lanes_) {
  if (sheet.refreshes()) refi_ = SimTime::from(sheet.timing.t_refi).ps(), rfc_ = SimTime::from(sheet.timing.t_rfc).ps();
}

void DramSchedule::walk_everything() {
  plan_.walk_everything();
  banks_.walk_everything();
}

// Of a lane whose accesses may crowd into one bank group, in units of the undivided clock.
std::uint64_t DramSchedule::crowded_span(const DramPlan::Shape& shape) const {
  return std::max(shape.accesses * base_.access, (shape.in_one_group - 1) * base_.ccd_l + base_.access);
}

// Plans work, spans and rounds; returns the accesses.
std::uint64_t DramSchedule::plan(const DramBurst& burst, unsigned divider) {
  const std::uint64_t accesses = plan_.make(burst);
  span_.clear();
  std::uint64_t least = ~std::uint64_t{0}, most = 0;
  for (const DramPlan::Shape& shape : plan_.shapes()) {
    const std::uint64_t span = crowded_span(shape);
    span_.push_back(span);
    most = std::max(most, span);
    least = std::min(least, span);
  }
  const SimTime unit = SimTime::ps(divider);
  if (most == least) {
    rounds_.assign(1, {plan_.touched(), unit * most});
  } else {
    for (unsigned lane = 0; lane < lanes_; ++lane) lane_span_[lane] = plan_.shape_of(lane) == DramPlan::untouched ? 0 : span_[plan_.shape_of(lane)];
    rounds_of(lane_span_, unit, rounds_);
  }
  whole_span_ = (unit * most).ps();
  return accesses;
}

// The parts that the burst touches, and the rows that each of them needs.
void DramSchedule::find_visits() {
  visits_.clear();
  touched_parts_.clear();
  for (const DramBanks::Part& part : banks_.divide(plan_)) {
    if (part.shape == DramPlan::untouched) continue;
    const DramPlan::Shape& shape = plan_.shapes()[part.shape];
    const std::size_t first = visits_.size();
    plan_.visits_of(shape, visits_);
    const std::uint64_t even = shape.accesses * base_.access, span = span_[part.shape];
    touched_parts_.push_back({part, span == even ? base_.access : (span - base_.access) / (shape.accesses - 1), first, visits_.size()});
  }
}

// Opens the rows of one part, from `at` on, after refresh number `refresh`; counts one lane of it, and moves `start` to where each of them is open in time.
// The figures that its loop needs are copied into variables of its own: the compiler cannot know that a bank is none of them.
void DramSchedule::open_rows_of(const Lanes& lanes, const Opening& opening, const DramTimes& t, std::uint64_t& start, Opened& opened) {
  DramBank* const banks = banks_.banks(lanes.part.lane);
  DramActivates* const ranks = banks_.activates(lanes.part.lane);
  const std::uint64_t at = opening.at, refresh = opening.refresh, step = lanes.step * opening.divider, rcd = opening.rcd, after = opening.after;
  const std::uint64_t rp = t.rp, ras = t.ras, rc = t.rc;
  const unsigned rank_shift = rank_shift_;
  std::uint64_t earliest_start = start, rows = 0, conflicts = 0;
  ChangedBank* changed = changed_banks_.data() + banks_changed_;
  const DramPlan::Visit *v = visits_.data() + lanes.first_visit, *const end = visits_.data() + lanes.last_visit;
  while (v != end) {
    const std::uint32_t rank = v->bank >> rank_shift;
    changed_activates_.push_back({&ranks[rank], ranks[rank]});
    DramActivates::Sequence activates(ranks[rank], refresh, t);
    const std::uint64_t rows_before = rows;
    for (; v != end && v->bank >> rank_shift == rank; ++v) {
      DramBank& bank = banks[v->bank];
      std::uint64_t activate = bank.activate, precharge = bank.precharge;
      const bool current = bank.refresh >= refresh;
      if (!current || bank.row != v->row) {
        changed->bank = &bank;
        changed->before = bank;
        ++changed;
        const bool open = current && bank.row != DramBank::no_row;
        const std::uint64_t idle = current ? std::max(at, precharge) : at, earliest = open ? std::max(idle + rp, activate + rc) : idle;
        activate = activates.next_at(earliest, v->group);
        precharge = activate + ras;
        bank.activate = activate;
        if (!current) bank.refresh = refresh;
        bank.row = v->row;
        ++rows;
        conflicts += open ? 1 : 0;
      }
      const std::uint64_t ready = std::max(at, activate + rcd), hidden = v->first * step;
      bank.precharge = std::max(precharge, ready + v->busy * step + after);
      if (ready > earliest_start + hidden) earliest_start = ready - hidden;
    }
    if (rows != rows_before)
      activates.store(ranks[rank]);
    else
      changed_activates_.pop_back();
  }
  banks_changed_ = static_cast<std::size_t>(changed - changed_banks_.data());
  start = earliest_start;
  opened = {rows, conflicts};
}

// Opens every row that the burst needs, from `at` on, after refresh number `refresh`. Returns the earliest start that finds each row open in time, and counts.
std::uint64_t DramSchedule::open_rows(std::uint64_t at, std::uint64_t refresh, bool write, const DramTimes& t, DramService& result) {
  const Opening opening{at, refresh, t.access / base_.access, write ? t.rcd_write : t.rcd_read, write ? t.after_write : t.after_read};
  // What a bank and a rank were like, to take it back.
  if (changed_banks_.size() < visits_.size()) changed_banks_.resize(2 * visits_.size());
  banks_changed_ = 0;
  changed_activates_.clear();
  std::uint64_t start = at;
  result.misses = result.conflicts = 0;
  for (const Lanes& lanes : touched_parts_) {
    Opened opened;
    open_rows_of(lanes, opening, t, start, opened);
    const std::uint64_t conflicts = open_page_ ? opened.conflicts : 0;
    result.conflicts += conflicts * lanes.part.lanes;
    result.misses += (opened.rows - conflicts) * lanes.part.lanes;
  }
  return start;
}

void DramSchedule::undo_rows() {
  for (std::size_t i = banks_changed_; i-- > 0;) *changed_banks_[i].bank = changed_banks_[i].before;
  for (auto c = changed_activates_.rbegin(); c != changed_activates_.rend(); ++c) *c->activates = c->before;
}

// Whether nobody has opened a row of the burst's banks, or activated in their ranks, since that refresh.
bool DramSchedule::is_unused(std::uint64_t refresh) const {
  for (const Lanes& lanes : touched_parts_)
    for (std::size_t i = lanes.first_visit; i < lanes.last_visit; ++i) {
      const DramPlan::Visit& v = visits_[i];
      if (banks_.banks(lanes.part.lane)[v.bank].refresh >= refresh) return false;
      if (banks_.activates(lanes.part.lane)[v.bank >> rank_shift_].refresh >= refresh) return false;
    }
  return true;
}

// The first column command that the other direction's last ones allow.
std::uint64_t DramSchedule::turned(bool write, const DramTimes& t) const {
  const std::vector<std::uint64_t>& ends = write ? read_end_ : write_end_;
  std::uint64_t last = 0;
  for (unsigned lane = 0; lane < lanes_; ++lane)
    if (plan_.shape_of(lane) != DramPlan::untouched) last = std::max(last, ends[lane]);
  return last == 0 ? 0 : last + (write ? t.read_to_write : t.write_to_read);
}

std::uint64_t DramSchedule::start_with_rows(const DramBurst& burst, std::uint64_t at, std::uint64_t start, std::uint64_t turn, std::uint64_t& span,
                                            const DramTimes& t, DramService& result) {
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

// How much of a long burst, planned as a whole, to serve before the next refresh: what its lanes have time for there, or else between two refreshes.
std::uint64_t DramSchedule::length_before_refresh(const DramBurst& burst, std::uint64_t at, const DramTimes& t) const {
  const std::uint64_t whole = whole_span_, margin = t.rc;  // until its rows are open
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
  const DramTimes scaled = divider == 1 ? base_ : base_.slowed(divider);
  const DramTimes& t = divider == 1 ? base_ : scaled;
  calendar_.forget_before(now);
  for (DramBurst rest = burst;;) {
    DramBurst part = rest;
    std::uint64_t accesses = plan(part, divider);
    if (part.length > longest_whole && refi_ != 0) {
      part.length = length_before_refresh(part, at.ps(), t);
      if (!part.contiguous()) part.length -= part.length % part.row_bytes;
      if (part.length < rest.length) accesses = plan(part, divider);
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

DramService DramSchedule::serve_planned(const DramBurst& burst, std::uint64_t accesses, SimTime at, SimTime now, const DramTimes& t, unsigned divider) {
  DramService result;
  result.accesses = accesses;
  std::uint64_t span = whole_span_;
  const std::uint64_t turn = turned(burst.write, t);
  std::uint64_t start = calendar_.place(SimTime::ps(std::max(at.ps(), turn)), rounds_).ps();
  find_visits();
  start = start_with_rows(burst, at.ps(), start, turn, span, t, result);
  calendar_.book_burst(SimTime::ps(start), rounds_, now);

  std::vector<std::uint64_t>& ends = burst.write ? write_end_ : read_end_;
  for (unsigned lane = 0; lane < lanes_; ++lane)
    if (plan_.shape_of(lane) != DramPlan::untouched) ends[lane] = std::max(ends[lane], start + span_[plan_.shape_of(lane)] * divider);
  book_columns(start, burst.write ? t.after_write : t.after_read, t);
  banks_.join(now.ps(), refreshes_before(now.ps()), t);

  const BankSet& touched = plan_.touched();
  if (const BankSet turns = touched & used_ & (burst.write ? ~wrote_last_ : wrote_last_); turns.any()) result.turnarounds = turns.count();
  used_ |= touched;
  wrote_last_ = burst.write ? wrote_last_ | touched : wrote_last_ & ~touched;
  result.start = SimTime::ps(start);
  result.done = SimTime::ps(start + span - t.access + t.burst + (burst.write ? t.cwl : t.cl) + t.interface);
  return result;
}

// When the rows may be closed, now that the start is known; and they are, where pages are closed.
void DramSchedule::book_columns(std::uint64_t start, std::uint64_t after, const DramTimes& t) {
  for (const Lanes& lanes : touched_parts_) {
    DramBank* const banks = banks_.banks(lanes.part.lane);
    const std::uint64_t step = lanes.step * (t.access / base_.access), base = start + after;
    for (std::size_t i = lanes.first_visit; i < lanes.last_visit; ++i) {
      DramBank& bank = banks[visits_[i].bank];
      bank.precharge = std::max(bank.precharge, base + visits_[i].last * step);
    }
    if (open_page_) continue;
    for (std::size_t i = lanes.first_visit; i < lanes.last_visit; ++i) {
      DramBank& bank = banks[visits_[i].bank];
      if (bank.row == DramBank::no_row) continue;
      bank.row = DramBank::no_row;
      bank.precharge = std::max(bank.precharge + t.rp, bank.activate + t.rc);
    }
  }
}

SimTime DramSchedule::direct(std::uint64_t bytes, SimTime from, SimTime to, SimTime now, unsigned divider) {
  const SimTime occupancy = SimTime::ps(core::divide_up(base_.access * divider * bytes, access_bytes_));
  return calendar_.direct(occupancy, core::divide_up(bytes, interleave_), from, to, now);
}

void DramSchedule::close_rows() { banks_.close_rows(); }

void DramSchedule::clear(SimTime now) {
  banks_.clear();
  std::fill(read_end_.begin(), read_end_.end(), 0u);
  std::fill(write_end_.begin(), write_end_.end(), 0u);
  wrote_last_.reset();
  used_.reset();
  calendar_.clear(now);
}

void DramSchedule::describe_state(core::StateArchive& archive) {
  banks_.describe_state(archive);
  // Of fixed length: the models index them by what the configuration says.
  archive.raw("read_end", read_end_.data(), read_end_.size() * sizeof read_end_[0]);
  archive.raw("write_end", write_end_.data(), write_end_.size() * sizeof write_end_[0]);
  archive.item("wrote_last", wrote_last_);
  archive.item("used", used_);
  calendar_.describe_state(archive);
}

}  // namespace spinvp::memory
