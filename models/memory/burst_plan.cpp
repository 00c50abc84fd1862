#include "models/memory/burst_plan.h"

#include <algorithm>
#include <bit>

namespace spinvp::memory {

using core::SimTime;

BurstPlan::BurstPlan(std::uint64_t unit_bytes, std::uint64_t block_bytes, unsigned banks)
    : unit_shift_(static_cast<unsigned>(std::countr_zero(unit_bytes))),
      block_shift_(static_cast<unsigned>(std::countr_zero(block_bytes)) - unit_shift_),
      banks_(banks) {}

std::uint64_t BurstPlan::plan(const tlm::tlm_generic_payload& payload, SimTime unit_time) {
  rounds_.clear();
  longest_ = SimTime();
  const std::uint64_t length = payload.get_data_length(), row = core::transfer_of(payload).row_bytes;
  if (length == 0) return 0;
  std::uint64_t units = 0;
  if (block_shift_ == 0 && (row == 0 || row >= length)) {
    const std::uint64_t first = payload.get_address() >> unit_shift_;
    units = ((payload.get_address() + length - 1) >> unit_shift_) - first + 1;
    plan_one_run(first, units, unit_time);
  } else {
    units = plan_runs(payload, unit_time);
  }
  for (const BankRound& round : rounds_) longest_ += round.duration;
  return units;
}

// Full turns over all banks, and one more round for the rest.
void BurstPlan::plan_one_run(std::uint64_t first_unit, std::uint64_t units, SimTime unit_time) {
  const std::uint64_t turns = units / banks_, rest = units % banks_;
  if (turns > 0) rounds_.push_back({consecutive(first_unit, banks_, banks_), unit_time * turns});
  if (rest > 0) rounds_.push_back({consecutive(first_unit, rest, banks_), unit_time});
}

template <typename Use>
void BurstPlan::for_each_unit_run(const tlm::tlm_generic_payload& payload, Use&& use) const {
  std::uint64_t previous = ~std::uint64_t{0};
  core::for_each_run(payload, [&](std::uint64_t address, const std::uint8_t*, std::uint64_t bytes) {
    std::uint64_t unit = address >> unit_shift_;
    const std::uint64_t end = ((address + bytes - 1) >> unit_shift_) + 1;
    if (unit == previous) ++unit;
    previous = end - 1;
    use(unit, end);
  });
}

std::uint64_t BurstPlan::plan_runs(const tlm::tlm_generic_payload& payload, SimTime unit_time) {
  std::fill_n(work_.begin(), banks_, 0u);
  std::uint64_t units = 0;
  for_each_unit_run(payload, [&](std::uint64_t unit, std::uint64_t end) {
    while (unit < end) {
      const std::uint64_t block = unit >> block_shift_, here = std::min(end, (block + 1) << block_shift_) - unit;
      work_[bank_of(block)] += static_cast<std::uint32_t>(here);
      units += here;
      unit += here;
    }
  });
  rounds_of({work_.data(), banks_}, unit_time, rounds_);
  return units;
}

const std::vector<BankWord>& BurstPlan::words(const tlm::tlm_generic_payload& payload) {
  words_.clear();
  if (payload.get_data_length() == 0) return words_;
  for_each_unit_run(payload, [this](std::uint64_t unit, std::uint64_t end) {
    for (; unit < end; ++unit) words_.push_back({bank_of(unit >> block_shift_), unit});
  });
  return words_;
}

}  // namespace spinvp::memory
