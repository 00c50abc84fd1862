// The banks of a memory as bursts see them: one port for reads and writes, or one for each, with or without queues of posted writes before them.
//
//   one port        a bank reads or writes; a read may have to wait for a write and the other way round
//   separate ports  a bank reads one word and writes another at the same time (two-port cells, or a magnetic cell whose read and write paths are apart): two calendars.
//                   Reads and writes of one burst's rounds never meet; of two that want the same word at once, the one read sees is not a matter of time here
//                   (memory_device.h moves data at once).
//   queues          posted_writes.h; on separate ports they only take the write's latency off its initiator
//
// No row buffers: every word costs its cycle of the array, whatever was accessed before. A stream that hits one bank alone therefore runs at word / cycle, one that
// turns over all banks at banks x word / cycle, the memory's peak (per port).
#pragma once

#include <memory>

#include "models/memory/posted_writes.h"

namespace spinvp::memory {

class BankPorts {
 public:
  struct Shape {
    unsigned banks = 1;
    bool separate_ports = false;
    std::uint64_t queue_words = 0;  // of posted writes, by bank; 0: a write waits for its bank as a read does
    std::uint64_t drain_words = 0;  // that a full queue writes ahead of reads; 0: half of the queue
  };
  explicit BankPorts(const Shape& shape);

  [[nodiscard]] bool posts_writes() const { return posted_ != nullptr; }
  // Start of a read burst. `words` and the write cycle matter with queues alone.
  core::SimTime read(core::SimTime at, std::span<const BankRound> rounds, std::span<const BankWord> words, core::SimTime write_cycle, core::SimTime now);
  // Start of a write burst, without queues.
  core::SimTime write(core::SimTime at, std::span<const BankRound> rounds, core::SimTime now);
  // When the last word of a write burst is in its queue, with queues.
  core::SimTime post(core::SimTime at, std::span<const BankWord> words, core::SimTime write_cycle, core::SimTime now);

  struct Direct {
    core::SimTime occupancy;  // bank time, in sum
    std::uint64_t words = 0;
  };
  // Direct accesses of a hart, see BankCalendar::direct(); returns the waiting. Queues do not change it: what a hart stores is posted anyway (docs/timing.md).
  core::SimTime direct(Direct reads, Direct writes, core::SimTime write_cycle, core::SimTime from, core::SimTime to, core::SimTime now);

  void clear(core::SimTime now);
  void describe_state(core::StateArchive& archive);

 private:
  BankCalendar first_;                    // of all, or of reads
  std::unique_ptr<BankCalendar> second_;  // of writes on ports of their own
  std::unique_ptr<PostedWrites> posted_;
  BankCalendar& writes() { return second_ ? *second_ : first_; }
};

}  // namespace spinvp::memory
