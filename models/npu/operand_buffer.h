// Which blocks of the operands the NPU's operand buffer holds: those last used, as many as its bytes allow.
//
// It is empty when a job begins. A block is used by one step at a time, in order; while the array works on a step, the next one's blocks come in, so those two steps' blocks
// do not give way. Where the next one's need that room, they wait until the array is done. The plan (plan.h) sees to it that one step's blocks fit.
#pragma once

#include <cstdint>
#include <list>
#include <unordered_map>

#include "models/npu/tile_arithmetic.h"

namespace spinvp::npu {

enum class Side : unsigned { a = 0, b = 1 };

class OperandBuffer {
 public:
  // Forgets everything; keeps the host's memory of the blocks.
  void begin(std::uint64_t capacity);
  // The block if it is here, marked used by `step`; otherwise null.
  Block* find(Side side, std::uint64_t block, std::uint64_t step);
  // Room for a block that is not here, for `step`; blocks that no step from `at_work` on uses give way, the least recently used first. Null if that is not enough.
  Block* take(Side side, std::uint64_t block, std::uint64_t bytes, std::uint64_t step, std::uint64_t at_work);
  [[nodiscard]] std::uint64_t used_bytes() const { return used_; }

 private:
  struct Entry {
    std::uint64_t key = 0, bytes = 0, step = 0;
    Block block;
  };
  using Entries = std::list<Entry>;  // the least recently used one first
  std::uint64_t capacity_ = 0, used_ = 0;
  Entries entries_, spare_;
  std::unordered_map<std::uint64_t, Entries::iterator> where_;
  static std::uint64_t key_of(Side side, std::uint64_t block) { return block * 2 + static_cast<std::uint64_t>(side); }
};

}  // namespace spinvp::npu
