// IEEE 754 arithmetic of any format by GNU MPFR: correctly rounded, subnormal numbers included, nothing shared with the platform's own.
#pragma once

#include <cstdint>

#include <mpfr.h>

#include "models/pim/float_format.h"

namespace reference {

class MpfrFloat {
 public:
  MpfrFloat(const spinvp::pim::FloatFormat& format, spinvp::pim::Rounding rounding);
  ~MpfrFloat();
  MpfrFloat(const MpfrFloat&) = delete;
  MpfrFloat& operator=(const MpfrFloat&) = delete;

  std::uint64_t multiply(std::uint64_t a, std::uint64_t b);
  std::uint64_t add(std::uint64_t a, std::uint64_t b);
  std::uint64_t subtract(std::uint64_t a, std::uint64_t b);
  std::uint64_t multiply_accumulate(std::uint64_t d, std::uint64_t a, std::uint64_t b) { return add(d, multiply(a, b)); }
  // `value` is a number of `from`.
  std::uint64_t convert(std::uint64_t value, const spinvp::pim::FloatFormat& from);

 private:
  template <typename Operation>
  std::uint64_t rounded(Operation operation);
  std::uint64_t bits_of_result();

  spinvp::pim::FloatFormat format_;
  mpfr_rnd_t rounding_;
  mpfr_t a_, b_, result_;
  mpz_t significand_;
};

}  // namespace reference
