// Queues of posted writes before the banks of a memory: a write is over for its initiator when its words are in the queues; reads go first.
//
// Each bank has a queue of `entries` words. An entry is held until its word is written. What is modelled, for one bank with write cycle c:
//   room         word j of what lies in the queue and waits before it enters when word j - entries is written; a burst is over when its last word has entered,
//                at once where there is room. Words of a burst go into the queues of their banks independently (no lock step).
//   idle banks   the oldest word is written as soon as its bank is idle. A write that has begun is not interrupted: a read waits for it at most c.
//   full queue   a burst that finds no room for all its words commits so many drains of `drain` words that it gets in: committed writes are booked like a
//                burst of their own, at the earliest place, and go ahead of reads that come later.
//   hit          a read of a word that is queued waits until that word is written; it and all before it in the queue are committed.
// Between two committed writes or bursts a bank never waits while its queue holds a word.
//
// Reads first, in a calendar that books at arrival: a queued word has no place in the calendar until one of three things settles it, that time went past its
// start (the bank was idle: nothing that arrives now can change it), a full queue, or a hit. So a read that arrives finds booked only what had begun or was
// committed before, and takes its place before all that still waits. drain_idle() makes up for the time that went past; every call does it first. For arrivals in order of
// time, and bursts of one bank, this is exactly what a controller does cycle by cycle (a test compares them); a burst that arrives with a time before that of an
// earlier call may find a word written that it would have overtaken.
//
// With random reads and writes and queues that never fill, the mean wait of a read is that of the high class of a queue without preemption (Cobham 1954):
//   W = (r R + w c) / 2 / (1 - r)      r, w: the part of the time that reads and writes take, R: read cycle
// while without queues all wait (r R + w c) / 2 / (1 - r - w).
#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "models/memory/bank_calendar.h"

namespace spinvp::memory {

// A word of a memory by number, and the bank that holds it.
struct BankWord {
  unsigned bank;
  std::uint64_t word;
};

class PostedWrites {
 public:
  // Writes are booked in `calendar`, which outlives this. `drain` is from 1 to `entries`.
  PostedWrites(unsigned banks, std::uint64_t entries, std::uint64_t drain, BankCalendar& calendar);

  // Books what idle banks have begun to write before `until`; to be called before anything else is booked in the calendar.
  void drain_idle(core::SimTime until, core::SimTime cycle);
  // Posts a burst that arrives at `at`; returns when its last word has entered.
  core::SimTime post(core::SimTime at, std::span<const BankWord> words, core::SimTime cycle);
  // From when on a read of these words that arrives at `at` may be booked: `at`, or the end of the last write that it hits.
  core::SimTime before_read(core::SimTime at, std::span<const BankWord> words, core::SimTime cycle);

  // Words that are neither written nor being forgotten at `at`.
  [[nodiscard]] std::uint64_t held(unsigned bank, core::SimTime at) const;
  void clear();
  void describe_state(core::StateArchive& archive);

 private:
  struct Entry {
    std::uint64_t word;
    core::SimTime entered, end;  // end: of its write, once that is booked
  };
  struct Queue {
    std::vector<Entry> entries;  // oldest first; those beyond `entries_` wait for room
    std::size_t booked = 0;      // so many of them have a place in the calendar
  };
  std::uint64_t entries_, drain_;
  BankCalendar& calendar_;
  std::vector<Queue> queues_;
  core::SimTime drained_;  // idle banks are drained up to here
  std::vector<unsigned> active_, touched_;
  std::vector<std::uint64_t> quota_;  // words to commit, by bank
  std::vector<std::pair<unsigned, std::size_t>> hits_;

  static void retire(Queue& queue, core::SimTime at);
  void touch(std::span<const BankWord> words, core::SimTime at);
  // Books up to quota_[k] of the oldest words of each bank k in active_, each at the earliest place from `from` on that begins before `until`.
  void book(core::SimTime from, core::SimTime until, core::SimTime cycle);
};

}  // namespace spinvp::memory
