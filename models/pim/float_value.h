// The value of every operation in every format, from integers alone: what each engine of the arrays must leave in a word, bit for bit.
//
// Semantics::ieee is IEEE 754: subnormal numbers, infinities, signed zeros, one rounding for each addition and each multiplication. A NaN result is the
// canonical one (sign 0, exponent field all ones, only the top mantissa bit set) whatever the operands' payloads. Truncation is roundTowardZero: overflow
// gives the largest finite number. x - x is +0 in both roundings, -0 + -0 is -0.
//
// Semantics::published is what the published step counts can be executed as; the rounding is not looked at. Nm is the number of mantissa bits, Ne that of
// exponent bits.
//   Numbers   There are no special values. Exponent field 0 is zero: its mantissa is ignored, its sign kept. Every other field, all ones too, is an
//             ordinary exponent. s(x) is 2^Nm + mantissa, 0 for a zero. A result with exponent field 0 always has mantissa 0.
//   Range     A result with exponent <= 0 is zero, one with exponent > 2^Ne - 1 has exponent field and mantissa all ones; the sign is kept in both.
//   multiply  The sign is the XOR. A zero operand gives a zero. Else only the upper triangle of the partial products is summed, without the carries of
//             the lower one: P = sum of a_i b_j 2^(i + j - Nm) over i, j in 0..Nm with i + j >= Nm, where a_i are the bits of s(a). P has Nm + 1 or Nm + 2
//             bits; top is bit Nm + 1 of it. The mantissa is P >> top without its leading one, the exponent ea + eb - bias + top.
//   add       L is the operand with the larger exponent field (a if they are equal), S the other one, d the difference of the fields. s(S) is shifted right
//             by d and loses what leaves (all of it if d > Nm).
//             Equal signs: r = s(L) + shifted s(S). A carry into bit Nm + 1 shifts r right by one (the bit is lost); the exponent grows by one.
//             Different signs: r = s(L) - shifted s(S). If it is negative, which needs equal exponents, r = -r and the sign is that of S. r = 0 gives +0;
//             else r is shifted left until bit Nm is set, and the exponent falls by as much.
//             The sum of two zeros is +0, of two negative zeros -0.
//   subtract  add with the sign of b flipped.
//   convert   A zero keeps its sign. The mantissa is cut, or widened with zeros; the exponent is rebased.
//
// Both alike: multiply_accumulate is a multiply and then an add to d. compare and maximum take zeros as equal in value, but the maximum of a positive and a
// negative zero is the positive one; relu gives +0 for every zero.
#pragma once

#include "models/pim/float_format.h"

namespace spinvp::pim {

// Bits above the format's are ignored in operands and zero in the result. Operands that the operation does not have are not looked at.
std::uint64_t compute(const FloatArithmetic& arithmetic, FloatOperation operation, std::uint64_t a, std::uint64_t b, std::uint64_t d = 0);

// A number of `from` as one of to.format; semantics and rounding are those of `to`.
std::uint64_t convert(std::uint64_t value, FloatFormat from, const FloatArithmetic& to);

}  // namespace spinvp::pim
