// PLIC: routes device interrupts to the harts, SiFive layout.
//
//   0x000000 + 4 s             PRIORITY   of source s, 0 (never) to 7
//   0x001000 + 4 w             PENDING    bit b of word w: source 32 w + b
//   0x002000 + 0x80 c + 4 w    ENABLEw    of context c
//   0x200000 + 0x1000 c        THRESHOLD  of context c: only higher priorities interrupt
//   0x200004 + 0x1000 c        CLAIM      a read claims the best pending source (0: none), a write completes it
//
// Context 2 h is hart h in M-mode, 2 h + 1 in S-mode. Of equal priorities the lowest source wins. A claim looks at priority and enable, not at the threshold.
// Gateways (RISC-V PLIC specification 1.0, chapters 3 and 9): a level that is high makes its source pending; a claimed source is not pending again until it is
// completed, then at once if its level is still high. A level that falls before the claim leaves the source pending. A completion of a source that the
// context has not enabled is ignored. Offsets without a register read 0 and take no writes.
#pragma once

#include <array>

#include "models/core/device.h"

namespace spinvp::peripherals {

struct PlicConfig {
  static const core::Schema& schema();
};

class Plic : public core::RegisterDevice, private core::InterruptSink {
 public:
  static constexpr unsigned sources = 96;  // numbered from 1
  static constexpr unsigned most_contexts = 128;

  Plic(const sc_core::sc_module_name& name, core::Simulation& simulation, const PlicConfig& config);
  [[nodiscard]] core::InterruptSink* interrupt_controller() override { return this; }
  void on_platform(const core::PlatformView& view) override;
  [[nodiscard]] bool can_power_down() const override { return false; }  // it wakes the harts
  void describe_state(core::StateArchive& archive) override;

 private:
  static constexpr unsigned words = sources / 32 + 1;
  using Bits = std::array<std::uint32_t, words>;

  core::Register priority_, pending_register_;
  std::array<core::Register, words> enable_;
  core::Register threshold_, claim_;
  // A source is pending if its request is latched, or by its level alone where the gateway is open; after a reset only the second holds, so a device that is
  // reset after the PLIC leaves no stale request behind.
  Bits latched_{}, level_{}, claimed_{};
  std::vector<core::InterruptLine> lines_;  // by context

  void set_level(unsigned source, bool level) override;
  void on_reset() override;
  [[nodiscard]] std::uint32_t pending(unsigned word) const { return latched_[word] | (level_[word] & ~claimed_[word]); }
  // The pending, enabled source of the highest priority; 0 if there is none.
  [[nodiscard]] unsigned best(unsigned context) const;
  unsigned claim(unsigned context);
  void complete(unsigned context, std::uint64_t source);
  void update();
};

}  // namespace spinvp::peripherals
