// A pre-norm transformer block trained on the PIM arrays; network, task and start values: models/abi/transformer_init.h. What runs where: firmware/apps/transformer_unit.h. Everything lives in on-chip
// memory; the hart draws the sequences. Values: the PIM policy of workloads/training/arithmetic_policy.h, in the order of workloads/training/transformer_reference.cpp.
#include <string.h>

#include "firmware/apps/training.h"
#include "firmware/apps/transformer_block.h"
#include "firmware/hal/about.h"
#include "firmware/hal/boot.h"
#include "firmware/kernels/hart_kernels.h"
#include "models/abi/transformer_init.h"

SPINVP_ABOUT("trains a transformer block on the PIM arrays: which token of a sequence is the most frequent");

enum { LENGTH = SPINVP_TRANSFORMER_LENGTH, WIDTH = SPINVP_TRANSFORMER_WIDTH, CLASSES = SPINVP_TRANSFORMER_TOKENS };

struct job {
  uint32_t seed, steps, batch;
  float learning_rate;
};

// `dstream` is the gradient of the residual stream, carried back from the block's result to its input x.
static struct {
  float *parameters, *gradients;  // laid out alike, offsets in transformer_init.h
  float *x, *logits, *dlogits, *dstream;
  uint8_t *tokens, *labels;
} t;
static struct transformer_block block;
static float loss;
static const struct transformer_unit* const unit = &transformer_on_pim;

static struct job read_job(void) {
  const uint32_t batch = spinvp_boot.batch != 0 ? (uint32_t)spinvp_boot.batch : SPINVP_TRANSFORMER_BATCH;
  return (struct job){.seed = (uint32_t)spinvp_boot.seed,
                      .steps = spinvp_boot.steps != 0 ? (uint32_t)spinvp_boot.steps : SPINVP_TRANSFORMER_DEFAULT_STEPS,
                      .batch = batch,
                      .learning_rate = spinvp_boot.learning_rate != 0.0f ? spinvp_boot.learning_rate : spinvp_transformer_default_learning_rate(batch)};
}

static bool take_all(struct tensor_arenas* arenas, uint32_t batch) {
  const size_t rows = (size_t)batch * LENGTH;
  const struct wanted_tensor wanted[] = {{&t.parameters, SPINVP_TRANSFORMER_PARAMETERS, SPINVP_WEIGHTS},
                                         {&t.gradients, SPINVP_TRANSFORMER_PARAMETERS, SPINVP_GRADIENTS},
                                         {&t.x, rows * WIDTH, SPINVP_ACTIVATIONS},
                                         {&t.logits, rows * CLASSES, SPINVP_ACTIVATIONS},
                                         {&t.dlogits, rows * CLASSES, SPINVP_GRADIENTS},
                                         {&t.dstream, rows * WIDTH, SPINVP_GRADIENTS}};
  if (!take_tensors(arenas, wanted, sizeof wanted / sizeof wanted[0])) return false;
  block = (struct transformer_block){
      .unit = unit, .batch = batch, .parameters = t.parameters + SPINVP_TRANSFORMER_BLOCK_OFFSET, .gradients = t.gradients + SPINVP_TRANSFORMER_BLOCK_OFFSET};
  t.tokens = arena_take(tensor_arena(arenas, TENSOR_OTHERS), rows);
  t.labels = arena_take(tensor_arena(arenas, TENSOR_OTHERS), rows);
  return t.tokens != NULL && t.labels != NULL && transformer_block_take(arenas, &block);
}

static bool prepare(const struct job* job) {
  struct arena memory = arena_of_onchip();
  if (!unit->start(&memory)) return false;
  struct tensor_arenas arenas = tensor_arenas_beside(memory);
  tensor_arenas_leave(&arenas, memory);
  tensor_arenas_leave(&arenas, arena_of_dram());
  if (!take_all(&arenas, job->batch)) return false;
  for (uint32_t i = 0; i < SPINVP_TRANSFORMER_PARAMETERS; ++i) t.parameters[i] = spinvp_transformer_initial_parameter(job->seed, i);
  return true;
}

// Sequences first .. first + batch - 1 of a stream; every position is asked for the sequence's label.
static void draw(const struct job* job, uint32_t stream, uint32_t first) {
  region_open("input");
  for (uint32_t i = 0; i < job->batch; ++i)
    memset(t.labels + i * LENGTH, spinvp_transformer_sequence(job->seed, stream, first + i, t.tokens + i * LENGTH), LENGTH);
  region_close();
}

static struct dense_layer head(uint32_t batch) { return (struct dense_layer){batch * LENGTH, WIDTH, CLASSES}; }

