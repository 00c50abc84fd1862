#include "firmware/drivers/dma.h"

#include "firmware/hal/interrupts.h"
#include "firmware/hal/mmio.h"
#include "spinvp_registers.h"

#define CHAIN_ENDED (1u << DMA_INTERRUPT_CHAIN_SHIFT)  // well, aborted or with an error
#define LARGEST_ROW (1u << 20)                         // a larger contiguous copy is folded into rows of this many bytes

static volatile bool chain_ended = true;

static void chain_interrupt(void* context) {
  (void)context;
  const uint32_t causes = mmio_read32(DMA_BASE + DMA_INTERRUPT);
  mmio_write32(DMA_BASE + DMA_INTERRUPT, causes);
  if (causes & CHAIN_ENDED) chain_ended = true;
}

void dma_start(void) {
  mmio_write32(DMA_BASE + DMA_INTERRUPT, ~0u);
  mmio_write32(DMA_BASE + DMA_ENABLE, CHAIN_ENDED);
  interrupts_attach(DMA_IRQ, chain_interrupt, NULL);
}

void dma_submit(struct spinvp_dma_descriptor* descriptors, size_t count) {
  for (size_t i = 0; i < count; ++i) {
    descriptors[i].status = 0;
    descriptors[i].next = i + 1 < count ? (uintptr_t)&descriptors[i + 1] : 0;
  }
  chain_ended = false;
  memory_fence();
  mmio_write64(DMA_BASE + DMA_DESCRIPTOR, (uintptr_t)descriptors);
  mmio_write32(DMA_BASE + DMA_CONTROL, 1u << DMA_CONTROL_START_SHIFT);
}

bool dma_wait(void) {
  interrupts_sleep_until(&chain_ended);
  memory_fence();
  return (mmio_read32(DMA_BASE + DMA_STATUS) & 1u << DMA_STATUS_DONE_SHIFT) != 0;
}

bool dma_copy(void* destination, const void* source, size_t bytes) {
  struct spinvp_dma_descriptor chain[2];
  size_t count = 0;
  const size_t whole_rows = bytes / LARGEST_ROW;
  const size_t folded = whole_rows * LARGEST_ROW;
  if (whole_rows > 0)
    chain[count++] = (struct spinvp_dma_descriptor){.source = (uintptr_t)source,
                                                    .destination = (uintptr_t)destination,
                                                    .source_stride = LARGEST_ROW,
                                                    .destination_stride = LARGEST_ROW,
                                                    .row_bytes = LARGEST_ROW,
                                                    .rows = (uint32_t)whole_rows};
  if (folded < bytes)
    chain[count++] = (struct spinvp_dma_descriptor){
        .source = (uintptr_t)source + folded, .destination = (uintptr_t)destination + folded, .row_bytes = (uint32_t)(bytes - folded), .rows = 1};
  if (count == 0) return true;
  dma_submit(chain, count);
  return dma_wait();
}
