// The integer implementation of IEEE 754 against the host's unit (four modes, flags), and ties-to-max-magnitude against exact sums in a wider format.
#include <catch2/catch.hpp>

#include <bit>
#include <cmath>

#include "models/riscv/host_float.h"
#include "models/riscv/soft_float.h"
#include "tests/unit/riscv/float_support.h"

using namespace spinvp::riscv;
using namespace spinvp::riscv::test;

namespace {

using S = SoftFloat<Binary32>;
using D = SoftFloat<Binary64>;

constexpr Rounding host_modes[] = {Rounding::nearest_even, Rounding::toward_zero, Rounding::down, Rounding::up};

u64 bits_of(double v) { return std::isnan(v) ? D::canonical_nan : std::bit_cast<u64>(v); }
u64 bits_of(float v) { return std::isnan(v) ? S::canonical_nan : std::bit_cast<u32>(v); }
double as_double(u64 v) { return std::bit_cast<double>(v); }
float as_float(u64 v) { return std::bit_cast<float>(static_cast<u32>(v)); }

// Runs `compute` on the host in `mode`; returns bits and flags.
template <typename Compute>
Outcome on_host(Rounding mode, Compute compute) {
  HostFloat host;
  host.set_mode(mode);
  host.enter();
  const u64 bits = compute();
  return {bits, host.leave()};
}

template <typename Soft>
Outcome in_software(Soft compute) {
  unsigned flags = 0;
  const u64 bits = compute(flags);
  return {bits, flags};
}

}  // namespace

TEST_CASE("double arithmetic in integers equals the host's in bits and flags") {
  Samples samples;
  for (int n = 0; n < 60000; ++n) {
    const u64 a = samples.binary64(), b = samples.binary64(), c = samples.binary64();
    const volatile double x = as_double(a), y = as_double(b), z = as_double(c);
    const Rounding mode = host_modes[n % 4];
    INFO(std::hex << a << " " << b << " " << c << " mode " << static_cast<int>(mode));
    REQUIRE(in_software([&](unsigned& f) { return D::add(a, b, mode, f); }) == on_host(mode, [&] { return bits_of(x + y); }));
    REQUIRE(in_software([&](unsigned& f) { return D::subtract(a, b, mode, f); }) == on_host(mode, [&] { return bits_of(x - y); }));
    REQUIRE(in_software([&](unsigned& f) { return D::multiply(a, b, mode, f); }) == on_host(mode, [&] { return bits_of(x * y); }));
    REQUIRE(in_software([&](unsigned& f) { return D::divide(a, b, mode, f); }) == on_host(mode, [&] { return bits_of(x / y); }));
    REQUIRE(in_software([&](unsigned& f) { return D::square_root(a, mode, f); }) == on_host(mode, [&] { return bits_of(__builtin_sqrt(x)); }));
    Outcome fused = on_host(mode, [&] { return bits_of(std::fma(x, y, z)); });
    // The one difference: infinity times zero plus a quiet NaN is invalid here (manual volume I, 11.6), hosts may leave the flag out.
    if ((std::isinf(x) && y == 0) || (x == 0 && std::isinf(y))) fused.flags |= flag_invalid;
    REQUIRE(in_software([&](unsigned& f) { return D::fused_multiply_add(a, b, c, mode, f); }) == fused);
    REQUIRE(in_software([&](unsigned& f) { return narrow(a, mode, f); }) == on_host(mode, [&] { return bits_of(static_cast<float>(x)); }));
  }
}

