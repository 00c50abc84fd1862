// Who wants to know of accesses to a device's registers: a log, a test. Device::observe_registers() installs it; a device without one only looks at a null pointer.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "models/core/device.h"

namespace spinvp::core {

struct RegisterAccess {
  const Device& device;
  const RegisterBank& bank;
  std::uint64_t offset;                // in the bank
  std::span<const std::uint8_t> data;  // what was read or written, little-endian
  bool write;
  bool refused;  // the device answered with an error: `data` means nothing for a read
  bool debug;    // by a debugger: no time, no side effects
  std::string_view initiator;
  std::uint64_t pc;  // of the hart's instruction; 0 for others
  SimTime at;        // the initiator's local time
};

class RegisterObserver {
 public:
  virtual ~RegisterObserver() = default;
  // After the access.
  virtual void on_access(const RegisterAccess& access) = 0;
};

}  // namespace spinvp::core
