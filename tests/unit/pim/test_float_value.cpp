// IEEE 754 values of any format against the host's floats, Eigen's half and bfloat16, and MPFR, each of which shares nothing with the code under test.
#include <catch2/catch.hpp>

#include <bit>
#include <cfenv>
#include <cmath>
#include <cstring>
#include <limits>

#include <Eigen/Core>

#include "models/pim/float_value.h"
#include "tests/reference/mpfr_float.h"
#include "tests/support/float_operands.h"

using namespace spinvp::pim;

namespace {

constexpr FloatFormat fp64{11, 52};
constexpr Rounding roundings[] = {Rounding::nearest_even, Rounding::truncate};

FloatArithmetic ieee(const FloatFormat& format, Rounding rounding = Rounding::nearest_even) { return {format, Semantics::ieee, rounding}; }

// Counts results that differ and shows the first few.
class Differences {
 public:
  explicit Differences(const FloatArithmetic& arithmetic) : arithmetic_(arithmetic) {}
  ~Differences() { CHECK(count_ == 0); }
  Differences(const Differences&) = delete;
  Differences& operator=(const Differences&) = delete;

  void operator()(const char* operation, std::uint64_t a, std::uint64_t b, std::uint64_t got, std::uint64_t want) {
    if (got == want || ++count_ > 3) return;
    UNSCOPED_INFO(name_of(arithmetic_.format) << (arithmetic_.rounding == Rounding::truncate ? " truncate " : " nearest even ") << operation << std::hex
                                              << " a " << a << " b " << b << " got " << got << " want " << want);
  }

 private:
  FloatArithmetic arithmetic_;
  std::uint64_t count_ = 0;
};

// Calls f(a, b) for the directed operands crossed with each other and for `random` drawn pairs.
template <typename Function>
void for_pairs(const FloatFormat& format, std::uint64_t random, Function f) {
  const auto directed = test::directed_operands(format);
  for (const std::uint64_t a : directed)
    for (const std::uint64_t b : directed) f(a, b);
  test::FloatDraw draw(format, 11);
  for (std::uint64_t i = 0; i < random; ++i) {
    const auto [a, b] = draw.pair();
    f(a, b);
  }
}

template <typename Function>
void for_all_pairs(const FloatFormat& format, Function f) {
  for (std::uint64_t a = 0; a <= format.mask(); ++a)
    for (std::uint64_t b = 0; b <= format.mask(); ++b) f(a, b);
}

// The host's arithmetic in a rounding mode; volatile keeps each operation where it is written.
class RoundingMode {
 public:
  explicit RoundingMode(Rounding rounding) { std::fesetround(rounding == Rounding::truncate ? FE_TOWARDZERO : FE_TONEAREST); }
  ~RoundingMode() { std::fesetround(FE_TONEAREST); }
};

template <typename Float, typename Word>
struct Host {
  static Float value(std::uint64_t bits) { return std::bit_cast<Float>(static_cast<Word>(bits)); }
  static std::uint64_t bits(Float x) { return std::isnan(x) ? std::bit_cast<Word>(std::numeric_limits<Float>::quiet_NaN()) : std::bit_cast<Word>(x); }
  static std::uint64_t multiply(std::uint64_t a, std::uint64_t b) {
    volatile Float x = value(a), y = value(b), r = x * y;
    return bits(r);
  }
  static std::uint64_t add(std::uint64_t a, std::uint64_t b) {
    volatile Float x = value(a), y = value(b), r = x + y;
    return bits(r);
  }
  static std::uint64_t subtract(std::uint64_t a, std::uint64_t b) {
    volatile Float x = value(a), y = value(b), r = x - y;
    return bits(r);
  }
};

template <typename H>
void against_host(const FloatFormat& format) {
  for (const Rounding rounding : roundings) {
    const FloatArithmetic arithmetic = ieee(format, rounding);
    const RoundingMode mode(rounding);
    Differences differences(arithmetic);
    test::FloatDraw draw(format, 5);
    for_pairs(format, 300'000, [&](std::uint64_t a, std::uint64_t b) {
      const std::uint64_t d = draw.one();
      differences("mul", a, b, compute(arithmetic, FloatOperation::multiply, a, b), H::multiply(a, b));
      differences("add", a, b, compute(arithmetic, FloatOperation::add, a, b), H::add(a, b));
      differences("sub", a, b, compute(arithmetic, FloatOperation::subtract, a, b), H::subtract(a, b));
      differences("mac", a, b, compute(arithmetic, FloatOperation::multiply_accumulate, a, b, d), H::add(d, H::multiply(a, b)));
      differences("mac of near", a, b, compute(arithmetic, FloatOperation::multiply_accumulate, a, b, a), H::add(a, H::multiply(a, b)));
    });
  }
}

