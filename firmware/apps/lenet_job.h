// What the two LeNet apps share: the job from the boot block, the loop over steps, the evaluation, and what is printed. A unit (NPU or
// PIM) brings three functions. Network and parameters: models/abi/lenet_init.h; arithmetic: workloads/training/lenet_reference.h.
#ifndef SPINVP_FIRMWARE_LENET_JOB_H
#define SPINVP_FIRMWARE_LENET_JOB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "firmware/kernels/arena.h"
#include "models/abi/lenet_init.h"

// Images are float[count][784], labels uint8_t[count], both in DRAM.
struct lenet_set {
  const float* images;
  const uint8_t* labels;
  size_t count;
};

struct lenet_job {
  uint32_t seed, steps, batch;
  float learning_rate;
  struct lenet_set train, test;
};

// Activations, gradients and parameters of one step. A ReLU works in place, so pool1, pool2 and fc1 hold what comes out of it;
// likewise a gradient is passed back through it in place.
struct lenet_tensors {
  float *image, *conv1, *pool1, *conv2, *pool2, *fc1, *logits;
  float *dlogits, *dfc1, *dpool2, *dconv2, *dpool1, *dconv1;
  uint8_t *winner1, *winner2;
  float *parameters, *gradients;  // laid out alike, offsets in lenet_init.h
};

// Takes the tensors, each from the arena of its class; dconv2 gets `dconv2_floats` floats, which may be more than the tensor itself. False: no room.
bool lenet_take_tensors(struct tensor_arenas* arenas, uint32_t batch, size_t dconv2_floats, struct lenet_tensors* tensors);
void lenet_fill_parameters(uint32_t seed, float* parameters);

// Images (first + i) mod count, i = 0 .. batch - 1, by the DMA engine (sleeping). False: the DMA failed.
bool lenet_fetch_images(const struct lenet_set* set, size_t first, uint32_t batch, float* destination);
void lenet_fetch_labels(const struct lenet_set* set, size_t first, uint32_t batch, uint8_t* destination);

struct lenet_unit {
  const char* name;
  // Memory and start values. False (with a line printed): it cannot be done.
  bool (*prepare)(const struct lenet_job* job);
  // One step on the images first .. of the training set: forward, backward, update, in regions of these names. Null: a job failed.
  const float* (*train_step)(const struct lenet_job* job, size_t first);
  // The logits [batch][10] of the images first .. of the test set; null: a job failed.
  const float* (*infer)(const struct lenet_job* job, size_t first);
};

// Trains, then evaluates on the whole test set, or does `afterwards` instead; what main() returns: 0, or TRAINING_EXIT_... (firmware/apps/training.h).
int lenet_run(const struct lenet_unit* unit, int (*afterwards)(const struct lenet_job* job));

#endif
