#include "models/memory/rom.h"

namespace spinvp::memory {

using core::SimTime;

const core::Schema& RomConfig::schema() {
  static const core::Schema schema = core::Schema::of<RomConfig>()
                                         .field("size", &RomConfig::size, {.least = 8, .most = 16777216, .text = "capacity"})
                                         .field("latency", &RomConfig::latency, {.least = 0, .unit = "ns", .text = "of one read"});
  return schema;
}

Rom::Rom(const sc_core::sc_module_name& name, core::Simulation& simulation, const RomConfig& config)
    : MemoryDevice(name, simulation, "rom", config.size.value, false), latency_(SimTime::from(config.latency)) {}

SimTime Rom::serve(const tlm::tlm_generic_payload&, SimTime at) { return at + latency_; }

SimTime Rom::serve_direct(const core::AccessTally&, core::RegionId, SimTime, SimTime) { return SimTime(); }

namespace {
const core::DeviceRegistration registration = core::register_device<Rom, RomConfig>("rom", "read-only memory, filled by a loader");
}

}  // namespace spinvp::memory
