#include "firmware/drivers/pim.h"

#include "firmware/drivers/command_queue.h"
#include "firmware/hal/mmio.h"
#include "spinvp_registers.h"

// A layer of LeNet needs at most some 200 commands; a longer series is run in parts.
static struct spinvp_pim_descriptor ring[512] __attribute__((aligned(64)));
static struct command_queue queue = {
    .registers = PIM_BASE, .interrupt = PIM_IRQ, .ring = (uint8_t*)ring, .descriptor_bytes = sizeof ring[0], .slots = sizeof ring / sizeof ring[0]};
static struct pim_geometry geometry;

void pim_start(void) {
  geometry.subarrays = mmio_read32(PIM_BASE + PIM_SUBARRAYS);
  geometry.subarray_lanes = mmio_read32(PIM_BASE + PIM_LANES);
  geometry.words = mmio_read32(PIM_BASE + PIM_WORDS);
  geometry.mac_ps = mmio_read32(PIM_BASE + PIM_MAC_TIME);
  geometry.shared_mac_ps = mmio_read32(PIM_BASE + PIM_SHARED_MAC_TIME);
  command_queue_start(&queue);
}

struct spinvp_pim_descriptor* pim_next(void) { return command_queue_next(&queue); }
void pim_ring(void) { command_queue_ring(&queue); }
uint32_t pim_wait(void) { return command_queue_wait(&queue); }

struct pim_geometry pim_geometry(void) { return geometry; }
uint32_t pim_total_lanes(void) { return geometry.subarrays * geometry.subarray_lanes; }

// Lanes are numbered through the subarrays, which lie one behind the other in the window.
uintptr_t pim_window_address(uint32_t lane, uint32_t word) { return PIM_ARRAYS_BASE + ((uintptr_t)lane * geometry.words + word) * 4; }

struct pim_figures pim_read_figures(void) {
  return (struct pim_figures){.busy_cycles = mmio_read64(PIM_BASE + PIM_BUSY_CYCLES),
                              .array_cycles = mmio_read64(PIM_BASE + PIM_ARRAY_CYCLES),
                              .stall_cycles = mmio_read64(PIM_BASE + PIM_STALL_CYCLES),
                              .macs = mmio_read64(PIM_BASE + PIM_MACS),
                              .completed = mmio_read32(PIM_BASE + PIM_COMPLETED)};
}
