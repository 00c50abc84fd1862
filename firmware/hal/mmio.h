// Device registers: one access of the given width, in program order with respect to other volatile accesses.
#ifndef SPINVP_FIRMWARE_MMIO_H
#define SPINVP_FIRMWARE_MMIO_H

#include <stdint.h>

static inline uint8_t mmio_read8(uintptr_t address) { return *(volatile uint8_t*)address; }
static inline uint32_t mmio_read32(uintptr_t address) { return *(volatile uint32_t*)address; }
static inline uint64_t mmio_read64(uintptr_t address) { return *(volatile uint64_t*)address; }
static inline void mmio_write8(uintptr_t address, uint8_t value) { *(volatile uint8_t*)address = value; }
static inline void mmio_write32(uintptr_t address, uint32_t value) { *(volatile uint32_t*)address = value; }
static inline void mmio_write64(uintptr_t address, uint64_t value) { *(volatile uint64_t*)address = value; }

// All memory and device accesses before it are done before those after it: needed between filling a descriptor and its doorbell,
// and between seeing a completion and reading the result.
static inline void memory_fence(void) { __asm__ volatile("fence iorw, iorw" ::: "memory"); }

#endif
