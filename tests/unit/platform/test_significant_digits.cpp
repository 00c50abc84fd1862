// Numbers in files with many of them, against the C library's printf.
#include <catch2/catch.hpp>

#include <array>
#include <bit>
#include <cmath>
#include <cstdio>
#include <limits>
#include <random>
#include <string>

#include "platform/report/significant_digits.h"

using namespace spinvp;

namespace {

std::string ours(double value, int digits) {
  std::array<char, platform::longest_number> text;
  return {text.data(), platform::write_number(text.data(), value, digits)};
}

std::string reference(double value, int digits) {
  std::array<char, 64> text;
  return {text.data(), static_cast<std::size_t>(std::snprintf(text.data(), text.size(), "%.*g", digits, value))};
}

// Compared without a macro for each of many: the first that differs is shown.
void check_same(double value, int digits) {
  if (ours(value, digits) != reference(value, digits)) {
    CAPTURE(digits, std::bit_cast<std::uint64_t>(value));
    REQUIRE(ours(value, digits) == reference(value, digits));
  }
}

}  // namespace

TEST_CASE("A number reads as printf writes it, with no zeros at its end and an exponent where it is far from one") {
  CHECK(ours(0, 10) == "0");
  CHECK(ours(1.6, 10) == "1.6");
  CHECK(ours(1e-5, 12) == "1e-05");
  CHECK(ours(0.00012, 10) == "0.00012");
  CHECK(ours(2.0 / 3, 10) == "0.6666666667");
  CHECK(ours(1200, 10) == "1200");
  CHECK(ours(123456789.25, 10) == "123456789.2");  // half-way: to the even digit
  CHECK(ours(9.99999999995, 10) == "10");
  CHECK(ours(9999999999.5, 10) == "1e+10");
  CHECK(ours(99999.99999, 3) == "1e+05");
}

TEST_CASE("Numbers of every size, and those about which rounding could be in two minds, are written as printf writes them") {
  std::mt19937_64 random(1);
  for (int digits = 1; digits <= 15; ++digits) {
    for (int i = 0; i < 20'000; ++i) {
      check_same(std::bit_cast<double>(random()), digits);                                                     // any at all
      check_same(std::ldexp(static_cast<double>(random() >> 11), -static_cast<int>(random() % 110)), digits);  // what power and time are
      check_same(static_cast<double>(random() % 2'000'000) / 16, digits);                                      // many half-way
    }
    for (int exponent = -20; exponent <= 20; ++exponent) {
      const double power = std::pow(10.0, exponent);
      for (const double value : {power, std::nextafter(power, 0.0), std::nextafter(power, 1e300), 5 * power, power - power * 0.5 * std::pow(10.0, -digits)})
        check_same(value, digits);
    }
    using Limits = std::numeric_limits<double>;
    for (const double value : {0.0, -0.0, -1.5, Limits::min(), Limits::denorm_min(), Limits::max(), Limits::lowest(), Limits::infinity(), -Limits::infinity()})
      check_same(value, digits);
  }
}
