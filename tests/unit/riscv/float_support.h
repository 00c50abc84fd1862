// Samples for floating-point tests: a fixed sequence rich in special values, subnormals, ties and near cancellations.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <ostream>
#include <random>

#include "tests/unit/riscv/assembler.h"

namespace spinvp::riscv::test {

struct Outcome {
  u64 bits;
  unsigned flags;
  friend bool operator==(const Outcome&, const Outcome&) = default;
  friend std::ostream& operator<<(std::ostream& out, const Outcome& o) { return out << std::hex << o.bits << " flags " << o.flags; }
};

class Samples {
 public:
  u64 integer() { return random_() >> (random_() % 64); }
  u64 binary64() { return pattern(11, 52); }
  u64 binary32() { return pattern(8, 23); }
  // Around and inside the ranges of 32- and 64-bit integers, often with a fraction of exactly one half.
  double near_integer_range() {
    const double magnitude = std::ldexp(1.0 + static_cast<double>(random_() % 1024) / 1024, static_cast<int>(random_() % 68) - 3);
    const double value = random_() % 2 ? std::floor(magnitude) + 0.5 : magnitude;
    return random_() % 2 ? -value : value;
  }
  // At most 14 significant bits and an exponent within +-6.
  float short_float() {
    const auto significand = static_cast<float>(static_cast<i32>(random_() % 32768) - 16384);
    return std::ldexp(significand, static_cast<int>(random_() % 13) - 6);
  }

 private:
  std::mt19937_64 random_{20240229};

  u64 pattern(int exponent_bits, int fraction_bits) {
    const u64 exponents = (u64{1} << exponent_bits) - 1, fractions = (u64{1} << fraction_bits) - 1, sign = (random_() & 1) << (exponent_bits + fraction_bits);
    u64 exponent = 0;
    switch (random_() % 8) {
      case 0: exponent = random_() & exponents; break;
      case 1: exponent = random_() % 3; break;                                  // zero, subnormal, smallest normal
      case 2: exponent = exponents - random_() % 3; break;                      // largest, infinity, NaN
      case 3: exponent = exponents / 2 - exponents / 4 + random_() % 3; break;  // products that underflow
      default: exponent = exponents / 2 - 2 + random_() % 5; break;             // near one: cancellation, ties
    }
    u64 fraction = 0;
    switch (random_() % 5) {
      case 0: fraction = random_() & fractions; break;
      case 1: fraction = 0; break;
      case 2: fraction = fractions - random_() % 3; break;
      case 3: fraction = (random_() & 15) << (fraction_bits - 4); break;
      default: fraction = random_() % 5; break;
    }
    return sign | exponent << fraction_bits | (fraction & fractions);
  }
};

}  // namespace spinvp::riscv::test
