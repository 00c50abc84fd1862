// Operands of floating-point tests in any format: the directed ones that every rounding, range and special-value rule turns on, and pairs drawn so that
// alignment, cancellation, rounding, overflow and underflow are hit. The same seed draws the same operands.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "models/pim/float_format.h"

namespace test {

using spinvp::pim::FloatFormat;

// Zeros, subnormals, both ends of the normal range, infinity and NaN patterns, powers of two with their neighbours, halfway patterns; with both signs.
inline std::vector<std::uint64_t> directed_operands(const FloatFormat& f) {
  const std::uint64_t normal = std::uint64_t{1} << f.mantissa_bits, half_mantissa = normal >> 1, top = f.infinity();
  std::vector<std::uint64_t> magnitudes = {0,       1,       2,   3,       normal - 1,        half_mantissa,   half_mantissa + 1, half_mantissa - 1,
                                           top - 1, top - 2, top, top + 1, f.canonical_nan(), f.sign_bit() - 1};
  const auto bias = static_cast<std::uint64_t>(f.bias()), last = f.exponent_mask() - 1;
  for (const std::uint64_t field :
       {std::uint64_t{1}, std::uint64_t{2}, bias / 2, bias - 1, bias, bias + 1, bias + f.mantissa_bits, bias + f.mantissa_bits + 1, bias + f.mantissa_bits + 2,
        bias - f.mantissa_bits, bias - f.mantissa_bits - 1, bias - f.mantissa_bits - 2, last - 1, last}) {
    if (field < 1 || field > last) continue;
    const std::uint64_t power = field << f.mantissa_bits;
    for (const std::uint64_t x : {power - 1, power, power + 1, power + half_mantissa, power + normal - 1}) magnitudes.push_back(x);
  }
  std::sort(magnitudes.begin(), magnitudes.end());
  magnitudes.erase(std::unique(magnitudes.begin(), magnitudes.end()), magnitudes.end());
  std::vector<std::uint64_t> all;
  for (const std::uint64_t x : magnitudes) all.insert(all.end(), {x, x | f.sign_bit()});
  return all;
}

class FloatDraw {
 public:
  FloatDraw(const FloatFormat& format, std::uint64_t seed) : f_(format), state_(seed), directed_(directed_operands(format)) {}

  struct Pair {
    std::uint64_t a, b;
  };
  Pair pair() {
    const int fields = static_cast<int>(f_.exponent_mask()), mantissa_bits = static_cast<int>(f_.mantissa_bits), ea = below(fields + 1);
    const std::uint64_t a = number(ea);
    switch (below(8)) {
      case 0: return {next() & f_.mask(), next() & f_.mask()};
      case 1: return {directed_[next() % directed_.size()], a};
      case 2: return {a, directed_[next() % directed_.size()]};
      case 3: return {a, ((a ^ f_.sign_bit()) + next() % 5 - 2) & f_.mask()};                 // cancels to a few bits
      case 4: return {a, number(f_.bias() - ea - mantissa_bits + below(mantissa_bits + 4))};  // product about the least number
      case 5: return {a, number(fields + f_.bias() - ea - 2 + below(4))};                     // product about the greatest
      default: return {a, number(ea - mantissa_bits - 3 + below(2 * mantissa_bits + 7))};     // aligned within each other's mantissas
    }
  }
  std::uint64_t one() { return pair().b; }
  std::uint64_t next() {  // splitmix64
    std::uint64_t z = state_ += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }

 private:
  int below(int bound) { return static_cast<int>(next() % static_cast<std::uint64_t>(bound)); }
  // Any sign, a mantissa with a pattern that roundings care about, the exponent field brought into range.
  std::uint64_t number(int field) {
    const auto exponent = static_cast<std::uint64_t>(std::clamp(field, 0, static_cast<int>(f_.exponent_mask())));
    return (next() & f_.sign_bit()) | exponent << f_.mantissa_bits | (mantissa() & f_.mantissa_mask());
  }
  std::uint64_t mantissa() {
    switch (below(4)) {
      case 0: return next() & next() & next();                                            // few ones
      case 1: return next() | next() | next();                                            // few zeros
      case 2: return ~std::uint64_t{0} << below(static_cast<int>(f_.mantissa_bits) + 1);  // ones, then zeros
      default: return next();
    }
  }

  FloatFormat f_;
  std::uint64_t state_;
  std::vector<std::uint64_t> directed_;
};

}  // namespace test
