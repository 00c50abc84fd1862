// Markers: firmware opens and closes named regions, and reports how its training goes.
//
// A region's name is a NUL-terminated string in memory that the device reads when OPEN is written, through its bus port without time or traffic. Every joule and
// every picosecond goes to the innermost open region. Characters that a report cannot hold (control, beyond ASCII, '/') become '_'; a string that is empty,
// longer than 63 characters or not in memory opens "(bad name)" and is logged. Opens beyond the deepest level are counted, so that the closes still match.
// All registers synchronise: a hart's run-ahead is waited out before a region changes. An instrument, not hardware: no energy, cannot be powered down.
#pragma once

#include <tlm_utils/simple_initiator_socket.h>

#include "models/core/device.h"

namespace spinvp::peripherals {

struct MarkersConfig {
  static const core::Schema& schema();
};

class Markers : public core::RegisterDevice {
 public:
  static constexpr std::size_t longest_name = 63;

  Markers(const sc_core::sc_module_name& name, core::Simulation& simulation, const MarkersConfig& config);
  [[nodiscard]] bool can_power_down() const override { return false; }
  void describe_state(core::StateArchive& archive) override;

 private:
  core::Register name_address_, open_, close_, depth_, step_, loss_, accuracy_, time_;
  tlm_utils::simple_initiator_socket<Markers> bus_;
  std::uint64_t too_deep_ = 0;  // opens that found no room

  void open();
  void close();
  // The string at `address` as it can stand in a path, or "(bad name)".
  std::string region_name(std::uint64_t address);
  std::size_t peek(std::uint64_t address, std::uint8_t* data, std::size_t length);
  void on_reset() override;
};

}  // namespace spinvp::peripherals
