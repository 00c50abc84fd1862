// Interrupt lines: a source drives a level, a sink (hart, interrupt controller) is told of changes.
//
// Not an sc_signal: a level change takes effect at once, and a source that knows its future (a timer's compare value) can announce it, so that a hart
// that runs ahead of the kernel clips its quantum there and takes the interrupt on the same instruction at any quantum.
#pragma once

#include "models/core/units.h"

namespace spinvp::core {

class InterruptSink {
 public:
  virtual ~InterruptSink() = default;
  // Line `index` of this sink now has `level`.
  virtual void set_level(unsigned index, bool level) = 0;
  // Line `index` will rise at `when` unless announced anew (SimTime::never(): no rise is planned).
  virtual void announce_rise(unsigned index, SimTime when) {
    (void)index;
    (void)when;
  }
};

class InterruptLine {
 public:
  void bind(InterruptSink& sink, unsigned index) {
    sink_ = &sink;
    index_ = index;
    sink.set_level(index, level_);
  }
  void set(bool level) {
    if (level == level_) return;
    level_ = level;
    if (sink_ != nullptr) sink_->set_level(index_, level);
  }
  void announce_rise(SimTime when) {
    if (sink_ != nullptr) sink_->announce_rise(index_, when);
  }
  [[nodiscard]] bool level() const { return level_; }

 private:
  InterruptSink* sink_ = nullptr;
  unsigned index_ = 0;
  bool level_ = false;
};

// A hart's external lines, by their bit in mip.
enum HartInterrupt : unsigned { machine_software = 3, machine_timer = 7, supervisor_external = 9, machine_external = 11 };

}  // namespace spinvp::core
