#include "models/technology/word_error.h"

#include <algorithm>
#include <cmath>

#include "models/core/exact_math.h"
#include "models/technology/device_error.h"

namespace spinvp::technology {

namespace {
constexpr const char* law = "word failure P = sum over i > t of C(n, i) p^i (1 - p)^(n - i)";
}

double word_failure(unsigned stored_bits, unsigned corrected_bits, double bit_error) {
  require_positive(law, "stored bits n", stored_bits, "");
  require_between(law, "bit error p", bit_error, 0, 1, "");
  if (corrected_bits >= stored_bits || bit_error == 0) return 0;
  if (bit_error == 1) return 1;
  // The first term by its logarithm (no overflow of C(n, i) for wide words), each next one from the one before.
  const unsigned first = corrected_bits + 1;
  double log_term = first * core::exact::log(bit_error) + (stored_bits - first) * core::exact::log1p(-bit_error);
  for (unsigned i = 1; i <= first; ++i) log_term += core::exact::log(static_cast<double>(stored_bits - first + i) / i);
  double term = core::exact::exp(log_term), sum = 0;
  const double odds = bit_error / (1 - bit_error);
  for (unsigned i = first; i <= stored_bits; ++i) {
    sum += term;
    const double next = term * odds * (stored_bits - i) / (i + 1);
    if (next < term && next < sum * 1e-18) break;
    term = next;
  }
  return std::min(sum, 1.0);
}

double bit_error_for(unsigned stored_bits, unsigned corrected_bits, double budget) {
  require_probability(law, "budget P", budget);
  require_between(law, "corrected bits t", corrected_bits, 0, static_cast<double>(stored_bits) - 1, "");
  // Word failure rises with the bit's: bisection over the logarithm. P <= (n p)^(t + 1) bounds p from below.
  double low = core::exact::exp(core::exact::log(budget) / (corrected_bits + 1)) / stored_bits * (1 - 1e-9), high = 1;
  if (word_failure(stored_bits, corrected_bits, low) > budget) low = 1e-300;
  for (int step = 0; step < 200 && high / low > 1 + 1e-13; ++step) {
    const double middle = std::sqrt(low * high);
    (word_failure(stored_bits, corrected_bits, middle) <= budget ? low : high) = middle;
  }
  return low;
}

}  // namespace spinvp::technology
