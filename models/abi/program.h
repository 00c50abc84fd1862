/* A compiled network: jobs of the NPU in the order of execution, which firmware's `runner` walks. Valid C11 and C++.
 *
 * All addresses are bus addresses. One step of the program is an inference, or forward, backward and update of a training step. Before step s the runner copies each feed: `bytes` bytes from
 * from + (s mod count) * bytes to `to` (images, labels, the rate of an optimiser). It then queues the kernels in order, each inside the regions of its phase and its layer.
 *
 * Where there is a schedule of precisions, the runner gives all matrix products the bits of the row in force (spinvp_program_set_bits) whenever a step begins a row. */
#ifndef SPINVP_ABI_PROGRAM_H
#define SPINVP_ABI_PROGRAM_H

#include <assert.h>
#include <stdint.h>

#include "models/abi/npu.h"
#include "models/abi/npu_product.h"

#define SPINVP_PROGRAM_MAGIC 0x314d4152474f5250ull /* "PROGRAM1" */

enum spinvp_program_phase { SPINVP_PHASE_FORWARD = 0, SPINVP_PHASE_BACKWARD = 1, SPINVP_PHASE_UPDATE = 2, SPINVP_PHASES = 3 };

/* Which bits of a schedule's row the operands of a kernel have. What the backward phase computes again of the forward pass has the forward pass's. */
enum spinvp_program_bits { SPINVP_BITS_NONE = 0, SPINVP_BITS_FORWARD = 1, SPINVP_BITS_BACKWARD = 2 };

struct spinvp_program_kernel {
  uint64_t layer; /* address of its name, which ends with a zero byte */
  uint32_t phase; /* enum spinvp_program_phase */
  uint32_t bits;  /* enum spinvp_program_bits */
  struct spinvp_npu_descriptor descriptor;
};

struct spinvp_program_feed {
  uint64_t to, from, bytes, count;
};

/* From this step on, the significant bits of the operands of products (0: the format's own). */
struct spinvp_program_precision {
  uint64_t from_step;
  uint32_t forward, backward;
};

struct spinvp_program {
  uint64_t magic;
  uint64_t kernels, kernel_table; /* struct spinvp_program_kernel[kernels] */
  uint64_t feeds, feed_table;     /* struct spinvp_program_feed[feeds] */
  uint64_t steps;                 /* how often to run it */
  uint64_t loss;                  /* of a training: the float that holds the loss after a step; otherwise 0 */
  uint64_t name;                  /* of the network */
  uint64_t output;                /* of an inference with real values: its first result, output_rows x output_columns of enum spinvp_npu_format; otherwise 0 */
  uint32_t output_rows, output_columns, output_format;
  uint32_t phantom;                     /* 1: tensors have no values; results mean nothing */
  uint32_t training;                    /* 1: a training step, in region "train"; otherwise an inference, in region "infer" */
  uint32_t batch;                       /* images or sequences a step */
  uint64_t precisions, precision_table; /* struct spinvp_program_precision[precisions], ascending, the first from step 0; or none */
};

static_assert(sizeof(struct spinvp_program_precision) == 16, "layout of spinvp_program_precision");
static_assert(sizeof(struct spinvp_program_kernel) == 144, "layout of spinvp_program_kernel");
static_assert(sizeof(struct spinvp_program) == 112, "layout of spinvp_program");

/* Gives `kernel` the bits of `row`. */
static inline void spinvp_program_set_bits(struct spinvp_program_kernel* kernel, const struct spinvp_program_precision* row) {
  if (kernel->bits == SPINVP_BITS_NONE) return;
  const uint8_t bits = (uint8_t)(kernel->bits == SPINVP_BITS_FORWARD ? row->forward : row->backward);
  kernel->descriptor.count = spinvp_npu_with_option(spinvp_npu_with_option(kernel->descriptor.count, SPINVP_NPU_BITS_A, bits), SPINVP_NPU_BITS_B, bits);
}

#endif
