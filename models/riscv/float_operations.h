// What the floating-point handlers share: NaN boxing, canonical results, comparisons' flags, minimum and maximum, classification.
//
// Source: manual volume I, chapters 11 (F) and 12 (D). Registers are 64 bits wide; a binary32 is boxed: all upper bits one.
#pragma once

#include <bit>
#include <cstdint>

#include "models/riscv/operations.h"
#include "models/riscv/soft_float.h"

namespace spinvp::riscv {

inline constexpr std::uint64_t box_bits = 0xffffffff00000000;

constexpr std::uint64_t box(std::uint32_t single) { return box_bits | single; }
// An improperly boxed value reads as the canonical NaN.
constexpr std::uint32_t unbox(std::uint64_t reg) {
  return reg >= box_bits ? static_cast<std::uint32_t>(reg) : static_cast<std::uint32_t>(SoftFloat<Binary32>::canonical_nan);
}
inline float to_float(std::uint64_t reg) {
  std::uint32_t bits = unbox(reg);
  asm("" : "+r"(bits));  // otherwise the compiler sees a NaN that is constant, folds a comparison with it, and the host raises no flag
  return std::bit_cast<float>(bits);
}
inline double to_double(std::uint64_t reg) { return std::bit_cast<double>(reg); }

inline std::uint64_t from_float(float value) {
  if (value != value) [[unlikely]]
    return box(static_cast<std::uint32_t>(SoftFloat<Binary32>::canonical_nan));
  return box(std::bit_cast<std::uint32_t>(value));
}
inline std::uint64_t from_double(double value) {
  if (value != value) [[unlikely]]
    return SoftFloat<Binary64>::canonical_nan;
  return std::bit_cast<std::uint64_t>(value);
}

// minimumNumber and maximumNumber: -0 is less than +0, a quiet NaN loses against a number, a signaling one raises invalid.
template <typename Format>
constexpr std::uint64_t minimum_or_maximum(std::uint64_t a, std::uint64_t b, bool maximum, unsigned& flags) {
  using Soft = SoftFloat<Format>;
  if (Soft::is_signaling_nan(a) || Soft::is_signaling_nan(b)) flags |= flag_invalid;
  if (Soft::is_nan(a)) return Soft::is_nan(b) ? Soft::canonical_nan : b;
  if (Soft::is_nan(b)) return a;
  // Sign and magnitude to an order: negative values count down.
  const auto rank = [](std::uint64_t v) {
    const auto magnitude = static_cast<std::int64_t>(v & ~Soft::sign_mask);
    return (v & Soft::sign_mask) != 0 ? ~magnitude : magnitude;
  };
  return (rank(a) < rank(b)) != maximum ? a : b;
}

// The ten classes of fclass, one bit each.
template <typename Format>
constexpr std::uint64_t classify(std::uint64_t a) {
  using Soft = SoftFloat<Format>;
  const bool negative = (a & Soft::sign_mask) != 0;
  const std::uint64_t magnitude = a & ~Soft::sign_mask;
  if (Soft::is_nan(a)) return Soft::is_signaling_nan(a) ? 1u << 8 : 1u << 9;
  if (magnitude == Soft::infinity) return negative ? 1u << 0 : 1u << 7;
  if (magnitude == 0) return negative ? 1u << 3 : 1u << 4;
  const bool subnormal = (magnitude & Soft::infinity) == 0;
  if (subnormal) return negative ? 1u << 2 : 1u << 5;
  return negative ? 1u << 1 : 1u << 6;
}

// a * b + c in one rounding on the host's unit; only where the processor has one (see BlockBuilder).
#if defined(__x86_64__)
inline double host_fused(double a, double b, double c) {
  asm("vfmadd213sd %2, %1, %0" : "+x"(a) : "x"(b), "x"(c));
  return a;
}
inline float host_fused(float a, float b, float c) {
  asm("vfmadd213ss %2, %1, %0" : "+x"(a) : "x"(b), "x"(c));
  return a;
}
#else
inline double host_fused(double a, double b, double c) { return __builtin_fma(a, b, c); }
inline float host_fused(float a, float b, float c) { return __builtin_fmaf(a, b, c); }
#endif

// The invalid flag of a fused operation that hosts may leave out: infinity times zero beside a quiet NaN.
template <typename Format>
constexpr unsigned fused_invalid(std::uint64_t a, std::uint64_t b) {
  using Soft = SoftFloat<Format>;
  const std::uint64_t x = a & ~Soft::sign_mask, y = b & ~Soft::sign_mask;
  return (x == Soft::infinity && y == 0) || (x == 0 && y == Soft::infinity) ? flag_invalid : 0;
}

// One rounding operation in integers. `a`, `b`, `c` are the source registers (x register values for conversions from integers); returns the destination register.
std::uint64_t soft_operation(Operation operation, Rounding mode, std::uint64_t a, std::uint64_t b, std::uint64_t c, unsigned& flags);

}  // namespace spinvp::riscv
