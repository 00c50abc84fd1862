#include "models/memory/posted_writes.h"

#include <algorithm>

#include "models/core/error.h"

namespace spinvp::memory {

using core::SimTime;

PostedWrites::PostedWrites(unsigned banks, std::uint64_t entries, std::uint64_t drain, BankCalendar& calendar)
    : entries_(entries), drain_(drain), calendar_(calendar), queues_(banks), quota_(banks) {}

void PostedWrites::retire(Queue& queue, SimTime at) {
  std::size_t done = 0;
  while (done < queue.booked && queue.entries[done].end <= at) ++done;
  if (done == 0) return;
  queue.entries.erase(queue.entries.begin(), queue.entries.begin() + static_cast<std::ptrdiff_t>(done));
  queue.booked -= done;
}

void PostedWrites::touch(std::span<const BankWord> words, SimTime at) {
  touched_.clear();
  for (const BankWord& w : words) {
    if (quota_[w.bank] != 0) continue;
    quota_[w.bank] = 1;  // marks it as seen
    touched_.push_back(w.bank);
  }
  for (const unsigned bank : touched_) {
    quota_[bank] = 0;
    retire(queues_[bank], at);
  }
}

void PostedWrites::book(SimTime from, SimTime until, SimTime cycle) {
  for (SimTime at = from; at < until;) {
    // The oldest words that could begin now, all banks at once: what begins together is one entry of the calendar.
    SimTime next = SimTime::never();
    BankSet ready;
    std::erase_if(active_, [this](unsigned bank) { return quota_[bank] == 0; });
    for (const unsigned bank : active_) {
      const Queue& queue = queues_[bank];
      SimTime earliest = queue.entries[queue.booked].entered;
      if (queue.booked > 0) earliest = std::max(earliest, queue.entries[queue.booked - 1].end);
      if (earliest <= at)
        ready.set(bank);
      else
        next = std::min(next, earliest);
    }
    if (ready.any()) {
      SimTime freed;
      const BankSet busy = calendar_.busy(at, at + cycle, ready, freed), begin = ready & ~busy;
      if (busy.any()) next = std::min(next, freed);
      if (begin.any()) {
        calendar_.reserve(at, at + cycle, begin);
        waiting_ -= begin.count();
        last_end_ = std::max(last_end_, at + cycle);
        next = std::min(next, at + cycle);
        for (const unsigned bank : active_) {
          if (!begin[bank]) continue;
          Queue& queue = queues_[bank];
          queue.entries[queue.booked++].end = at + cycle;
          --quota_[bank];
        }
      }
    }
    at = next;
  }
  for (const unsigned bank : active_) quota_[bank] = 0;
  active_.clear();
}

void PostedWrites::drain_idle(SimTime until, SimTime cycle) {
  if (until <= drained_) return;
  for (unsigned bank = 0; waiting_ > 0 && bank < queues_.size(); ++bank) {
    const Queue& queue = queues_[bank];
    if (queue.booked == queue.entries.size()) continue;
    quota_[bank] = queue.entries.size() - queue.booked;
    active_.push_back(bank);
  }
  if (!active_.empty()) book(drained_, until, cycle);
  drained_ = until;
}

SimTime PostedWrites::post(SimTime at, std::span<const BankWord> words, SimTime cycle) {
  drain_idle(at, cycle);
  touch(words, at);
  for (const BankWord& w : words) queues_[w.bank].entries.push_back({w.word, at, SimTime()});
  waiting_ += words.size();
  calendar_.count_load(cycle * words.size());
  for (const unsigned bank : touched_) {
    const Queue& queue = queues_[bank];
    if (queue.entries.size() <= entries_ + queue.booked) continue;
    const std::uint64_t drains = core::divide_up(queue.entries.size() - entries_ - queue.booked, drain_);
    quota_[bank] = std::min(drains * drain_, queue.entries.size() - queue.booked);
    active_.push_back(bank);
  }
  if (!active_.empty()) book(at, SimTime::never(), cycle);
  SimTime entered = at;
  for (const unsigned bank : touched_) {
    Queue& queue = queues_[bank];
    for (std::size_t i = entries_; i < queue.entries.size(); ++i) queue.entries[i].entered = std::max(at, queue.entries[i - entries_].end);
    entered = std::max(entered, queue.entries.back().entered);
  }
  return entered;
}

SimTime PostedWrites::before_read(SimTime at, std::span<const BankWord> words, SimTime cycle) {
  drain_idle(at, cycle);
  touch(words, at);
  hits_.clear();
  for (const BankWord& w : words) {
    const Queue& queue = queues_[w.bank];
    for (std::size_t i = queue.entries.size(); i-- > 0;) {
      if (queue.entries[i].word != w.word) continue;
      hits_.push_back({w.bank, i});
      if (i < queue.booked) break;
      if (quota_[w.bank] == 0) active_.push_back(w.bank);
      quota_[w.bank] = std::max<std::uint64_t>(quota_[w.bank], i + 1 - queue.booked);
      break;
    }
  }
  if (!active_.empty()) book(at, SimTime::never(), cycle);
  for (const auto& [bank, index] : hits_) at = std::max(at, queues_[bank].entries[index].end);
  return at;
}

bool PostedWrites::holds(SimTime at, SimTime cycle) {
  drain_idle(at, cycle);
  return waiting_ > 0 || last_end_ > at;
}

void PostedWrites::clear() {
  for (Queue& queue : queues_) queue = {};
  drained_ = last_end_ = SimTime();
  waiting_ = 0;
}

void PostedWrites::describe_state(core::StateArchive& archive) {
  archive.item("drained", drained_);
  archive.item("waiting", waiting_);
  archive.item("last_end", last_end_);
  for (Queue& queue : queues_) {
    archive.item("posted", queue.entries);
    archive.item("posted_booked", queue.booked);
    if (queue.booked > queue.entries.size()) throw core::InputError("snapshot: item 'posted_booked': more than there are");
  }
}

}  // namespace spinvp::memory
