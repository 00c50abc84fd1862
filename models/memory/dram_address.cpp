#include "models/memory/dram_address.h"

#include <algorithm>
#include <bit>

#include "models/core/units.h"

namespace spinvp::memory {

namespace {
unsigned shift_of(std::uint64_t power_of_two) { return static_cast<unsigned>(std::countr_zero(power_of_two)); }
}  // namespace

const std::vector<std::string>& dram_order_names() {
  static const std::vector<std::string> names = {"row-bank-column-channel", "row-column-bank-channel", "bank-row-column-channel", "channel-row-bank-column"};
  return names;
}

DramAddressMap::DramAddressMap(const technology::DramDataSheet& sheet, DramOrder order, std::uint64_t interleave, std::uint64_t size)
    : order_(order),
      block_(interleave / sheet.access_bytes()),
      lanes_(sheet.lanes()),
      groups_(sheet.bank_groups),
      columns_(sheet.page_bytes / sheet.access_bytes()),
      slots_(std::uint64_t{sheet.ranks} * sheet.banks_per_group) {
  const std::uint64_t accesses = core::divide_up(size, sheet.access_bytes());
  if (order == DramOrder::channel_first) block_ = core::divide_up(accesses, lanes_);
  rows_ = std::max<std::uint64_t>(core::divide_up(core::divide_up(accesses, lanes_), groups_ * columns_ * slots_), 1);
  const bool turns_over_slots = order == DramOrder::row_column_bank;
  turn_ = turns_over_slots ? groups_ * slots_ : groups_;
  row_accesses_ = turn_ * columns_;
  piece_accesses_ = turns_over_slots ? std::min(groups_, block_) : order == DramOrder::channel_first ? row_accesses_ : std::min(row_accesses_, block_);
  shifts_ = std::has_single_bit(block_) && std::has_single_bit(lanes_);
  block_shift_ = shift_of(block_);
  lane_shift_ = shift_of(lanes_);
  group_shift_ = shift_of(groups_);
  column_shift_ = shift_of(columns_);
  slot_shift_ = shift_of(slots_);
}

DramPlace DramAddressMap::place(std::uint64_t access) const {
  DramPlace place{};
  for_each_lane(access, access + 1, [&](std::uint32_t lane, std::uint64_t local, std::uint64_t) { place = {lane, slot(local), group(local), row(local)}; });
  return place;
}

}  // namespace spinvp::memory
