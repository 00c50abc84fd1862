// Pieces that the floating-point procedures share. Internal to models/pim/*_programs.cpp.
#pragma once

#include "models/pim/assembler.h"
#include "models/pim/float_format.h"

namespace spinvp::pim {

// The fields of a number, as views of its word.
struct FloatFields {
  ConstBits mantissa, exponent;
  const Bit* sign;
  FloatFields(FloatFormat f, ConstBits word)
      : mantissa(word.first(f.mantissa_bits)), exponent(word.subspan(f.mantissa_bits, f.exponent_bits)), sign(&word[f.mantissa_bits + f.exponent_bits]) {}
};

// A result under construction.
struct FloatResult {
  Word mantissa, exponent;
  Bit sign;
  Word packed() && {
    Word word = std::move(mantissa);
    for (Bit& bit : exponent) word.push_back(std::move(bit));
    word.push_back(std::move(sign));
    return word;
  }
};

constexpr std::uint64_t ones(unsigned bits) { return bits >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << bits) - 1; }
// Smallest k with 2^k > n: bits that hold 0..n.
constexpr unsigned bits_for(std::uint64_t n) {
  unsigned k = 0;
  while (k < 64 && (n >> k) != 0) ++k;
  return k;
}

// `bits` bits of a number and zeros above.
Word widened(Assembler& as, ConstBits bits, std::size_t width);

// 1 where exponent and mantissa are all zero, or where the number is NaN (exponent all ones, mantissa not zero).
void mark(Assembler& as, Gate gate, Bit& flag);

// Shifts p up until its top bit is set, by at most 2^stages - 1 places; exponent (signed) decreases by as much.
void normalise(Assembler& as, Bits p, Bits exponent, unsigned stages);
// |distance| places down, the bits that fall out OR-ed into `sticky`. `distance` is unsigned, any width.
void shift_down_sticky(Assembler& as, Bits p, ConstBits distance, Bit& sticky);
// p = S >> distance for distances 0 .. p.size() - 1, by one search each; zero beyond. Bits that fall out are lost.
Word align_by_searches(Assembler& as, ConstBits s, ConstBits distance);

}  // namespace spinvp::pim
