/* Feeds a text to the checksum unit in whole words and prints what it says. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "firmware/hal/mmio.h"
#include "tutorial_registers.h"

int main(void) {
  static const char text[16] = "SpinVP tutorial!";
  mmio_write32(CHECKSUM0_BASE + CHECKSUM_LIMIT, sizeof text);
  for (unsigned i = 0; i < sizeof text; i += 4) {
    uint32_t word;
    memcpy(&word, text + i, 4);
    mmio_write32(CHECKSUM0_BASE + CHECKSUM_DATA, word);
  }
  const uint32_t sum = mmio_read32(CHECKSUM0_BASE + CHECKSUM_SUM);
  const uint32_t done = mmio_read32(CHECKSUM0_BASE + CHECKSUM_PENDING) & CHECKSUM_PENDING_DONE_MASK;
  printf("checksum %08x, limit %s\n", (unsigned)sum, done ? "reached" : "not reached");
  return sum == 0x335805f6u && done ? 0 : 1;
}
