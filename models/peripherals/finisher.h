// Test finisher (SiFive test device): how a bare-metal program ends the simulation.
//
// One register. 0x5555 passes; 0x3333 fails with the code in bits 31:16 (code 0 gives 1); 0x7777 resets harts and devices, memories keep their contents.
// Anything else has no effect but a line in the log. Reads give 0. Accesses of 2 and 4 bytes both work, as on QEMU's `virt`.
#pragma once

#include "models/core/device.h"

namespace spinvp::peripherals {

struct FinisherConfig {
  static const core::Schema& schema();
};

class Finisher : public core::RegisterDevice {
 public:
  Finisher(const sc_core::sc_module_name& name, core::Simulation& simulation, const FinisherConfig& config);

 private:
  core::Register finish_;
  void finish(std::uint32_t value);
};

}  // namespace spinvp::peripherals
