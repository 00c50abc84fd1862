// A call tree that a test knows: who calls whom and how often, a tail call, recursion, a pointer, a timer interrupt that is waited for, a long jump.
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>

#include "firmware/drivers/clint.h"

#define NOINLINE __attribute__((noinline, noclone))

int main(void);
uint64_t dot(uint64_t n);
uint64_t conv(uint64_t n);
uint64_t tail(uint64_t n);
uint64_t by_tail(uint64_t n);
uint64_t factorial(uint64_t n);
uint64_t pointed(uint64_t n);
void throws(uint64_t depth);

static jmp_buf back;
static volatile uint64_t back_depth = 1000;

NOINLINE uint64_t dot(uint64_t n) {
  uint64_t sum = 0;
  for (uint64_t i = 0; i < n; ++i) {
    sum += i * i;
    __asm__ volatile("" : "+r"(sum));
  }
  return sum;
}

NOINLINE uint64_t conv(uint64_t n) {
  uint64_t sum = 0;
  for (uint64_t i = 0; i < 5; ++i) sum += dot(n);
  return sum;
}

NOINLINE uint64_t tail(uint64_t n) {
  __asm__ volatile("" : "+r"(n));
  return n + 1;
}

NOINLINE uint64_t by_tail(uint64_t n) {
  __asm__ volatile("" : "+r"(n));
  return tail(n * 3);
}

NOINLINE uint64_t factorial(uint64_t n) {
  if (n == 0) return 1;
  const uint64_t below = factorial(n - 1);
  __asm__ volatile("" ::: "memory");
  return n * below;
}

NOINLINE uint64_t pointed(uint64_t n) {
  __asm__ volatile("" : "+r"(n));
  return n ^ 1;
}

NOINLINE void throws(uint64_t depth) {
  if (depth == 0) longjmp(back, 1);
  if (back_depth != depth) throws(depth - 1);
  __asm__ volatile("" ::: "memory");
}

int main(void) {
  volatile uint64_t sink = 0;
  for (unsigned i = 0; i < 3; ++i) sink = sink + conv(1000);
  sink = sink + by_tail(sink);
  sink = sink + factorial(6);
  uint64_t (*volatile pointer)(uint64_t) = pointed;
  for (unsigned i = 0; i < 7; ++i) sink = sink + pointer(i);
  if (setjmp(back) == 0) throws(4);
  sink = sink + dot(10);
  clint_sleep(20);
  printf("%s\n", sink != 0 ? "done" : "lost");
  return 0;
}
