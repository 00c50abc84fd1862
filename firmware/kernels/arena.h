// A bump allocator for tensors: a range of memory that is taken piece by piece and given back all at once. No globals: a program
// has one for DRAM and one for on-chip memory.
#ifndef SPINVP_FIRMWARE_ARENA_H
#define SPINVP_FIRMWARE_ARENA_H

#include <stddef.h>
#include <stdint.h>

#include "models/abi/boot.h"

struct arena {
  uint64_t next, end;
};

// What the boot block leaves free in DRAM; the on-chip memory. Empty (every take fails) if there is none.
struct arena arena_of_dram(void);
struct arena arena_of_onchip(void);

// The arenas of an app's tensors: one for each class that the configuration gives a memory of its own, and the app's for all others.
struct tensor_arenas {
  struct arena memory[SPINVP_TENSOR_CLASSES + 1];
  uint8_t memory_of[SPINVP_TENSOR_CLASSES];  // index into memory, by class: classes in one memory share its arena
};
enum { TENSOR_OTHERS = SPINVP_TENSOR_CLASSES };  // the app's own arena, memory[TENSOR_OTHERS]
struct tensor_arenas tensor_arenas_beside(struct arena others);
// Moves every arena of the memory that `used` ends with behind what was taken there: for a program that has two sets of arenas, or keeps a part of a memory for itself.
void tensor_arenas_leave(struct tensor_arenas* arenas, struct arena used);
// `class`: enum spinvp_tensor_class, or TENSOR_OTHERS.
struct arena* tensor_arena(struct tensor_arenas* arenas, unsigned tensor_class);

// `bytes` bytes at a multiple of 64, contents undefined; null when they do not fit.
void* arena_take(struct arena* arena, size_t bytes);
float* arena_take_floats(struct arena* arena, size_t count);

#endif
