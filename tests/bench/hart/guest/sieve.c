/* Primes below 2^20 by the sieve of Eratosthenes, byte flags. pi(2^20) = 82025 (OEIS A007053). */
#ifndef REPEAT
#define REPEAT 40
#endif
enum { limit = 1 << 20 };
static unsigned char composite[limit];

int main(void) {
  unsigned primes = 0;
  for (int repeat = 0; repeat < REPEAT; ++repeat) {
    primes = 0;
    for (int i = 0; i < limit; ++i) composite[i] = 0;
    for (int i = 2; i < limit; ++i) {
      if (composite[i]) continue;
      ++primes;
      for (long j = (long)i * i; j < limit; j += i) composite[j] = 1;
    }
  }
  return primes != 82025;
}
