#include "models/riscv/soft_float.h"

#include <bit>
#include <utility>

namespace spinvp::riscv {
namespace {

using u64 = std::uint64_t;
using u128 = unsigned __int128;

// A finite non-zero number: (-1)^sign * significand * 2^(exponent - 63), the significand's top bit set, bit 0 sticky after inexact steps.
struct Number {
  bool sign = false;
  int exponent = 0;
  u64 significand = 0;
};

u64 shift_right_jam(u64 value, int count) {
  if (count <= 0) return value;
  if (count > 63) return value != 0;
  return (value >> count) | ((value << (64 - count)) != 0);
}

u128 shift_right_jam(u128 value, int count) {
  if (count <= 0) return value;
  if (count > 127) return value != 0;
  return (value >> count) | ((value << (128 - count)) != 0);
}

// 128 significant bits to a Number; `exponent` is that of bit 127. The value is not zero.
Number normalise(bool sign, int exponent, u128 value) {
  const u64 high = static_cast<u64>(value >> 64);
  const int zeros = high != 0 ? std::countl_zero(high) : 64 + std::countl_zero(static_cast<u64>(value));
  value <<= zeros;
  return {sign, exponent - zeros, static_cast<u64>(value >> 64) | (static_cast<u64>(value) != 0)};
}

// Whether a value with these discarded bits is to be rounded away from zero. `rest` is scaled so that `half` is the tie.
bool rounds_away(Rounding mode, bool sign, bool odd, u64 rest, u64 half) {
  switch (mode) {
    case Rounding::nearest_even: return rest > half || (rest == half && odd);
    case Rounding::toward_zero: return false;
    case Rounding::down: return sign && rest != 0;
    case Rounding::up: return !sign && rest != 0;
    case Rounding::nearest_max_magnitude: return rest >= half;
  }
  return false;
}

template <typename Format>
struct Codec {
  using Soft = SoftFloat<Format>;
  static constexpr int bias = (1 << (Format::exponent_bits - 1)) - 1;
  static constexpr int discarded = 64 - Soft::precision;

  static bool sign(u64 a) { return (a & Soft::sign_mask) != 0; }
  static u64 signed_zero(bool negative) { return negative ? Soft::sign_mask : 0; }
  static u64 signed_infinity(bool negative) { return signed_zero(negative) | Soft::infinity; }
  static bool is_infinity(u64 a) { return (a & ~Soft::sign_mask) == Soft::infinity; }
  static bool is_zero(u64 a) { return (a & ~Soft::sign_mask) == 0; }

  // `a` is finite and not zero.
  static Number unpack(u64 a) {
    const u64 fraction = a & Soft::fraction_mask;
    const int field = static_cast<int>((a & Soft::infinity) >> Format::fraction_bits);
    if (field != 0) return {sign(a), field - bias, (fraction | (Soft::fraction_mask + 1)) << (discarded)};
    const int zeros = std::countl_zero(fraction);
    return {sign(a), 1 - bias + discarded - zeros, fraction << zeros};
  }

  // Drops `count` low bits of the significand; `inexact` says whether something was lost.
  static u64 round_off(u64 significand, int count, Rounding mode, bool negative, bool& inexact) {
    const u64 rest = significand & ((u64{1} << count) - 1);
    const u64 kept = significand >> count;
    inexact = rest != 0;
    return kept + (rounds_away(mode, negative, (kept & 1) != 0, rest, u64{1} << (count - 1)) ? 1 : 0);
  }

