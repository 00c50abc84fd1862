// Which floats the arrays compute with: the width of the fields, what special values mean, and how results are rounded.
//
// A number is its bits: sign (top), exponent field (biased by 2^(Ne-1) - 1), mantissa field; Ne + Nm + 1 bits, right-aligned in a std::uint64_t.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace spinvp::pim {

// Field widths of a float: exponent bits Ne and mantissa bits Nm (the hidden bit not counted).
struct FloatFormat {
  unsigned exponent_bits = 8, mantissa_bits = 23;

  static constexpr unsigned least_exponent_bits = 2, most_exponent_bits = 11, least_mantissa_bits = 1, most_mantissa_bits = 52;

  [[nodiscard]] constexpr unsigned bits() const { return 1 + exponent_bits + mantissa_bits; }
  [[nodiscard]] constexpr int bias() const { return (1 << (exponent_bits - 1)) - 1; }
  [[nodiscard]] constexpr std::uint64_t exponent_mask() const { return (std::uint64_t{1} << exponent_bits) - 1; }  // right-aligned
  [[nodiscard]] constexpr std::uint64_t mantissa_mask() const { return (std::uint64_t{1} << mantissa_bits) - 1; }
  [[nodiscard]] constexpr std::uint64_t sign_bit() const { return std::uint64_t{1} << (exponent_bits + mantissa_bits); }
  [[nodiscard]] constexpr std::uint64_t mask() const { return sign_bit() | (sign_bit() - 1); }
  [[nodiscard]] constexpr std::uint64_t infinity() const { return exponent_mask() << mantissa_bits; }
  [[nodiscard]] constexpr std::uint64_t canonical_nan() const { return infinity() | (std::uint64_t{1} << (mantissa_bits - 1)); }
  [[nodiscard]] constexpr std::uint64_t one() const { return static_cast<std::uint64_t>(bias()) << mantissa_bits; }
  friend constexpr bool operator==(const FloatFormat&, const FloatFormat&) = default;
};
inline constexpr FloatFormat fp32{8, 23}, fp16{5, 10}, bf16{8, 7};

// "fp32", "fp16", "bf16" or "eEmM" with exponent 2..11 and mantissa 1..52; nothing for another text.
std::optional<FloatFormat> float_format(std::string_view text);
std::string name_of(const FloatFormat& format);

enum class Rounding {
  nearest_even,  // IEEE 754 roundTiesToEven
  truncate,      // IEEE 754 roundTowardZero: overflow gives the largest finite number, x - x gives +0
};

enum class Semantics {
  ieee,       // IEEE 754: infinities, NaN (results canonical: sign 0, quiet), signed zero, subnormal numbers; rounded as Rounding says
  published,  // what the closed forms of the papers can be executed as: see float_value.h. Always truncates
};

// All that decides the bits of a result.
struct FloatArithmetic {
  FloatFormat format = fp32;
  Semantics semantics = Semantics::ieee;
  Rounding rounding = Rounding::nearest_even;
  friend constexpr bool operator==(const FloatArithmetic&, const FloatArithmetic&) = default;
};

// What a lane can compute; d, a, b are words of one format.
enum class FloatOperation {
  multiply,             // d = a * b
  add,                  // d = a + b
  subtract,             // d = a - b
  multiply_accumulate,  // d = d + (a * b): two roundings, product first
  compare,              // d = 1 where a > b, -1 where a < b, +0 where equal, NaN where unordered
  maximum,              // IEEE 754-2019 maximum: NaN if either is NaN, +0 above -0
  relu,                 // d = a > 0 ? a : +0 (also for NaN)
};
const char* name_of(FloatOperation operation);

}  // namespace spinvp::pim
