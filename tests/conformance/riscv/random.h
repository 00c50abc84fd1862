// A stream of random numbers from a seed, and the operands that conformance programs are fed with.
#pragma once

#include <cstdint>
#include <span>

#include "models/core/random_bits.h"

namespace spinvp::conformance {

class Random {
 public:
  explicit Random(std::uint64_t seed) : seed_(core::random_bits(seed, 0)) {}

  std::uint64_t next() { return core::random_bits(seed_, counter_++); }
  // Uniform in [0, bound), bound at least 1.
  unsigned below(unsigned bound) { return static_cast<unsigned>((next() >> 32) % bound); }
  // Uniform in [first, last].
  int between(int first, int last) { return first + static_cast<int>(below(static_cast<unsigned>(last - first + 1))); }
  bool one_in(unsigned n) { return below(n) == 0; }
  template <typename T>
  const T& pick(std::span<const T> choices) {
    return choices[below(static_cast<unsigned>(choices.size()))];
  }
  template <typename T, std::size_t n>
  const T& pick(const T (&choices)[n]) {
    return choices[below(n)];
  }

 private:
  std::uint64_t seed_, counter_ = 0;
};

// Integers about which instructions change their mind: small ones, ends of the ranges of 8 to 64 bits, few and many ones, any.
std::uint64_t integer_operand(Random& random);
// Bit patterns of binary32 and binary64: zeros, subnormals, both ends of the normal range, infinities, quiet and signaling NaN; magnitudes near each other, so that
// sums cancel and products meet the ends; fractions with few ones, few zeros, or halfway patterns.
std::uint32_t single_operand(Random& random);
std::uint64_t double_operand(Random& random);
// What a floating-point register may hold: a binary64, a boxed binary32, or one whose box is damaged.
std::uint64_t float_register(Random& random);

}  // namespace spinvp::conformance
