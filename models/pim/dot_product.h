// The values and the work of a DOT, block by block, and when its steps run. Pure C++.
#pragma once

#include <algorithm>
#include <utility>
#include <vector>

#include "models/core/units.h"
#include "models/pim/arithmetic.h"
#include "models/pim/operand_source.h"

namespace spinvp::pim {

class DotProduct {
 public:
  // `command` outlives the object.
  DotProduct(const Geometry& geometry, const Command& command, std::uint64_t operand_buffer_bytes);
  [[nodiscard]] OperandSource& a() { return a_; }
  [[nodiscard]] OperandSource& b() { return b_; }
  // Steps between two fetches of either operand.
  [[nodiscard]] std::uint32_t block_steps() const { return std::min(a_.block_steps(), b_.block_steps()); }

  // Whether operand b is one number in all lanes of each subarray, at every step.
  [[nodiscard]] bool b_is_shared() const;

  // Words that the busiest transposing buffer takes per step (those of all subarrays are filled at the same time), and all of them together.
  [[nodiscard]] std::uint64_t longest_fill() const { return longest_fill_; }
  [[nodiscard]] std::uint64_t words_filled() const { return words_filled_; }

  // Steps first .. first + block_steps() - 1: for each, both operands into the lanes (64 row writes), then the multiply-accumulate. The present blocks of both
  // operands hold them. Returns the work of each step. One subarray after the other, so that its words stay in the host's cache; lanes know nothing of each
  // other, so the values are those of the steps in order.
  std::vector<Work> run_block(SubarrayStore& store, ArithmeticEngine& engine, std::uint32_t first);

 private:
  const Command& command_;
  OperandSource a_, b_;
  std::vector<std::uint32_t> buffer_;  // a transposing buffer
  std::uint64_t longest_fill_ = 0, words_filled_ = 0;
  DotProduct(const Geometry& geometry, const Command& command, const std::pair<BufferChoice, BufferChoice>& levels);
  Work part_step(SubarrayStore& store, ArithmeticEngine& engine, std::size_t part, std::uint32_t step);
};

// When the steps of a DOT run. The transposing buffers are double: the words of step j + 1 are filled in while step j works on the arrays, not before it
// began.
//   start(0) = max(now + fill, fetched(0))
//   start(j) = max(start(j - 1) + fill, fetched(j), end(j - 1));  end(j) = start(j) + array(j)
// fetched(j): when the bus delivered the block that step j begins (other steps: nothing to wait for). With everything fetched in front and equal steps
// the whole takes
//   max(fill, bus) + (count - 1) x max(array, fill) + array.
class DotSchedule {
 public:
  DotSchedule(core::SimTime now, core::SimTime fill) : fill_(fill), start_(now), end_(now) {}
  void step(core::SimTime fetched, core::SimTime array) {
    start_ = std::max({start_ + fill_, fetched, end_});
    end_ = start_ + array;
    array_ += array;
  }
  [[nodiscard]] core::SimTime start() const { return start_; }  // of the last step
  [[nodiscard]] core::SimTime end() const { return end_; }
  [[nodiscard]] core::SimTime array() const { return array_; }  // how long the arrays worked in all

 private:
  core::SimTime fill_, start_, end_, array_;
};

}  // namespace spinvp::pim
