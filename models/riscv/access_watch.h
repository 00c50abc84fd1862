// Who sees each load and store of a hart, one by one: a memory check. A hart that is watched takes no direct accesses, in the same simulated time and with the same counts.
#pragma once

#include <cstdint>

#include "models/riscv/interpreter.h"

namespace spinvp::riscv {

struct WatchedAccess {
  std::uint64_t address = 0;
  unsigned size = 0;  // bytes; a part of the instruction's where that crosses a page
  bool write = false;
  bool answered = false;  // false: a fault, for which the hart traps
};

class AccessWatch {
 public:
  virtual ~AccessWatch() = default;
  // After the access. hart.pc() is its instruction; registers are as they were before it.
  virtual void accessed(const Interpreter& hart, const WatchedAccess& access) = 0;
};

}  // namespace spinvp::riscv
