// IEEE 754 binary32 and binary64 arithmetic in integers: every operation that rounds, in all five rounding modes of RISC-V, with exact flags.
//
// The hart computes with the host's unit where that gives the same bits and flags; this is for what the host lacks (ties to maximum magnitude, a static mode
// beside another dynamic one, conversions that saturate) and the independent reference of the tests. Tininess is detected after rounding; every NaN
// result is the canonical one (RISC-V manual volume I, sections 11.2 and 11.3). Operands are raw bit patterns; a binary32 stands in the low 32 bits.
#pragma once

#include <cstdint>

namespace spinvp::riscv {

enum class Rounding : std::uint8_t { nearest_even = 0, toward_zero = 1, down = 2, up = 3, nearest_max_magnitude = 4 };

// Bits of fflags.
inline constexpr unsigned flag_inexact = 1, flag_underflow = 2, flag_overflow = 4, flag_divide_by_zero = 8, flag_invalid = 16;

// The layout of a format.
struct Binary32 {
  static constexpr int exponent_bits = 8, fraction_bits = 23;
};
struct Binary64 {
  static constexpr int exponent_bits = 11, fraction_bits = 52;
};

// Flags are OR-ed into `flags`.
template <typename Format>
struct SoftFloat {
  using u64 = std::uint64_t;
  static u64 add(u64 a, u64 b, Rounding mode, unsigned& flags);
  static u64 subtract(u64 a, u64 b, Rounding mode, unsigned& flags);
  static u64 multiply(u64 a, u64 b, Rounding mode, unsigned& flags);
  // a * b + c with one rounding.
  static u64 fused_multiply_add(u64 a, u64 b, u64 c, Rounding mode, unsigned& flags);
  static u64 divide(u64 a, u64 b, Rounding mode, unsigned& flags);
  static u64 square_root(u64 a, Rounding mode, unsigned& flags);
  // From an integer: `is_signed` says how to read the 64 bits.
  static u64 from_integer(u64 value, bool is_signed, Rounding mode, unsigned& flags);
  // To an integer of `width` 32 or 64 bits; out of range saturates with the invalid flag alone (manual volume I, table 11.4). 32-bit results are sign-extended.
  static u64 to_integer(u64 a, unsigned width, bool is_signed, Rounding mode, unsigned& flags);

  static constexpr int precision = Format::fraction_bits + 1;
  static constexpr u64 sign_mask = u64{1} << (Format::exponent_bits + Format::fraction_bits);
  static constexpr u64 fraction_mask = (u64{1} << Format::fraction_bits) - 1;
  static constexpr u64 infinity = ((u64{1} << Format::exponent_bits) - 1) << Format::fraction_bits;
  static constexpr u64 canonical_nan = infinity | u64{1} << (Format::fraction_bits - 1);
  static constexpr bool is_nan(u64 a) { return (a & ~sign_mask) > infinity; }
  static constexpr bool is_signaling_nan(u64 a) { return is_nan(a) && ((a >> (Format::fraction_bits - 1)) & 1) == 0; }
};

// Between the formats; widening is exact.
std::uint64_t narrow(std::uint64_t binary64, Rounding mode, unsigned& flags);
std::uint64_t widen(std::uint64_t binary32, unsigned& flags);

extern template struct SoftFloat<Binary32>;
extern template struct SoftFloat<Binary64>;

}  // namespace spinvp::riscv
