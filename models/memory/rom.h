// A small read-only memory. Its contents come through debug access (a loader); firmware reads and executes, a write is an error response.
#pragma once

#include "models/memory/memory_device.h"

namespace spinvp::memory {

struct RomConfig {
  core::Bytes size{4096};
  core::Time latency = core::Time::from_si(2e-9);
  static const core::Schema& schema();
};

// A burst is done `latency` after it arrives, always. No energy is booked: what it holds is read a few times at start-up.
class Rom : public MemoryDevice {
 public:
  Rom(const sc_core::sc_module_name& name, core::Simulation& simulation, const RomConfig& config);

 protected:
  core::SimTime serve(const tlm::tlm_generic_payload& payload, core::SimTime at) override;
  core::SimTime serve_direct(const core::AccessTally& tally, core::RegionId region, core::SimTime from, core::SimTime to) override;

 private:
  core::SimTime latency_;
};

}  // namespace spinvp::memory
