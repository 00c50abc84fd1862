#include "firmware/drivers/markers.h"

#include <string.h>

#include "firmware/hal/mmio.h"
#include "spinvp_registers.h"

static uint32_t bits_of(float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  return bits;
}

void region_open(const char* name) {
  __asm__ volatile("" ::: "memory");  // the name is in memory before its address is told
  mmio_write64(MARKERS_BASE + MARKERS_NAME_ADDRESS, (uintptr_t)name);
  mmio_write32(MARKERS_BASE + MARKERS_OPEN, 1);
}

void region_close(void) { mmio_write32(MARKERS_BASE + MARKERS_CLOSE, 1); }
unsigned region_depth(void) { return mmio_read32(MARKERS_BASE + MARKERS_DEPTH); }

void report_loss(uint32_t step, float loss) {
  mmio_write32(MARKERS_BASE + MARKERS_STEP, step);
  mmio_write32(MARKERS_BASE + MARKERS_LOSS, bits_of(loss));
}

void report_accuracy(float fraction) { mmio_write32(MARKERS_BASE + MARKERS_ACCURACY, bits_of(fraction)); }

uint64_t simulated_time_ns(void) { return mmio_read64(MARKERS_BASE + MARKERS_TIME_NS); }
