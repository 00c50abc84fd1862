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

struct tensor_arenas tensor_arenas_beside(struct arena others) {
  struct tensor_arenas arenas = {.memory = {[TENSOR_OTHERS] = others}};
  for (unsigned i = 0; i < SPINVP_TENSOR_CLASSES; ++i) {
    const struct spinvp_memory memory = boot_is_filled() ? spinvp_boot.tensors[i] : (struct spinvp_memory){0, 0};
    arenas.memory[i] = (struct arena){memory.base, memory.base + memory.size};
    // The app's own memory where nothing is named, or that one is; else the first class' that lies there.
    unsigned at = TENSOR_OTHERS;
    if (memory.size != 0 && !(memory.base <= others.next && others.next < memory.base + memory.size))
      for (at = 0; at < i && arenas.memory[at].next != memory.base;) ++at;
    arenas.memory_of[i] = (uint8_t)at;
  }
  return arenas;
}

void tensor_arenas_leave(struct tensor_arenas* arenas, struct arena used) {
  for (unsigned i = 0; i <= SPINVP_TENSOR_CLASSES; ++i)
    if (arenas->memory[i].end == used.end && arenas->memory[i].next < used.next) arenas->memory[i].next = used.next;
}

struct arena* tensor_arena(struct tensor_arenas* arenas, unsigned tensor_class) {
  return &arenas->memory[tensor_class < SPINVP_TENSOR_CLASSES ? arenas->memory_of[tensor_class] : tensor_class];
}

void* arena_take(struct arena* arena, size_t bytes) {
  const uint64_t start = (arena->next + 63) & ~63ull;
  if (start > arena->end || bytes > arena->end - start) return NULL;
  arena->next = start + bytes;
  return (void*)(uintptr_t)start;
}

float* arena_take_floats(struct arena* arena, size_t count) { return arena_take(arena, count * sizeof(float)); }
