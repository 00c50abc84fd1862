// Where every buffer lies: in DRAM or on chip, at which address, and which of them share their place.
//
//   in place    the new value of a stored tensor takes its place where nobody reads the old one any more (otherwise it is copied there at the end of the step); the result of an element-wise
//               kernel takes the place of an operand that ends with it
//   on chip     temporaries, and copies of what is stored and read several times, by benefit: bytes of DRAM traffic saved, for each byte and the time that it is held, in several weights of the
//               two, of which the best result is taken. What does not fit in any gap lies in DRAM. A kernel's time is reckoned as the longer of its traffic and its multiply-accumulates at 64
//               a byte, the default machine's balance
//   offsets     largest blocks first, each in the smallest gap, 64-byte aligned
#pragma once

#include <vector>

#include "workloads/compiler/draft.h"
#include "workloads/compiler/machine.h"

namespace spinvp::workloads::compiler {

struct Place {
  std::uint64_t address = 0;
  bool on_chip = false;
  std::size_t first = 0, last = 0;  // kernels between which it holds its value; stored ones and the network's inputs and outputs always do
  bool used = false;
};

struct Placement {
  std::vector<Place> places;                       // by buffer
  std::uint64_t dram_bytes = 0, onchip_bytes = 0;  // taken
  std::uint64_t temporary_bytes = 0;               // of DRAM
};

// May add kernels and buffers (copies). Takes as much DRAM as is needed, from its base on; whether there is so much is for the caller to see.
Placement place(Draft& draft, const Machine& machine, const CompileOptions& options);

}  // namespace spinvp::workloads::compiler
