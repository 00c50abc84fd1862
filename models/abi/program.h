/* A compiled network: jobs of the NPU in the order of execution, which firmware's `runner` walks. Valid C11 and C++.
 *
 * All addresses are bus addresses. One step of the program is an inference, or forward, backward and update of a training step. Before step s the runner copies each feed: `bytes` bytes from
 * from + (s mod count) * bytes to `to` (images, labels, the rate of an optimiser). It then queues the kernels in order, each inside the regions of its phase and its layer. */
#ifndef SPINVP_ABI_PROGRAM_H
#define SPINVP_ABI_PROGRAM_H

#include <assert.h>
#include <stdint.h>

#include "models/abi/npu.h"

#define SPINVP_PROGRAM_MAGIC 0x314d4152474f5250ull /* "PROGRAM1" */

enum spinvp_program_phase { SPINVP_PHASE_FORWARD = 0, SPINVP_PHASE_BACKWARD = 1, SPINVP_PHASE_UPDATE = 2, SPINVP_PHASES = 3 };

struct spinvp_program_kernel {
  uint64_t layer; /* address of its name, which ends with a zero byte */
  uint32_t phase; /* enum spinvp_program_phase */
  uint32_t reserved;
  struct spinvp_npu_descriptor descriptor;
};

struct spinvp_program_feed {
  uint64_t to, from, bytes, count;
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
  uint32_t phantom;  /* 1: tensors have no values; results mean nothing */
  uint32_t training; /* 1: a training step, in region "train"; otherwise an inference, in region "infer" */
  uint32_t batch;    /* images or sequences a step */
};

static_assert(sizeof(struct spinvp_program_kernel) == 144, "layout of spinvp_program_kernel");
static_assert(sizeof(struct spinvp_program) == 96, "layout of spinvp_program");

#endif
