// What an operation took: lockstep steps (time follows from them) and cell events (energy follows from them).
#pragma once

#include "models/pim/cell_events.h"
#include "models/pim/step_counts.h"

namespace spinvp::pim {

struct Work {
  StepCounts steps;
  CellEvents events;

  // Rows read, written (with so many flips), searched in `lanes` columns of one subarray.
  static Work rows_read(std::uint64_t rows, std::uint64_t lanes) {
    Work work{StepCounts::whole(rows, 0), {}};
    work.events[CellEvent::read_cell] = rows * lanes;
    work.events[CellEvent::row_step] = rows;
    return work;
  }
  static Work rows_written(std::uint64_t rows, std::uint64_t lanes, std::uint64_t flips) {
    Work work{StepCounts::whole(0, rows), {}};
    work.events[CellEvent::write_cell] = rows * lanes;
    work.events[CellEvent::write_flip] = flips;
    work.events[CellEvent::row_step] = rows;
    return work;
  }
  // After this, `o`; or beside it in lockstep, in other subarrays.
  void then(const Work& o) { steps += o.steps, events += o.events; }
  void beside(const Work& o) { steps.at_least(o.steps), events += o.events; }
};

}  // namespace spinvp::pim
