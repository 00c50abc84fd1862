// Counter-based random bits in integer arithmetic alone, valid C11 and C++: the n-th value depends on the seed and on n, never on
// how many were drawn before, so any part of a stream can be made in any order and on any machine with the same bits.
#ifndef SPINVP_ABI_COUNTER_HASH_H
#define SPINVP_ABI_COUNTER_HASH_H

#ifdef __cplusplus
#include <cstdint>
#else
#include <stdint.h>
#endif

// 64 well-mixed bits: value `counter` of the SplitMix64 stream that starts at `seed` (Steele, Lea, Flood, "Fast splittable
// pseudorandom number generators", OOPSLA 2014). Mix a small seed first (spinvp_counter_hash(seed, 0)): streams of near
// starting points are otherwise unrelated, but nothing guarantees it.
static inline uint64_t spinvp_counter_hash(uint64_t seed, uint64_t counter) {
  uint64_t bits = seed + (counter + 1u) * 0x9e3779b97f4a7c15u;
  bits = (bits ^ (bits >> 30)) * 0xbf58476d1ce4e5b9u;
  bits = (bits ^ (bits >> 27)) * 0x94d049bb133111ebu;
  return bits ^ (bits >> 31);
}

#endif