// Eigen computes in float and rounds once more, to nearest even. Twice the significand and two bits fit a float's, so that the second rounding harms nothing.
template <typename Float>
void against_eigen(const FloatFormat& format) {
  const FloatArithmetic arithmetic = ieee(format);
  const auto value = [](std::uint64_t bits) { return Eigen::numext::bit_cast<Float>(static_cast<std::uint16_t>(bits)); };
  const auto bits = [&](Float x) -> std::uint64_t { return (Eigen::numext::isnan)(x) ? format.canonical_nan() : Eigen::numext::bit_cast<std::uint16_t>(x); };
  Differences differences(arithmetic);
  for_pairs(format, 500'000, [&](std::uint64_t a, std::uint64_t b) {
    differences("mul", a, b, compute(arithmetic, FloatOperation::multiply, a, b), bits(value(a) * value(b)));
    differences("add", a, b, compute(arithmetic, FloatOperation::add, a, b), bits(value(a) + value(b)));
    differences("sub", a, b, compute(arithmetic, FloatOperation::subtract, a, b), bits(value(a) - value(b)));
  });
}

class AgainstMpfr {
 public:
  explicit AgainstMpfr(const FloatArithmetic& arithmetic)
      : arithmetic_(arithmetic), reference_(arithmetic.format, arithmetic.rounding), draw_(arithmetic.format, 3), differences_(arithmetic) {}
  void operator()(std::uint64_t a, std::uint64_t b) {
    const std::uint64_t d = draw_.one();
    differences_("mul", a, b, compute(arithmetic_, FloatOperation::multiply, a, b), reference_.multiply(a, b));
    differences_("add", a, b, compute(arithmetic_, FloatOperation::add, a, b), reference_.add(a, b));
    differences_("sub", a, b, compute(arithmetic_, FloatOperation::subtract, a, b), reference_.subtract(a, b));
    differences_("mac", a, b, compute(arithmetic_, FloatOperation::multiply_accumulate, a, b, d), reference_.multiply_accumulate(d, a, b));
  }

 private:
  FloatArithmetic arithmetic_;
  reference::MpfrFloat reference_;
  test::FloatDraw draw_;
  Differences differences_;
};

}  // namespace

TEST_CASE("fp32 values are those of the host's float in both roundings") { against_host<Host<float, std::uint32_t>>(fp32); }
TEST_CASE("e11m52 values are those of the host's double in both roundings") { against_host<Host<double, std::uint64_t>>(fp64); }
TEST_CASE("fp16 values are those of Eigen's half") { against_eigen<Eigen::half>(fp16); }
TEST_CASE("bf16 values are those of Eigen's bfloat16") { against_eigen<Eigen::bfloat16>(bf16); }

TEST_CASE("formats of at most 8 bits give MPFR's values for every pair of operands in both roundings") {
  for (const char* name : {"e4m3", "e5m2", "e3m4", "e3m2", "e2m3", "e2m1", "e6m1", "e2m5"})
    for (const Rounding rounding : roundings) {
      const FloatFormat format = *float_format(name);
      AgainstMpfr check(ieee(format, rounding));
      for_all_pairs(format, [&](std::uint64_t a, std::uint64_t b) { check(a, b); });
    }
}

