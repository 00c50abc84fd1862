#include "firmware/drivers/npu.h"

#include <stddef.h>

#include "firmware/drivers/command_queue.h"
#include "firmware/hal/mmio.h"
#include "spinvp_registers.h"

enum { SLOTS = 128 };
static struct spinvp_npu_descriptor ring[SLOTS] __attribute__((aligned(64)));
static struct spinvp_npu_map programs[SLOTS] __attribute__((aligned(64)));
static unsigned next_program;
static struct command_queue queue = {.registers = NPU_BASE, .interrupt = NPU_IRQ, .ring = (uint8_t*)ring, .descriptor_bytes = sizeof ring[0], .slots = SLOTS};

void npu_start(void) { command_queue_start(&queue); }
struct spinvp_npu_descriptor* npu_next(void) { return command_queue_next(&queue); }
struct spinvp_npu_map* npu_new_program(void) {
  struct spinvp_npu_map* program = &programs[next_program];
  next_program = (next_program + 1) % SLOTS;
  // The library's memset goes byte by byte; volatile keeps the compiler from calling it.
  typedef uint64_t word __attribute__((may_alias));
  volatile word* words = (volatile word*)program;
#pragma GCC unroll 8
  for (size_t i = 0; i < sizeof *program / sizeof *words; ++i) words[i] = 0;
  return program;
}

void npu_ring(void) { command_queue_ring(&queue); }
uint32_t npu_wait(void) { return command_queue_wait(&queue); }

void npu_set_scratch(uint64_t base, uint64_t bytes) {
  mmio_write64(NPU_BASE + NPU_SCRATCH_BASE, base);
  mmio_write64(NPU_BASE + NPU_SCRATCH_SIZE, bytes);
}

struct npu_scratch npu_read_scratch(void) { return (struct npu_scratch){mmio_read64(NPU_BASE + NPU_SCRATCH_BASE), mmio_read64(NPU_BASE + NPU_SCRATCH_SIZE)}; }

struct npu_figures npu_read_figures(void) {
  return (struct npu_figures){.busy_cycles = mmio_read64(NPU_BASE + NPU_BUSY_CYCLES),
                              .compute_cycles = mmio_read64(NPU_BASE + NPU_COMPUTE_CYCLES),
                              .stall_cycles = mmio_read64(NPU_BASE + NPU_STALL_CYCLES),
                              .macs = mmio_read64(NPU_BASE + NPU_MACS),
                              .completed = mmio_read32(NPU_BASE + NPU_COMPLETED)};
}
