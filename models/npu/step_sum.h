// What the steps of a vector program cost: cycles on each lane, and the events of the energy account.
#pragma once

#include <span>

#include "models/npu/map_lanes.h"
#include "models/npu/map_program.h"
#include "models/npu/stream_kernel.h"

namespace spinvp::npu {

// Of one element.
struct StepSum {
  std::uint64_t cycles = 0, lane = 0, divisions = 0, exponentials = 0, logarithms = 0;
  StepSum(std::span<const MapStep> steps, const VectorUnit& unit) {
    for (const MapStep& step : steps) {
      switch (map_operation(step.operation).cost) {
        case StepCost::lane: cycles += 1, ++lane; break;
        case StepCost::divide: cycles += unit.divide_cycles, ++divisions; break;
        case StepCost::exponential: cycles += unit.exp_cycles, ++exponentials; break;
        case StepCost::logarithm: cycles += unit.log_cycles, ++logarithms; break;
      }
    }
  }
  void charge(Chunk& chunk, std::uint64_t elements) const {
    chunk.operations += elements * lane;
    chunk.divisions += elements * divisions;
    chunk.exponentials += elements * exponentials;
    chunk.logarithms += elements * logarithms;
  }
};

}  // namespace spinvp::npu
