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
  run_ = order == DramOrder::row_column_bank ? groups_ : groups_ * columns_;
  shifts_ = std::has_single_bit(block_) && std::has_single_bit(lanes_);
  block_shift_ = shift_of(block_);
  lane_shift_ = shift_of(lanes_);
  group_shift_ = shift_of(groups_);
  column_shift_ = shift_of(columns_);
  slot_shift_ = shift_of(slots_);
}

DramPiece DramAddressMap::piece(std::uint64_t access, std::uint64_t most) const {
  std::uint64_t block = 0, within = 0, lane = 0, turn = 0;
  if (shifts_) {
    block = access >> block_shift_;
    within = access & (block_ - 1);
    lane = block & (lanes_ - 1);
    turn = block >> lane_shift_;
  } else {
    block = access / block_;
    within = access % block_;
    lane = block % lanes_;
    turn = block / lanes_;
  }
  const std::uint64_t local = turn * block_ + within, group = local & (groups_ - 1), rest = local >> group_shift_;
  std::uint64_t slot = 0, row = 0;
  switch (order_) {
    case DramOrder::row_bank_column:
    case DramOrder::channel_first:
      slot = rest >> column_shift_ & (slots_ - 1);
      row = rest >> (column_shift_ + slot_shift_);
      break;
    case DramOrder::row_column_bank:
      slot = rest & (slots_ - 1);
      row = rest >> (column_shift_ + slot_shift_);
      break;
    case DramOrder::bank_row_column:
      slot = (rest >> column_shift_) / rows_;
      row = (rest >> column_shift_) % rows_;
      break;
  }
  const std::uint64_t length = std::min({most, block_ - within, run_ - (local & (run_ - 1))});
  return {static_cast<std::uint32_t>(lane), static_cast<std::uint32_t>(slot), static_cast<std::uint32_t>(group), static_cast<std::uint32_t>(row),
          static_cast<std::uint32_t>(length)};
}

}  // namespace spinvp::memory
