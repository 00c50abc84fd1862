// DMA, power manager, markers.
#include <string.h>

#include "firmware/apps/bringup.h"
#include "firmware/drivers/clint.h"
#include "firmware/drivers/dma.h"
#include "firmware/drivers/markers.h"
#include "firmware/drivers/power.h"
#include "firmware/hal/boot.h"

enum { MATRIX_SIDE = 16 };

// Far enough into the on-chip memory to stay clear of the NPU's scratch; in DRAM where there is none.
static uint8_t* scratch(void) {
  static uint8_t own[4096] __attribute__((aligned(64)));
  return boot_is_filled() && spinvp_boot.onchip_size >= sizeof own ? (uint8_t*)(spinvp_boot.onchip_base + spinvp_boot.onchip_size - sizeof own) : own;
}

const char* test_dma(void) {
  static uint32_t matrix[MATRIX_SIDE][MATRIX_SIDE], back[MATRIX_SIDE][MATRIX_SIDE];
  static struct spinvp_dma_descriptor chain[3];
  const size_t row = sizeof matrix[0];
  for (unsigned i = 0; i < MATRIX_SIDE; ++i)
    for (unsigned j = 0; j < MATRIX_SIDE; ++j) matrix[i][j] = 1000 * i + j;
  memset(back, 0, sizeof back);
  dma_start();

  // The upper left quarter packed into the scratch; from there into the lower right, rows upside down; and one word for a whole column.
  chain[0] = (struct spinvp_dma_descriptor){.source = (uintptr_t)matrix,
                                            .destination = (uintptr_t)scratch(),
                                            .source_stride = (int64_t)row,
                                            .destination_stride = (int64_t)row / 2,
                                            .row_bytes = (uint32_t)row / 2,
                                            .rows = MATRIX_SIDE / 2};
  chain[1] = (struct spinvp_dma_descriptor){.source = (uintptr_t)scratch(),
                                            .destination = (uintptr_t)&back[MATRIX_SIDE - 1][MATRIX_SIDE / 2],
                                            .source_stride = (int64_t)row / 2,
                                            .destination_stride = -(int64_t)row,
                                            .row_bytes = (uint32_t)row / 2,
                                            .rows = MATRIX_SIDE / 2};
  chain[2] = (struct spinvp_dma_descriptor){.source = (uintptr_t)&matrix[3][5],
                                            .destination = (uintptr_t)&back[0][0],
                                            .source_stride = 0,
                                            .destination_stride = (int64_t)row,
                                            .row_bytes = 4,
                                            .rows = MATRIX_SIDE};
  dma_submit(chain, 3);
  REQUIRE(dma_wait());
  for (unsigned i = 0; i < MATRIX_SIDE; ++i)
    for (unsigned j = 0; j < MATRIX_SIDE; ++j) {
      const uint32_t expected = j == 0 ? 3005 : i >= MATRIX_SIDE / 2 && j >= MATRIX_SIDE / 2 ? 1000 * (MATRIX_SIDE - 1 - i) + j - MATRIX_SIDE / 2 : 0;
      REQUIRE(back[i][j] == expected);
    }
  REQUIRE(chain[0].status == SPINVP_DMA_DONE && chain[1].status == SPINVP_DMA_DONE && chain[2].status == SPINVP_DMA_DONE);

  chain[0].rows = 0;
  dma_submit(chain, 1);
  REQUIRE(!dma_wait());
  REQUIRE(chain[0].status == SPINVP_DMA_BAD_DESCRIPTOR);
  chain[0].rows = 1;
  chain[0].source = 0x08000000;  // nothing answers there
  dma_submit(chain, 1);
  REQUIRE(!dma_wait());
  REQUIRE(chain[0].status == SPINVP_DMA_BUS_ERROR);
  REQUIRE(dma_copy(back, matrix, sizeof back));
  REQUIRE(memcmp(back, matrix, sizeof back) == 0);
  return NULL;
}

const char* test_power_manager(void) {
  const unsigned npu = power_find_domain("npu");
  REQUIRE(power_domain_count() > 0);
  REQUIRE(npu != POWER_NO_DOMAIN);

  power_latch();
  const uint64_t energy = power_energy_nj(POWER_ALL_DOMAINS);
  const uint64_t time = power_latch_time_ns();
  clint_sleep(1000);
  power_latch();
  REQUIRE(power_latch_time_ns() - time >= 100000);
  REQUIRE(power_energy_nj(POWER_ALL_DOMAINS) > energy);

  for (unsigned state = POWER_OFF + 1; state-- > POWER_ON;) {
    REQUIRE(power_set_state(npu, (enum power_state)state));
    REQUIRE(power_state_of(npu) == (enum power_state)state);
  }
  REQUIRE(power_set_divider(npu, 2));
  REQUIRE(power_divider_of(npu) == 2);
  REQUIRE(power_set_divider(npu, 1));
  REQUIRE(!power_set_divider(npu, 0));
  REQUIRE(!power_set_state(npu, (enum power_state)4));
  REQUIRE(power_state_of(npu) == POWER_ON);
  return NULL;
}

const char* test_markers(void) {
  const unsigned depth = region_depth();
  const uint64_t start = simulated_time_ns();
  region_open("bringup");
  region_open("markers");
  REQUIRE(region_depth() == depth + 2);
  clint_sleep(100);
  region_close();
  region_close();
  REQUIRE(region_depth() == depth);
  REQUIRE(simulated_time_ns() - start >= 10000);
  return NULL;
}
