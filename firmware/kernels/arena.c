#include "firmware/kernels/arena.h"

#include "firmware/hal/boot.h"

struct arena arena_of_dram(void) {
  if (!boot_is_filled()) return (struct arena){0, 0};
  return (struct arena){spinvp_boot.dram_free, spinvp_boot.dram_end};
}

struct arena arena_of_onchip(void) {
  if (!boot_is_filled()) return (struct arena){0, 0};
  return (struct arena){spinvp_boot.onchip_base, spinvp_boot.onchip_base + spinvp_boot.onchip_size};
}

void* arena_take(struct arena* arena, size_t bytes) {
  const uint64_t start = (arena->next + 63) & ~63ull;
  if (start > arena->end || bytes > arena->end - start) return NULL;
  arena->next = start + bytes;
  return (void*)(uintptr_t)start;
}

float* arena_take_floats(struct arena* arena, size_t count) { return arena_take(arena, count * sizeof(float)); }