  static u64 pack(Number n, Rounding mode, unsigned& flags) {
    bool inexact = false;
    int field = n.exponent + bias;
    if (field <= 0) {
      // Tiny unless rounding with an unbounded exponent carries the value to the smallest normal one.
      bool ignored = false;
      const bool tiny = field < 0 || round_off(n.significand, discarded, mode, n.sign, ignored) >> Soft::precision == 0;
      const u64 kept = round_off(shift_right_jam(n.significand, 1 - field), discarded, mode, n.sign, inexact);
      if (inexact) flags |= flag_inexact | (tiny ? flag_underflow : 0);
      return signed_zero(n.sign) | kept;  // a carry into the exponent field gives the smallest normal number
    }
    u64 kept = round_off(n.significand, discarded, mode, n.sign, inexact);
    if (kept >> Soft::precision != 0) {
      kept >>= 1;
      ++field;
    }
    if (field >= (1 << Format::exponent_bits) - 1) {
      flags |= flag_overflow | flag_inexact;
      const bool to_infinity = mode == Rounding::nearest_even || mode == Rounding::nearest_max_magnitude || mode == (n.sign ? Rounding::down : Rounding::up);
      return to_infinity ? signed_infinity(n.sign) : signed_infinity(n.sign) - 1;
    }
    if (inexact) flags |= flag_inexact;
    return signed_zero(n.sign) | static_cast<u64>(field) << Format::fraction_bits | (kept & Soft::fraction_mask);
  }

  static u64 nan_result(unsigned& flags, bool invalid) {
    if (invalid) flags |= flag_invalid;
    return Soft::canonical_nan;
  }