TEST_CASE("odd formats give MPFR's values for directed and drawn operands in both roundings") {
  for (const char* name : {"e6m9", "e8m23", "e11m52", "e2m52", "e11m1", "e3m30", "e9m14"})
    for (const Rounding rounding : roundings) {
      const FloatFormat format = *float_format(name);
      AgainstMpfr check(ieee(format, rounding));
      for_pairs(format, 30'000, [&](std::uint64_t a, std::uint64_t b) { check(a, b); });
    }
}

TEST_CASE("multiply-accumulate of e2m1 and e2m3 gives MPFR's two roundings for every triple") {
  for (const char* name : {"e2m1", "e2m3"})
    for (const Rounding rounding : roundings) {
      const FloatArithmetic arithmetic = ieee(*float_format(name), rounding);
      reference::MpfrFloat reference(arithmetic.format, rounding);
      Differences differences(arithmetic);
      for (std::uint64_t d = 0; d <= arithmetic.format.mask(); ++d)
        for_all_pairs(arithmetic.format, [&](std::uint64_t a, std::uint64_t b) {
          differences("mac", a, b, compute(arithmetic, FloatOperation::multiply_accumulate, a, b, d), reference.multiply_accumulate(d, a, b));
        });
    }
}

TEST_CASE("compare, maximum and relu follow the host's float order, with canonical NaN and +0 above -0") {
  const FloatArithmetic arithmetic = ieee(fp32);
  Differences differences(arithmetic);
  for_pairs(fp32, 300'000, [&](std::uint64_t a, std::uint64_t b) {
    const float x = Host<float, std::uint32_t>::value(a), y = Host<float, std::uint32_t>::value(b);
    const bool unordered = std::isunordered(x, y);
    differences("compare", a, b, compute(arithmetic, FloatOperation::compare, a, b), unordered ? 0x7fc00000 : x > y ? 0x3f800000 : x < y ? 0xbf800000 : 0);
    const bool a_wins = x > y || (x == y && std::signbit(y));
    differences("max", a, b, compute(arithmetic, FloatOperation::maximum, a, b), unordered ? 0x7fc00000 : a_wins ? a : b);
    differences("relu", a, b, compute(arithmetic, FloatOperation::relu, a, b), x > 0 ? a : 0);
  });
}

TEST_CASE("compare, maximum and relu of a small format agree with those of its values as fp32") {
  const FloatFormat e4m3{4, 3};
  const FloatArithmetic small = ieee(e4m3), wide = ieee(fp32);
  Differences differences(small);
  const auto widened = [&](std::uint64_t x) { return convert(x, e4m3, wide); };
  for_all_pairs(e4m3, [&](std::uint64_t a, std::uint64_t b) {
    for (const FloatOperation operation : {FloatOperation::compare, FloatOperation::maximum, FloatOperation::relu})
      differences(name_of(operation), a, b, widened(compute(small, operation, a, b)), compute(wide, operation, widened(a), widened(b)));
  });
}

TEST_CASE("conversions between formats give MPFR's values in both roundings") {
  struct Case {
    const char *from, *to;
  };
  for (const auto& [from_name, to_name] : {Case{"fp16", "e4m3"},
                                           {"fp16", "e5m2"},
                                           {"fp16", "bf16"},
                                           {"fp16", "e2m1"},
                                           {"bf16", "fp16"},
                                           {"bf16", "e11m1"},
                                           {"e5m2", "fp16"},
                                           {"e4m3", "fp32"},
                                           {"e2m5", "e11m52"},
                                           {"e2m1", "e2m1"},
                                           {"e11m1", "e3m4"}}) {
    const FloatFormat from = *float_format(from_name), to = *float_format(to_name);
    for (const Rounding rounding : roundings) {
      reference::MpfrFloat reference(to, rounding);
      Differences differences(ieee(to, rounding));
      for (std::uint64_t x = 0; x <= from.mask(); ++x) differences(from_name, x, 0, convert(x, from, ieee(to, rounding)), reference.convert(x, from));
    }
  }
  for (const auto& [from_name, to_name] :
       {Case{"fp32", "fp16"}, {"fp32", "bf16"}, {"e11m52", "fp32"}, {"fp32", "e11m52"}, {"e11m52", "e2m52"}, {"e2m52", "fp32"}}) {
    const FloatFormat from = *float_format(from_name), to = *float_format(to_name);
    for (const Rounding rounding : roundings) {
      reference::MpfrFloat reference(to, rounding);
      Differences differences(ieee(to, rounding));
      for_pairs(from, 50'000, [&](std::uint64_t a, std::uint64_t b) {
        differences(from_name, a, 0, convert(a, from, ieee(to, rounding)), reference.convert(a, from));
        differences(from_name, b, 0, convert(b, from, ieee(to, rounding)), reference.convert(b, from));
      });
    }
  }
}

