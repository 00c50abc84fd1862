#include "models/memory/burst_plan.h"

#include <algorithm>
#include <bit>
#include <numeric>

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
void BurstPlan::for_each_unit_run(const tlm::tlm_generic_payload& payload, std::uint64_t row, Use&& use) const {
  const core::Transfer& t = core::transfer_of(payload);
  const std::uint64_t length = payload.get_data_length(), bytes = t.row_bytes == 0 ? length : std::min(t.row_bytes, length);
  std::uint64_t previous = ~std::uint64_t{0};
  for (; row * bytes < length; ++row) {
    const std::uint64_t address = payload.get_address() + row * t.stride, last = address + std::min(bytes, length - row * bytes) - 1;
    std::uint64_t unit = address >> unit_shift_;
    const std::uint64_t end = (last >> unit_shift_) + 1;
    if (unit == previous) ++unit;
    previous = end - 1;
    use(unit, end);
  }
}

void BurstPlan::add(std::uint64_t unit, std::uint64_t end, std::uint32_t times) {
  const std::uint64_t turn = std::uint64_t{banks_} << block_shift_, turns = end > unit ? (end - unit) / turn : 0;
  if (turns > 0) {
    const auto each = static_cast<std::uint32_t>(turns << block_shift_) * times;
    for (unsigned bank = 0; bank < banks_; ++bank) work_[bank] += each;
    unit += turns * turn;
  }
  while (unit < end) {
    const std::uint64_t block = unit >> block_shift_, here = std::min(end, (block + 1) << block_shift_) - unit;
    work_[bank_of(block)] += static_cast<std::uint32_t>(here) * times;
    unit += here;
  }
}

std::uint64_t BurstPlan::add_repeats(const tlm::tlm_generic_payload& payload, std::uint64_t& units) {
  const core::Transfer& t = core::transfer_of(payload);
  if (t.row_bytes == 0 || t.row_bytes >= payload.get_data_length() || t.stride % (std::uint64_t{1} << unit_shift_) != 0) return 0;
  const std::uint64_t first = payload.get_address() >> unit_shift_, each = ((payload.get_address() + t.row_bytes - 1) >> unit_shift_) + 1 - first;
  const std::uint64_t step = t.stride >> unit_shift_, turn = std::uint64_t{banks_} << block_shift_;
  if (each > step) return 0;  // rows share a unit, or overlap
  const std::uint64_t period = turn / std::gcd(step, turn), times = payload.get_data_length() / t.row_bytes / period;
  if (times < 2) return 0;
  for (std::uint64_t row = 0; row < period; ++row) add(first + row * step, first + row * step + each, static_cast<std::uint32_t>(times));
  units += times * period * each;
  return times * period;
}

std::uint64_t BurstPlan::plan_runs(const tlm::tlm_generic_payload& payload, SimTime unit_time) {
  std::fill_n(work_.begin(), banks_, 0u);
  std::uint64_t units = 0;
  const std::uint64_t planned = add_repeats(payload, units);
  for_each_unit_run(payload, planned, [&](std::uint64_t unit, std::uint64_t end) {
    add(unit, end, 1);
    units += end - std::min(unit, end);
  });
  rounds_of(std::span<const std::uint32_t>(work_.data(), banks_), unit_time, rounds_);
  return units;
}

const std::vector<BankWord>& BurstPlan::words(const tlm::tlm_generic_payload& payload) {
  words_.clear();
  if (payload.get_data_length() == 0) return words_;
  for_each_unit_run(payload, 0, [this](std::uint64_t unit, std::uint64_t end) {
    for (; unit < end; ++unit) words_.push_back({bank_of(unit >> block_shift_), unit});
  });
  return words_;
}

}  // namespace spinvp::memory
