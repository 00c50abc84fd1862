/* The DMA engine copies a table into the on-chip memory and back. */
#include <stdio.h>

#include "firmware/drivers/dma.h"
#include "firmware/drivers/markers.h"
#include "firmware/hal/boot.h"

static uint32_t table[1024], back[1024];
static unsigned copies;

static uint32_t sum_of(const uint32_t* words, unsigned count) {
  uint32_t sum = 0;
  for (unsigned i = 0; i < count; ++i) sum += words[i];
  return sum;
}

static bool copy(void* to, const void* from, size_t bytes) {
  ++copies;
  return dma_copy(to, from, bytes);
}

int main(void) {
  void* const onchip = (void*)spinvp_boot.onchip_base;
  for (unsigned i = 0; i < 1024; ++i) table[i] = i * i;
  dma_start();

  region_open("copying");
  const uint64_t start = simulated_time_ns();
  const bool done = copy(onchip, table, sizeof table) && copy(back, onchip, sizeof back);
  const uint64_t time = simulated_time_ns() - start;
  region_close();

  const uint32_t sum = sum_of(back, 1024);
  printf("%u copies of %u bytes took %u ns, sum %u\n", copies, (unsigned)sizeof table, (unsigned)time, (unsigned)sum);
  return done && sum == sum_of(table, 1024) ? 0 : 1;
}
