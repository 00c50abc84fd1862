// The published semantics: cases worked by hand in e4m3, the definition of the products read literally, sums in the reals, and what a user may rely on.
#include <catch2/catch.hpp>

#include <cmath>

#include "models/pim/float_value.h"
#include "tests/support/float_operands.h"

using namespace spinvp::pim;

namespace {

constexpr FloatArithmetic published(const FloatFormat& format) { return {format, Semantics::published, Rounding::truncate}; }

// Words of e4m3 are seeee.mmm with bias 7: 0x38 is 1, 0x40 is 2, s is four bits.
constexpr FloatFormat e4m3{4, 3};
std::uint64_t multiply(std::uint64_t a, std::uint64_t b) { return compute(published(e4m3), FloatOperation::multiply, a, b); }
std::uint64_t add(std::uint64_t a, std::uint64_t b) { return compute(published(e4m3), FloatOperation::add, a, b); }
std::uint64_t subtract(std::uint64_t a, std::uint64_t b) { return compute(published(e4m3), FloatOperation::subtract, a, b); }

bool is_zero(const FloatFormat& f, std::uint64_t x) { return (x & f.infinity()) == 0; }

// The number as a real. fp64 holds every sum of two e4m3 or e5m2 numbers.
double real(const FloatFormat& f, std::uint64_t x) {
  if (is_zero(f, x)) return 0;
  const auto significand = static_cast<double>((x & f.mantissa_mask()) + f.mantissa_mask() + 1);
  const double size = std::ldexp(significand, static_cast<int>((x & f.infinity()) >> f.mantissa_bits) - f.bias() - static_cast<int>(f.mantissa_bits));
  return (x & f.sign_bit()) != 0 ? -size : size;
}

// The definition of the product, one partial product at a time.
std::uint64_t literal_product(const FloatFormat& f, std::uint64_t a, std::uint64_t b) {
  const std::uint64_t sign = (a ^ b) & f.sign_bit(), hidden = f.mantissa_mask() + 1;
  if (is_zero(f, a) || is_zero(f, b)) return sign;
  const std::uint64_t p = (a & f.mantissa_mask()) | hidden, q = (b & f.mantissa_mask()) | hidden;
  std::uint64_t sum = 0;
  for (unsigned i = 0; i <= f.mantissa_bits; ++i)
    for (unsigned j = 0; j <= f.mantissa_bits; ++j)
      if (i + j >= f.mantissa_bits) sum += (p >> i & 1) * (q >> j & 1) << (i + j - f.mantissa_bits);
  const auto field = [&](std::uint64_t x) { return static_cast<int>((x & f.infinity()) >> f.mantissa_bits); };
  const int top = sum >= 2 * hidden ? 1 : 0, exponent = field(a) + field(b) - f.bias() + top;
  if (exponent <= 0) return sign;
  if (exponent > static_cast<int>(f.exponent_mask())) return sign | f.infinity() | f.mantissa_mask();
  return sign | static_cast<std::uint64_t>(exponent) << f.mantissa_bits | (sum >> top & f.mantissa_mask());
}

template <typename Function>
void for_all_pairs(const FloatFormat& format, Function f) {
  for (std::uint64_t a = 0; a <= format.mask(); ++a)
    for (std::uint64_t b = 0; b <= format.mask(); ++b) f(a, b);
}

}  // namespace

TEST_CASE("published products worked by hand") {
  // 1.875^2, s = 1111: rows 1 + 11 + 111 + 1111 = 1 + 3 + 7 + 15 = 26 = 1.1010 x 2: 1.101 x 2 = 3.25. All partial products give 3.515625, cut to 3.5.
  CHECK(multiply(0x3f, 0x3f) == 0x45);
  // 1.125^2, s = 1001: row 0 is 1001 >> 3 = 1, row 3 is 9: 10 = 1.010 = 1.25.
  CHECK(multiply(0x39, 0x39) == 0x3a);
  // 1.5^2, s = 1100: row 2 is 6, row 3 is 12: 18 = 1.0010 x 2, exactly 2.25.
  CHECK(multiply(0x3c, 0xbc) == 0xc1);
}

