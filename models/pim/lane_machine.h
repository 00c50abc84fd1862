// One lane of a micro-program, bit by bit, with faults at chosen cells: what a lane computes when a write fails, a read disturbs or a cell is stuck.
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
    read_disturb,   // a cell that this step senses flips after it was sensed (and before the step writes)
    check_disturb,  // a cell of a row that this step drives flips after it was read back, whether or not it was driven
  };
  std::uint32_t step;  // of the placed program
  std::uint32_t cell;  // index into the step's driven_rows(), or sensed_rows() of a read_disturb
  Kind kind;
};
struct StuckCell {
  Row row;
  bool bit;
};

// The cells of a lane that a step may drive, by their rows: those of a set or reset in the order of its list, else d or none. A masked step drives them where the
// lane matches.
std::vector<Row> driven_rows(const MicroProgram& program, const Step& step);
// The cells of a lane that a step senses: those of a search in the order of its list; a; of a combine the named ones of a and b (once where they are the same).
std::vector<Row> sensed_rows(const MicroProgram& program, const Step& step);

class LaneMachine {
 public:
  // `program` is placed and outlives the machine.
  LaneMachine(const MicroProgram& program, unsigned rows) : program_(program), cells_(rows, 0) {}
  void put(unsigned first_row, unsigned bits, std::uint64_t value);
  [[nodiscard]] std::uint64_t get(unsigned first_row, unsigned bits) const;
  // Faults that met a cell: not those at a masked write in a lane without a match, nor at a step whose guard is closed.
  struct Struck {
    std::uint64_t writes = 0, reads = 0;
  };
  // Runs all steps whose guards are open. Faults in ascending order of their steps.
  Struck run(std::uint64_t guards, std::span<const StepFault> faults, std::span<const StuckCell> stuck = {});

 private:
  const MicroProgram& program_;
  std::vector<std::uint8_t> cells_;
  std::vector<std::int8_t> stuck_;  // by row: -1 free, else its bit; empty: none
  bool latch_ = false, match_ = false;
  Struck struck_;
  void put_cell(Row row, bool bit);
  // `cell`: which of the step's driven cells.
  void write(const Step& step, unsigned cell, Row row, bool bit, std::span<const StepFault> faults);
  void disturb(StepFault::Kind kind, std::span<const Row> rows, std::span<const StepFault> faults);
  void step(const Step& step, std::span<const StepFault> faults);
};

}  // namespace spinvp::pim
