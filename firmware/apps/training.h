// What the training apps share: the loop over steps, and the brackets around a layer.
#ifndef SPINVP_FIRMWARE_TRAINING_H
#define SPINVP_FIRMWARE_TRAINING_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "firmware/drivers/markers.h"
#include "firmware/drivers/pim.h"

// What main() returns when a training fails.
enum training_exit { TRAINING_EXIT_NO_DATA = 2, TRAINING_EXIT_NO_MEMORY = 3, TRAINING_EXIT_JOB_FAILED = 4, TRAINING_EXIT_LOSS_NOT_FINITE = 5 };

// Runs all steps in region "train": reports each loss and prints some. `train_step` returns null when it failed (with a line printed). 0, or TRAINING_EXIT_...
int training_run(uint32_t steps, const float* (*train_step)(const void* job, uint32_t step), const void* job);

// Reports and prints the share of right answers.
void training_report_accuracy(size_t correct, size_t tested);

// Prints "failed: what" and returns the code.
int training_failed(const char* what, enum training_exit code);

// A layer on the hart, inside its region.
#define HART_LAYER(name, work) \
  do {                         \
    region_open(name);         \
    work;                      \
    region_close();            \
  } while (0)

// A layer of firmware/kernels/unweighted.h, inside its region. Leaves the function with false when it failed.
#define UNWEIGHTED_LAYER(name, work) \
  do {                               \
    region_open(name);               \
    if (!(work)) return false;       \
    region_close();                  \
  } while (0)

// A layer on the arrays: its commands queued inside its region and started there; `meanwhile` is what the hart does until they are done. Leaves the
// function with false when a command failed.
#define ARRAY_LAYER(name, commands, meanwhile)      \
  do {                                              \
    region_open(name);                              \
    commands;                                       \
    pim_ring();                                     \
    meanwhile;                                      \
    if (!training_await_arrays(name)) return false; \
    region_close();                                 \
  } while (0)

// Sleeps until the queue of the PIM is empty. False, with a line printed: a command failed.
static inline bool training_await_arrays(const char* layer) {
  const uint32_t status = pim_wait();
  if (status != 0) printf("failed: a PIM command of layer %s, status %u\n", layer, (unsigned)status);
  return status == 0;
}

#endif
