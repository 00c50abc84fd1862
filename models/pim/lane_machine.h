// One lane of a micro-program, bit by bit, with faults at chosen steps: what a lane computes when a write fails, a read disturbs or a cell is stuck.
//
// Slow and plain; used for the few lanes in which something goes wrong. Without faults it computes what Subarray::run does.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "models/pim/micro_program.h"

namespace spinvp::pim {

struct StepFault {
  enum class Kind {
    write_failure,  // a cell that this step should flip keeps its bit
    read_disturb,   // the (first) row that this step senses flips after it was sensed
  };
  std::uint32_t step;  // of the placed program
  Kind kind;
};
struct StuckCell {
  Row row;
  bool bit;
};

class LaneMachine {
 public:
  // `program` is placed and outlives the machine.
  LaneMachine(const MicroProgram& program, unsigned rows) : program_(program), cells_(rows, 0) {}
  void put(unsigned first_row, unsigned bits, std::uint64_t value);
  [[nodiscard]] std::uint64_t get(unsigned first_row, unsigned bits) const;
  // Runs all steps whose guards are open. Faults in ascending order of their steps.
  void run(std::uint64_t guards, std::span<const StepFault> faults, std::span<const StuckCell> stuck = {});

 private:
  const MicroProgram& program_;
  std::vector<std::uint8_t> cells_;
  std::vector<std::int8_t> stuck_;  // by row: -1 free, else its bit; empty: none
  bool latch_ = false, match_ = false;
  void write(Row row, bool bit, bool masked, bool fails);
  void step(const Step& step, bool write_fails, bool disturbs);
};

}  // namespace spinvp::pim
