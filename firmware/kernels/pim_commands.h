// Commands of the PIM, filled in and added to its queue: what firmware/kernels/pim_sum.c is written in.
#ifndef SPINVP_FIRMWARE_PIM_COMMANDS_H
#define SPINVP_FIRMWARE_PIM_COMMANDS_H

#include <stdbool.h>
#include <stdint.h>

#include "firmware/drivers/pim.h"

// A box of lanes or of terms, slowest dimension first.
static inline uint32_t pim_volume(const uint32_t* extent, unsigned dimensions) {
  uint32_t product = 1;
  for (unsigned i = 0; i < dimensions; ++i) product *= extent[i];
  return product;
}

// Words of the lanes 0 .. lane_count - 1.
void pim_broadcast(uint32_t lane_count, uint16_t word, float value);
void pim_combine(enum spinvp_pim_operation operation, uint32_t lane_count, uint16_t destination, uint16_t a, uint16_t b);
void pim_convert_word(uint32_t lane_count, uint16_t destination, uint16_t source, enum spinvp_pim_format from, enum spinvp_pim_format to);
// Memory to words and back, for the lanes from `first_lane` on, in the order of the box. Strides in bytes.
void pim_load(uint32_t first_lane, uint16_t word, const uint32_t extent[4], uint64_t address, const int32_t stride[4]);
void pim_store(uint32_t first_lane, uint16_t word, const uint32_t extent[4], uint64_t address, const int32_t stride[4]);
// `lane_count` neighbouring words of memory, one a lane from lane 0 on.
void pim_load_vector(uint32_t lane_count, uint16_t word, const void* from);
void pim_store_vector(uint32_t lane_count, uint16_t word, void* to);

// An inner product a lane, added to `destination`. The words a and b are overwritten.
struct pim_dot {
  bool shared_b;  // b is the same in all lanes of each subarray: its zero bits take no time
  uint32_t first_lane;
  uint16_t destination, word_a, word_b;
  uint32_t lanes[4], terms[3];
  uint64_t a, b;
  int32_t lane_stride_a[4], lane_stride_b[4], term_stride_a[3], term_stride_b[3];
};
void pim_dot(const struct pim_dot* dot);

#endif
