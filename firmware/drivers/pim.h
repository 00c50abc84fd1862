// The PIM controller: descriptors of models/abi/pim.h through its queue, and its figures. Sums and layers on top: firmware/kernels/pim_sum.h.
#ifndef SPINVP_FIRMWARE_PIM_DRIVER_H
#define SPINVP_FIRMWARE_PIM_DRIVER_H

#include <stdint.h>

#include "models/abi/pim.h"

void pim_start(void);
// A zeroed descriptor at the end of the queue, to be filled at once.
struct spinvp_pim_descriptor* pim_next(void);
// Doorbell: what was added since the last one starts, in the region that is open now.
void pim_ring(void);
// Rings, then sleeps until the queue is empty. 0: all well; else the first failure's status (enum spinvp_pim_status).
uint32_t pim_wait(void);

// Geometry of the arrays, read once by pim_start().
struct pim_geometry {
  uint32_t subarrays, subarray_lanes, words;
  uint32_t mac_ps, shared_mac_ps;  // a multiply-accumulate: every lane its own factors, or one shared by a subarray (typical)
};
struct pim_geometry pim_geometry(void);
uint32_t pim_total_lanes(void);
// The word in the lane-major window: read and written like memory, for tests.
uintptr_t pim_window_address(uint32_t lane, uint32_t word);

struct pim_figures {
  uint64_t busy_cycles, array_cycles, stall_cycles, macs;
  uint32_t completed;
};
struct pim_figures pim_read_figures(void);

#endif
