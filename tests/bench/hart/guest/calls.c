// Small functions that call each other all the time: a quicksort with a compare function behind a pointer, and a recursion without any other work.
#include <stdint.h>

static uint32_t values[1 << 14];

__attribute__((noinline)) static int before(uint32_t a, uint32_t b) { return a < b; }

__attribute__((noinline)) static void sort(uint32_t* v, int64_t low, int64_t high, int (*compare)(uint32_t, uint32_t)) {
  if (low >= high) return;
  const uint32_t pivot = v[(low + high) / 2];
  int64_t i = low, j = high;
  while (i <= j) {
    while (compare(v[i], pivot)) ++i;
    while (compare(pivot, v[j])) --j;
    if (i > j) break;
    const uint32_t other = v[i];
    v[i++] = v[j];
    v[j--] = other;
  }
  sort(v, low, j, compare);
  sort(v, i, high, compare);
}

__attribute__((noinline)) static uint64_t fibonacci(uint64_t n) { return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2); }

int main(void) {
  enum { count = sizeof values / sizeof values[0] };
  uint32_t random = 1;
  for (int round = 0; round < 12; ++round) {
    for (int i = 0; i < count; ++i) {
      random = random * 1664525u + 1013904223u;
      values[i] = random;
    }
    sort(values, 0, count - 1, before);
    for (int i = 1; i < count; ++i)
      if (values[i] < values[i - 1]) return 1;
  }
  return fibonacci(27) == 196418 ? 0 : 2;
}
