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

// A run of accesses that follow each other in one lane, one bank of each group and one row. `slot` numbers rank and bank: (rank x banks per group + bank); the run begins in `group`
// and turns over the groups.
struct DramPiece {
  std::uint32_t lane, slot, group, row, accesses;
};

class DramAddressMap {
 public:
  // `interleave` is a power of two of at least an access, `size` a multiple of an access.
  DramAddressMap(const technology::DramDataSheet& sheet, DramOrder order, std::uint64_t interleave, std::uint64_t size);
  // The piece that begins with access number `access` and is at most `most` long.
  [[nodiscard]] DramPiece piece(std::uint64_t access, std::uint64_t most) const;
  // Its lane alone, and how many accesses from it on stay in one block of that lane, at most `most`.
  [[nodiscard]] std::uint64_t block(std::uint64_t access, std::uint64_t most, std::uint64_t& lane) const {
    const std::uint64_t block = shifts_ ? access >> block_shift_ : access / block_, within = access - block * block_;
    lane = shifts_ ? block & (lanes_ - 1) : block % lanes_;
    return most < block_ - within ? most : block_ - within;
  }

 private:
  DramOrder order_;
  std::uint64_t block_, lanes_, groups_, columns_, slots_, rows_;
  std::uint64_t run_;  // accesses to one row of one slot in a line of the lane
  unsigned block_shift_, lane_shift_, group_shift_, column_shift_, slot_shift_;
  bool shifts_;  // block and lanes are powers of two
};

}  // namespace spinvp::memory
