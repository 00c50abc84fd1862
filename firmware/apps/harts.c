// Several harts at work: a sum in parts, counters that all share by atomic operations, a lock, and code that one hart writes and another runs. Prints what came
// out and ends well if it is right. With one hart, hart 0 does all the work.
#include <inttypes.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "firmware/hal/about.h"
#include "firmware/hal/csr.h"
#include "firmware/hal/harts.h"

SPINVP_ABOUT("several harts share a sum, counters, a lock and code: --set harts.count=4");

enum { NUMBERS = 4096, ROUNDS = 500 };

static uint32_t numbers[NUMBERS];
static atomic_uint_fast64_t added, linked;
static uint64_t locked;
static atomic_flag lock = ATOMIC_FLAG_INIT;

struct part {
  unsigned first, last;
  uint64_t sum, hart;
};

// Adds 1 by load-reserved and store-conditional, which fails when somebody else stores in between.
static void add_linked(atomic_uint_fast64_t* counter) {
  uint64_t value, failed;
  __asm__ volatile(
      "1: lr.d %0, (%2)\n"
      "addi %0, %0, 1\n"
      "sc.d %1, %0, (%2)\n"
      "bnez %1, 1b"
      : "=&r"(value), "=&r"(failed)
      : "r"(counter)
      : "memory");
}

static void do_part(void* context) {
  struct part* part = context;
  part->hart = hart_id();
  for (unsigned i = part->first; i < part->last; ++i) part->sum += numbers[i];
  for (unsigned i = 0; i < ROUNDS; ++i) {
    atomic_fetch_add(&added, 1);
    add_linked(&linked);
    while (atomic_flag_test_and_set(&lock)) {}
    ++locked;
    atomic_flag_clear(&lock);
  }
}

// addi a0, zero, `constant`; ret
static _Alignas(8) uint32_t code[2] = {0x00100513, 0x00008067};

static void run_code(void* context) {
  __asm__ volatile("fence.i" ::: "memory");
  *(int*)context = ((int (*)(void))(uintptr_t)code)();
}

static bool check(const char* what, uint64_t value, uint64_t expected) {
  printf("%-8s %" PRIu64 "\n", what, value);
  if (value == expected) return true;
  printf("         should be %" PRIu64 "\n", expected);
  return false;
}

int main(void) {
  const unsigned harts = harts_count();
  static struct part parts[HARTS_MOST];
  uint64_t expected = 0;
  for (unsigned i = 0; i < NUMBERS; ++i) expected += numbers[i] = i * i;
  for (unsigned h = 0; h < harts; ++h) {
    parts[h].first = NUMBERS * h / harts;
    parts[h].last = NUMBERS * (h + 1) / harts;
    if (h != 0) harts_start(h, do_part, &parts[h]);
  }
  do_part(&parts[0]);
  uint64_t sum = 0;
  bool right = true;
  for (unsigned h = 0; h < harts; ++h) {
    harts_wait(h);
    right &= parts[h].hart == h;
    sum += parts[h].sum;
  }
  printf("harts    %u\n", harts);
  right &= check("sum", sum, expected);
  right &= check("added", added, (uint64_t)harts * ROUNDS);
  right &= check("linked", linked, (uint64_t)harts * ROUNDS);
  right &= check("locked", locked, (uint64_t)harts * ROUNDS);

  // The last hart runs code, then what hart 0 has made of it.
  const unsigned last = harts - 1;
  int answers[2] = {0, 0};
  for (unsigned i = 0; i < 2; ++i) {
    if (last == 0)
      run_code(&answers[i]);
    else if (!harts_start(last, run_code, &answers[i]))
      right = false;
    harts_wait(last);
    code[0] = 0x00200513;
  }
  right &= check("code", (uint64_t)(10 * answers[0] + answers[1]), 12);
  return right ? 0 : 1;
}
