/* What the loader tells firmware: it fills the ELF symbol `spinvp_boot` (if there is one) before the first instruction. Valid C11 and C++. */
#ifndef SPINVP_ABI_BOOT_H
#define SPINVP_ABI_BOOT_H

#include <assert.h>
#include <stdint.h>

#define SPINVP_BOOT_MAGIC 0x5350494e56503031ull /* "SPINVP01" */

/* The unit that computes layers without weights (pool and ReLU; softmax and loss), where an app leaves the choice. */
enum spinvp_unit { SPINVP_UNIT_HART = 0, SPINVP_UNIT_NPU = 1, SPINVP_UNIT_PIM = 2 };

/* What a tensor is to the training: each class may have a memory of its own, with cells of its own retention and error rates. What steers a program (labels, winners
 * of a pool, partial sums) belongs to none. */
enum spinvp_tensor_class { SPINVP_WEIGHTS = 0, SPINVP_ACTIVATIONS = 1, SPINVP_GRADIENTS = 2, SPINVP_TENSOR_CLASSES = 3 };

struct spinvp_memory {
  uint64_t base, size;
};

/* Images are float[count][784], (grey value - 32) / 128, labels uint8_t[count]; all in DRAM. A zero count means: no data set was loaded. */
struct spinvp_boot {
  uint64_t magic; /* SPINVP_BOOT_MAGIC when the loader has filled the block */
  uint64_t seed;
  uint64_t steps; /* training steps to run; 0: the app's own default */
  uint64_t batch; /* 0: the app's own default */
  uint64_t train_images, train_labels, train_count;
  uint64_t test_images, test_labels, test_count;
  uint64_t dram_free, dram_end;                        /* DRAM that neither ELF nor data set uses: a heap for tensors */
  uint64_t onchip_base, onchip_size;                   /* zero size: there is no on-chip memory */
  float learning_rate;                                 /* 0: the app's own default */
  uint16_t pooling_unit;                               /* enum spinvp_unit: pools and ReLUs */
  uint16_t loss_unit;                                  /* enum spinvp_unit: softmax and loss; never SPINVP_UNIT_PIM */
  uint64_t program;                                    /* address of a struct spinvp_program (program.h); 0: none */
  struct spinvp_memory tensors[SPINVP_TENSOR_CLASSES]; /* by enum spinvp_tensor_class; zero size: where the app has its other tensors */
  uint16_t layer_units[4];                             /* enum spinvp_unit, by layer of train_transformer, which has two; never SPINVP_UNIT_HART */
};

static_assert(sizeof(struct spinvp_boot) == 184, "layout of spinvp_boot");

#endif
