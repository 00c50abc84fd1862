#include "firmware/kernels/pim_commands.h"

#include <string.h>

static struct spinvp_pim_descriptor* command(enum spinvp_pim_operation operation, uint32_t first_lane, uint32_t lane_count) {
  struct spinvp_pim_descriptor* d = pim_next();
  d->operation = operation;
  d->first_lane = first_lane;
  d->lane_count = lane_count;
  return d;
}

void pim_broadcast(uint32_t lane_count, uint16_t word, float value) {
  struct spinvp_pim_descriptor* d = command(SPINVP_PIM_BROADCAST, 0, lane_count);
  d->destination = word;
  d->scalar = value;
}

void pim_combine(enum spinvp_pim_operation operation, uint32_t lane_count, uint16_t destination, uint16_t a, uint16_t b) {
  struct spinvp_pim_descriptor* d = command(operation, 0, lane_count);
  d->destination = destination;
  d->source_a = a;
  d->source_b = b;
}

void pim_convert_word(uint32_t lane_count, uint16_t destination, uint16_t source, enum spinvp_pim_format from, enum spinvp_pim_format to) {
  struct spinvp_pim_descriptor* d = command(SPINVP_PIM_CONVERT, 0, lane_count);
  d->destination = destination;
  d->source_a = source;
  d->distance = (int32_t)from;
  d->count = (uint32_t)to;
}

static struct spinvp_pim_descriptor* transfer(enum spinvp_pim_operation operation, uint32_t first_lane, const uint32_t extent[4], uint64_t address,
                                              const int32_t stride[4]) {
  struct spinvp_pim_descriptor* d = command(operation, first_lane, pim_volume(extent, 4));
  d->address = address;
  memcpy(d->extent, extent, sizeof d->extent);
  memcpy(d->stride, stride, sizeof d->stride);
  return d;
}

void pim_load(uint32_t first_lane, uint16_t word, const uint32_t extent[4], uint64_t address, const int32_t stride[4]) {
  transfer(SPINVP_PIM_LOAD, first_lane, extent, address, stride)->destination = word;
}

void pim_store(uint32_t first_lane, uint16_t word, const uint32_t extent[4], uint64_t address, const int32_t stride[4]) {
  transfer(SPINVP_PIM_STORE, first_lane, extent, address, stride)->source_a = word;
}

static const int32_t dense[4] = {0, 0, 0, sizeof(uint32_t)};

void pim_load_vector(uint32_t lane_count, uint16_t word, const void* from) {
  pim_load(0, word, (const uint32_t[4]){1, 1, 1, lane_count}, (uintptr_t)from, dense);
}

void pim_store_vector(uint32_t lane_count, uint16_t word, void* to) { pim_store(0, word, (const uint32_t[4]){1, 1, 1, lane_count}, (uintptr_t)to, dense); }

void pim_dot(const struct pim_dot* dot) {
  struct spinvp_pim_descriptor* d = transfer(dot->shared_b ? SPINVP_PIM_DOT_SCALAR : SPINVP_PIM_DOT, dot->first_lane, dot->lanes, dot->a, dot->lane_stride_a);
  d->destination = dot->destination;
  d->source_a = dot->word_a;
  d->source_b = dot->word_b;
  d->count = pim_volume(dot->terms, 3);
  d->address_b = dot->b;
  memcpy(d->stride_b, dot->lane_stride_b, sizeof d->stride_b);
  memcpy(d->step_extent, dot->terms, sizeof d->step_extent);
  memcpy(d->step, dot->term_stride_a, sizeof d->step);
  memcpy(d->step_b, dot->term_stride_b, sizeof d->step_b);
}