  // The sum of two exact values whose 128-bit significands have bit 127 at the given exponents.
  static u64 sum(bool sign_a, int exponent_a, u128 a, bool sign_b, int exponent_b, u128 b, Rounding mode, unsigned& flags) {
    if (exponent_a < exponent_b || (exponent_a == exponent_b && a < b)) {
      std::swap(sign_a, sign_b);
      std::swap(exponent_a, exponent_b);
      std::swap(a, b);
    }
    // Both have at least 20 zero low bits, so one bit of head-room costs nothing, and a jammed shift never meets a cancellation of more than one bit.
    a >>= 1;
    b = shift_right_jam(static_cast<u128>(b >> 1), exponent_a - exponent_b);
    const u128 result = sign_a == sign_b ? a + b : a - b;
    if (result == 0) return signed_zero(mode == Rounding::down);
    return pack(normalise(sign_a, exponent_a + 1, result), mode, flags);
  }
};

// The integer square root of a value of 128 bits, with a sticky bit appended below.
u64 root_with_sticky(u128 value) {
  u64 root = 0;
  u128 rest = 0;
  for (int step = 0; step < 64; ++step) {
    rest = rest << 2 | (value >> 126);
    value <<= 2;
    const u128 trial = static_cast<u128>(root) << 2 | 1;
    root <<= 1;
    if (rest >= trial) {
      rest -= trial;
      root |= 1;
    }
  }
  return root | (rest != 0);
}

}  // namespace

template <typename Format>
u64 SoftFloat<Format>::add(u64 a, u64 b, Rounding mode, unsigned& flags) {
  using C = Codec<Format>;
  if (is_nan(a) || is_nan(b)) return C::nan_result(flags, is_signaling_nan(a) || is_signaling_nan(b));
  if (C::is_infinity(a)) return C::is_infinity(b) && C::sign(a) != C::sign(b) ? C::nan_result(flags, true) : a;
  if (C::is_infinity(b)) return b;
  if (C::is_zero(a) && C::is_zero(b)) return C::sign(a) == C::sign(b) ? a : C::signed_zero(mode == Rounding::down);
  if (C::is_zero(a)) return b;
  if (C::is_zero(b)) return a;
  const Number x = C::unpack(a), y = C::unpack(b);
  return C::sum(x.sign, x.exponent, static_cast<u128>(x.significand) << 64, y.sign, y.exponent, static_cast<u128>(y.significand) << 64, mode, flags);
}

template <typename Format>
u64 SoftFloat<Format>::subtract(u64 a, u64 b, Rounding mode, unsigned& flags) {
  return add(a, b ^ sign_mask, mode, flags);
}

template <typename Format>
u64 SoftFloat<Format>::multiply(u64 a, u64 b, Rounding mode, unsigned& flags) {
  using C = Codec<Format>;
  const bool sign = C::sign(a) != C::sign(b);
  if (is_nan(a) || is_nan(b)) return C::nan_result(flags, is_signaling_nan(a) || is_signaling_nan(b));
  if (C::is_infinity(a) || C::is_infinity(b)) return C::is_zero(a) || C::is_zero(b) ? C::nan_result(flags, true) : C::signed_infinity(sign);
  if (C::is_zero(a) || C::is_zero(b)) return C::signed_zero(sign);
  const Number x = C::unpack(a), y = C::unpack(b);
  return C::pack(normalise(sign, x.exponent + y.exponent + 1, static_cast<u128>(x.significand) * y.significand), mode, flags);
}

template <typename Format>
u64 SoftFloat<Format>::fused_multiply_add(u64 a, u64 b, u64 c, Rounding mode, unsigned& flags) {
  using C = Codec<Format>;
  const bool sign = C::sign(a) != C::sign(b);
  // Infinity times zero is invalid even where the addend is a quiet NaN.
  const bool bad_product = (C::is_infinity(a) && C::is_zero(b)) || (C::is_zero(a) && C::is_infinity(b));
  if (is_nan(a) || is_nan(b) || is_nan(c) || bad_product)
    return C::nan_result(flags, bad_product || is_signaling_nan(a) || is_signaling_nan(b) || is_signaling_nan(c));
  if (C::is_infinity(a) || C::is_infinity(b)) return C::is_infinity(c) && C::sign(c) != sign ? C::nan_result(flags, true) : C::signed_infinity(sign);
  if (C::is_infinity(c)) return c;
  if (C::is_zero(a) || C::is_zero(b)) {
    if (!C::is_zero(c)) return c;
    return sign == C::sign(c) ? c : C::signed_zero(mode == Rounding::down);
  }
  const Number x = C::unpack(a), y = C::unpack(b);
  u128 product = static_cast<u128>(x.significand) * y.significand;
  int exponent = x.exponent + y.exponent + 1;
  if (product >> 127 == 0) {
    product <<= 1;
    --exponent;
  }
  if (C::is_zero(c)) return C::pack(normalise(sign, exponent, product), mode, flags);
  const Number z = C::unpack(c);
  return C::sum(sign, exponent, product, z.sign, z.exponent, static_cast<u128>(z.significand) << 64, mode, flags);
}

template <typename Format>
u64 SoftFloat<Format>::divide(u64 a, u64 b, Rounding mode, unsigned& flags) {
  using C = Codec<Format>;
  const bool sign = C::sign(a) != C::sign(b);
  if (is_nan(a) || is_nan(b)) return C::nan_result(flags, is_signaling_nan(a) || is_signaling_nan(b));
  if (C::is_infinity(a)) return C::is_infinity(b) ? C::nan_result(flags, true) : C::signed_infinity(sign);
  if (C::is_infinity(b)) return C::signed_zero(sign);
  if (C::is_zero(b)) {
    if (C::is_zero(a)) return C::nan_result(flags, true);
    flags |= flag_divide_by_zero;
    return C::signed_infinity(sign);
  }
  if (C::is_zero(a)) return C::signed_zero(sign);
  const Number x = C::unpack(a), y = C::unpack(b);
  const u128 dividend = static_cast<u128>(x.significand) << 63;
  const u128 quotient = dividend / y.significand;  // between 2^62 and 2^64
  const bool rest = dividend % y.significand != 0;
  return C::pack(normalise(sign, x.exponent - y.exponent, quotient << 64 | (rest ? 1u : 0u)), mode, flags);
}

template <typename Format>
u64 SoftFloat<Format>::square_root(u64 a, Rounding mode, unsigned& flags) {
  using C = Codec<Format>;
  if (is_nan(a)) return C::nan_result(flags, is_signaling_nan(a));
  if (C::is_zero(a)) return a;
  if (C::sign(a)) return C::nan_result(flags, true);
  if (C::is_infinity(a)) return a;
  const Number x = C::unpack(a);
  const bool odd = (x.exponent & 1) != 0;
  // significand * 2^(exponent-63) with an even exponent: the root's significand has its top bit set again.
  const u128 radicand = static_cast<u128>(x.significand) << (odd ? 64 : 63);
  return C::pack({false, (x.exponent - (odd ? 1 : 0)) / 2, root_with_sticky(radicand)}, mode, flags);
}

template <typename Format>
u64 SoftFloat<Format>::from_integer(u64 value, bool is_signed, Rounding mode, unsigned& flags) {
  if (value == 0) return 0;
  const bool sign = is_signed && static_cast<std::int64_t>(value) < 0;
  const u64 magnitude = sign ? ~value + 1 : value;
  const int zeros = std::countl_zero(magnitude);
  return Codec<Format>::pack({sign, 63 - zeros, magnitude << zeros}, mode, flags);
}

template <typename Format>
u64 SoftFloat<Format>::to_integer(u64 a, unsigned width, bool is_signed, Rounding mode, unsigned& flags) {
  using C = Codec<Format>;
  const u64 highest = is_signed ? (u64{1} << (width - 1)) - 1 : ~u64{0} >> (64 - width);
  const u64 lowest_magnitude = is_signed ? u64{1} << (width - 1) : 0;
  const auto extend = [width](u64 v) { return width == 32 ? static_cast<u64>(static_cast<std::int64_t>(static_cast<std::int32_t>(v))) : v; };
  const auto saturated = [&](bool negative) {
    flags |= flag_invalid;
    return extend(negative ? ~lowest_magnitude + 1 : highest);
  };
  if (is_nan(a)) return saturated(false);
  if (C::is_infinity(a)) return saturated(C::sign(a));
  if (C::is_zero(a)) return 0;
  const Number x = C::unpack(a);
  if (x.exponent > 63) return saturated(x.sign);
  u64 magnitude = x.significand;
  bool inexact = false;
  if (x.exponent < 63) {
    // One bit of fraction and a sticky bit below the integer part decide.
    const u128 scaled = shift_right_jam(static_cast<u128>(x.significand) << 63, 62 - x.exponent);  // bit 64 is worth one
    magnitude = static_cast<u64>(scaled >> 64);
    const u64 rest = static_cast<u64>(scaled);
    inexact = rest != 0;
    if (rounds_away(mode, x.sign, (magnitude & 1) != 0, rest, u64{1} << 63)) ++magnitude;  // at most 2^53 here where it rounds: no overflow
  }
  if (magnitude > (x.sign ? lowest_magnitude : highest)) return saturated(x.sign);
  if (inexact) flags |= flag_inexact;
  return extend(x.sign ? ~magnitude + 1 : magnitude);
}

std::uint64_t narrow(std::uint64_t a, Rounding mode, unsigned& flags) {
  using From = Codec<Binary64>;
  using To = Codec<Binary32>;
  if (SoftFloat<Binary64>::is_nan(a)) return To::nan_result(flags, SoftFloat<Binary64>::is_signaling_nan(a));
  if (From::is_infinity(a)) return To::signed_infinity(From::sign(a));
  if (From::is_zero(a)) return To::signed_zero(From::sign(a));
  return To::pack(From::unpack(a), mode, flags);
}

std::uint64_t widen(std::uint64_t a, unsigned& flags) {
  using From = Codec<Binary32>;
  using To = Codec<Binary64>;
  if (SoftFloat<Binary32>::is_nan(a)) return To::nan_result(flags, SoftFloat<Binary32>::is_signaling_nan(a));
  if (From::is_infinity(a)) return To::signed_infinity(From::sign(a));
  if (From::is_zero(a)) return To::signed_zero(From::sign(a));
  return To::pack(From::unpack(a), Rounding::nearest_even, flags);
}

template struct SoftFloat<Binary32>;
template struct SoftFloat<Binary64>;

}  // namespace spinvp::riscv
