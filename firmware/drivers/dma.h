// The DMA engine: chains of 2-D strided copies (models/abi/dma.h).
#ifndef SPINVP_FIRMWARE_DMA_DRIVER_H
#define SPINVP_FIRMWARE_DMA_DRIVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "models/abi/dma.h"

void dma_start(void);  // attaches the interrupt

// Starts a chain: descriptors[0..count) are linked in order here. They stay in use until dma_wait returns.
void dma_submit(struct spinvp_dma_descriptor* descriptors, size_t count);
// Sleeps until the chain has ended. True: every descriptor is done; false: see the descriptors' status.
bool dma_wait(void);

// One contiguous copy, waited for. Bytes may be 0.
bool dma_copy(void* destination, const void* source, size_t bytes);

#endif
