// What each kernel reads and writes of each buffer, in bytes from and to the memory where the buffer lies.
//
// A vector kernel touches each element of a stream once, however often the stream repeats it: repetitions come out of the unit's buffers. Gathering reads the rows that are named, scattering
// reads and writes them. An epilogue whose input all (large) products of a batch share reads it with each. Matrix products read their operands as often as the machine's sequencer says (Machine::reads_of),
// and where there are several cores, biases, epilogues' inputs and short inputs of vector programs as often as those do (Machine::core_reads_of).
#pragma once

#include <vector>

#include "workloads/compiler/draft.h"
#include "workloads/compiler/machine.h"

namespace spinvp::workloads::compiler {

struct Access {
  BufferId buffer = {};
  std::uint64_t read = 0, written = 0;
};

// on_chip: by buffer; empty: nothing is.
std::vector<Access> accesses(const Draft& draft, const Kernel& kernel, const Machine& machine, const std::vector<bool>& on_chip = {});
// Each buffer once, with the bytes that cannot be avoided.
std::vector<Access> compulsory(const Draft& draft, const Kernel& kernel);
// Of a product: 0 for other kernels.
std::uint64_t macs_of(const spinvp_npu_descriptor& descriptor);

}  // namespace spinvp::workloads::compiler
