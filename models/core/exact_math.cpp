#include "models/core/exact_math.h"

#include <mpfr.h>

namespace spinvp::core::exact {

namespace {

// A double of MPFR, with a double's precision: its nearest rounding is the double nearest to the true value. (Below 2^-1022 the result rounds twice, which is
// the same on every host too.)
class Value {
 public:
  explicit Value(double x) {
    mpfr_init2(value_, 53);
    mpfr_set_d(value_, x, MPFR_RNDN);
  }
  ~Value() { mpfr_clear(value_); }
  Value(const Value&) = delete;
  Value& operator=(const Value&) = delete;
  mpfr_ptr get() { return value_; }

 private:
  mpfr_t value_;
};

double apply(int (*function)(mpfr_ptr, mpfr_srcptr, mpfr_rnd_t), double x) {
  Value value(x);
  function(value.get(), value.get(), MPFR_RNDN);
  return mpfr_get_d(value.get(), MPFR_RNDN);
}

}  // namespace

double exp(double x) { return apply(mpfr_exp, x); }
double expm1(double x) { return apply(mpfr_expm1, x); }
double exp2(double x) { return apply(mpfr_exp2, x); }
double log(double x) { return apply(mpfr_log, x); }
double log1p(double x) { return apply(mpfr_log1p, x); }
double log2(double x) { return apply(mpfr_log2, x); }
double cosh(double x) { return apply(mpfr_cosh, x); }
double tanh(double x) { return apply(mpfr_tanh, x); }
double erfc(double x) { return apply(mpfr_erfc, x); }

double pow(double x, double y) {
  Value base(x), exponent(y);
  mpfr_pow(base.get(), base.get(), exponent.get(), MPFR_RNDN);
  return mpfr_get_d(base.get(), MPFR_RNDN);
}

}  // namespace spinvp::core::exact
