#include "models/pim/float_value.h"

#include <algorithm>
#include <bit>

namespace spinvp::pim {

namespace {

using Bits = std::uint64_t;
using Wide = unsigned __int128;  // a product of two 53-bit significands

bool is_negative(const FloatFormat& f, Bits x) { return (x & f.sign_bit()) != 0; }
Bits magnitude(const FloatFormat& f, Bits x) { return x & (f.sign_bit() - 1); }
int exponent_field(const FloatFormat& f, Bits x) { return static_cast<int>((x >> f.mantissa_bits) & f.exponent_mask()); }
Bits mantissa_field(const FloatFormat& f, Bits x) { return x & f.mantissa_mask(); }
Bits hidden_bit(const FloatFormat& f) { return Bits{1} << f.mantissa_bits; }
Bits signed_zero(const FloatFormat& f, bool negative) { return negative ? f.sign_bit() : 0; }

// What needs an order and no arithmetic. Operands are not NaN, and zeros have mantissa 0.

// Orders as the values do; both zeros are 0.
std::int64_t rank(const FloatFormat& f, Bits x) {
  const auto size = static_cast<std::int64_t>(magnitude(f, x));
  return is_negative(f, x) ? -size : size;
}

Bits compare(const FloatFormat& f, Bits a, Bits b) {
  if (rank(f, a) == rank(f, b)) return 0;
  return rank(f, a) > rank(f, b) ? f.one() : f.sign_bit() | f.one();
}

Bits maximum(const FloatFormat& f, Bits a, Bits b) {
  if (rank(f, a) == rank(f, b)) return a & b;  // equal bits, or zeros: negative only if both are
  return rank(f, a) > rank(f, b) ? a : b;
}

Bits relu(const FloatFormat& f, Bits a) { return rank(f, a) > 0 ? a : 0; }

namespace ieee {

bool is_nan(const FloatFormat& f, Bits x) { return magnitude(f, x) > f.infinity(); }
bool is_infinite(const FloatFormat& f, Bits x) { return magnitude(f, x) == f.infinity(); }

// A finite number: significand * 2^exponent. No leading one is asked for; nothing is lost.
struct Exact {
  bool negative;
  Wide significand;
  int exponent;
};

// Exponent of the last bit of a subnormal number, and of a normal one with exponent field 1.
int least_exponent(const FloatFormat& f) { return 1 - f.bias() - static_cast<int>(f.mantissa_bits); }

Exact unpack(const FloatFormat& f, Bits x) {
  const int field = exponent_field(f, x);
  const Bits mantissa = mantissa_field(f, x);
  return {is_negative(f, x), field == 0 ? mantissa : mantissa | hidden_bit(f), least_exponent(f) + std::max(field, 1) - 1};
}

int bit_width(Wide x) {
  const auto high = static_cast<Bits>(x >> 64);
  return high != 0 ? 64 + std::bit_width(high) : std::bit_width(static_cast<Bits>(x));
}

// x / 2^drop, rounded to an integer.
Bits divide_rounded(Wide x, int drop, Rounding rounding) {
  if (drop <= 0) return static_cast<Bits>(x << -drop);
  if (drop > 127) return 0;  // x < 2^127 wherever this is asked for: less than half
  const auto kept = static_cast<Bits>(x >> drop);
  const Wide rest = x & ((Wide{1} << drop) - 1), half = Wide{1} << (drop - 1);
  const bool up = rounding == Rounding::nearest_even && (rest > half || (rest == half && (kept & 1) != 0));
  return kept + (up ? 1 : 0);
}

// The one rounding of a result. The significand may end in a sticky bit: one that stands for all that is left of the exact value below it.
Bits round(const FloatArithmetic& arithmetic, const Exact& exact) {
  const FloatFormat& f = arithmetic.format;
  const Bits sign = signed_zero(f, exact.negative);
  if (exact.significand == 0) return sign;
  const int last = std::max(exact.exponent + bit_width(exact.significand) - 1 - static_cast<int>(f.mantissa_bits), least_exponent(f));
  const Bits kept = divide_rounded(exact.significand, last - exact.exponent, arithmetic.rounding);
  // The hidden bit adds one to the exponent field below it. So does a carry out of the rounding, and it leaves mantissa 0: both are right as they are.
  const Bits size = (static_cast<Bits>(last - least_exponent(f)) << f.mantissa_bits) + kept;
  if (size >= f.infinity()) return sign | (arithmetic.rounding == Rounding::truncate ? f.infinity() - 1 : f.infinity());
  return sign | size;
}

Bits multiply(const FloatArithmetic& arithmetic, Bits a, Bits b) {
  const FloatFormat& f = arithmetic.format;
  if (is_nan(f, a) || is_nan(f, b)) return f.canonical_nan();
  const bool negative = is_negative(f, a) != is_negative(f, b);
  if (is_infinite(f, a) || is_infinite(f, b)) {
    if (magnitude(f, a) == 0 || magnitude(f, b) == 0) return f.canonical_nan();
    return signed_zero(f, negative) | f.infinity();
  }
  const Exact x = unpack(f, a), y = unpack(f, b);
  return round(arithmetic, {negative, x.significand * y.significand, x.exponent + y.exponent});
}

// Far more than the bits that any rounding looks at below the last one, and room for 53 bits and a carry above.
constexpr int guard_bits = 60;

// x / 2^shift with the bits that are lost gathered in the last one.
Wide shift_sticky(Wide x, int shift) {
  if (shift > 127) return x != 0 ? 1 : 0;
  const Wide kept = x >> shift;
  return kept | ((kept << shift) != x ? 1 : 0);
}

Bits add(const FloatArithmetic& arithmetic, Bits a, Bits b) {
  const FloatFormat& f = arithmetic.format;
  if (is_nan(f, a) || is_nan(f, b)) return f.canonical_nan();
  if (is_infinite(f, a) || is_infinite(f, b)) {
    if (is_infinite(f, a) && is_infinite(f, b) && a != b) return f.canonical_nan();
    return is_infinite(f, a) ? a : b;
  }
  const Exact x = unpack(f, a), y = unpack(f, b);
  const Exact &large = x.exponent >= y.exponent ? x : y, &small = x.exponent >= y.exponent ? y : x;
  const Wide p = large.significand << guard_bits, q = shift_sticky(small.significand << guard_bits, large.exponent - small.exponent);
  const int exponent = large.exponent - guard_bits;
  if (large.negative == small.negative) return round(arithmetic, {large.negative, p + q, exponent});
  if (p == q) return 0;
  return round(arithmetic, p > q ? Exact{large.negative, p - q, exponent} : Exact{small.negative, q - p, exponent});
}

Bits compute(const FloatArithmetic& arithmetic, FloatOperation operation, Bits a, Bits b, Bits d) {
  const FloatFormat& f = arithmetic.format;
  switch (operation) {
    case FloatOperation::multiply: return multiply(arithmetic, a, b);
    case FloatOperation::add: return add(arithmetic, a, b);
    case FloatOperation::subtract: return add(arithmetic, a, b ^ f.sign_bit());
    case FloatOperation::multiply_accumulate: return add(arithmetic, d, multiply(arithmetic, a, b));
    case FloatOperation::compare: return is_nan(f, a) || is_nan(f, b) ? f.canonical_nan() : pim::compare(f, a, b);
    case FloatOperation::maximum: return is_nan(f, a) || is_nan(f, b) ? f.canonical_nan() : pim::maximum(f, a, b);
    case FloatOperation::relu: return is_nan(f, a) ? 0 : pim::relu(f, a);
  }
  return 0;
}

Bits convert(Bits value, const FloatFormat& from, const FloatArithmetic& to) {
  if (is_nan(from, value)) return to.format.canonical_nan();
  if (is_infinite(from, value)) return signed_zero(to.format, is_negative(from, value)) | to.format.infinity();
  return round(to, unpack(from, value));
}

}  // namespace ieee

namespace published {

// s(x) of the header.
Bits significand(const FloatFormat& f, Bits x) { return exponent_field(f, x) == 0 ? 0 : hidden_bit(f) | mantissa_field(f, x); }

Bits without_mantissa_of_zero(const FloatFormat& f, Bits x) { return exponent_field(f, x) == 0 ? x & f.sign_bit() : x; }

// A result from its exponent, which may have left the range, and its mantissa (bits above the field are the hidden bit).
Bits pack(const FloatFormat& f, bool negative, int exponent, Bits mantissa) {
  const Bits sign = signed_zero(f, negative);
  if (exponent <= 0) return sign;
  if (exponent > static_cast<int>(f.exponent_mask())) return sign | (f.sign_bit() - 1);
  return sign | (static_cast<Bits>(exponent) << f.mantissa_bits) | (mantissa & f.mantissa_mask());
}

// P of the header. Row i of the partial products holds the bits j >= Nm - i of s(b), which is s(b) >> (Nm - i).
Bits triangular_product(const FloatFormat& f, Bits a, Bits b) {
  Bits sum = 0;
  for (unsigned i = 0; i <= f.mantissa_bits; ++i)
    if ((a >> i & 1) != 0) sum += b >> (f.mantissa_bits - i);
  return sum;
}

Bits multiply(const FloatFormat& f, Bits a, Bits b) {
  const bool negative = is_negative(f, a) != is_negative(f, b);
  if (exponent_field(f, a) == 0 || exponent_field(f, b) == 0) return signed_zero(f, negative);
  const Bits product = triangular_product(f, significand(f, a), significand(f, b));
  const int top = static_cast<int>(product >> (f.mantissa_bits + 1));
  return pack(f, negative, exponent_field(f, a) + exponent_field(f, b) - f.bias() + top, product >> top);
}

Bits add(const FloatFormat& f, Bits a, Bits b) {
  const bool ordered = exponent_field(f, a) >= exponent_field(f, b);
  const Bits large = ordered ? a : b, small = ordered ? b : a;
  const int exponent = exponent_field(f, large), d = exponent - exponent_field(f, small);
  const Bits p = significand(f, large), q = d > static_cast<int>(f.mantissa_bits) ? 0 : significand(f, small) >> d;
  if (exponent == 0) return a & b & f.sign_bit();
  if (is_negative(f, large) == is_negative(f, small)) {
    const int carry = static_cast<int>((p + q) >> (f.mantissa_bits + 1));
    return pack(f, is_negative(f, large), exponent + carry, (p + q) >> carry);
  }
  if (p == q) return 0;
  const Bits r = p > q ? p - q : q - p;
  const int shift = static_cast<int>(f.mantissa_bits) + 1 - std::bit_width(r);
  return pack(f, is_negative(f, p > q ? large : small), exponent - shift, r << shift);
}

Bits compute(const FloatFormat& f, FloatOperation operation, Bits a, Bits b, Bits d) {
  a = without_mantissa_of_zero(f, a), b = without_mantissa_of_zero(f, b);
  switch (operation) {
    case FloatOperation::multiply: return multiply(f, a, b);
    case FloatOperation::add: return add(f, a, b);
    case FloatOperation::subtract: return add(f, a, b ^ f.sign_bit());
    case FloatOperation::multiply_accumulate: return add(f, d, multiply(f, a, b));
    case FloatOperation::compare: return pim::compare(f, a, b);
    case FloatOperation::maximum: return pim::maximum(f, a, b);
    case FloatOperation::relu: return pim::relu(f, a);
  }
  return 0;
}

Bits convert(Bits value, const FloatFormat& from, const FloatFormat& to) {
  const bool negative = is_negative(from, value);
  if (exponent_field(from, value) == 0) return signed_zero(to, negative);
  const Bits mantissa = mantissa_field(from, value);
  const int exponent = exponent_field(from, value) - from.bias() + to.bias();
  const bool widens = to.mantissa_bits >= from.mantissa_bits;
  return pack(to, negative, exponent, widens ? mantissa << (to.mantissa_bits - from.mantissa_bits) : mantissa >> (from.mantissa_bits - to.mantissa_bits));
}

}  // namespace published

}  // namespace

std::uint64_t compute(const FloatArithmetic& arithmetic, FloatOperation operation, std::uint64_t a, std::uint64_t b, std::uint64_t d) {
  const std::uint64_t mask = arithmetic.format.mask();
  a &= mask, b &= mask, d &= mask;
  if (arithmetic.semantics == Semantics::published) return published::compute(arithmetic.format, operation, a, b, d);
  return ieee::compute(arithmetic, operation, a, b, d);
}

std::uint64_t convert(std::uint64_t value, FloatFormat from, const FloatArithmetic& to) {
  value &= from.mask();
  return to.semantics == Semantics::published ? published::convert(value, from, to.format) : ieee::convert(value, from, to);
}

}  // namespace spinvp::pim