TEST_CASE("single arithmetic in integers equals the host's in bits and flags") {
  Samples samples;
  for (int n = 0; n < 60000; ++n) {
    const u64 a = samples.binary32(), b = samples.binary32(), c = samples.binary32();
    const volatile float x = as_float(a), y = as_float(b), z = as_float(c);
    const Rounding mode = host_modes[n % 4];
    INFO(std::hex << a << " " << b << " " << c << " mode " << static_cast<int>(mode));
    REQUIRE(in_software([&](unsigned& f) { return S::add(a, b, mode, f); }) == on_host(mode, [&] { return bits_of(x + y); }));
    REQUIRE(in_software([&](unsigned& f) { return S::multiply(a, b, mode, f); }) == on_host(mode, [&] { return bits_of(x * y); }));
    REQUIRE(in_software([&](unsigned& f) { return S::divide(a, b, mode, f); }) == on_host(mode, [&] { return bits_of(x / y); }));
    REQUIRE(in_software([&](unsigned& f) { return S::square_root(a, mode, f); }) == on_host(mode, [&] { return bits_of(__builtin_sqrtf(x)); }));
    Outcome fused = on_host(mode, [&] { return bits_of(std::fmaf(x, y, z)); });
    if ((std::isinf(x) && y == 0) || (x == 0 && std::isinf(y))) fused.flags |= flag_invalid;
    REQUIRE(in_software([&](unsigned& f) { return S::fused_multiply_add(a, b, c, mode, f); }) == fused);
    REQUIRE(in_software([&](unsigned& f) { return widen(a, f); }) == on_host(mode, [&] { return bits_of(static_cast<double>(x)); }));
  }
}

TEST_CASE("conversions from integers equal the host's") {
  Samples samples;
  for (int n = 0; n < 40000; ++n) {
    const u64 a = samples.integer();
    const volatile i64 v = static_cast<i64>(a);
    const Rounding mode = host_modes[n % 4];
    INFO(std::hex << a);
    REQUIRE(in_software([&](unsigned& f) { return D::from_integer(a, true, mode, f); }) == on_host(mode, [&] { return bits_of(static_cast<double>(v)); }));
    REQUIRE(in_software([&](unsigned& f) { return S::from_integer(a, true, mode, f); }) == on_host(mode, [&] { return bits_of(static_cast<float>(v)); }));
    // Unsigned: the largest double that is not above the integer.
    unsigned flags = 0;
    const double toward_zero = as_double(D::from_integer(a, false, Rounding::toward_zero, flags));
    REQUIRE(static_cast<unsigned __int128>(toward_zero) <= a);
    if (a < u64{1} << 53)
      REQUIRE(static_cast<u64>(toward_zero) == a);
    else
      REQUIRE(static_cast<unsigned __int128>(std::nextafter(toward_zero, INFINITY)) > a);
    REQUIRE(flags == (static_cast<unsigned __int128>(toward_zero) != a ? flag_inexact : 0u));
  }
}

