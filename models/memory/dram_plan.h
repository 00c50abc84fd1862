// What a burst asks of each lane of a DRAM, before any time is known: how many accesses, and how they fall on rows of banks.
//
// In a lane's own count (dram_address.h) a contiguous burst is one run of accesses. A burst of rows is a few *pieces* that repeat: rows whose addresses differ by whole stripes (a block in
// every lane) fall on the same lanes at the same place of their blocks, so with P the least number of rows after which that is so, each lane sees at most P pieces, each again and
// again `period` accesses further on. Which rows of banks they meet is then counted, row of a bank by row of a bank, without a look at each row of the burst. What does not fit that
// (shares of an access, rows that overlap, many pieces, the order row-column-bank-channel) is walked run by run.
//
// Lanes that see the same pieces have the same *shape*: what holds for one holds for all.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "models/memory/bank_calendar.h"
#include "models/memory/dram_address.h"

namespace spinvp::memory {

struct DramBurst {
  std::uint64_t address = 0, length = 0;
  std::uint64_t row_bytes = 0, stride = 0;  // as core::Transfer
  bool write = false;
  [[nodiscard]] bool contiguous() const { return row_bytes == 0 || row_bytes >= length; }
};

class DramPlan {
 public:
  DramPlan(const technology::DramDataSheet& sheet, const DramAddressMap& map);

  // Plans a burst that is not empty; returns its accesses.
  std::uint64_t make(const DramBurst& burst);
  // Every run by itself and every lane a shape of its own: the walk that the short cuts are held against.
  void walk_everything() { walks_everything_ = true; }

  // What lanes see. `in_one_group`: accesses of the bank group that has most; `run`: of a contiguous burst, in the lane's own count.
  struct Shape {
    std::uint32_t lane = 0;  // the first that was found with it
    std::uint32_t accesses = 0, in_one_group = 0;
    std::uint64_t run = 0;
  };
  static constexpr std::uint16_t untouched = 0xffff;
  [[nodiscard]] const std::vector<Shape>& shapes() const { return shapes_; }
  [[nodiscard]] std::uint16_t shape_of(std::size_t lane) const { return shape_of_[lane]; }
  [[nodiscard]] const BankSet& touched() const { return touched_; }

  // One row of a bank; `bank` numbers slot and group: (slot x groups + group). first, last: position in the lane's order. busy: from the first to the last of those accesses that another row of the bank waits for in the same burst: those
  // of one block, since the others are reordered around it.
  struct Visit {
    std::uint32_t bank, group, row, first, last, busy;
  };
  // Appends those of a lane of that shape, in the order in which the rows are asked for.
  void visits_of(const Shape& shape, std::vector<Visit>& visits) const;

 private:
  static constexpr std::size_t most_pieces = 6, most_phases = 16, most_groups = 16;
  struct Piece {
    std::uint64_t first = 0;
    std::uint32_t length = 0, times = 0;
    friend bool operator==(const Piece&, const Piece&) = default;
  };
  struct Pieces {
    std::uint32_t count = 0;
    std::array<Piece, most_pieces> of{};
    friend bool operator==(const Pieces& a, const Pieces& b) {
      for (std::uint32_t i = 0; i < std::min(a.count, b.count); ++i)
        if (!(a.of[i] == b.of[i])) return false;
      return a.count == b.count;
    }
  };
  // Of a walk: a row of all groups at once. `seen`: groups, in the order in which they were (four bits each).
  struct RowUse {
    std::uint32_t lane, slot, row;
    std::uint32_t seen = 0, groups_seen = 0;
    std::uint64_t order = 0;
  };
  struct GroupUse {
    std::uint32_t first, last, busy;
  };
  enum class Kind { run, pieces, walk };

  DramAddressMap map_;
  unsigned lanes_, groups_, access_shift_, group_shift_;
  bool walks_everything_ = false;

  Kind kind_ = Kind::run;
  std::vector<Shape> shapes_;
  std::vector<std::uint16_t> shape_of_;  // by lane
  BankSet touched_;
  std::vector<Pieces> pieces_;  // by lane
  std::uint64_t period_ = 0;
  // Of a walk.
  std::uint32_t rows_used_ = 0;
  std::vector<RowUse> rows_;
  std::vector<GroupUse> uses_;              // by row, group
  std::vector<std::uint32_t> latest_;       // by slot, lane: the last of rows_ in it, if that is one of this burst
  std::vector<std::uint32_t> work_;         // by lane
  std::vector<std::uint32_t> group_work_;   // by lane, group
  std::vector<std::vector<Visit>> walked_;  // by lane

  std::uint64_t make_runs(std::uint64_t first, std::uint64_t end);
  bool make_pieces(const DramBurst& burst);
  std::uint64_t walk(const DramBurst& burst);
  void begin(Kind kind);
  void set_shapes_of_pieces();
  void visits_of_run(const Shape& shape, std::vector<Visit>& visits) const;
  template <unsigned known_groups>
  void visits_of_pieces(std::size_t lane, std::vector<Visit>& visits) const;
  void visits_of_piece(const Piece& piece, std::vector<Visit>& visits) const;
  // Accesses of one row: use(first, length) of them all, or of two parts. A block in the middle keeps every group as busy as it can; two parts of blocks are looked at each by itself.
  template <typename Use>
  void in_blocks(std::uint64_t first, std::uint32_t length, Use&& use) const;
  void use_run(std::uint32_t lane, std::uint64_t first, std::uint64_t end, std::uint32_t position, std::uint32_t longest);
  void use_row(std::uint32_t lane, std::uint64_t local, std::uint32_t accesses, std::uint32_t position, std::uint32_t longest);  // longest: most_busy()
  void finish_walk();
  [[nodiscard]] std::uint32_t most_busy() const;
  [[nodiscard]] std::uint32_t of_group(std::uint32_t length, std::uint32_t before) const {
    return length > before ? ((length - before - 1) >> group_shift_) + 1 : 0;
  }
};

template <typename Use>
inline void DramPlan::in_blocks(std::uint64_t first, std::uint32_t length, Use&& use) const {
  const std::uint64_t row = map_.turn() > groups_ ? groups_ : map_.row_accesses(), block = std::min(map_.piece_accesses(), row);
  const std::uint64_t to_boundary = block - (first & (block - 1));
  if (block == row || length <= to_boundary || length >= to_boundary + block) return use(first, length);
  const auto before = static_cast<std::uint32_t>(to_boundary);
  use(first, before);
  use(first + before, length - before);
}

}  // namespace spinvp::memory
