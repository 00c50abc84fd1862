// exp, log, erf and tanh in fp32 arithmetic alone, valid C11 and C++. The firmware, the NPU's vector unit and the host reference all
// include this file, so a softmax has the same bits wherever it is computed; libm's functions give other bits with and without FMA.
//
// Every operation below is one IEEE 754 binary32 operation, rounded to nearest even, in the order written. So every translation
// unit that includes this file is compiled with -ffp-contract=off (a fused a*b+c rounds once and gives other bits), never with
// -ffast-math, and on x86 with SSE arithmetic. Error over all inputs, measured against double: exp < 1.0 ulp, log < 0.9 ulp,
// erf < 1.4 ulp, tanh < 1.4 ulp (tests/unit/workloads/test_elementary.cpp holds 2 ulp; subnormal results included).
//
// The coefficients are Chebyshev interpolants computed for this project, of (e^r - 1 - r) / r^2 on |r| <= ln(2)/2 and of
// (2 atanh(s) - 2 s) / s^3 as a polynomial in s^2 on |s| <= (sqrt(2) - 1) / (sqrt(2) + 1), of erf(x) / x - 1 as a polynomial in x^2 on
// |x| <= 1, of log(1 - erf(x)) on 1 <= x <= 4, and of (tanh(x) / x - 1) / x^2 as a polynomial in x^2 on |x| <= 0.625, rounded to fp32.
#ifndef SPINVP_ABI_ELEMENTARY_H
#define SPINVP_ABI_ELEMENTARY_H

#ifdef __cplusplus
#include <cstdint>
#else
#include <stdint.h>
#endif

#ifdef __FAST_MATH__
#error "elementary.h needs IEEE arithmetic in the order written: no -ffast-math"
#endif

static inline float spinvp_float_from_bits(uint32_t bits) {
  float value;
  __builtin_memcpy(&value, &bits, sizeof value);
  return value;
}

static inline uint32_t spinvp_bits_from_float(float value) {
  uint32_t bits;
  __builtin_memcpy(&bits, &value, sizeof bits);
  return bits;
}

// 2^exponent as a normal number: exponent in -126..127.
static inline float spinvp_power_of_two(int32_t exponent) { return spinvp_float_from_bits((uint32_t)(exponent + 127) << 23); }

// ln(2) in two parts: the high one has 9 significant bits, so its product with any exponent is exact.
#define SPINVP_LN2_HIGH 0.693359375f
#define SPINVP_LN2_LOW  (-2.12194440e-4f)

// e^x. exp(NaN) = NaN, exp(+inf) = +inf, exp(-inf) = +0; overflows to +inf, underflows gradually through the subnormals.
static inline float spinvp_exp_f32(float x) {
  if (x != x) return x;
  if (x > 88.7228394f) return spinvp_float_from_bits(0x7f800000u);  // the last argument whose result is finite
  if (x < -104.0f) return 0.0f;                                     // less than half of the smallest subnormal

  // x = n ln(2) + r with |r| <= ln(2)/2: adding and taking off 1.5 * 2^23 rounds to an integer, half to even.
  const float scaled = x * 1.44269502f;
  const float shifted = scaled + 12582912.0f;
  const float n = shifted - 12582912.0f;
  const float without_high = x - n * SPINVP_LN2_HIGH;
  const float r = without_high - n * SPINVP_LN2_LOW;

  float polynomial = 1.98910799e-4f;
  polynomial = polynomial * r + 1.39337312e-3f;
  polynomial = polynomial * r + 8.33331048e-3f;
  polynomial = polynomial * r + 4.1666463e-2f;
  polynomial = polynomial * r + 0.166666672f;
  polynomial = polynomial * r + 0.5f;
  const float square = r * r;
  const float tail = polynomial * square + r;
  const float mantissa = tail + 1.0f;

  // Two factors, each a normal power of two: the first product is exact, so a subnormal result is rounded once.
  const int32_t exponent = (int32_t)n;
  const int32_t half = exponent / 2;
  return mantissa * spinvp_power_of_two(half) * spinvp_power_of_two(exponent - half);
}

