#include "models/memory/bank_calendar.h"

#include <algorithm>

namespace spinvp::memory {

using core::SimTime;

BankSet consecutive(std::uint64_t first, std::uint64_t count, unsigned banks) {
  const auto ones = [](std::uint64_t n) { return n == 0 ? BankSet() : BankSet().set() >> (most_banks - n); };
  const std::uint64_t start = first % banks;
  if (count >= banks) return ones(banks);
  if (start + count <= banks) return ones(count) << start;
  return (ones(banks - start) << start) | ones(start + count - banks);
}

namespace {
template <typename Count>
void make_rounds(std::span<const Count> work, SimTime unit, std::vector<BankRound>& rounds) {
  rounds.clear();
  for (Count level = 0;;) {
    Count next = 0;
    BankRound round;
    for (std::size_t bank = 0; bank < work.size(); ++bank) {
      if (work[bank] <= level) continue;
      round.banks.set(bank);
      next = next == 0 ? work[bank] : std::min(next, work[bank]);
    }
    if (next == 0) return;
    round.duration = unit * (next - level);
    rounds.push_back(round);
    level = next;
  }
}
}  // namespace

void rounds_of(std::span<const std::uint32_t> work, SimTime unit, std::vector<BankRound>& rounds) { make_rounds(work, unit, rounds); }
void rounds_of(std::span<const std::uint64_t> work, SimTime unit, std::vector<BankRound>& rounds) { make_rounds(work, unit, rounds); }

void BankCalendar::forget_before(SimTime now) {
  std::erase_if(intervals_, [now](const Interval& i) { return i.end <= now; });
}

void BankCalendar::insert(SimTime start, SimTime end, const BankSet& banks) {
  for (Interval& i : intervals_)
    if (i.end == start && i.banks == banks) {
      i.end = end;
      return;
    }
  const auto place = std::upper_bound(intervals_.begin(), intervals_.end(), start, [](SimTime t, const Interval& i) { return t < i.start; });
  intervals_.insert(place, {start, end, banks});
}

BankSet BankCalendar::busy(SimTime from, SimTime to, const BankSet& asked, SimTime& freed) const {
  BankSet busy;
  freed = SimTime::never();
  for (const Interval& i : intervals_) {
    if (i.start >= to) break;
    if (i.end <= from || (i.banks & asked).none()) continue;
    busy |= i.banks & asked;
    freed = std::min(freed, i.end);
  }
  return busy;
}

SimTime BankCalendar::place(SimTime earliest, std::span<const BankRound> rounds) const {
  SimTime start = earliest;
  // Each conflict pushes the start to where that conflict is over; a pass without one has found the place.
  for (bool moved = true; moved;) {
    moved = false;
    SimTime begin = start;
    for (const BankRound& round : rounds) {
      const SimTime end = begin + round.duration;
      for (const Interval& i : intervals_) {
        if (i.start >= end) break;
        if (i.end <= begin || (i.banks & round.banks).none()) continue;
        start += i.end - begin;
        moved = true;
        break;
      }
      if (moved) break;
      begin = end;
    }
  }
  return start;
}

void BankCalendar::insert_rounds(SimTime start, std::span<const BankRound> rounds) {
  for (const BankRound& round : rounds) {
    insert(start, start + round.duration, round.banks);
    start += round.duration;
  }
}

SimTime BankCalendar::book(SimTime earliest, std::span<const BankRound> rounds) {
  const SimTime start = place(earliest, rounds);
  insert_rounds(start, rounds);
  return start;
}

SimTime BankCalendar::burst(SimTime earliest, std::span<const BankRound> rounds, SimTime now) {
  forget_before(now);
  const SimTime start = place(earliest, rounds);
  book_burst(start, rounds, now);
  return start;
}

void BankCalendar::book_burst(SimTime start, std::span<const BankRound> rounds, SimTime now) {
  forget_before(now);
  for (const BankRound& round : rounds) burst_ps_ += round.duration.ps() * round.banks.count();
  insert_rounds(start, rounds);
}

SimTime BankCalendar::direct(SimTime occupancy, std::uint64_t units, SimTime from, SimTime to, SimTime now) {
  forget_before(now);
  if (now >= window_start_ + load_window) {
    load_ = std::min(1.0, static_cast<double>(burst_ps_) / (static_cast<double>((now - window_start_).ps()) * banks_));
    window_start_ = now;
    burst_ps_ = 0;
  }
  // A hart that settles after the fact lies in the past, where nobody could meet it: its slices are moved to the present.
  const SimTime start = std::max(from, now), span = to > from ? to - from : SimTime();
  const unsigned touched = static_cast<unsigned>(std::min<std::uint64_t>(std::max<std::uint64_t>(units, 1), banks_));
  BankRound round{consecutive(next_bank_, touched, banks_), SimTime()};
  next_bank_ = (next_bank_ + touched) % banks_;
  std::uint64_t left = core::divide_up(occupancy.ps(), touched);
  const std::uint64_t slice = core::divide_up(left, slices);
  for (unsigned i = 0; i < slices && left > 0; ++i) {
    round.duration = SimTime::ps(std::min(slice, left));
    left -= round.duration.ps();
    (void)book(start + SimTime::ps((2 * i + 1) * (span.ps() / (2 * slices))), {&round, 1});
  }
  const double shared = std::min(load_, 0.5);
  return SimTime::ps(static_cast<std::uint64_t>(static_cast<double>(occupancy.ps()) * (shared / (1 - shared)) + 0.5));
}

void BankCalendar::clear(SimTime now) {
  intervals_.clear();
  next_bank_ = 0;
  window_start_ = now;
  burst_ps_ = 0;
  load_ = 0;
}

void BankCalendar::describe_state(core::StateArchive& archive) {
  archive.item("intervals", intervals_);
  archive.item("next_bank", next_bank_);
  archive.item("window_start", window_start_);
  archive.item("burst_ps", burst_ps_);
  archive.item("load", load_);
  next_bank_ %= banks_;
}

}  // namespace spinvp::memory