TEST_CASE("narrowing fp32 gives Eigen's half and bfloat16") {
  Differences differences(ieee(fp32));
  test::FloatDraw draw(fp32, 9);
  for (int i = 0; i < 500'000; ++i) {
    const auto x = static_cast<std::uint32_t>(draw.one());
    const auto value = std::bit_cast<float>(x);
    if (std::isnan(value)) continue;
    differences("to fp16", x, 0, convert(x, fp32, ieee(fp16)), Eigen::numext::bit_cast<std::uint16_t>(Eigen::half(value)));
    differences("to bf16", x, 0, convert(x, fp32, ieee(bf16)), Eigen::numext::bit_cast<std::uint16_t>(Eigen::bfloat16(value)));
  }
}

TEST_CASE("signed zeros, infinities and NaN follow IEEE 754 in every format and both roundings") {
  for (const char* name : {"fp32", "fp16", "bf16", "e2m1", "e11m52", "e2m52", "e11m1"})
    for (const Rounding rounding : roundings) {
      const FloatArithmetic arithmetic = ieee(*float_format(name), rounding);
      const FloatFormat& f = arithmetic.format;
      const auto is = [&](FloatOperation operation, std::uint64_t a, std::uint64_t b) { return compute(arithmetic, operation, a, b); };
      const std::uint64_t minus = f.sign_bit(), one = f.one(), infinity = f.infinity(), nan = f.canonical_nan();
      INFO(name);
      CHECK(is(FloatOperation::subtract, one, one) == 0);
      CHECK(is(FloatOperation::subtract, minus, 0) == minus);
      CHECK(is(FloatOperation::add, minus, minus) == minus);
      CHECK(is(FloatOperation::add, minus, 0) == 0);
      CHECK(is(FloatOperation::subtract, infinity, infinity) == nan);
      CHECK(is(FloatOperation::add, infinity, infinity) == infinity);
      CHECK(is(FloatOperation::multiply, 0, minus | infinity) == nan);
      CHECK(is(FloatOperation::multiply, minus, one) == minus);
      CHECK(is(FloatOperation::multiply, minus | infinity, minus | one) == infinity);
      CHECK(is(FloatOperation::add, minus | (f.sign_bit() - 1), one) == nan);
      // Twice the largest finite number.
      CHECK(is(FloatOperation::add, infinity - 1, infinity - 1) == (rounding == Rounding::truncate ? infinity - 1 : infinity));
      CHECK(is(FloatOperation::maximum, minus, 0) == 0);
      CHECK(is(FloatOperation::maximum, nan, infinity) == nan);
      CHECK(is(FloatOperation::compare, minus, 0) == 0);
      CHECK(is(FloatOperation::compare, minus | infinity, infinity) == (minus | one));
      CHECK(is(FloatOperation::compare, one, nan) == nan);
      CHECK(is(FloatOperation::relu, nan, 0) == 0);
      CHECK(is(FloatOperation::relu, minus, 0) == 0);
      CHECK(is(FloatOperation::relu, 1, 0) == 1);
    }
}

TEST_CASE("bits above the format are ignored in operands and zero in results") {
  const FloatArithmetic arithmetic = ieee(bf16);
  for (const FloatOperation operation : {FloatOperation::multiply, FloatOperation::add, FloatOperation::subtract, FloatOperation::multiply_accumulate,
                                         FloatOperation::compare, FloatOperation::maximum, FloatOperation::relu})
    CHECK(compute(arithmetic, operation, 0x7fff0000'40003f81, 0x12340000'3f90bf90, 0xffffffff'ffffbf80) ==
          compute(arithmetic, operation, 0x3f81, 0xbf90, 0xbf80));
  CHECK(convert(0xffff'3f80, bf16, ieee(fp16)) == fp16.one());
}
