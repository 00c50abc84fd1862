#include <catch2/catch.hpp>

#include <cmath>
#include <limits>

#include "models/core/exact_math.h"

namespace exact = spinvp::core::exact;

TEST_CASE("exact functions return the double nearest to the true value") {
  // e, ln 10 and erfc(1) to 25 digits, read by the compiler to the nearest double.
  CHECK(exact::exp(1) == 2.718281828459045235360287);
  CHECK(exact::log(10) == 2.302585092994045684017991);
  CHECK(exact::erfc(1) == 0.1572992070502851306587794);
  CHECK(exact::expm1(0x1p-30) == 9.3132257504915938475383403479204698e-10);
  CHECK(exact::log1p(0x1p-30) == 9.31322574181797646900062748524378480e-10);
  CHECK(exact::pow(2, 0.5) == 1.414213562373095048801689);
  CHECK(exact::exp2(-3) == 0.125);
  CHECK(exact::log2(1024) == 10);
  CHECK(exact::tanh(1) == 0.7615941559557648881194583);
  CHECK(exact::cosh(1) == 1.543080634815243778477906);
}

TEST_CASE("exact functions keep the limits of the C library's") {
  const double infinity = std::numeric_limits<double>::infinity();
  CHECK(exact::exp(-800) == 0);
  CHECK(exact::exp(800) == infinity);
  CHECK(exact::log(0) == -infinity);
  CHECK(std::isnan(exact::log(-1)));
  CHECK(std::isnan(exact::exp(std::numeric_limits<double>::quiet_NaN())));
  CHECK(exact::erfc(infinity) == 0);
}
