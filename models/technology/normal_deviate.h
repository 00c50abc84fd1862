// Normal deviates that are the same bits on every host: the inverse of the normal distribution function by rational approximation (Wichura, algorithm AS 241,
// Applied Statistics 37, 477 (1988), accurate to about 1e-16), applied to counter-based uniform bits.
#pragma once

#include <cstdint>

namespace spinvp::technology {

// x with P(X <= x) = p, 0 < p < 1.
double inverse_normal(double p);
// Value `counter` of the stream of `seed`.
double normal_deviate(std::uint64_t seed, std::uint64_t counter);

}  // namespace spinvp::technology
