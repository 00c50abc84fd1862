// One operand of a LOAD or DOT: how much of it the operand buffer holds at a time, and how it reaches the lanes.
//
// The operand buffer is SRAM in the controller. The words that many steps want again (a convolution's windows, a matrix' row) should cross the bus once. The
// steps of a DOT are a mixed-radix number of three digits; an operand is fetched in blocks of the steps that share their `level` slowest digits:
//   level 0: one block, fetched before the first step; takes its bytes of the buffer.
//   level 1, 2: a block for each value of the first (two) digits; takes twice its bytes, as the next block is fetched while this one is worked on.
//   level 3: each step fetches its own words, straight into the (double) transposing buffers; takes nothing.
// choose_levels() takes the pair that moves the fewest bytes over the bus among those that fit.
#pragma once

#include <array>
#include <span>
#include <utility>
#include <vector>

#include "models/pim/command.h"
#include "models/pim/transposer.h"

namespace spinvp::pim {

struct BufferChoice {
  unsigned level = step_dimensions;
  std::uint64_t needs = 0;    // bytes of the operand buffer
  std::uint64_t traffic = 0;  // bytes over the bus in the whole command
};
// By level. The operand's plan exists (decode() checked it).
std::array<BufferChoice, step_dimensions + 1> buffer_choices(const Command::Operand& operand);
// For both operands of a DOT, within `capacity` bytes together. Of equal traffic, the lower levels (fewer, longer fetches).
std::pair<BufferChoice, BufferChoice> choose_levels(const Command& command, std::uint64_t capacity);

class OperandSource {
 public:
  // `command` and `operand` outlive the source.
  OperandSource(const Geometry& geometry, const Command& command, const Command::Operand& operand, unsigned level);

  // Steps of one block; a block begins at each multiple of it.
  [[nodiscard]] std::uint32_t block_steps() const { return static_cast<std::uint32_t>(image_offsets_.size()); }
  // What the fetch of one block moves, and what to add to its addresses for the block that begins at `step`.
  [[nodiscard]] const BoxPlan& plan() const { return plan_; }
  [[nodiscard]] std::int64_t displacement(std::uint32_t step) const;
  [[nodiscard]] const Transposer& transposer() const { return transposer_; }
  // Host memory behind the buffer: bus reads fill the incoming block, take_over() makes it the present one.
  [[nodiscard]] std::span<std::uint8_t> incoming();
  void take_over() { present_.swap(incoming_); }

  // The words of `step`, which lies in the present block, into the lanes of the part.
  void gather(std::size_t part, std::uint32_t step, std::span<std::uint32_t> plane) const {
    transposer_.gather(part, present_.data() + image_offsets_[step % block_steps()], plane);
  }

 private:
  const Command::Operand& operand_;
  unsigned level_;
  BoxPlan plan_;
  Transposer transposer_;
  std::vector<std::uint32_t> present_, incoming_;
  std::vector<std::int64_t> image_offsets_;  // words, of each step of a block
};

}  // namespace spinvp::pim
