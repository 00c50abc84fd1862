// A line for each access to a device's registers, with the fields of the value by name:
//
//   12.500000us  write  uart.LCR = 0x83 (WORD 0x3, STOP 0x0, PARITY 0x0, BREAK 0x0, DLAB 0x1)  hart0  pc 0x80000120
//
// An access that falls on several registers has a line for each. Columns are separated by two blanks.
#pragma once

#include <ostream>
#include <string>
#include <vector>

#include "models/core/register_observer.h"

namespace spinvp::platform {

class RegisterLog : public core::RegisterObserver {
 public:
  // `out` outlives it.
  explicit RegisterLog(std::ostream& out) : out_(out) {}
  void on_access(const core::RegisterAccess& access) override;

 private:
  std::ostream& out_;
};

}  // namespace spinvp::platform
