// The natural logarithm in plain arithmetic, for draws inside loops: the same bits on every host, about 20 ns. At set-up take exact::log, which is correctly rounded.
#pragma once

namespace spinvp::core {

// Of a normal number above 0; within 2 units in the last place. x = m 2^e with m in [1/sqrt 2, sqrt 2); ln m = 2 artanh s, s = (m - 1) / (m + 1), |s| < 0.1716, summed to
// s^21 (the next term is below 2^-54 of the sum).
double plain_log(double x);

}  // namespace spinvp::core
