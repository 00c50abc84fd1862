#include "models/memory/bank_ports.h"

namespace spinvp::memory {

using core::SimTime;

BankPorts::BankPorts(const Shape& shape) : first_(shape.banks) {
  if (shape.separate_ports) second_ = std::make_unique<BankCalendar>(shape.banks);
  if (shape.queue_words == 0) return;
  const std::uint64_t drain = shape.drain_words == 0 ? core::divide_up(shape.queue_words, 2) : std::min(shape.drain_words, shape.queue_words);
  posted_ = std::make_unique<PostedWrites>(shape.banks, shape.queue_words, drain, writes());
}

SimTime BankPorts::read(SimTime at, std::span<const BankRound> rounds, std::span<const BankWord> words, SimTime write_cycle, SimTime now) {
  if (posted_) at = posted_->before_read(at, words, write_cycle);
  return first_.burst(at, rounds, now);
}

SimTime BankPorts::write(SimTime at, std::span<const BankRound> rounds, SimTime now) { return writes().burst(at, rounds, now); }

SimTime BankPorts::post(SimTime at, std::span<const BankWord> words, SimTime write_cycle, SimTime now) {
  const SimTime entered = posted_->post(at, words, write_cycle);
  writes().forget_before(now);
  return entered;
}

SimTime BankPorts::direct(Direct reads, Direct writes, SimTime write_cycle, SimTime from, SimTime to, SimTime now) {
  if (posted_) posted_->drain_idle(now, write_cycle);
  if (!second_) return first_.direct(reads.occupancy + writes.occupancy, reads.words + writes.words, from, to, now);
  return first_.direct(reads.occupancy, reads.words, from, to, now) + second_->direct(writes.occupancy, writes.words, from, to, now);
}

void BankPorts::clear(SimTime now) {
  first_.clear(now);
  if (second_) second_->clear(now);
  if (posted_) posted_->clear();
}

void BankPorts::describe_state(core::StateArchive& archive) {
  first_.describe_state(archive);
  if (second_) second_->describe_state(archive);
  if (posted_) posted_->describe_state(archive);
}

}  // namespace spinvp::memory
