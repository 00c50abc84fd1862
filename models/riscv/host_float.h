// The host's floating-point control while guest code runs.
//
// Guest instructions whose rounding mode the host has run on the host's unit; its sticky flags become fflags when somebody looks. The control word is per
// host thread, and SystemC threads share it: it is put back before anything else of the simulation runs (see HostFloat::leave).
#pragma once

#include <cstdint>

#include "models/riscv/soft_float.h"

#if defined(__x86_64__)
#include <immintrin.h>
#else
#include <cfenv>
#endif

namespace spinvp::riscv {

class HostFloat {
 public:
  // The mode that guest instructions run in; ties-to-max-magnitude does not exist on hosts and is never set.
  void set_mode(Rounding mode) { mode_ = mode; }
  [[nodiscard]] Rounding mode() const { return mode_; }

#if defined(__x86_64__)
  // All exceptions masked, flags clear, denormals kept.
  void enter() {
    outside_ = _mm_getcsr();
    _mm_setcsr(control());
  }
  // Returns the flags raised since enter(), as bits of fflags.
  unsigned leave() {
    const unsigned raised = _mm_getcsr();
    _mm_setcsr(outside_);
    return to_fflags(raised);
  }

 private:
  unsigned outside_ = 0x1f80;
  Rounding mode_ = Rounding::nearest_even;

  [[nodiscard]] unsigned control() const {
    constexpr unsigned fields[] = {0, 3, 1, 2};  // MXCSR.RC of nearest, toward zero, down, up
    return 0x1f80u | fields[static_cast<unsigned>(mode_)] << 13;
  }
  // MXCSR: invalid 0, denormal 1, divide by zero 2, overflow 3, underflow 4, precision 5.
  static unsigned to_fflags(unsigned m) { return ((m >> 5) & 1) | ((m >> 3) & 2) | ((m >> 1) & 4) | ((m << 1) & 8) | ((m << 4) & 16); }
#else
  void enter() {
    std::feholdexcept(&outside_);
    constexpr int modes[] = {FE_TONEAREST, FE_TOWARDZERO, FE_DOWNWARD, FE_UPWARD};
    std::fesetround(modes[static_cast<unsigned>(mode_)]);
  }
  unsigned leave() {
    const int raised = std::fetestexcept(FE_ALL_EXCEPT);
    std::fesetenv(&outside_);
    return (raised & FE_INEXACT ? flag_inexact : 0u) | (raised & FE_UNDERFLOW ? flag_underflow : 0u) | (raised & FE_OVERFLOW ? flag_overflow : 0u) |
           (raised & FE_DIVBYZERO ? flag_divide_by_zero : 0u) | (raised & FE_INVALID ? flag_invalid : 0u);
  }

 private:
  std::fenv_t outside_{};
  Rounding mode_ = Rounding::nearest_even;
#endif
};

}  // namespace spinvp::riscv
