#include "firmware/apps/lenet_job.h"

#include <stdio.h>

#include "firmware/apps/training.h"
#include "firmware/drivers/dma.h"
#include "firmware/drivers/markers.h"
#include "firmware/hal/boot.h"
#include "firmware/kernels/hart_kernels.h"

static bool read_job(struct lenet_job* job) {
  if (!boot_is_filled()) return false;
  *job = (struct lenet_job){
      .seed = (uint32_t)spinvp_boot.seed,
      .steps = spinvp_boot.steps != 0 ? (uint32_t)spinvp_boot.steps : SPINVP_LENET_DEFAULT_STEPS,
      .batch = spinvp_boot.batch != 0 ? (uint32_t)spinvp_boot.batch : SPINVP_LENET_BATCH,
      .learning_rate = spinvp_boot.learning_rate != 0.0f ? spinvp_boot.learning_rate : SPINVP_LENET_DEFAULT_LEARNING_RATE,
      .train = {(const float*)spinvp_boot.train_images, (const uint8_t*)spinvp_boot.train_labels, spinvp_boot.train_count},
      .test = {(const float*)spinvp_boot.test_images, (const uint8_t*)spinvp_boot.test_labels, spinvp_boot.test_count},
  };
  return job->train.count > 0 && job->test.count > 0;
}

bool lenet_take_tensors(struct tensor_arenas* arenas, uint32_t batch, size_t dconv2_floats, struct lenet_tensors* t) {
  const size_t conv1 = (size_t)batch * SPINVP_LENET_CONV1_CHANNELS * SPINVP_LENET_CONV1_SIDE * SPINVP_LENET_CONV1_SIDE;
  const size_t conv2 = (size_t)batch * SPINVP_LENET_CONV2_CHANNELS * SPINVP_LENET_CONV2_SIDE * SPINVP_LENET_CONV2_SIDE;
  const size_t hidden = (size_t)batch * SPINVP_LENET_FC1_OUTPUTS;
  const size_t logits = (size_t)batch * SPINVP_LENET_CLASSES;
  const struct {
    float** tensor;
    size_t floats;
    enum spinvp_tensor_class tensor_class;
  } wanted[] = {{&t->image, (size_t)batch * SPINVP_LENET_IMAGE_PIXELS, SPINVP_ACTIVATIONS},
                {&t->conv1, conv1, SPINVP_ACTIVATIONS},
                {&t->pool1, conv1 / 4, SPINVP_ACTIVATIONS},
                {&t->conv2, conv2, SPINVP_ACTIVATIONS},
                {&t->pool2, conv2 / 4, SPINVP_ACTIVATIONS},
                {&t->fc1, hidden, SPINVP_ACTIVATIONS},
                {&t->logits, logits, SPINVP_ACTIVATIONS},
                {&t->dlogits, logits, SPINVP_GRADIENTS},
                {&t->dfc1, hidden, SPINVP_GRADIENTS},
                {&t->dpool2, conv2 / 4, SPINVP_GRADIENTS},
                {&t->dconv2, dconv2_floats, SPINVP_GRADIENTS},
                {&t->dpool1, conv1 / 4, SPINVP_GRADIENTS},
                {&t->dconv1, conv1, SPINVP_GRADIENTS},
                {&t->parameters, SPINVP_LENET_PARAMETERS, SPINVP_WEIGHTS},
                {&t->gradients, SPINVP_LENET_PARAMETERS, SPINVP_GRADIENTS}};
  for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; ++i) {
    *wanted[i].tensor = arena_take_floats(tensor_arena(arenas, wanted[i].tensor_class), wanted[i].floats);
    if (*wanted[i].tensor == NULL) return false;
  }
  t->winner1 = arena_take(tensor_arena(arenas, TENSOR_OTHERS), conv1 / 4);
  t->winner2 = arena_take(tensor_arena(arenas, TENSOR_OTHERS), conv2 / 4);
  return t->winner1 != NULL && t->winner2 != NULL;
}

void lenet_fill_parameters(uint32_t seed, float* parameters) {
  for (uint32_t i = 0; i < SPINVP_LENET_PARAMETERS; ++i) parameters[i] = spinvp_lenet_initial_parameter(seed, i);
}

bool lenet_fetch_images(const struct lenet_set* set, size_t first, uint32_t batch, float* destination) {
  for (size_t done = 0; done < batch;) {
    const size_t from = (first + done) % set->count;
    const size_t run = batch - done < set->count - from ? batch - done : set->count - from;
    if (!dma_copy(destination + done * SPINVP_LENET_IMAGE_PIXELS, set->images + from * SPINVP_LENET_IMAGE_PIXELS,
                  run * SPINVP_LENET_IMAGE_PIXELS * sizeof(float)))
      return false;
    done += run;
  }
  return true;
}

void lenet_fetch_labels(const struct lenet_set* set, size_t first, uint32_t batch, uint8_t* destination) {
  for (size_t i = 0; i < batch; ++i) destination[i] = set->labels[(first + i) % set->count];
}

struct lenet_training {
  const struct lenet_unit* unit;
  const struct lenet_job* job;
};

static const float* train_step(const void* training, uint32_t step) {
  const struct lenet_training* t = training;
  return t->unit->train_step(t->job, (size_t)step * t->job->batch);
}

static int evaluate(const struct lenet_unit* unit, const struct lenet_job* job) {
  size_t correct = 0;
  region_open("evaluate");
  for (size_t first = 0; first < job->test.count; first += job->batch) {
    const float* logits = unit->infer(job, first);
    if (logits == NULL) return TRAINING_EXIT_JOB_FAILED;
    // The last batch is filled up from the start of the set; the surplus does not count.
    for (size_t i = 0; i < job->batch && first + i < job->test.count; ++i)
      correct += hart_largest(SPINVP_LENET_CLASSES, logits + i * SPINVP_LENET_CLASSES) == job->test.labels[first + i];
  }
  region_close();
  training_report_accuracy(correct, job->test.count);
  return 0;
}

int lenet_run(const struct lenet_unit* unit, int (*afterwards)(const struct lenet_job* job)) {
  struct lenet_job job;
  if (!read_job(&job)) return training_failed("no data set in the boot block", TRAINING_EXIT_NO_DATA);
  printf("LeNet on the %s: %u steps, batch %u, learning rate %g, seed %u; %zu images to train on, %zu to test\n", unit->name, (unsigned)job.steps,
         (unsigned)job.batch, (double)job.learning_rate, (unsigned)job.seed, job.train.count, job.test.count);
  if (!unit->prepare(&job)) return TRAINING_EXIT_NO_MEMORY;
  const int trained = training_run(job.steps, train_step, &(struct lenet_training){unit, &job});
  if (trained != 0) return trained;
  return afterwards != NULL ? afterwards(&job) : evaluate(unit, &job);
}
