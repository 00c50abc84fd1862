// The NPU: descriptors of models/abi/npu.h through its queue, and its figures. Shapes and operations: firmware/kernels/npu_kernels.h.
#ifndef SPINVP_FIRMWARE_NPU_DRIVER_H
#define SPINVP_FIRMWARE_NPU_DRIVER_H

#include <stdint.h>

#include "models/abi/npu.h"
#include "models/abi/npu_map.h"

void npu_start(void);
// A zeroed descriptor at the end of the queue, to be filled at once.
struct spinvp_npu_descriptor* npu_next(void);
// A zeroed program of the vector unit for the descriptor that comes next: it stays until as many others have been asked for as the queue holds descriptors, so until its job is done.
struct spinvp_npu_map* npu_new_program(void);
// Doorbell: what was added since the last one starts, in the region that is open now.
void npu_ring(void);
// Rings, then sleeps until the queue is empty. 0: all well; else the first failure's status (enum spinvp_npu_status).
uint32_t npu_wait(void);

// Where the sequencer may keep tiles; from the next descriptor on.
void npu_set_scratch(uint64_t base, uint64_t bytes);

// The scratch as it is set: as the configuration says, until somebody sets another one.
struct npu_scratch {
  uint64_t base, bytes;
};
struct npu_scratch npu_read_scratch(void);

struct npu_figures {
  uint64_t busy_cycles, compute_cycles, stall_cycles, macs;
  uint32_t completed;
};
struct npu_figures npu_read_figures(void);

#endif
