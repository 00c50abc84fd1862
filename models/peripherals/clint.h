// CLINT: software and timer interrupts of the harts, SiFive layout.
//
//   0x0000 + 4 h  MSIP      bit 0 drives hart h's machine software interrupt
//   0x4000 + 8 h  MTIMECMP  hart h's machine timer interrupt is high while MTIME >= MTIMECMP (reset: all ones, so that none is pending)
//   0xBFF8        MTIME     ticks of the platform's time base (10 MHz)
//
// Nothing is clocked: MTIME is computed from simulated time (whole ticks since the start plus an offset that a write to MTIME sets). Every change of a compare
// value announces the instant of the next rise to the hart, which clips its quantum there, and one event sets the levels when it comes. MTIME counts modulo
// 2^64; where it wraps, levels fall. The device is in the always-on domain: it refuses to be powered down, since it is what wakes a sleeping hart.
#pragma once

#include "models/core/device.h"

namespace spinvp::peripherals {

struct ClintConfig {
  static const core::Schema& schema();
};

class Clint : public core::RegisterDevice {
 public:
  // The layout has room for so many harts; registers of harts that do not exist read 0 and take no writes.
  static constexpr unsigned most_harts = 4095;

  Clint(const sc_core::sc_module_name& name, core::Simulation& simulation, const ClintConfig& config);
  void on_platform(const core::PlatformView& view) override;
  [[nodiscard]] bool can_power_down() const override { return false; }
  void describe_state(core::StateArchive& archive) override;

  [[nodiscard]] std::uint64_t mtime() const { return mtime_at(core::now()); }
  // The harts read this as `time`, at their local time, which may be ahead of the kernel's.
  [[nodiscard]] std::function<std::uint64_t(core::SimTime)> wall_clock() override {
    return [this](core::SimTime local) { return mtime_at(local); };
  }

 private:
  struct Lines {
    core::InterruptLine software, timer;
  };
  core::Register msip_, mtimecmp_, mtime_;
  std::vector<Lines> harts_;
  core::SimTime tick_ = core::SimTime::ns(100);
  std::uint64_t offset_ = 0;
  sc_core::sc_event change_;

  void on_reset() override;
  [[nodiscard]] std::uint64_t mtime_at(core::SimTime time) const { return time / tick_ + offset_; }
  void update();
  // The simulated time `ticks` from the current tick's start, or never.
  [[nodiscard]] core::SimTime after(std::uint64_t ticks) const;
};

}  // namespace spinvp::peripherals
