/* Commands of the PIM controller: fixed-size descriptors in a ring in memory, as the NPU's. Valid C11 and C++.
 *
 * The arrays are `subarrays` of `lanes` columns (default 64 x 1024); a lane holds `words` words of 32 bits (default 32), bit-serial down its column. A flat
 * lane number is subarray * lanes + lane. A command works on the lanes [first_lane, first_lane + lane_count), all in parallel, on words named by
 * index 0..words-1. fp32, rounding as the config names (default nearest even); a multiply-accumulate rounds twice: product, then sum.
 * Lanes of one subarray that a command does not name keep their contents. Fields that an operation does not use are not looked at. Word fields of one command
 * may be equal. Commands take effect in the order of the ring; those that do not touch each other's lanes or memory may work at the same time, and their statuses
 * may be written out of order. NOP is a fence: it is complete when all before it are, and nothing behind it starts before. */
#ifndef SPINVP_ABI_PIM_H
#define SPINVP_ABI_PIM_H

#include <assert.h>
#include <stdint.h>

enum spinvp_pim_operation {
  SPINVP_PIM_NOP = 0,
  SPINVP_PIM_MULTIPLY = 1,            /* w[destination] = w[source_a] * w[source_b] */
  SPINVP_PIM_ADD = 2,                 /* w[destination] = w[source_a] + w[source_b] */
  SPINVP_PIM_SUBTRACT = 3,            /* w[destination] = w[source_a] - w[source_b] */
  SPINVP_PIM_MULTIPLY_ACCUMULATE = 4, /* w[destination] = w[destination] + w[source_a] * w[source_b] */
  SPINVP_PIM_COPY = 5,                /* w[destination] = w[source_a] */
  SPINVP_PIM_BROADCAST = 6,           /* w[destination] = scalar in every lane: a row broadcast, no operand traffic */
  /* Fills w[destination] from memory: lane first_lane + i takes the word at address + offset(i), where i counts through the box extent[0] (slowest) ..
   * extent[3] (fastest), offset = sum of index * stride (bytes, multiples of 4, may be zero: one word for many lanes, or negative). lane_count = product of
   * the extents, none of which is zero. The bus carries each distinct word of a dimension with stride zero once, and words of overlapping windows once; only
   * words that are named are read. */
  SPINVP_PIM_LOAD = 7,
  /* The reverse: from w[source_a] to memory; no stride may be zero unless its extent is 1. Lanes that name the same word: one of them wins, always the same
   * one. */
  SPINVP_PIM_STORE = 8,
  /* w[destination] of the lanes i = w[destination] (lane i) + w[source_a] (lane i + distance), for lane_count lanes from first_lane; distance is a whole
   * number of subarrays in lanes, positive, negative or zero; lane i + distance must exist. All words are sent before any is written: ranges may overlap. */
  SPINVP_PIM_ADD_FROM = 9,
  SPINVP_PIM_MOVE_FROM = 10, /* w[destination] (lane i) = w[source_a] (lane i + distance) */
  /* Loads words and multiply-accumulates, `count` times (1..65536): for j in 0..count-1: LOAD source_a from address + offset_a(j), LOAD source_b from
   * address_b + offset_b(j) (its own strides stride_b, the same extents), then MULTIPLY_ACCUMULATE into destination, which is not cleared first. One command
   * for one inner product a lane. The steps are counted by step_extent[0] (slowest) .. step_extent[2], whose product is count (1, 1, count for a plain loop);
   * offset_a(j) = sum of digit * step, offset_b(j) of digit * step_b (bytes). Afterwards source_a and source_b hold the words of the last step. Memory that
   * other masters write meanwhile is read before or after, at no promised moment. */
  SPINVP_PIM_DOT = 11,
  /* Sums w[source_a] within each group of `count` lanes into w[destination] of the group's first lane; source_a and the other lanes of destination keep their
   * contents. lane_count is a multiple of count, count a power of two that divides the lanes of a subarray, first_lane a multiple of count. The order of the
   * sums is that of a tree over ascending lanes: (0+1)+(2+3)..., by halves of distance 1, 2, 4...; its moves and adds are charged. */
  SPINVP_PIM_REDUCE = 12,
  SPINVP_PIM_COMPARE = 13, /* w[destination] = 1 where w[source_a] > w[source_b], -1 where less, +0 where equal, NaN where unordered */
  SPINVP_PIM_MAXIMUM = 14, /* w[destination] = the larger of w[source_a], w[source_b]; NaN if either is NaN, +0 above -0 */
  SPINVP_PIM_RELU = 15,    /* w[destination] = w[source_a] > 0 ? w[source_a] : +0 */
  /* A DOT whose second factor is, at each step, one number for all lanes of a subarray: the multiplier is shared, so its zero bits take no step. Same values as
   * DOT; the steps follow the busiest subarray's number. Refused (BAD_RANGE) where b differs between two lanes of a subarray. */
  SPINVP_PIM_DOT_SCALAR = 16,
  /* w[destination] = the number in w[source_a] of format `distance` (enum spinvp_pim_format) as one of format `count`. Narrower numbers lie right-aligned in
   * their word. */
  SPINVP_PIM_CONVERT = 17
};

enum spinvp_pim_format { SPINVP_PIM_FP32 = 0, SPINVP_PIM_FP16 = 1, SPINVP_PIM_BF16 = 2 };

/* flags */
#define SPINVP_PIM_INTERRUPT 16u

enum spinvp_pim_status {
  SPINVP_PIM_PENDING = 0,
  SPINVP_PIM_DONE = 1,
  SPINVP_PIM_BAD_OPERATION = 2, /* unknown operation or flag */
  SPINVP_PIM_BAD_RANGE = 3,     /* lanes, words, extents, counts or distance outside the arrays or the limits above */
  SPINVP_PIM_BAD_ADDRESS = 4,   /* misaligned, or not answered by the bus; what was written before stays written */
  SPINVP_PIM_BAD_QUEUE = 5      /* in ERROR_STATUS alone: a doorbell beyond the ring */
};

struct spinvp_pim_descriptor {
  uint32_t operation; /* enum spinvp_pim_operation */
  uint32_t flags;
  uint32_t status;
  uint32_t count;
  uint32_t first_lane, lane_count;
  uint16_t destination, source_a, source_b, reserved0;
  int32_t distance;
  float scalar;
  uint64_t address, address_b;
  uint32_t extent[4];
  int32_t stride[4], stride_b[4];
  /* DOT: the position of j is a mixed-radix number over step_extent (slowest first; product = count); its offset adds digit * step (step_b) for each digit, in
   * bytes. */
  uint32_t step_extent[3];
  int32_t step[3], step_b[3];
  uint32_t reserved1;
};

static_assert(sizeof(struct spinvp_pim_descriptor) == 144, "layout of spinvp_pim_descriptor");

#endif
