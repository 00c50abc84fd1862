#include "firmware/drivers/plic.h"

#include <stdint.h>

#include "firmware/hal/mmio.h"
#include "spinvp_registers.h"

// Context 0 is hart 0 in M-mode: the first of each array.
static uintptr_t enable_word(unsigned source) { return PLIC_BASE + PLIC_ENABLE0 + 4u * (source / 32); }

void plic_start(void) {
  for (unsigned source = 0; source < PLIC_SOURCES; source += 32) mmio_write32(enable_word(source), 0);
  plic_set_threshold(0);
}

void plic_set_threshold(unsigned priority) { mmio_write32(PLIC_BASE + PLIC_THRESHOLD, priority); }

void plic_enable(unsigned source, unsigned priority) {
  mmio_write32(PLIC_BASE + PLIC_PRIORITY + 4u * source, priority);
  mmio_write32(enable_word(source), mmio_read32(enable_word(source)) | 1u << source % 32);
}

void plic_disable(unsigned source) { mmio_write32(enable_word(source), mmio_read32(enable_word(source)) & ~(1u << source % 32)); }

bool plic_is_pending(unsigned source) { return (mmio_read32(PLIC_BASE + PLIC_PENDING + 4u * (source / 32)) >> source % 32 & 1u) != 0; }

unsigned plic_claim(void) { return mmio_read32(PLIC_BASE + PLIC_CLAIM); }
void plic_complete(unsigned source) { mmio_write32(PLIC_BASE + PLIC_CLAIM, source); }
