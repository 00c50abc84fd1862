// Something outside the simulation that may act on it: a terminal, a debugger's socket. The run loop (execution.h) asks each between slices of simulated time.
#pragma once

namespace spinvp::platform {

class OutsideInput {
 public:
  virtual ~OutsideInput() = default;
  // What to poll for reading while nothing is left to happen; below zero: nothing can come any more.
  [[nodiscard]] virtual int descriptor() const = 0;
  // Takes what is there, without waiting. Between runs of the kernel: it may call into models.
  virtual void take() = 0;
};

}  // namespace spinvp::platform
