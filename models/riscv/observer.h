// Who wants to see each instruction that a hart executes: a trace, a profile, a checker of memory accesses.
//
// With an observer installed (Interpreter::observe) blocks run one instruction at a time; they begin and end where they would without it, so cycles, counts and
// interrupts fall on the same instructions. Without one nothing is different: the choice is made once a block run, outside the handlers.
#pragma once

#include <array>
#include <cstdint>

#include "models/riscv/operations.h"

namespace spinvp::riscv {

// An instruction that was executed to its end. Those that trap are not: their trap is seen by where the next one stands.
struct Executed {
  struct RegisterWrite {
    enum class File : std::uint8_t { integer, floating, csr };
    File file;
    unsigned number;
    std::uint64_t value;  // afterwards: of a CSR what a read gives, of F registers all 64 bits (singles are NaN-boxed)
  };
  struct MemoryAccess {
    bool write;
    unsigned size;  // bytes
    std::uint64_t address;
    std::uint64_t value;  // written: in the low bytes; of a read 0
  };

  std::uint64_t hart = 0;
  std::uint64_t pc = 0;
  std::uint32_t word = 0;  // as in memory: 16 or 32 bits
  unsigned length = 4;     // bytes
  unsigned privilege = 3;  // that it ran in: 3 machine, 0 user
  Operation operation = Operation::illegal;
  // x0 is never written. Flags that a floating-point instruction raises are a write of fflags.
  std::array<RegisterWrite, 3> registers{};
  unsigned register_count = 0;
  // An atomic operation reads, then writes; a store-conditional that fails does neither.
  std::array<MemoryAccess, 2> memory{};
  unsigned memory_count = 0;

  void wrote(RegisterWrite::File file, unsigned number, std::uint64_t value) { registers[register_count++] = {file, number, value}; }
  void accessed(bool write, unsigned size, std::uint64_t address, std::uint64_t value) { memory[memory_count++] = {write, size, address, value}; }
};

class InstructionObserver {
 public:
  virtual ~InstructionObserver() = default;
  virtual void on_executed(const Executed& instruction) = 0;
};

}  // namespace spinvp::riscv
