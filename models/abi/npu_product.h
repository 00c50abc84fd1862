/* What a matrix product may leave out or make cheaper: `count` of a GEMM or a convolution, one byte each; 0: nothing. Valid C11 and C++.
 *
 *   byte  name              meaning
 *   0, 1  KEEP of GROUP     N:M sparsity of b: of every M = GROUP consecutive k of B(k, n), from k = 0 on, only the N = KEEP largest magnitudes take part (of equals the one with the lower k;
 *                           magnitudes are the bits without the sign, as integers); the others are no part of the chain. A last group of less than M keeps up to N. 1 <= N < M, at most what
 *                           the NPU's selectors reach (`sparse_group`). b lies dense in memory. Not of CONV_WEIGHT_GRADIENT. 0 of 0: dense
 *   2, 3  BITS_A, BITS_B    significant bits, 2 to 24, that each element of a, of b is rounded to (nearest even, of the value as it is read) before it is multiplied; a subnormal number keeps the
 *                           step of the smallest normal one. 0, or more than the format has: the format's own. Takes an NPU with bit-flexible multipliers (mac_granule)
 *   4-6   DROP, PERIOD, PHASE  regular dropout: along the axes that DROP names (enum spinvp_npu_drop) the indices with floor(i / tile) mod PERIOD == PHASE take no part. Dropped k are no part of
 *                           the chain; dropped m and n are outputs whose chain has no terms (+0, then bias, ReLU and epilogue). PERIOD is at least 2, PHASE below it. Not with ACCUMULATE where m or
 *                           n are dropped, nor with sparsity of b where k is. DROP 0: none, and the other two are 0
 *   7     COMPRESSED        b is stored in a compressed form (1: npu_weights.h lies at b), and rebuilt on its way to the array; 0: plain. GEMM with one b, CONV_FORWARD; takes an NPU with rebuild_lanes */
#ifndef SPINVP_ABI_NPU_PRODUCT_H
#define SPINVP_ABI_NPU_PRODUCT_H

#include <stdint.h>

enum spinvp_npu_product_option {
  SPINVP_NPU_SPARSE_KEEP = 0,
  SPINVP_NPU_SPARSE_GROUP = 1,
  SPINVP_NPU_BITS_A = 2,
  SPINVP_NPU_BITS_B = 3,
  SPINVP_NPU_DROP = 4,
  SPINVP_NPU_DROP_PERIOD = 5,
  SPINVP_NPU_DROP_PHASE = 6,
  SPINVP_NPU_COMPRESSED = 7
};

/* DROP: axes, and above them the binary logarithm of the tile's indices (0: each index by itself, a row), up to 15. */
enum spinvp_npu_drop { SPINVP_NPU_DROP_M = 1, SPINVP_NPU_DROP_N = 2, SPINVP_NPU_DROP_K = 4, SPINVP_NPU_DROP_AXES = 7, SPINVP_NPU_DROP_TILE_SHIFT = 3 };

static inline uint8_t spinvp_npu_option_of(uint64_t options, enum spinvp_npu_product_option which) { return (uint8_t)(options >> (8u * (unsigned)which)); }

/* `options` with one of them set anew. */
static inline uint64_t spinvp_npu_with_option(uint64_t options, enum spinvp_npu_product_option which, uint8_t value) {
  const unsigned shift = 8u * (unsigned)which;
  return (options & ~((uint64_t)0xff << shift)) | ((uint64_t)value << shift);
}

#endif