// Natural logarithm. log(+-0) = -inf, log(x < 0) = NaN, log(+inf) = +inf, log(NaN) = NaN; subnormal arguments are exact inputs.
static inline float spinvp_log_f32(float x) {
  if (x != x) return x;
  if (x == 0.0f) return spinvp_float_from_bits(0xff800000u);
  if (x < 0.0f) return spinvp_float_from_bits(0x7fc00000u);
  uint32_t bits = spinvp_bits_from_float(x);
  if (bits == 0x7f800000u) return x;

  int32_t exponent = 0;
  if (bits < 0x00800000u) {
    bits = spinvp_bits_from_float(x * 8388608.0f);
    exponent = -23;
  }
  // x = 2^exponent (1 + f) with 1 + f between sqrt(1/2) and sqrt(2); 0x3f3504f3 are the bits of sqrt(1/2).
  const uint32_t offset = bits - 0x3f3504f3u;
  exponent += (int32_t)offset >> 23;
  const float f = spinvp_float_from_bits((offset & 0x007fffffu) + 0x3f3504f3u) - 1.0f;

  // log(1 + f) = 2 atanh(s), s = f / (2 + f); and 2 s = f - s f, where f is exact: only the small parts carry rounding errors.
  const float s = f / (2.0f + f);
  const float z = s * s;
  float polynomial = 0.233316138f;
  polynomial = polynomial * z + 0.285507798f;
  polynomial = polynomial * z + 0.400001228f;
  polynomial = polynomial * z + 0.666666687f;
  const float series = z * polynomial;
  // s f = f^2/2 - s f^2/2: split so that the larger part, f^2/2, needs no division and carries the smaller error.
  const float half_square = 0.5f * f * f;
  const float n = (float)exponent;
  const float correction = s * (half_square + series) + n * SPINVP_LN2_LOW;
  const float fraction = f - (half_square - correction);
  return n * SPINVP_LN2_HIGH + fraction;
}

// Error function, 2 / sqrt(pi) times the integral of exp(-t^2) from 0 to x. Odd; erf(+-inf) = +-1, erf(NaN) = NaN; from |x| = 4 on it rounds to 1.
static inline float spinvp_erf_f32(float x) {
  if (x != x) return x;
  const float size = spinvp_float_from_bits(spinvp_bits_from_float(x) & 0x7fffffffu);
  if (size < 1.0f) {
    const float z = x * x;
    float polynomial = 7.87587487e-5f;
    polynomial = polynomial * z - 8.01686430e-4f;
    polynomial = polynomial * z + 5.18908724e-3f;
    polynomial = polynomial * z - 2.68542115e-2f;
    polynomial = polynomial * z + 0.112835944f;
    polynomial = polynomial * z - 0.37612626f;
    polynomial = polynomial * z + 0.128379166f;
    return x + x * polynomial;
  }
  float result = 1.0f;
  if (size < 4.0f) {
    float polynomial = 1.6371514e-6f;
    polynomial = polynomial * size - 4.60580413e-5f;
    polynomial = polynomial * size + 5.96805650e-4f;
    polynomial = polynomial * size - 4.75959620e-3f;
    polynomial = polynomial * size + 2.64211353e-2f;
    polynomial = polynomial * size - 0.110080086f;
    polynomial = polynomial * size - 0.631826043f;
    polynomial = polynomial * size - 1.13023341f;
    polynomial = polynomial * size + 3.20138060e-4f;
    result = 1.0f - spinvp_exp_f32(polynomial);
  }
  return x < 0.0f ? 0.0f - result : result;
}

// Hyperbolic tangent. Odd; tanh(+-inf) = +-1, tanh(NaN) = NaN; from |x| = 10 on it rounds to 1.
static inline float spinvp_tanh_f32(float x) {
  if (x != x) return x;
  const float size = spinvp_float_from_bits(spinvp_bits_from_float(x) & 0x7fffffffu);
  if (size < 0.000244140625f) return x;  // below 2^-12, x - x^3 / 3 rounds to x; and -0 stays -0
  if (size < 0.625f) {
    const float z = x * x;
    float polynomial = 2.29280721e-3f;
    polynomial = polynomial * z - 8.34400021e-3f;
    polynomial = polynomial * z + 2.17689350e-2f;
    polynomial = polynomial * z - 5.39592616e-2f;
    polynomial = polynomial * z + 0.133333042f;
    polynomial = polynomial * z - 0.333333343f;
    return x + x * (polynomial * z);
  }
  // 1 - 2 / (e^2x + 1): the quotient is at most 0.45, so its errors weigh less than half.
  float result = 1.0f;
  if (size < 10.0f) result = 1.0f - 2.0f / (spinvp_exp_f32(size + size) + 1.0f);
  return x < 0.0f ? 0.0f - result : result;
}

#endif
