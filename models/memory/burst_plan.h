// Which banks (or channels) a burst keeps busy, and for how long each.
//
// Memory is moved in units (a word of a macro, an access of a DRAM); blocks of whole units lie in turn over the banks: bank(address) = (address / block) mod banks. A run of bytes
// touches every unit it reaches into. Runs of a strided burst that follow each other inside one unit share it: it is still at the bank's output.
//
// The cost on the host follows the banks, not the bytes: whole turns over the banks are counted, and so are rows whose stride comes back to the same banks.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include <tlm>

#include "models/core/transport.h"
#include "models/memory/posted_writes.h"

namespace spinvp::memory {

class BurstPlan {
 public:
  // `unit_bytes` and `block_bytes` are powers of two, a block holds at least one unit.
  BurstPlan(std::uint64_t unit_bytes, std::uint64_t block_bytes, unsigned banks);

  // Plans the payload's burst with `unit_time` for each unit; returns the units touched.
  std::uint64_t plan(const tlm::tlm_generic_payload& payload, core::SimTime unit_time);
  // The units that a burst touches, in order, with their banks: for who asks which words they are.
  const std::vector<BankWord>& words(const tlm::tlm_generic_payload& payload);
  // Of the last plan.
  [[nodiscard]] const std::vector<BankRound>& rounds() const { return rounds_; }
  // The time of its fullest bank.
  [[nodiscard]] core::SimTime longest() const { return longest_; }

 private:
  unsigned unit_shift_, block_shift_;  // bytes to units, units to blocks
  unsigned banks_;
  std::vector<BankRound> rounds_;
  core::SimTime longest_;
  std::vector<BankWord> words_;
  std::array<std::uint32_t, most_banks> work_{};  // units by bank

  [[nodiscard]] unsigned bank_of(std::uint64_t block) const {
    return static_cast<unsigned>((banks_ & (banks_ - 1)) == 0 ? block & (banks_ - 1) : block % banks_);
  }
  void plan_one_run(std::uint64_t first_unit, std::uint64_t units, core::SimTime unit_time);
  std::uint64_t plan_runs(const tlm::tlm_generic_payload& payload, core::SimTime unit_time);
  // Units [unit, end), `times` over.
  void add(std::uint64_t unit, std::uint64_t end, std::uint32_t times);
  // Rows that repeat the banks of earlier ones, as often as they do in whole: so many rows are planned at once.
  std::uint64_t add_repeats(const tlm::tlm_generic_payload& payload, std::uint64_t& units);
  // use(first unit, end) for each run of the burst from row `row` on; a unit at the seam of two runs belongs to the first.
  template <typename Use>
  void for_each_unit_run(const tlm::tlm_generic_payload& payload, std::uint64_t row, Use&& use) const;
};

}  // namespace spinvp::memory
