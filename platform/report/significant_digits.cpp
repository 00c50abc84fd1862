#include "platform/report/significant_digits.h"

#include <array>
#include <bit>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <optional>

#include <fmt/format.h>

namespace spinvp::platform {
namespace {

using u64 = std::uint64_t;
using u128 = unsigned __int128;

// As many as fit: 5^27 < 2^63.
constexpr std::size_t powers = 28;
template <u64 base, std::size_t count>
constexpr std::array<u64, count> powers_of() {
  std::array<u64, count> table{1};
  for (std::size_t i = 1; i < count; ++i) table[i] = table[i - 1] * base;
  return table;
}
constexpr auto power_of_five = powers_of<5, powers>();
constexpr auto power_of_ten = powers_of<10, 17>();

constexpr int mantissa_bits = 52, exponent_bias = 1023;

// digits * 10^(exponent - digits + 1): the first digit stands at 10^exponent.
struct Decimal {
  u64 digits;
  int exponent;
};

// `value` rounded to `count` digits, by whole numbers alone and so exactly. Nothing where those are too large (below 1e-17 or from 10^count on), for what is not
// above zero, and half-way between two, which is left to the library.
std::optional<Decimal> round_to_digits(double value, int count) {
  const u64 bits = std::bit_cast<u64>(value);
  const int biased = static_cast<int>(bits >> mantissa_bits);  // with the sign in front
  if (biased == 0 || biased >= 0x7ff) return std::nullopt;
  const u64 mantissa = (bits & ((u64{1} << mantissa_bits) - 1)) | u64{1} << mantissa_bits;
  const int two = biased - exponent_bias;
  // floor(two * log10(2)), exact below 2^1650: the decimal exponent of value, or one less.
  for (int exponent = (two * 78913) >> 18;; ++exponent) {
    // value * 10^k has `count` digits before the point. value = mantissa * 2^(two - 52), 10^k = 5^k * 2^k.
    const int k = count - 1 - exponent, shift = mantissa_bits - two - k;
    if (k < 0 || k >= static_cast<int>(powers) || shift < 1 || shift > 127) return std::nullopt;
    const u128 product = u128{mantissa} * power_of_five[static_cast<std::size_t>(k)];
    const u128 half = u128{1} << (shift - 1), rest = product & ((half << 1) - 1);
    u64 digits = static_cast<u64>(product >> shift);
    if (digits >= power_of_ten[static_cast<std::size_t>(count)]) continue;
    if (rest == half) return std::nullopt;
    if (rest > half && ++digits == power_of_ten[static_cast<std::size_t>(count)]) return Decimal{digits / 10, exponent + 1};
    return Decimal{digits, exponent};
  }
}

}  // namespace

char* write_number(char* out, double value, int digits) {
  if (std::bit_cast<u64>(value) == 0) {
    *out = '0';
    return out + 1;
  }
  const std::optional<Decimal> decimal = round_to_digits(value, digits);
  if (!decimal) return fmt::format_to(out, "{:.{}g}", value, digits);

  std::array<char, 20> text{};
  auto length = static_cast<std::size_t>(std::to_chars(text.data(), text.data() + text.size(), decimal->digits).ptr - text.data());
  while (text[length - 1] == '0') --length;
  const int exponent = decimal->exponent;
  const auto put = [&out](const char* from, std::size_t count) {
    std::memcpy(out, from, count);
    out += count;
  };
  if (exponent < -4 || exponent >= digits) {
    *out++ = text[0];
    if (length > 1) {
      *out++ = '.';
      put(text.data() + 1, length - 1);
    }
    // From 1e-17 up to 1e16: two digits.
    const int magnitude = exponent < 0 ? -exponent : exponent;
    *out++ = 'e';
    *out++ = exponent < 0 ? '-' : '+';
    *out++ = static_cast<char>('0' + magnitude / 10);
    *out++ = static_cast<char>('0' + magnitude % 10);
  } else if (exponent < 0) {
    put("0.000", static_cast<std::size_t>(1 - exponent));
    put(text.data(), length);
  } else {
    const auto whole = static_cast<std::size_t>(exponent) + 1;
    if (length <= whole) {
      put(text.data(), whole);  // zeros at the end included: to_chars wrote them
    } else {
      put(text.data(), whole);
      *out++ = '.';
      put(text.data() + whole, length - whole);
    }
  }
  return out;
}

}  // namespace spinvp::platform
