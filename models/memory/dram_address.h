// Where an address lies in a DRAM: lane, bank, row.
//
// The memory is a line of accesses (`access_bytes` of the sheet). Blocks of `interleave` bytes lie in turn over the lanes. Within a lane, accesses turn over the bank groups first, as
// controllers do, since columns of one group follow each other only at t_ccd_l. The rest is an order of digits, the highest first:
//   row-bank-column-channel   a stream fills a page of every group, then goes to the next bank: few activates (the default)
//   row-column-bank-channel   after each turn over the groups the next bank: a small stride still meets many banks
//   bank-row-column-channel   each bank a contiguous part of the lane: data kept apart do not close each other's rows
//   channel-row-bank-column   each lane a contiguous part of the memory: a stream has one lane's bandwidth (`interleave` is not used)
// Ranks count with the banks, above them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/technology/dram_sheet.h"

namespace spinvp::memory {

enum class DramOrder { row_bank_column, row_column_bank, bank_row_column, channel_first };
const std::vector<std::string>& dram_order_names();  // in the order of the enumeration

struct DramPlace {
  std::uint32_t lane, slot, group, row;  // `slot` numbers rank and bank: (rank x banks per group + bank)
};

class DramAddressMap {
 public:
  // `interleave` is a power of two of at least an access, `size` a multiple of an access.
  DramAddressMap(const technology::DramDataSheet& sheet, DramOrder order, std::uint64_t interleave, std::uint64_t size);
  [[nodiscard]] DramPlace place(std::uint64_t access) const;
  // Accesses [first, end) of the memory follow each other within each lane as well, in the lane's own count: use(lane, first, end) once for each lane that they touch.
  template <typename Use>
  void for_each_lane(std::uint64_t first, std::uint64_t end, Use&& use) const;

  // In a lane's own count: from each multiple of row_accesses() on so many accesses lie in one row of their banks, and turn over turn() banks (powers of two).
  [[nodiscard]] std::uint64_t row_accesses() const { return row_accesses_; }
  [[nodiscard]] std::uint64_t turn() const { return turn_; }
  // Accesses that lie in one block of the memory and one row, at most; a power of two, or no less than row_accesses().
  [[nodiscard]] std::uint64_t piece_accesses() const { return piece_accesses_; }
  // Accesses of the memory after which lanes and places in their blocks repeat; 0: they do not.
  [[nodiscard]] std::uint64_t stripe_accesses() const { return order_ == DramOrder::channel_first ? 0 : block_ * lanes_; }
  [[nodiscard]] std::uint32_t group(std::uint64_t local) const { return static_cast<std::uint32_t>(local & (groups_ - 1)); }
  [[nodiscard]] std::uint32_t slot(std::uint64_t local) const {
    const std::uint64_t rest = local >> group_shift_;
    if (order_ == DramOrder::row_column_bank) return static_cast<std::uint32_t>(rest & (slots_ - 1));
    if (order_ == DramOrder::bank_row_column) return static_cast<std::uint32_t>((rest >> column_shift_) / rows_);
    return static_cast<std::uint32_t>(rest >> column_shift_ & (slots_ - 1));
  }
  [[nodiscard]] std::uint32_t row(std::uint64_t local) const {
    const std::uint64_t rest = local >> group_shift_;
    return static_cast<std::uint32_t>(order_ == DramOrder::bank_row_column ? (rest >> column_shift_) % rows_ : rest >> (column_shift_ + slot_shift_));
  }

 private:
  DramOrder order_;
  std::uint64_t block_, lanes_, groups_, columns_, slots_, rows_;
  std::uint64_t row_accesses_, turn_, piece_accesses_;
  unsigned block_shift_, lane_shift_, group_shift_, column_shift_, slot_shift_;
  bool shifts_;  // block and lanes are powers of two
};

template <typename Use>
void DramAddressMap::for_each_lane(std::uint64_t first, std::uint64_t end, Use&& use) const {
  const std::uint64_t first_block = shifts_ ? first >> block_shift_ : first / block_, last_block = shifts_ ? (end - 1) >> block_shift_ : (end - 1) / block_;
  const std::uint64_t blocks = last_block - first_block + 1, whole = shifts_ ? blocks >> lane_shift_ : blocks / lanes_, more = blocks - whole * lanes_;
  std::uint64_t turn = shifts_ ? first_block >> lane_shift_ : first_block / lanes_, lane = first_block - turn * lanes_;
  const std::uint64_t lanes = whole > 0 ? lanes_ : blocks, with_last = more > 0 ? more - 1 : lanes_ - 1;
  for (std::uint64_t i = 0; i < lanes; ++i) {
    std::uint64_t from = turn * block_, to = from + (whole + (i < more ? 1 : 0)) * block_;
    if (i == 0) from += first - first_block * block_;
    if (i == with_last) to -= (last_block + 1) * block_ - end;
    use(static_cast<std::uint32_t>(lane), from, to);
    if (++lane == lanes_) lane = 0, ++turn;
  }
}

}  // namespace spinvp::memory