TEST_CASE("published products leave the range to zero and to all ones") {
  CHECK(multiply(0x78, 0x38) == 0x78);  // field 15 is 2^8, an ordinary number
  CHECK(multiply(0x78, 0x40) == 0x7f);  // field 15 + 8 - 7 = 16
  CHECK(multiply(0xf8, 0x40) == 0xff);
  CHECK(multiply(0x08, 0x37) == 0x00);  // field 1 + 6 - 7 = 0
  CHECK(multiply(0x88, 0x37) == 0x80);
  CHECK(multiply(0x0f, 0x37) == 0x0d);  // 1.875^2 again: its top bit lifts the field to 1
  CHECK(multiply(0x87, 0x38) == 0x80);  // a zero's mantissa is not looked at
  CHECK(multiply(0x87, 0xff) == 0x00);
}

TEST_CASE("published sums worked by hand") {
  CHECK(add(0x39, 0x38) == 0x40);       // 9 + 8 = 17, carry: 8; 2.125 becomes 2
  CHECK(add(0x40, 0x39) == 0x44);       // d = 1: 8 + (9 >> 1) = 12; 3.125 becomes 3
  CHECK(subtract(0x40, 0x39) == 0x38);  // 8 - 4 = 4, up by one: 1, where 0.875 is exact
  CHECK(subtract(0x38, 0x3f) == 0xb6);  // 8 - 15 = -7, up by one: -1.110 x 2^-1 = -0.875
  CHECK(subtract(0x50, 0x3f) == 0x4e);  // d = 3: 8 - (15 >> 3) = 7, up by one: 1.110 x 2^2 = 7, where 6.125 is exact
  CHECK(subtract(0x58, 0x3f) == 0x58);  // d = 4: nothing is left of the smaller one
  CHECK(add(0x3f, 0x58) == 0x58);
  CHECK(subtract(0x3f, 0x58) == 0xd8);
}

TEST_CASE("published sums leave the range to zero and to all ones") {
  CHECK(add(0x7c, 0x7c) == 0x7f);  // 12 + 12 = 24, carry: field 16
  CHECK(add(0xfc, 0xfc) == 0xff);
  CHECK(add(0x7f, 0x38) == 0x7f);       // no carry: an ordinary sum
  CHECK(subtract(0x09, 0x08) == 0x00);  // 9 - 8 = 1, up by three: field -2
  CHECK(subtract(0x08, 0x09) == 0x80);  // the sign of the result is kept
}

TEST_CASE("published zeros") {
  CHECK(subtract(0x3b, 0x3b) == 0x00);
  CHECK(add(0xbb, 0x3b) == 0x00);
  CHECK(add(0x83, 0x81) == 0x80);
  CHECK(add(0x03, 0x81) == 0x00);
  CHECK(subtract(0x80, 0x00) == 0x80);
  CHECK(add(0x07, 0x08) == 0x08);
  CHECK(add(0x88, 0x07) == 0x88);
}

TEST_CASE("published multiply-accumulate is the product, then the sum") {
  // 1.125^2 is 1.25 (above); minus 1 leaves 10 - 8 = 2, up by two: 2^-2.
  CHECK(compute(published(e4m3), FloatOperation::multiply_accumulate, 0x39, 0x39, 0xb8) == 0x28);
  for (std::uint64_t d = 0; d <= e4m3.mask(); d += 3)
    for_all_pairs(e4m3, [d](std::uint64_t a, std::uint64_t b) {
      if (compute(published(e4m3), FloatOperation::multiply_accumulate, a, b, d) != add(d, multiply(a, b))) FAIL(a << " " << b << " " << d);
    });
}