TEST_CASE("conversions to integers round by the mode, saturate and flag as the manual's table says") {
  Samples samples;
  const auto check = [](double value, unsigned width, bool is_signed, Rounding mode) {
    unsigned flags = 0;
    const u64 result = D::to_integer(std::bit_cast<u64>(value), width, is_signed, mode, flags);
    // The reference: the value rounded in floating point by the definition of the mode, then compared with the range as an exact number.
    const double rounded = [&] {
      const double low = std::floor(value), rest = value - low;
      switch (mode) {
        case Rounding::toward_zero: return std::trunc(value);
        case Rounding::down: return low;
        case Rounding::up: return std::ceil(value);
        case Rounding::nearest_max_magnitude: return std::round(value);
        default: return rest < 0.5 || (rest == 0.5 && std::fmod(low, 2.0) == 0) ? low : low + 1;
      }
    }();
    const double high = std::ldexp(1.0, static_cast<int>(width) - (is_signed ? 1 : 0)), low = is_signed ? -high : 0.0;
    const auto extend = [&](u64 v) { return width == 32 ? static_cast<u64>(static_cast<i64>(static_cast<i32>(v))) : v; };
    INFO(value << " to " << width << (is_signed ? " signed" : " unsigned") << " mode " << static_cast<int>(mode));
    if (std::isnan(value) || rounded >= high) {
      REQUIRE(result == extend(is_signed ? (~u64{0} >> (65 - width)) : ~u64{0}));
      REQUIRE(flags == flag_invalid);
    } else if (rounded < low) {
      REQUIRE(result == extend(is_signed ? u64{1} << (width - 1) : 0));
      REQUIRE(flags == flag_invalid);
    } else {
      REQUIRE(result == extend(static_cast<u64>(static_cast<__int128>(rounded))));
      REQUIRE(flags == (rounded != value ? flag_inexact : 0u));
    }
  };
  const double edges[] = {0.0,
                          -0.0,
                          0.5,
                          -0.5,
                          0.49,
                          1.5,
                          2.5,
                          -1.5,
                          -2.5,
                          2147483647.0,
                          2147483647.5,
                          2147483648.0,
                          -2147483648.0,
                          -2147483648.5,
                          -2147483649.0,
                          4294967295.0,
                          4294967295.5,
                          4294967296.0,
                          -0.99,
                          -1.0,
                          9223372036854774784.0,
                          9223372036854775808.0,
                          -9223372036854775808.0,
                          18446744073709549568.0,
                          18446744073709551616.0,
                          INFINITY,
                          -INFINITY,
                          NAN,
                          1e-300,
                          4503599627370497.5};
  for (unsigned m = 0; m < 5; ++m)
    for (const unsigned width : {32u, 64u})
      for (const bool is_signed : {true, false}) {
        for (const double e : edges) check(e, width, is_signed, static_cast<Rounding>(m));
        for (int n = 0; n < 5000; ++n) check(samples.near_integer_range(), width, is_signed, static_cast<Rounding>(m));
      }
}

TEST_CASE("ties to max magnitude: the nearest single, of two equally near the larger in magnitude") {
  Samples samples;
  unsigned ties = 0;
  for (int n = 0; n < 200000; ++n) {
    // Values with few significant bits and near exponents make ties frequent; their sums and products are exact in double.
    const float x = samples.short_float(), y = samples.short_float();
    const bool product = n % 2 == 0;
    const double exact = product ? static_cast<double>(x) * y : static_cast<double>(x) + y;
    if (exact == 0) continue;
    unsigned flags = 0;
    const u64 a = std::bit_cast<u32>(x), b = std::bit_cast<u32>(y);
    const float result = as_float(product ? S::multiply(a, b, Rounding::nearest_max_magnitude, flags) : S::add(a, b, Rounding::nearest_max_magnitude, flags));
    const double error = std::fabs(exact - result);
    for (const float other : {std::nextafterf(result, INFINITY), std::nextafterf(result, -INFINITY)}) {
      const double distance = std::fabs(exact - other);
      REQUIRE(distance >= error);
      if (distance == error) {
        ++ties;
        REQUIRE(std::fabs(result) > std::fabs(other));
      }
    }
    REQUIRE(flags == (error != 0 ? flag_inexact : 0u));
  }
  CHECK(ties > 1000);
}

TEST_CASE("division, square root and fused operations differ between the two nearest modes only where they tie") {
  Samples samples;
  for (int n = 0; n < 20000; ++n) {
    const u64 a = samples.binary64(), b = samples.binary64(), c = samples.binary64();
    unsigned even = 0, away = 0;
    // Quotients and roots of numbers of equal precision never tie in the normal range, so both modes agree there.
    const u64 q = D::divide(a, b, Rounding::nearest_even, even);
    if (!D::is_nan(q) && (q & D::infinity) != 0) REQUIRE(D::divide(a, b, Rounding::nearest_max_magnitude, away) == q);
    REQUIRE(D::square_root(a, Rounding::nearest_max_magnitude, away) == D::square_root(a, Rounding::nearest_even, even));
    // A fused operation with one factor 1 is an addition.
    unsigned f1 = 0, f2 = 0;
    REQUIRE(D::fused_multiply_add(a, std::bit_cast<u64>(1.0), c, Rounding::nearest_max_magnitude, f1) == D::add(a, c, Rounding::nearest_max_magnitude, f2));
    REQUIRE(f1 == f2);
  }
}
