// The element formats of the NPU and the rules that keep bits equal on every host.
//
// bf16 is the upper half of a binary32: widening is exact, narrowing rounds to nearest even once. A NaN result is always the canonical one
// (sign 0, quiet, no payload), since hosts differ in which operand's payload a fused operation hands on.
#pragma once

#include <bit>
#include <cstdint>
#include <limits>

namespace spinvp::npu {

enum class Format : std::uint32_t { fp32 = 0, bf16 = 1, int32 = 2 };  // int32: streams of the vector unit's programs alone
constexpr std::uint64_t bytes_of(Format format) { return format == Format::bf16 ? 2 : 4; }

inline constexpr float canonical_nan = std::bit_cast<float>(0x7fc00000u);
inline float canonical(float value) { return value != value ? canonical_nan : value; }

inline float widen(std::uint16_t bits) { return std::bit_cast<float>(std::uint32_t{bits} << 16); }

inline std::uint16_t narrow(float value) {
  if (value != value) return 0x7fc0;
  const auto bits = std::bit_cast<std::uint32_t>(value);
  // Adding just under half, plus one where the kept part is odd, carries exactly when nearest-even rounds up; past the largest it gives infinity.
  return static_cast<std::uint16_t>((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
}

// Towards zero, saturating; NaN is 0.
inline std::int32_t to_int32(float value) {
  if (value != value) return 0;
  if (value >= 2147483648.0f) return std::numeric_limits<std::int32_t>::max();
  if (value < -2147483648.0f) return std::numeric_limits<std::int32_t>::min();
  return static_cast<std::int32_t>(value);
}

}  // namespace spinvp::npu