TEST_CASE("published compare, maximum and relu go by value and clear the mantissa of zeros") {
  const auto is = [](FloatOperation operation, std::uint64_t a, std::uint64_t b) { return compute(published(e4m3), operation, a, b); };
  CHECK(is(FloatOperation::compare, 0x87, 0x03) == 0x00);
  CHECK(is(FloatOperation::compare, 0x78, 0x7f) == 0xb8);
  CHECK(is(FloatOperation::compare, 0xf8, 0xff) == 0x38);
  CHECK(is(FloatOperation::maximum, 0x83, 0x05) == 0x00);
  CHECK(is(FloatOperation::maximum, 0x83, 0x81) == 0x80);
  CHECK(is(FloatOperation::maximum, 0xff, 0x87) == 0x80);
  CHECK(is(FloatOperation::relu, 0x07, 0) == 0x00);
  CHECK(is(FloatOperation::relu, 0x7f, 0) == 0x7f);
  CHECK(is(FloatOperation::relu, 0xff, 0) == 0x00);
  for_all_pairs(e4m3, [&](std::uint64_t a, std::uint64_t b) {
    const double x = real(e4m3, a), y = real(e4m3, b);
    if (is(FloatOperation::compare, a, b) != (x > y ? 0x38u : x < y ? 0xb8u : 0)) FAIL("compare " << a << " " << b);
    if (real(e4m3, is(FloatOperation::maximum, a, b)) != std::fmax(x, y)) FAIL("maximum " << a << " " << b);
    if (is(FloatOperation::relu, a, b) != (x > 0 ? a : 0)) FAIL("relu " << a);
  });
}

TEST_CASE("published conversions cut or widen the mantissa and rebase the exponent") {
  CHECK(convert(0x45, e4m3, published(fp16)) == 0x4280);        // field 8 - 7 + 15 = 16, mantissa 101 0000000
  CHECK(convert(0x3fffffff, fp32, published(bf16)) == 0x3fff);  // cut, not rounded
  CHECK(convert(0x7c00, fp16, published(fp32)) == 0x47800000);  // field 31 is 2^16
  CHECK(convert(0x47ffffff, fp32, published(fp16)) == 0x7fff);
  CHECK(convert(0xc8000000, fp32, published(fp16)) == 0xffff);  // 2^17 saturates
  CHECK(convert(0x38800000, fp32, published(fp16)) == 0x0400);  // 2^-14, field 1
  CHECK(convert(0xb87fffff, fp32, published(fp16)) == 0x8000);  // just below it
  CHECK(convert(0x807fffff, fp32, published(fp16)) == 0x8000);
}

TEST_CASE("published products are the sum of the upper triangle of partial products") {
  for (const FloatFormat& format : {e4m3, FloatFormat{5, 2}, FloatFormat{2, 1}, FloatFormat{2, 5}})
    for_all_pairs(format, [&](std::uint64_t a, std::uint64_t b) {
      if (compute(published(format), FloatOperation::multiply, a, b) != literal_product(format, a, b)) FAIL(name_of(format) << " " << a << " " << b);
    });
  for (const FloatFormat& format : {fp32, fp16, bf16, FloatFormat{11, 52}}) {
    test::FloatDraw draw(format, 1);
    for (int i = 0; i < 100'000; ++i) {
      const auto [a, b] = draw.pair();
      if (compute(published(format), FloatOperation::multiply, a, b) != literal_product(format, a, b)) FAIL(name_of(format) << " " << a << " " << b);
    }
  }
}

TEST_CASE("published sums are those of the reals, the smaller operand cut to the last place of the larger one") {
  for (const FloatFormat& format : {e4m3, FloatFormat{5, 2}, FloatFormat{3, 4}}) {
    const int mantissa_bits = static_cast<int>(format.mantissa_bits);
    const double greatest = real(format, format.sign_bit() - 1), least = std::ldexp(1, 1 - format.bias());
    for_all_pairs(format, [&](std::uint64_t a, std::uint64_t b) {
      double large = real(format, a), small = real(format, b);
      if (std::fabs(large) < std::fabs(small)) std::swap(large, small);
      const double last_place = large == 0 ? 1 : std::ldexp(1, std::ilogb(large) - mantissa_bits);
      const double sum = large + std::trunc(small / last_place) * last_place;
      const double result_place = sum == 0 ? 1 : std::ldexp(1, std::ilogb(sum) - mantissa_bits);
      double want = std::trunc(sum / result_place) * result_place;
      if (std::fabs(want) < least) want = 0;
      if (std::fabs(want) > greatest) want = std::copysign(greatest, want);
      if (real(format, compute(published(format), FloatOperation::add, a, b)) != want) FAIL(name_of(format) << " " << a << " " << b);
    });
  }
}

