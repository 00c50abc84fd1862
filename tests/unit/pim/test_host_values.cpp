// The loops over planes against float_value.h, bit for bit: every operation, vector width and arithmetic that an engine can be asked for.
#include <catch2/catch.hpp>

#include <cfenv>
#include <string>
#include <vector>

#include "models/pim/float_value.h"
#include "models/pim/host_values.h"
#include "tests/support/float_operands.h"

using namespace spinvp::pim;

namespace {

using Plane = std::vector<std::uint32_t>;

constexpr FloatOperation operations[] = {FloatOperation::multiply, FloatOperation::add,     FloatOperation::subtract, FloatOperation::multiply_accumulate,
                                         FloatOperation::compare,  FloatOperation::maximum, FloatOperation::relu};
constexpr VectorWidth widths[] = {VectorWidth::portable, VectorWidth::avx2, VectorWidth::avx512};

struct Planes {
  Plane d, a, b;
};

// The directed operands crossed with each other, then drawn pairs.
Planes operands(const FloatFormat& format, std::size_t random) {
  Planes planes;
  test::FloatDraw draw(format, 21);
  const auto push = [&](std::uint64_t a, std::uint64_t b) {
    planes.a.push_back(static_cast<std::uint32_t>(a)), planes.b.push_back(static_cast<std::uint32_t>(b));
    planes.d.push_back(static_cast<std::uint32_t>(draw.one()));
  };
  const auto directed = test::directed_operands(format);
  for (const std::uint64_t a : directed)
    for (const std::uint64_t b : directed) push(a, b);
  for (std::size_t i = 0; i < random; ++i) {
    const auto [a, b] = draw.pair();
    push(a, b);
  }
  return planes;
}

void check_against_float_value(const FloatArithmetic& arithmetic, VectorWidth width) {
  const Planes planes = operands(arithmetic.format, 200'000);
  const HostValues values(arithmetic, width);
  INFO(name_of(arithmetic.format) << ", " << values.width_name());
  for (const FloatOperation operation : operations) {
    Plane got = planes.d;
    values.run(operation, got.data(), planes.a.data(), planes.b.data(), got.size());
    std::size_t differences = 0;
    for (std::size_t i = 0; i < got.size(); ++i) {
      const std::uint64_t want = compute(arithmetic, operation, planes.a[i], planes.b[i], planes.d[i]);
      if (got[i] != want && ++differences < 4)
        UNSCOPED_INFO(std::hex << name_of(operation) << " d " << planes.d[i] << " a " << planes.a[i] << " b " << planes.b[i] << " got " << got[i] << " want "
                               << want);
    }
    CHECK(differences == 0);
  }
}

}  // namespace

TEST_CASE("fp32 loops of every width give the values of float_value.h, rounding to nearest even") {
  for (const VectorWidth width : widths) check_against_float_value({fp32, Semantics::ieee, Rounding::nearest_even}, width);
}

TEST_CASE("fp32 loops of every width give the values of float_value.h, truncating") {
  for (const VectorWidth width : widths) check_against_float_value({fp32, Semantics::ieee, Rounding::truncate}, width);
}

TEST_CASE("published fp32 loops of every width give the values of float_value.h") {
  for (const VectorWidth width : widths) check_against_float_value({fp32, Semantics::published, Rounding::truncate}, width);
}

TEST_CASE("other formats in 32-bit words give the values of float_value.h") {
  for (const char* name : {"fp16", "bf16", "e4m3", "e2m1", "e11m20"})
    for (const Semantics semantics : {Semantics::ieee, Semantics::published})
      check_against_float_value({*float_format(name), semantics, Rounding::truncate}, VectorWidth::avx512);
  check_against_float_value({fp16, Semantics::ieee, Rounding::nearest_even}, VectorWidth::avx512);
}

TEST_CASE("a loop changes as many elements as it is asked for, whatever its vectors hold") {
  for (const Semantics semantics : {Semantics::ieee, Semantics::published})
    for (const VectorWidth width : widths) {
      const HostValues values({fp32, semantics, Rounding::nearest_even}, width);
      const Plane two(64, 0x40000000u);
      for (std::size_t count = 0; count <= 48; ++count) {
        Plane d(64, 0x3f800000u);  // 1
        values.run(FloatOperation::multiply_accumulate, d.data() + 3, two.data() + 1, two.data(), count);
        for (std::size_t i = 0; i < d.size(); ++i)
          if (d[i] != (i >= 3 && i < 3 + count ? 0x40a00000u : 0x3f800000u)) FAIL("count " << count << " element " << i);
      }
    }
}

TEST_CASE("a plane may be operand and destination at once") {
  for (const Semantics semantics : {Semantics::ieee, Semantics::published})
    for (const VectorWidth width : widths) {
      const FloatArithmetic arithmetic{fp32, semantics, Rounding::nearest_even};
      const HostValues values(arithmetic, width);
      const Planes planes = operands(fp32, 1000);
      for (const FloatOperation operation : operations) {
        Plane d = planes.a;
        values.run(operation, d.data(), d.data(), d.data(), d.size());
        for (std::size_t i = 0; i < d.size(); ++i)
          if (d[i] != compute(arithmetic, operation, planes.a[i], planes.a[i], planes.a[i])) FAIL(name_of(operation) << " of " << planes.a[i]);
      }
    }
}

TEST_CASE("values do not depend on the host's rounding mode, and leave it as it was") {
  const std::uint32_t one = 0x3f800000u, quarter_unit = 0x33000000u;  // 2^-25, less than half of a unit in the last place of 1
  for (const Rounding rounding : {Rounding::nearest_even, Rounding::truncate}) {
    const HostValues values({fp32, Semantics::ieee, rounding});
    std::uint32_t sum = 0;
    std::fesetround(FE_UPWARD);
    values.run(FloatOperation::add, &sum, &one, &quarter_unit, 1);
    const int mode = std::fegetround();
    std::fesetround(FE_TONEAREST);
    CHECK(mode == FE_UPWARD);
    CHECK(sum == one);
  }
}

TEST_CASE("the vectors taken are no wider than asked for, and named") {
  CHECK(std::string(HostValues({fp32}, VectorWidth::portable).width_name()) == "portable");
  CHECK(std::string(HostValues({fp32}, VectorWidth::avx2).width_name()) != "avx512");
  CHECK(std::string(HostValues({fp16}).width_name()) == "lane by lane");
}
