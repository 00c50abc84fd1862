/* Programs of the NPU's vector unit: what it computes of each element of some streams. Valid C11 and C++.
 *
 * A map walks an iteration space of up to six axes, the last one fastest. For each point it loads one element of each input into registers 0, 1, ..., runs its steps, and stores the
 * registers result[0], result[1], ... to its outputs. A stream names a tensor by address, format and the distance (in elements) between neighbours along each axis: 0 repeats an element, so broadcasts,
 * slices, transposes and concatenations are strides. A reduction (SPINVP_NPU_REDUCE) combines result[o] over the axes in `reduced` instead, from +0 (sum) or from the
 * first (largest), in ascending order of the iteration space for each output element; then, once for each output element, registers 0, 1, ... hold what came out, the finishing steps run
 * (inputs are not loaded again), and register o goes to output o. Outputs have stride 0 along reduced axes.
 *
 * The largest is MAXIMUM(largest so far, value): largest > value ? largest : value. A register that nothing was written to is 0. Addresses are aligned to the element; the program itself to 8 bytes; reserved words are 0.
 *
 * Arithmetic is fp32: every step rounds once, to nearest even, and is never contracted; a NaN that comes out of arithmetic is 0x7fc00000. Elements of other formats are widened when loaded and rounded when
 * stored (bf16: nearest even; int32: towards zero, saturating, NaN 0). exp, log, erf, tanh: models/abi/elementary.h. An input may be an output too if their strides agree; other overlaps leave the output undefined. */
#ifndef SPINVP_ABI_NPU_MAP_H
#define SPINVP_ABI_NPU_MAP_H

#include <assert.h>
#include <stdint.h>

#define SPINVP_NPU_MAP_AXES      6u
#define SPINVP_NPU_MAP_INPUTS    8u
#define SPINVP_NPU_MAP_OUTPUTS   4u
#define SPINVP_NPU_MAP_STEPS     48u
#define SPINVP_NPU_MAP_REGISTERS 16u /* operands from 16 on name constants: 16 + i is constant[i] */
#define SPINVP_NPU_MAP_CONSTANTS 16u

enum spinvp_npu_map_operation {
  SPINVP_NPU_MAP_MOVE = 0, /* to = left */
  SPINVP_NPU_MAP_ADD = 1,
  SPINVP_NPU_MAP_SUBTRACT = 2,
  SPINVP_NPU_MAP_MULTIPLY = 3,
  SPINVP_NPU_MAP_DIVIDE = 4,
  SPINVP_NPU_MAP_FUSED = 5,   /* to = fma(left, right, to) */
  SPINVP_NPU_MAP_MAXIMUM = 6, /* to = left > right ? left : right; a NaN in left gives right */
  SPINVP_NPU_MAP_MINIMUM = 7, /* to = left < right ? left : right */
  SPINVP_NPU_MAP_SELECT = 8,  /* to = left > 0 ? right : to */
  SPINVP_NPU_MAP_GREATER = 9, /* to = left > right ? 1 : 0 */
  SPINVP_NPU_MAP_EQUAL = 10,
  SPINVP_NPU_MAP_NEGATE = 11, /* of left alone, as are all below */
  SPINVP_NPU_MAP_ABSOLUTE = 12,
  SPINVP_NPU_MAP_SQUARE_ROOT = 13, /* correctly rounded */
  SPINVP_NPU_MAP_EXPONENTIAL = 14,
  SPINVP_NPU_MAP_LOGARITHM = 15,
  SPINVP_NPU_MAP_ERROR_FUNCTION = 16,
  SPINVP_NPU_MAP_TANGENT = 17, /* hyperbolic */
  SPINVP_NPU_MAP_FLOOR = 18,
  SPINVP_NPU_MAP_ROUND_BF16 = 19, /* to = left rounded to bf16, as a store and a load would */
  SPINVP_NPU_MAP_OPERATIONS = 20
};

enum spinvp_npu_map_combine { SPINVP_NPU_COMBINE_SUM = 0, SPINVP_NPU_COMBINE_MAXIMUM = 1 };

/* Formats of a stream: enum spinvp_npu_format and this one. */
#define SPINVP_NPU_INT32 2u

struct spinvp_npu_map_step {
  uint8_t operation, to, left, right;
};

struct spinvp_npu_stream {
  uint64_t address;
  uint32_t format;
  uint32_t reserved;
  int64_t stride[SPINVP_NPU_MAP_AXES]; /* elements */
};

struct spinvp_npu_map {
  uint32_t axes, inputs, outputs;
  uint32_t steps, finish_steps; /* the finishing steps of a reduction follow the others in `step` */
  uint32_t combine, reduced;    /* of a reduction: enum spinvp_npu_map_combine; bit i: axis i is reduced */
  uint32_t reserved;
  uint32_t extent[SPINVP_NPU_MAP_AXES];
  uint8_t result[8]; /* registers, by output */
  float constant[SPINVP_NPU_MAP_CONSTANTS];
  struct spinvp_npu_map_step step[SPINVP_NPU_MAP_STEPS];
  struct spinvp_npu_stream input[SPINVP_NPU_MAP_INPUTS];
  struct spinvp_npu_stream output[SPINVP_NPU_MAP_OUTPUTS];
};

static_assert(sizeof(struct spinvp_npu_map_step) == 4, "layout of spinvp_npu_map_step");
static_assert(sizeof(struct spinvp_npu_stream) == 64, "layout of spinvp_npu_stream");
static_assert(sizeof(struct spinvp_npu_map) == 1088, "layout of spinvp_npu_map");

#endif
