// The last exception of a hart with the registers it was met with: what a report of a crash starts from, also where firmware's own handler gave up.
#pragma once

#include <array>
#include <cstdint>

#include "models/core/state.h"

namespace spinvp::riscv {

struct TrapRecord {
  std::uint64_t cause = 0, pc = 0, value = 0;
  std::array<std::uint64_t, 32> x{};
  bool open = false;  // its handler has not returned
};

// Traps nest; which exception is being handled follows from the depth.
class TrapLog {
 public:
  template <typename Registers>
  void enter(std::uint64_t cause, std::uint64_t value, std::uint64_t pc, std::uint64_t handler, const Registers& x) {
    ++depth_;
    if (handler != 0) handler_ = handler;
    if (cause >> 63 != 0) return;  // an interrupt
    last_.cause = cause;
    last_.pc = pc;
    last_.value = value;
    for (std::size_t i = 0; i < last_.x.size(); ++i) last_.x[i] = x[i];
    last_.open = true;
    opened_at_ = depth_;
  }
  // mret, which also starts programs: it may come without a trap.
  void leave() {
    if (depth_ <= opened_at_) last_.open = false;
    if (depth_ != 0) --depth_;
  }
  // Handlers that have not returned.
  [[nodiscard]] std::uint64_t depth() const { return depth_; }
  // Where mtvec led at the last trap that it led anywhere; 0: nowhere yet.
  [[nodiscard]] std::uint64_t handler() const { return handler_; }
  [[nodiscard]] const TrapRecord& last_exception() const { return last_; }
  void describe_state(core::StateArchive& archive) {
    archive.item("cause", last_.cause);
    archive.item("pc", last_.pc);
    archive.item("value", last_.value);
    archive.item("x", last_.x);
    archive.item("open", last_.open);
    archive.item("depth", depth_);
    archive.item("opened_at", opened_at_);
    archive.item("handler", handler_);
  }

 private:
  TrapRecord last_;
  std::uint64_t depth_ = 0, opened_at_ = 0, handler_ = 0;
};

}  // namespace spinvp::riscv
