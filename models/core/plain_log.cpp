#include "models/core/plain_log.h"

#include <bit>
#include <cstdint>

namespace spinvp::core {

double plain_log(double x) {
  constexpr std::uint64_t mantissa_mask = (std::uint64_t{1} << 52) - 1;
  const auto bits = std::bit_cast<std::uint64_t>(x);
  auto exponent = static_cast<std::int64_t>(bits >> 52) - 1023;
  double m = std::bit_cast<double>((bits & mantissa_mask) | (std::uint64_t{1023} << 52));
  if (m >= 0x1.6a09e667f3bcdp+0) {  // sqrt 2
    m *= 0.5;
    ++exponent;
  }
  const double s = (m - 1) / (m + 1), square = s * s;
  double series = 0;
  for (int odd = 21; odd >= 3; odd -= 2) series = (series + 1.0 / odd) * square;
  // ln 2 in two parts: the upper one has 32 bits, so its product with the exponent is exact.
  constexpr double ln2_high = 0x1.62e42fee00000p-1, ln2_low = 0x1.a39ef35793c76p-33;
  const auto e = static_cast<double>(exponent);
  return e * ln2_high + (2 * s + (2 * s * series + e * ln2_low));
}

}  // namespace spinvp::core
