#include "models/peripherals/finisher.h"

namespace spinvp::peripherals {

const core::Schema& FinisherConfig::schema() {
  static const core::Schema schema = core::Schema::of<FinisherConfig>();
  return schema;
}

Finisher::Finisher(const sc_core::sc_module_name& name, core::Simulation& simulation, const FinisherConfig&)
    : RegisterDevice(name, simulation, "sifive_test", 0x1000),
      finish_(bank_, {.name = "FINISH",
                      .offset = 0,
                      .text = "ends or resets the simulation; reads 0",
                      .fields = {{"COMMAND", 0, 16, "0x5555 pass, 0x3333 fail, 0x7777 reset"}, {"CODE", 16, 16, "the failure's code; 0 counts as 1"}}}) {
  finish_.on_write([this](std::uint64_t, std::uint64_t value) {
    finish_.set(0);
    finish(static_cast<std::uint32_t>(value));
  });
}

void Finisher::finish(std::uint32_t value) {
  const std::uint32_t command = value & 0xffff, code = value >> 16;
  switch (command) {
    case 0x5555: return simulation().finish(core::ExitReason::finished, 0);
    case 0x3333: return simulation().finish(core::ExitReason::guest_code, code == 0 ? 1 : code);
    case 0x7777: log_info("reset requested"); return simulation().request_reset();
    default: log_guest_error("{:#x} is none of pass (0x5555), fail (0x3333) and reset (0x7777)", value);
  }
}

static const core::DeviceRegistration registration =
    core::register_device<Finisher, FinisherConfig>("sifive_test", "test finisher: ends the simulation, SiFive test device");

}  // namespace spinvp::peripherals
