// From the error of a bit to that of a word whose code corrects some of them, and back.
//
//   P_word = sum over i > t of C(n, i) p^i (1 - p)^(n - i)            n stored bits, t corrected; bits err on their own (standard)
#pragma once

namespace spinvp::technology {

// n >= 1, p in [0, 1]; t >= n gives 0.
double word_failure(unsigned stored_bits, unsigned corrected_bits, double bit_error);
// The largest p whose word failure is at most `budget` (in (0, 1)).
double bit_error_for(unsigned stored_bits, unsigned corrected_bits, double budget);

}  // namespace spinvp::technology