static bool forward(uint32_t batch) {
  const float* p = t.parameters;
  const struct dense_layer h = head(batch);
  TRANSFORMER_LAYER("embedding", unit->embedding_forward(batch * LENGTH, CLASSES, t.tokens, NULL, p + SPINVP_TRANSFORMER_TOKEN_OFFSET,
                                                         p + SPINVP_TRANSFORMER_POSITION_OFFSET, t.x));
  if (!transformer_block_forward(&block, t.x)) return false;
  TRANSFORMER_LAYER("head",
                    unit->dense_forward(&h, block.result, p + SPINVP_TRANSFORMER_HEAD_WEIGHT_OFFSET, p + SPINVP_TRANSFORMER_HEAD_BIAS_OFFSET, t.logits));
  return true;
}

static bool backward(uint32_t batch) {
  float* d = t.gradients;
  const struct dense_layer h = head(batch);
  TRANSFORMER_LAYER("head", unit->dense_backward(&h, block.result, t.parameters + SPINVP_TRANSFORMER_HEAD_WEIGHT_OFFSET, t.dlogits,
                                                 d + SPINVP_TRANSFORMER_HEAD_WEIGHT_OFFSET, d + SPINVP_TRANSFORMER_HEAD_BIAS_OFFSET, t.dstream));
  if (!transformer_block_backward(&block, t.dstream)) return false;
  TRANSFORMER_LAYER("embedding", unit->embedding_backward(batch * LENGTH, CLASSES, t.tokens, NULL, t.dstream, d + SPINVP_TRANSFORMER_TOKEN_OFFSET,
                                                          d + SPINVP_TRANSFORMER_POSITION_OFFSET));
  return true;
}

static bool update(float rate) {
  const uint32_t head_floats = SPINVP_TRANSFORMER_PARAMETERS - SPINVP_TRANSFORMER_HEAD_WEIGHT_OFFSET;
  TRANSFORMER_LAYER("embedding", unit->descend(SPINVP_TRANSFORMER_BLOCK_OFFSET, rate, t.gradients, t.parameters));
  if (!transformer_block_update(&block, rate)) return false;
  TRANSFORMER_LAYER(
      "head", unit->descend(head_floats, rate, t.gradients + SPINVP_TRANSFORMER_HEAD_WEIGHT_OFFSET, t.parameters + SPINVP_TRANSFORMER_HEAD_WEIGHT_OFFSET));
  return true;
}

static bool form_loss(uint32_t batch) {
  TRANSFORMER_LAYER("loss", unit->loss(batch * LENGTH, CLASSES, t.logits, t.labels, t.dlogits, &loss));
  return true;
}

static const float* train_step(const void* job_, uint32_t step) {
  const struct job* job = job_;
  region_open("forward");
  draw(job, SPINVP_TRANSFORMER_SEQUENCE_STREAM, step * job->batch);
  if (!forward(job->batch)) return NULL;
  if (!form_loss(job->batch)) return NULL;
  region_close();

  region_open("backward");
  if (!backward(job->batch)) return NULL;
  region_close();

  region_open("update");
  if (!update(job->learning_rate)) return NULL;
  region_close();
  return &loss;
}

static int evaluate(const struct job* job) {
  size_t correct = 0;
  region_open("evaluate");
  for (uint32_t first = 0; first < SPINVP_TRANSFORMER_TEST_SEQUENCES; first += job->batch) {
    draw(job, SPINVP_TRANSFORMER_TEST_STREAM, first);
    if (!forward(job->batch)) return TRAINING_EXIT_JOB_FAILED;
    // The last batch is filled up with further sequences; they do not count.
    const uint32_t left = SPINVP_TRANSFORMER_TEST_SEQUENCES - first;
    const uint32_t counted = (job->batch < left ? job->batch : left) * LENGTH;
    for (uint32_t row = 0; row < counted; ++row) correct += hart_largest(CLASSES, t.logits + row * CLASSES) == t.labels[row];
  }
  region_close();
  training_report_accuracy(correct, SPINVP_TRANSFORMER_TEST_SEQUENCES * LENGTH);
  return 0;
}

int main(void) {
  if (!boot_is_filled()) return training_failed("nobody filled the boot block", TRAINING_EXIT_NO_DATA);
  const struct job job = read_job();
  printf("transformer block on the %s: %u steps, batch %u, learning rate %g, seed %u; %u sequences of %u tokens to test\n", unit->name, (unsigned)job.steps,
         (unsigned)job.batch, (double)job.learning_rate, (unsigned)job.seed, SPINVP_TRANSFORMER_TEST_SEQUENCES, (unsigned)LENGTH);
  if (!prepare(&job)) return training_failed("the tensors do not fit in the on-chip memory", TRAINING_EXIT_NO_MEMORY);
  const int trained = training_run(job.steps, train_step, &job);
  return trained != 0 ? trained : evaluate(&job);
}
