/* A descriptor of the DMA engine: one 2-D strided copy, and the next descriptor of the chain. Valid C11 and C++. */
#ifndef SPINVP_ABI_DMA_H
#define SPINVP_ABI_DMA_H

#include <assert.h>
#include <stdint.h>

/* flags */
#define SPINVP_DMA_INTERRUPT 1u /* raise the interrupt when this descriptor is done (the last of a chain always does) */

/* Copies `rows` runs of `row_bytes` bytes; row i goes from source + i * source_stride to destination + i * destination_stride.
 * Strides may be negative or zero. rows and row_bytes at least 1; their product at most 1 GiB. Aligned to 8 bytes in memory. */
struct spinvp_dma_descriptor {
  uint64_t source, destination;
  int64_t source_stride, destination_stride;
  uint32_t row_bytes, rows;
  uint32_t flags;
  uint32_t status; /* written back: SPINVP_DMA_DONE or an error */
  uint64_t next;   /* address of the next descriptor; 0 ends the chain */
};

/* status */
#define SPINVP_DMA_DONE           1u
#define SPINVP_DMA_BAD_DESCRIPTOR 2u
#define SPINVP_DMA_BUS_ERROR      3u

static_assert(sizeof(struct spinvp_dma_descriptor) == 56, "layout of spinvp_dma_descriptor");

#endif
