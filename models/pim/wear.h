// Wear of the cells: how often each row was written, where, and how long the arrays last at that pace.
//
// Counted by row and subarray: a write drives every cell of its lanes, so the count of a row is the most that any of its cells was written (masked steps and
// narrower ranges write fewer). Work rows wear fastest: every operation uses them. With rotation the logic's rows change places: after `rotation_interval`
// operations of a subarray its work rows move on by one, around the pool.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "models/pim/micro_program.h"
#include "models/pim/subarray_store.h"

namespace spinvp::pim {

class Wear {
 public:
  // `pool`: work rows of a subarray. Interval 0: no rotation.
  Wear(const Geometry& geometry, unsigned pool, std::uint64_t rotation_interval);

  // A word of the store was written from outside the logic: each of its 32 rows once.
  void word_written(std::uint32_t subarray, std::uint32_t word) { ++words_[std::size_t{subarray} * geometry_.all_words() + word]; }
  // A program of a ProgramSet ran; its result lies in `destination`. All guarded steps count.
  void ran(std::uint32_t subarray, const MicroProgram& program, std::uint32_t destination);

  struct Row {
    std::uint32_t subarray = 0;
    bool work = false;
    std::uint32_t row = 0;  // of the store's words (addressable ones, then landing words), or of the logic's work rows
    std::uint64_t writes = 0;
  };
  [[nodiscard]] Row most_written();
  [[nodiscard]] std::uint64_t total();  // row writes
  // subarray,kind,row,writes; rows without a write left out.
  [[nodiscard]] std::string csv();
  void describe_state(core::StateArchive& archive);

 private:
  Geometry geometry_;
  unsigned pool_;
  std::uint64_t interval_;
  std::vector<std::uint64_t> words_;                                  // by subarray and word of the store
  std::vector<std::uint64_t> operations_;                             // by subarray
  std::vector<std::uint64_t> work_;                                   // by subarray and physical work row
  std::map<const MicroProgram*, std::vector<std::uint32_t>> writes_;  // by row of the program
  // Runs of one program in a row, not yet added to the counts above.
  struct Pending {
    const MicroProgram* program = nullptr;
    std::uint64_t runs = 0, turn = 0;
    std::uint32_t destination = 0;
  };
  std::vector<Pending> pending_;  // by subarray
  const std::vector<std::uint32_t>& writes_of(const MicroProgram& program);
  void settle(std::uint32_t subarray);
  void settle();
  template <typename Use>
  void for_each_row(Use&& use) const;
};

}  // namespace spinvp::pim
