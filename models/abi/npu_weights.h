/* Weights in a compressed form: b of a GEMM or CONV_FORWARD with the option COMPRESSED (npu_product.h). Valid C11 and C++.
 *
 * After SmartExchange (Zhao et al., ISCA 2020): W = C B, with sparse coefficients that are powers of two and a small basis. Each row of b as it lies in memory (an output channel of a convolution, a row
 * of a GEMM's matrix) is cut into pieces of `slice` neighbours, the last one filled up with zeros. A piece has `rank` coefficients and is rebuilt as
 *   w[j] = sum over r of coefficient[r] * basis[r][j], exact in fp32 but for subnormal numbers, then rounded to the format.
 * Every row has a basis of its own, and of each `group` pieces in a row `kept` have coefficients; the others are zero.
 *
 * In memory, at b: this struct, at SPINVP_NPU_WEIGHTS_DATA behind it the bases, row by row, then the groups, row by row. No bytes between.
 *   a basis    int8 scale, then rank * slice int8: basis[r][j] = value * 2^scale
 *   a group    from the lowest bit of the first byte on: a mask of `group` bits (which pieces have coefficients), then for each of `kept` pieces its `rank` coefficients of coefficient_bits, the sign bit
 *              uppermost, below it e: the coefficient is +-2^-e, or 0 where all bits of e are set. Bits up to the next byte are 0. A mask with more than `kept` bits: those further up count for nothing */
#ifndef SPINVP_ABI_NPU_WEIGHTS_H
#define SPINVP_ABI_NPU_WEIGHTS_H

#include <assert.h>
#include <stdint.h>

enum {
  SPINVP_NPU_WEIGHTS_DATA = 64,
  SPINVP_NPU_MOST_SLICE = 16,
  SPINVP_NPU_MOST_GROUP = 16,
  SPINVP_NPU_FEWEST_COEFFICIENT_BITS = 2,
  SPINVP_NPU_MOST_COEFFICIENT_BITS = 5 /* e up to 14: with values of 8 bits and 16 of them, sums of 26 bits at most */
};

struct spinvp_npu_weights {
  uint32_t rows, units; /* of b, as it lies in memory */
  uint32_t slice, rank; /* 1 <= rank <= slice <= SPINVP_NPU_MOST_SLICE */
  uint32_t kept, group; /* 1 <= kept <= group <= SPINVP_NPU_MOST_GROUP */
  uint32_t coefficient_bits;
  uint32_t reserved; /* 0 */
};

static_assert(sizeof(struct spinvp_npu_weights) == 32, "layout of spinvp_npu_weights");

static inline uint64_t spinvp_npu_weights_basis_bytes(const struct spinvp_npu_weights* w) { return 1 + (uint64_t)w->rank * w->slice; }
static inline uint64_t spinvp_npu_weights_group_bytes(const struct spinvp_npu_weights* w) {
  return (w->group + (uint64_t)w->kept * w->rank * w->coefficient_bits + 7) / 8;
}
/* Elements that a group rebuilds. */
static inline uint64_t spinvp_npu_weights_group_units(const struct spinvp_npu_weights* w) { return (uint64_t)w->slice * w->group; }
static inline uint64_t spinvp_npu_weights_groups(const struct spinvp_npu_weights* w) { /* of a row */
  return (w->units + spinvp_npu_weights_group_units(w) - 1) / spinvp_npu_weights_group_units(w);
}
static inline uint64_t spinvp_npu_weights_bytes(const struct spinvp_npu_weights* w) { /* of all of it */
  return SPINVP_NPU_WEIGHTS_DATA + w->rows * (spinvp_npu_weights_basis_bytes(w) + spinvp_npu_weights_groups(w) * spinvp_npu_weights_group_bytes(w));
}

#endif
