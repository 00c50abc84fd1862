#include "tests/reference/mpfr_float.h"

namespace reference {

using spinvp::pim::FloatFormat;

namespace {

// Exponent of the last bit of a subnormal number.
int least_exponent(const FloatFormat& f) { return 1 - f.bias() - static_cast<int>(f.mantissa_bits); }

// The widest range that MPFR has: no operand is out of it.
void widest_range() {
  mpfr_set_emin(mpfr_get_emin_min());
  mpfr_set_emax(mpfr_get_emax_max());
}

void set(mpfr_t x, const FloatFormat& f, std::uint64_t bits) {
  const auto field = static_cast<int>(bits >> f.mantissa_bits & f.exponent_mask());
  const std::uint64_t mantissa = bits & f.mantissa_mask();
  const bool negative = (bits & f.sign_bit()) != 0;
  if (field == static_cast<int>(f.exponent_mask())) {
    if (mantissa != 0) {
      mpfr_set_nan(x);
    } else {
      mpfr_set_inf(x, negative ? -1 : 1);
    }
    return;
  }
  const std::uint64_t significand = field == 0 ? mantissa : mantissa | (std::uint64_t{1} << f.mantissa_bits);
  mpfr_set_ui_2exp(x, significand, least_exponent(f) + (field == 0 ? 0 : field - 1), MPFR_RNDN);  // exact
  mpfr_setsign(x, x, negative ? 1 : 0, MPFR_RNDN);
}

}  // namespace

MpfrFloat::MpfrFloat(const FloatFormat& format, spinvp::pim::Rounding rounding)
    : format_(format), rounding_(rounding == spinvp::pim::Rounding::truncate ? MPFR_RNDZ : MPFR_RNDN) {
  mpfr_init2(a_, FloatFormat::most_mantissa_bits + 1);
  mpfr_init2(b_, FloatFormat::most_mantissa_bits + 1);
  mpfr_init2(result_, format.mantissa_bits + 1);
  mpz_init(significand_);
}

MpfrFloat::~MpfrFloat() {
  mpfr_clear(a_), mpfr_clear(b_), mpfr_clear(result_);
  mpz_clear(significand_);
}

// MPFR's significands are in [1/2, 1): its exponents are one above those of IEEE 754.
template <typename Operation>
std::uint64_t MpfrFloat::rounded(Operation operation) {
  mpfr_set_emin(least_exponent(format_) + 1);
  mpfr_set_emax(format_.bias() + 1);
  const int direction = operation();
  mpfr_subnormalize(result_, direction, rounding_);
  return bits_of_result();
}

std::uint64_t MpfrFloat::bits_of_result() {
  if (mpfr_nan_p(result_) != 0) return format_.canonical_nan();
  const std::uint64_t sign = mpfr_signbit(result_) != 0 ? format_.sign_bit() : 0;
  if (mpfr_inf_p(result_) != 0) return sign | format_.infinity();
  if (mpfr_zero_p(result_) != 0) return sign;
  const long exponent = mpfr_get_z_2exp(significand_, result_), over = exponent - least_exponent(format_);
  mpz_abs(significand_, significand_);
  const std::uint64_t significand = mpz_get_ui(significand_);
  if (over < 0) return sign | significand >> -over;  // subnormal: only zeros leave
  return sign | (static_cast<std::uint64_t>(over + 1) << format_.mantissa_bits) | (significand & format_.mantissa_mask());
}

std::uint64_t MpfrFloat::multiply(std::uint64_t a, std::uint64_t b) {
  widest_range();
  set(a_, format_, a), set(b_, format_, b);
  return rounded([this] { return mpfr_mul(result_, a_, b_, rounding_); });
}

std::uint64_t MpfrFloat::add(std::uint64_t a, std::uint64_t b) {
  widest_range();
  set(a_, format_, a), set(b_, format_, b);
  return rounded([this] { return mpfr_add(result_, a_, b_, rounding_); });
}

std::uint64_t MpfrFloat::subtract(std::uint64_t a, std::uint64_t b) {
  widest_range();
  set(a_, format_, a), set(b_, format_, b);
  return rounded([this] { return mpfr_sub(result_, a_, b_, rounding_); });
}

std::uint64_t MpfrFloat::convert(std::uint64_t value, const FloatFormat& from) {
  widest_range();
  set(a_, from, value);
  // Setting does not look at the range of the operand, which may be out of ours here: times one rounds and checks in one step.
  mpfr_set_ui(b_, 1, MPFR_RNDN);
  return rounded([this] { return mpfr_mul(result_, a_, b_, rounding_); });
}

}  // namespace reference
