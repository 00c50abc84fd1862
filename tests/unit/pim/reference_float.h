// fp32 arithmetic from integers alone, for tests: what IEEE 754 says, without the host's floating point.
#pragma once

#include <cstdint>

namespace reference {

// A small generator: tests draw the same operands every time.
class Draw {
 public:
  explicit Draw(std::uint64_t seed) : state_(seed * 0x9e3779b97f4a7c15 + 1) {}
  std::uint64_t next() {
    state_ ^= state_ << 13, state_ ^= state_ >> 7, state_ ^= state_ << 17;
    return state_ * 0x2545f4914f6cdd1d;
  }
  std::uint32_t below(std::uint32_t bound) { return static_cast<std::uint32_t>((next() >> 32) % bound); }
  // fp32 patterns: any bits, near exponents, subnormals, specials.
  std::uint32_t number() {
    const auto bits = static_cast<std::uint32_t>(next() >> 17);
    switch (below(8)) {
      case 0: return bits;
      case 1: return bits & 0x807fffffu;                                     // subnormal or zero
      case 2: return (bits & 0x80000000u) | 0x7f000000u | (bits & 0xffffu);  // large
      case 3: {
        constexpr std::uint32_t special[] = {0, 0x80000000u, 0x7f800000u, 0xff800000u, 0x7fc00000u, 0x7f800001u,
                                             1, 0x80000001u, 0x007fffffu, 0x00800000u, 0x7f7fffffu, 0x3f800000u};
        return special[below(12)];
      }
      default: return (bits & 0x807fffffu) | ((120 + below(16)) << 23);  // near one
    }
  }

 private:
  std::uint64_t state_;
};

inline bool is_nan(std::uint32_t x) { return (x & 0x7fffffffu) > 0x7f800000u; }
inline bool is_infinite(std::uint32_t x) { return (x & 0x7fffffffu) == 0x7f800000u; }
constexpr std::uint32_t nan = 0x7fc00000u, infinity = 0x7f800000u;

// (-1)^negative * significand * 2^exponent, `sticky` more below; rounded to fp32.
inline std::uint32_t round(bool negative, std::uint64_t significand, int exponent, bool sticky, bool truncate) {
  const std::uint32_t sign = negative ? 0x80000000u : 0;
  if (significand == 0) return sign;
  int top = 63;
  while ((significand >> top) == 0) --top;
  // The lowest kept bit weighs 2^weight.
  int weight = exponent + top - 23;
  if (weight < -149) weight = -149;
  const int drop = weight - exponent;
  std::uint64_t kept = 0, rest = 0, half = 0;
  if (drop <= 0) {
    kept = significand << -drop;
  } else if (drop <= 63) {
    kept = significand >> drop;
    rest = significand & ((std::uint64_t{1} << drop) - 1);
    half = std::uint64_t{1} << (drop - 1);
  } else {
    sticky = true;
    rest = 0, half = 1;
  }
  if (!truncate && drop > 0 && (rest > half || (rest == half && (sticky || (kept & 1) != 0)))) ++kept;
  if (kept >= (std::uint64_t{1} << 24)) kept >>= 1, ++weight;
  if (weight + 23 > 127) return sign | (truncate ? 0x7f7fffffu : infinity);
  if (kept < (1u << 23)) return sign | static_cast<std::uint32_t>(kept);
  return sign | static_cast<std::uint32_t>(weight + 150) << 23 | (static_cast<std::uint32_t>(kept) & 0x7fffffu);
}

struct Parts {
  bool negative;
  std::uint64_t significand;
  int exponent;
};
inline Parts parts(std::uint32_t x) {
  const std::uint32_t e = (x >> 23) & 0xff, m = x & 0x7fffffu;
  return {(x >> 31) != 0, e == 0 ? m : m | 0x800000u, e == 0 ? -149 : static_cast<int>(e) - 150};
}

inline std::uint32_t multiply(std::uint32_t a, std::uint32_t b, bool truncate) {
  const std::uint32_t sign = (a ^ b) & 0x80000000u;
  if (is_nan(a) || is_nan(b)) return nan;
  const Parts p = parts(a), q = parts(b);
  if (is_infinite(a) || is_infinite(b)) return p.significand == 0 || q.significand == 0 ? nan : sign | infinity;
  return round(sign != 0, p.significand * q.significand, p.exponent + q.exponent, false, truncate);
}

inline std::uint32_t add(std::uint32_t a, std::uint32_t b, bool truncate) {
  if (is_nan(a) || is_nan(b)) return nan;
  if (is_infinite(a) || is_infinite(b)) {
    if (is_infinite(a) && is_infinite(b) && a != b) return nan;
    return is_infinite(a) ? a : b;
  }
  Parts p = parts(a), q = parts(b);
  if (p.significand == 0 && q.significand == 0) return a == b ? a : 0;  // +0 + -0 = +0 in both modes
  if (p.significand == 0) return b;
  if (q.significand == 0) return a;
  if (p.exponent < q.exponent) {
    const Parts t = p;
    p = q, q = t;
  }
  // 38 more bits for the larger one; what the smaller one loses below them is sticky.
  p.significand <<= 38, p.exponent -= 38;
  const int shift = p.exponent - q.exponent;
  bool sticky = false;
  if (shift <= 0) {
    q.significand <<= -shift;
  } else {
    sticky = shift > 63 || (q.significand & ((std::uint64_t{1} << shift) - 1)) != 0;
    q.significand = shift > 63 ? 0 : q.significand >> shift;
  }
  if (p.negative == q.negative) return round(p.negative, p.significand + q.significand, p.exponent, sticky, truncate);
  if (p.significand == q.significand && !sticky) return 0;
  if (p.significand >= q.significand && !(p.significand == q.significand && sticky)) {
    // A sticky rest of the smaller one lowers the difference below the integer: one less, with a rest.
    return round(p.negative, p.significand - q.significand - (sticky ? 1 : 0), p.exponent, sticky, truncate);
  }
  return round(q.negative, q.significand - p.significand, p.exponent, sticky, truncate);
}

inline std::uint32_t subtract(std::uint32_t a, std::uint32_t b, bool truncate) { return is_nan(b) ? nan : add(a, b ^ 0x80000000u, truncate); }
inline std::uint32_t multiply_accumulate(std::uint32_t d, std::uint32_t a, std::uint32_t b, bool truncate) {
  return add(d, multiply(a, b, truncate), truncate);
}

}  // namespace reference
