// Counter-based random numbers in plain arithmetic: the n-th value depends on the seed and on n alone, so a stream can be saved as one number and has the same bits on every host.
#pragma once

#include <cstdint>

namespace spinvp::core {

// 64 well-mixed bits: value `counter` of the SplitMix64 stream that starts at `seed` (Steele, Lea, Flood, OOPSLA 2014); the same numbers as spinvp_counter_hash, which
// firmware draws with. Mix a small seed first: random_bits(seed, 0).
constexpr std::uint64_t random_bits(std::uint64_t seed, std::uint64_t counter) {
  std::uint64_t bits = seed + (counter + 1) * 0x9e3779b97f4a7c15u;
  bits = (bits ^ (bits >> 30)) * 0xbf58476d1ce4e5b9u;
  bits = (bits ^ (bits >> 27)) * 0x94d049bb133111ebu;
  return bits ^ (bits >> 31);
}

// Uniform in (0, 1], a multiple of 2^-53: its logarithm is finite.
constexpr double random_unit(std::uint64_t seed, std::uint64_t counter) { return static_cast<double>((random_bits(seed, counter) >> 11) + 1) * 0x1p-53; }

}  // namespace spinvp::core
