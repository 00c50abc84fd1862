// Power manager: firmware sets power state and clock divider of every component, and reads energy counters.
//
// Every component of the platform is a domain, in order of construction; the first 32 can be reached. SELECT names the domain whose name and energy are read.
// A state change that the component refuses (Component::can_power_down) or a value out of range leaves everything as it was and sets a bit of ERROR, which
// interrupts if ENABLE has the same bit. STATE and DIVIDER read what the component really has.
// LATCH takes one snapshot of all energies and the time, so that figures that are read one after the other belong to one instant.
// It books no energy of its own: a handful of registers beside the domains that it switches.
#pragma once

#include "models/core/device.h"

namespace spinvp::peripherals {

struct PowerManagerConfig {
  static const core::Schema& schema();
};

class PowerManager : public core::RegisterDevice {
 public:
  static constexpr unsigned most_domains = 32;
  static constexpr std::uint32_t all_domains = 0xffffffff;
  static constexpr std::uint64_t largest_divider = 256;

  PowerManager(const sc_core::sc_module_name& name, core::Simulation& simulation, const PowerManagerConfig& config);
  void on_platform(const core::PlatformView& view) override;
  [[nodiscard]] bool can_power_down() const override { return false; }
  void describe_state(core::StateArchive& archive) override;

 private:
  core::Register domain_count_, select_, latch_, error_, energy_, latch_time_, time_;
  std::array<core::Register, 4> name_;
  core::Register enable_, state_, divider_;
  core::InterruptLine line_;
  std::vector<core::Component*> domains_;
  // The snapshot, in nanojoules by domain; the last one is the whole platform.
  std::array<std::uint64_t, most_domains + 1> latched_nj_{};
  std::uint64_t latched_ns_ = 0;

  void latch();
  void set_state(unsigned domain, std::uint64_t state);
  void set_divider(unsigned domain, std::uint64_t divider);
  [[nodiscard]] std::uint64_t selected_energy() const;
  [[nodiscard]] std::uint64_t name_word(unsigned word) const;
  void report_error(const char* field);
  void update();
  void on_reset() override;
};

}  // namespace spinvp::peripherals