TEST_CASE("published arithmetic commutes, one and zero are neutral, and no result is a zero with a mantissa") {
  for (const FloatFormat& format : {e4m3, FloatFormat{5, 2}, FloatFormat{2, 1}, FloatFormat{2, 4}, FloatFormat{6, 1}}) {
    const auto is = [&](FloatOperation operation, std::uint64_t a, std::uint64_t b) {
      const std::uint64_t result = compute(published(format), operation, a, b);
      if (is_zero(format, result) && (result & format.mantissa_mask()) != 0) FAIL(name_of(format) << " " << name_of(operation) << " " << a << " " << b);
      return result;
    };
    for_all_pairs(format, [&](std::uint64_t a, std::uint64_t b) {
      const bool holds = is(FloatOperation::multiply, a, b) == is(FloatOperation::multiply, b, a) &&
                         is(FloatOperation::add, a, b) == is(FloatOperation::add, b, a) &&
                         is(FloatOperation::subtract, a, b) == is(FloatOperation::add, a, b ^ format.sign_bit()) &&
                         is(FloatOperation::maximum, a, b) == is(FloatOperation::maximum, b, a);
      if (!holds) FAIL(name_of(format) << " " << a << " " << b);
    });
    for (std::uint64_t a = 0; a <= format.mask(); ++a) {
      const std::uint64_t number = is_zero(format, a) ? a & format.sign_bit() : a;
      CHECK(is(FloatOperation::multiply, a, format.one()) == number);
      CHECK(is(FloatOperation::add, a, format.sign_bit()) == number);
      CHECK(is(FloatOperation::subtract, a, a) == 0);
    }
  }
}

TEST_CASE("the triangular product of 24 bits is always low: by 3.9 units in the last place, 3.4 more than truncation alone") {
  // Nm + 1 - t partial products of weight 2^-t are left out for each t in 1..Nm, each 1 with probability 1/4 (the hidden bits have no part in them). Their
  // mean is sum (24 - t) 2^-t / 4 = (24 - 2) / 4 = 5.5 units of P. A product of two or more, 2 - 2 ln 2 = 0.614 of them, has units of twice the weight and
  // more ones that are left out: 5.5 (1 - 0.614 / 2) = 3.8 at most, 3.7 as measured. Such a product also loses the last bit of P: 0.614 / 4 = 0.15 more.
  // The cut of the exact product loses 0.5 in the mean. At most all partial products are ones: sum (24 - t) 2^-t < 22 units.
  test::FloatDraw draw(fp32, 2);
  double loss = 0, beyond_truncation = 0;
  constexpr int count = 1'000'000;
  for (int i = 0; i < count; ++i) {
    const std::uint64_t a = fp32.one() | (draw.next() & fp32.mantissa_mask()), b = fp32.one() | (draw.next() & fp32.mantissa_mask());
    const std::uint64_t got = compute(published(fp32), FloatOperation::multiply, a, b);
    const double exact = real(fp32, a) * real(fp32, b), unit = exact < 2 ? 0x1p-23 : 0x1p-22, truncated = std::trunc(exact / unit) * unit;
    const double below = (truncated - real(fp32, got)) / unit;
    if (below < 0 || below > 22) FAIL(a << " " << b << " " << got);
    loss += (exact - real(fp32, got)) / unit;
    beyond_truncation += below;
  }
  CHECK(loss / count == Approx(3.7 + 0.15).margin(0.05));
  CHECK(beyond_truncation / count == Approx(3.7 + 0.15 - 0.5).margin(0.05));
}
