// When the banks of a memory (or the channels of a DRAM) are free: one calendar for all of them.
//
// A burst touches a set of banks, some for longer than others. It is served in rounds: a round keeps a set of banks busy for a duration, the rounds follow each
// other without a gap, and a bank that is in a round is in all rounds before it. All banks of a burst start together (lock step); each bank is
// still free for others before its first and after its last round. So a burst costs one look-up, not one a bank: 4 KiB over 64 banks is a single entry.
//
// A burst takes the earliest place that fits all of its rounds, in order of arrival. Direct accesses are booked in slices and pay by sharing, see direct().
#pragma once

#include <bitset>
#include <cstdint>
#include <span>
#include <vector>

#include "models/core/state.h"
#include "models/core/units.h"

namespace spinvp::memory {

inline constexpr unsigned most_banks = 256;
using BankSet = std::bitset<most_banks>;

struct BankRound {
  BankSet banks;
  core::SimTime duration;
};

// `count` banks from `first` on, starting over at bank 0 after the last of `banks`.
BankSet consecutive(std::uint64_t first, std::uint64_t count, unsigned banks);

// The rounds of a burst that gives bank i `work[i]` units of `unit` each: ordered so that a bank's work is without gaps.
void rounds_of(std::span<const std::uint32_t> work, core::SimTime unit, std::vector<BankRound>& rounds);
void rounds_of(std::span<const std::uint64_t> work, core::SimTime unit, std::vector<BankRound>& rounds);

class BankCalendar {
 public:
  explicit BankCalendar(unsigned banks) : banks_(banks) {}

  // Books the rounds at or after `earliest`; returns the start. No rounds: `earliest`.
  core::SimTime burst(core::SimTime earliest, std::span<const BankRound> rounds, core::SimTime now);
  // The same at `start`, where place() has found room.
  void book_burst(core::SimTime start, std::span<const BankRound> rounds, core::SimTime now);
  // The start that burst() would return; books nothing.
  [[nodiscard]] core::SimTime place(core::SimTime earliest, std::span<const BankRound> rounds) const;

  // Direct accesses of a hart over its local time [from, to], in sum: `occupancy` of bank time, spread over `units` accesses (at most one bank each). Booked in
  // up to four slices over the span. Returns the waiting: while bursts take the part u of the banks' time, an access that needs d is done after d / (1 - u), so
  // the sum waits occupancy x u / (1 - u), with u at most 1/2 (fair arbitration), measured over the last whole window of at least 1 us.
  core::SimTime direct(core::SimTime occupancy, std::uint64_t units, core::SimTime from, core::SimTime to, core::SimTime now);

  // For who decides by itself where work goes (posted_writes.h). The banks of `asked` that are busy at some time of [from, to); `freed` becomes the first end of what
  // keeps them busy.
  [[nodiscard]] BankSet busy(core::SimTime from, core::SimTime to, const BankSet& asked, core::SimTime& freed) const;
  void reserve(core::SimTime start, core::SimTime end, const BankSet& banks) { insert(start, end, banks); }
  // Bank time of bursts, for the sharing of direct accesses, that is reserved later.
  void count_load(core::SimTime bank_time) { burst_ps_ += bank_time.ps(); }
  // What ends before `now` is nobody's concern any more.
  void forget_before(core::SimTime now);

  void clear(core::SimTime now);
  void describe_state(core::StateArchive& archive);
  [[nodiscard]] std::size_t size() const { return intervals_.size(); }
  [[nodiscard]] double load() const { return load_; }

  static constexpr core::SimTime load_window = core::SimTime::us(1);
  static constexpr unsigned slices = 4;

 private:
  struct Interval {
    core::SimTime start, end;
    BankSet banks;
  };
  unsigned banks_, next_bank_ = 0;
  std::vector<Interval> intervals_;  // by start
  core::SimTime window_start_;
  std::uint64_t burst_ps_ = 0;  // of all banks together
  double load_ = 0;

  core::SimTime book(core::SimTime earliest, std::span<const BankRound> rounds);
  void insert(core::SimTime start, core::SimTime end, const BankSet& banks);
  void insert_rounds(core::SimTime start, std::span<const BankRound> rounds);
};

}  // namespace spinvp::memory
