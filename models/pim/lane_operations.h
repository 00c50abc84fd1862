// Commands that need no bus, on the bits of the store: values, steps and driven cells. Pure C++; the controller turns the Work into time and energy.
#pragma once

#include "models/pim/arithmetic.h"
#include "models/pim/array_network.h"
#include "models/pim/command.h"

namespace spinvp::pim {

class LaneOperations {
 public:
  LaneOperations(SubarrayStore& store, ArithmeticEngine& engine, const NetworkShape& network = {}) : store_(store), engine_(engine), network_(network) {}

  // Any operation but NOP, LOAD, STORE and DOT. All subarrays work in lockstep.
  //   MULTIPLY .. MULTIPLY_ACCUMULATE, COMPARE, MAXIMUM, RELU, CONVERT  the engine's steps
  //   COPY                             32 row reads + 32 row writes
  //   BROADCAST                        32 row writes
  //   MOVE_FROM                        phases x (32 row reads + 32 row writes): the published 2 x bits cycles of a transfer within a tile; between tiles
  //                                    the network's cycles come on top (array_network.h). Once,
  //                                    or twice where some subarray both sends and receives (odd to even, then even to odd). At distance 0: a COPY.
  //   ADD_FROM                         a MOVE_FROM into a work word, then an ADD
  //   REDUCE                           log2(count) x (32 row reads + 32 row writes + ADD), with half as many lanes each time; count 1: a COPY
  Work run(const Command& command);
  // What the last run() sent from subarray to subarray, and how long the tiles' network took for it.
  [[nodiscard]] const ArrayNetwork& network() const { return network_; }

 private:
  SubarrayStore& store_;
  ArithmeticEngine& engine_;
  ArrayNetwork network_;

  Work arithmetic(ArithmeticOperation operation, const Command& command, const WordOperands& words);
  Work copy(const Command& command, std::uint32_t destination, std::uint32_t source);
  Work convert(const Command& command);
  Work broadcast(const Command& command);
  Work move_from(const Command& command, std::uint32_t destination);
  Work reduce(const Command& command);
};

}  // namespace spinvp::pim
