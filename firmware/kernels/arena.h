// A bump allocator for tensors: a range of memory that is taken piece by piece and given back all at once. No globals: a program
// has one for DRAM and one for on-chip memory.
#ifndef SPINVP_FIRMWARE_ARENA_H
#define SPINVP_FIRMWARE_ARENA_H

#include <stddef.h>
#include <stdint.h>

struct arena {
  uint64_t next, end;
};

// What the boot block leaves free in DRAM; the on-chip memory. Empty (every take fails) if there is none.
struct arena arena_of_dram(void);
struct arena arena_of_onchip(void);

// `bytes` bytes at a multiple of 64, contents undefined; null when they do not fit.
void* arena_take(struct arena* arena, size_t bytes);
float* arena_take_floats(struct arena* arena, size_t count);

#endif
