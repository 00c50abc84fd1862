#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

#include "models/abi/elementary.h"

namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();

// Distance in units of the last place that a float of the exact value's size has.
double ulps_apart(float computed, double exact) {
  const float rounded = static_cast<float>(exact);
  if (std::isnan(exact)) return std::isnan(computed) ? 0.0 : 1e9;
  if (std::isinf(rounded) || std::isinf(computed)) return computed == rounded ? 0.0 : 1e9;
  int exponent = 0;
  std::frexp(exact, &exponent);
  return std::fabs(static_cast<double>(computed) - exact) / std::ldexp(1.0, std::max(exponent - 24, -149));
}

// Floats all over the range: a stride that is prime to 2^32 meets every exponent with ever different fractions.
template <typename Visit>
void for_floats_of_every_size(Visit visit) {
  constexpr std::uint32_t stride = 4099;
  for (std::uint64_t bits = 0; bits < (std::uint64_t{1} << 32); bits += stride) visit(spinvp_float_from_bits(static_cast<std::uint32_t>(bits)));
}

}  // namespace

TEST_CASE("exp is within 2 ulp of double precision for arguments of every size, subnormal results included") {
  double worst = 0.0;
  for_floats_of_every_size([&](float x) { worst = std::max(worst, ulps_apart(spinvp_exp_f32(x), std::exp(static_cast<double>(x)))); });
  for (float x = -110.0f; x < 90.0f; x += 0.0007f) worst = std::max(worst, ulps_apart(spinvp_exp_f32(x), std::exp(static_cast<double>(x))));
  CHECK(worst < 2.0);
}

TEST_CASE("log is within 2 ulp of double precision for arguments of every size, subnormal ones included") {
  double worst = 0.0;
  for_floats_of_every_size([&](float x) { worst = std::max(worst, ulps_apart(spinvp_log_f32(x), std::log(static_cast<double>(x)))); });
  for (float x = 0.5f; x < 12.0f; x += 0.00003f) worst = std::max(worst, ulps_apart(spinvp_log_f32(x), std::log(static_cast<double>(x))));
  CHECK(worst < 2.0);
}

TEST_CASE("erf is within 2 ulp of double precision for arguments of every size, subnormal ones included") {
  double worst = 0.0;
  for_floats_of_every_size([&](float x) { worst = std::max(worst, ulps_apart(spinvp_erf_f32(x), std::erf(static_cast<double>(x)))); });
  for (float x = -4.5f; x < 4.5f; x += 0.00003f) worst = std::max(worst, ulps_apart(spinvp_erf_f32(x), std::erf(static_cast<double>(x))));
  CHECK(worst < 2.0);
}

TEST_CASE("tanh is within 2 ulp of double precision for arguments of every size, subnormal ones included") {
  double worst = 0.0;
  for_floats_of_every_size([&](float x) { worst = std::max(worst, ulps_apart(spinvp_tanh_f32(x), std::tanh(static_cast<double>(x)))); });
  for (float x = -11.0f; x < 11.0f; x += 0.00007f) worst = std::max(worst, ulps_apart(spinvp_tanh_f32(x), std::tanh(static_cast<double>(x))));
  CHECK(worst < 2.0);
}

TEST_CASE("erf and tanh are odd, never leave -1 to 1, and keep zeros, limits and NaN") {
  for_floats_of_every_size([&](float x) {
    if (std::isnan(x)) return;
    if (std::fabs(spinvp_erf_f32(x)) > 1.0f || std::fabs(spinvp_tanh_f32(x)) > 1.0f || spinvp_erf_f32(-x) != -spinvp_erf_f32(x) ||
        spinvp_tanh_f32(-x) != -spinvp_tanh_f32(x))
      FAIL("at " << x);
  });
  for (const auto function : {spinvp_erf_f32, spinvp_tanh_f32}) {
    CHECK(spinvp_bits_from_float(function(0.0f)) == 0u);
    CHECK(spinvp_bits_from_float(function(-0.0f)) == 0x80000000u);
    CHECK(function(infinity) == 1.0f);
    CHECK(function(-infinity) == -1.0f);
    CHECK(std::isnan(function(std::nanf(""))));
  }
}

TEST_CASE("exp and log keep the exact values and the limits") {
  CHECK(spinvp_exp_f32(0.0f) == 1.0f);
  CHECK(spinvp_exp_f32(-0.0f) == 1.0f);
  CHECK(spinvp_exp_f32(infinity) == infinity);
  CHECK(spinvp_exp_f32(-infinity) == 0.0f);
  CHECK(std::isnan(spinvp_exp_f32(std::nanf(""))));
  CHECK(spinvp_log_f32(1.0f) == 0.0f);
  CHECK(spinvp_log_f32(0.0f) == -infinity);
  CHECK(spinvp_log_f32(-0.0f) == -infinity);
  CHECK(spinvp_log_f32(infinity) == infinity);
  CHECK(std::isnan(spinvp_log_f32(-1.0f)));
  CHECK(std::isnan(spinvp_log_f32(std::nanf(""))));
}

TEST_CASE("exp, log, erf and tanh have the same bits on every host and compiler") {
  // A sum over the results' bits, recorded with gcc 12 on x86-64: a contracted or reordered operation changes it.
  std::uint64_t exp_sum = 0;
  std::uint64_t log_sum = 0;
  for (int i = -8000; i <= 8000; ++i) exp_sum = exp_sum * 31 + spinvp_bits_from_float(spinvp_exp_f32(static_cast<float>(i) * 0.0078125f));
  for (int i = 1; i <= 16000; ++i) log_sum = log_sum * 31 + spinvp_bits_from_float(spinvp_log_f32(static_cast<float>(i) * 0.0078125f));
  CHECK(exp_sum == 0xe114d7d68a1e9396u);
  CHECK(log_sum == 0x5f988c06f21b7d5cu);
  std::uint64_t erf_sum = 0;
  std::uint64_t tanh_sum = 0;
  for (int i = -8000; i <= 8000; ++i) erf_sum = erf_sum * 31 + spinvp_bits_from_float(spinvp_erf_f32(static_cast<float>(i) * 0.00078125f));
  for (int i = -8000; i <= 8000; ++i) tanh_sum = tanh_sum * 31 + spinvp_bits_from_float(spinvp_tanh_f32(static_cast<float>(i) * 0.0015625f));
  CHECK(erf_sum == 0x1ad81b7b62215b10u);
  CHECK(tanh_sum == 0xd70c7a97ad1729c2u);
}
