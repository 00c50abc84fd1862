// A pre-norm transformer block trained on the PIM arrays; network, task and start values: models/abi/transformer_init.h. All matrix products,
// forward and backward, and the update run on the arrays; the ReLU, and softmax and loss, on the units that the configuration names (hart, if
// nothing is said); the hart draws the sequences and does embeddings, layer norms and residual sums, and the gradients of biases
// while the arrays work. Everything lives in on-chip memory. Values: the PIM policy of workloads/training/arithmetic_policy.h, in the order of workloads/training/transformer_reference.cpp.
#include <string.h>

#include "firmware/apps/training.h"
#include "firmware/hal/boot.h"
#include "firmware/kernels/arena.h"
#include "firmware/kernels/hart_kernels.h"
#include "firmware/kernels/hart_transformer.h"
#include "firmware/kernels/pim_attention.h"
#include "firmware/kernels/pim_kernels.h"
#include "firmware/kernels/pim_sum.h"
#include "firmware/kernels/unweighted.h"
#include "models/abi/transformer_init.h"

enum {
  LENGTH = SPINVP_TRANSFORMER_LENGTH,
  WIDTH = SPINVP_TRANSFORMER_WIDTH,
  HEADS = SPINVP_TRANSFORMER_HEADS,
  QKV = SPINVP_TRANSFORMER_QKV,
  FEED_FORWARD = SPINVP_TRANSFORMER_FEED_FORWARD,
  CLASSES = SPINVP_TRANSFORMER_TOKENS
};

struct job {
  uint32_t seed, steps, batch;
  float learning_rate;
};

// `x` is the input of the block, `middle` what the first residual makes of it, `result` the second; d in front: the gradient. `dstream` is the gradient of
// the residual stream, carried back from `result` to `x`. A ReLU works in place, as softmax does.
static struct {
  float *parameters, *gradients;  // laid out alike, offsets in transformer_init.h
  float *x, *normalized1, *inverse1, *norm1, *qkv, *probabilities, *mixed, *middle, *normalized2, *inverse2, *norm2, *hidden, *result, *logits;
  float *dlogits, *dstream, *dhidden, *dnorm, *dmixed, *dscores, *dqkv;
  uint8_t *tokens, *labels;
} t;
static float loss;

static struct job read_job(void) {
  const uint32_t batch = spinvp_boot.batch != 0 ? (uint32_t)spinvp_boot.batch : SPINVP_TRANSFORMER_BATCH;
  return (struct job){.seed = (uint32_t)spinvp_boot.seed,
                      .steps = spinvp_boot.steps != 0 ? (uint32_t)spinvp_boot.steps : SPINVP_TRANSFORMER_DEFAULT_STEPS,
                      .batch = batch,
                      .learning_rate = spinvp_boot.learning_rate != 0.0f ? spinvp_boot.learning_rate : spinvp_transformer_default_learning_rate(batch)};
}

static bool take_tensors(struct tensor_arenas* arenas, uint32_t batch) {
  const size_t rows = (size_t)batch * LENGTH;
  const size_t wide = rows * WIDTH, scores = rows * HEADS * LENGTH;
  const struct {
    float** tensor;
    size_t floats;
    enum spinvp_tensor_class tensor_class;
  } wanted[] = {{&t.parameters, SPINVP_TRANSFORMER_PARAMETERS, SPINVP_WEIGHTS},
                {&t.gradients, SPINVP_TRANSFORMER_PARAMETERS, SPINVP_GRADIENTS},
                {&t.x, wide, SPINVP_ACTIVATIONS},
                {&t.normalized1, wide, SPINVP_ACTIVATIONS},
                {&t.inverse1, rows, SPINVP_ACTIVATIONS},
                {&t.norm1, wide, SPINVP_ACTIVATIONS},
                {&t.qkv, rows * QKV, SPINVP_ACTIVATIONS},
                {&t.probabilities, scores, SPINVP_ACTIVATIONS},
                {&t.mixed, wide, SPINVP_ACTIVATIONS},
                {&t.middle, wide, SPINVP_ACTIVATIONS},
                {&t.normalized2, wide, SPINVP_ACTIVATIONS},
                {&t.inverse2, rows, SPINVP_ACTIVATIONS},
                {&t.norm2, wide, SPINVP_ACTIVATIONS},
                {&t.hidden, rows * FEED_FORWARD, SPINVP_ACTIVATIONS},
                {&t.result, wide, SPINVP_ACTIVATIONS},
                {&t.logits, rows * CLASSES, SPINVP_ACTIVATIONS},
                {&t.dlogits, rows * CLASSES, SPINVP_GRADIENTS},
                {&t.dstream, wide, SPINVP_GRADIENTS},
                {&t.dhidden, rows * FEED_FORWARD, SPINVP_GRADIENTS},
                {&t.dnorm, wide, SPINVP_GRADIENTS},
                {&t.dmixed, wide, SPINVP_GRADIENTS},
                {&t.dscores, scores, SPINVP_GRADIENTS},
                {&t.dqkv, rows * QKV, SPINVP_GRADIENTS}};
  for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; ++i) {
    *wanted[i].tensor = arena_take_floats(tensor_arena(arenas, wanted[i].tensor_class), wanted[i].floats);
    if (*wanted[i].tensor == NULL) return false;
  }
  t.tokens = arena_take(tensor_arena(arenas, TENSOR_OTHERS), rows);
  t.labels = arena_take(tensor_arena(arenas, TENSOR_OTHERS), rows);
  return t.tokens != NULL && t.labels != NULL;
}

static bool prepare(const struct job* job) {
  pim_start();
  unweighted_start();
  struct tensor_arenas arenas = tensor_arenas_beside(arena_of_onchip());
  const bool fits = take_tensors(&arenas, job->batch);
  float* workspace = arena_take_floats(tensor_arena(&arenas, TENSOR_OTHERS), pim_workspace_floats());
  if (!fits || workspace == NULL) return false;
  pim_set_workspace(workspace);
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

static struct pim_dense dense(uint32_t batch, uint32_t inputs, uint32_t outputs) { return (struct pim_dense){batch * LENGTH, inputs, outputs}; }
static struct pim_attention attention(uint32_t batch) { return (struct pim_attention){batch, LENGTH, HEADS, SPINVP_TRANSFORMER_HEAD_WIDTH}; }
static struct hart_norm norm1(uint32_t batch) { return (struct hart_norm){batch * LENGTH, WIDTH, t.normalized1, t.inverse1}; }
static struct hart_norm norm2(uint32_t batch) { return (struct hart_norm){batch * LENGTH, WIDTH, t.normalized2, t.inverse2}; }

// y = x W^T + bias for every row. `weight` and `bias` are offsets.
static bool dense_forward(const char* name, struct pim_dense shape, const float* x, uint32_t weight, uint32_t bias, float* y) {
  ARRAY_LAYER(name, pim_dense_forward(&shape, x, t.parameters + weight, t.parameters + bias, y), );
  return true;
}

static bool dense_backward(const char* name, struct pim_dense shape, const float* x, uint32_t weight, uint32_t bias, const float* dy, float* dx) {
  ARRAY_LAYER(name, pim_dense_weight_gradient(&shape, x, dy, t.gradients + weight);
              pim_dense_data_gradient(&shape, dy, t.parameters + weight, dx), hart_dense_bias_gradient(shape.images, shape.outputs, dy, t.gradients + bias));
  return true;
}

static bool attention_forward(uint32_t batch) {
  const struct pim_attention shape = attention(batch);
  ARRAY_LAYER("scores", pim_attention_scores(&shape, t.qkv, t.probabilities), );
  UNWEIGHTED_LAYER("softmax", unweighted_softmax_forward(HEADS * batch * LENGTH, LENGTH, SPINVP_TRANSFORMER_SCALE, t.probabilities));
  ARRAY_LAYER("mix", pim_attention_mix(&shape, t.probabilities, t.qkv, t.mixed), );
  return true;
}

static bool attention_backward(uint32_t batch) {
  const struct pim_attention shape = attention(batch);
  ARRAY_LAYER("mix", pim_attention_mix_gradient(&shape, t.dmixed, t.probabilities, t.qkv, t.dscores, t.dqkv), );
  UNWEIGHTED_LAYER("softmax", unweighted_softmax_backward(HEADS * batch * LENGTH, LENGTH, SPINVP_TRANSFORMER_SCALE, t.probabilities, t.dscores));
  ARRAY_LAYER("scores", pim_attention_scores_gradient(&shape, t.dscores, t.qkv, t.dqkv), );
  return true;
}

static bool forward(uint32_t batch) {
  const float* p = t.parameters;
  const uint32_t rows = batch * LENGTH;
  const struct hart_norm first = norm1(batch), second = norm2(batch);
  HART_LAYER("embedding",
             hart_embedding_forward(rows, LENGTH, WIDTH, t.tokens, p + SPINVP_TRANSFORMER_TOKEN_OFFSET, p + SPINVP_TRANSFORMER_POSITION_OFFSET, t.x));

  HART_LAYER("norm1", hart_layer_norm_forward(&first, SPINVP_TRANSFORMER_EPSILON, t.x, p + SPINVP_TRANSFORMER_NORM1_GAIN_OFFSET,
                                              p + SPINVP_TRANSFORMER_NORM1_SHIFT_OFFSET, t.norm1));
  if (!dense_forward("qkv", dense(batch, WIDTH, QKV), t.norm1, SPINVP_TRANSFORMER_QKV_WEIGHT_OFFSET, SPINVP_TRANSFORMER_QKV_BIAS_OFFSET, t.qkv) ||
      !attention_forward(batch) ||
      !dense_forward("output", dense(batch, WIDTH, WIDTH), t.mixed, SPINVP_TRANSFORMER_OUTPUT_WEIGHT_OFFSET, SPINVP_TRANSFORMER_OUTPUT_BIAS_OFFSET, t.middle))
    return false;
  HART_LAYER("residual1", hart_add(rows * WIDTH, t.x, t.middle));

  HART_LAYER("norm2", hart_layer_norm_forward(&second, SPINVP_TRANSFORMER_EPSILON, t.middle, p + SPINVP_TRANSFORMER_NORM2_GAIN_OFFSET,
                                              p + SPINVP_TRANSFORMER_NORM2_SHIFT_OFFSET, t.norm2));
  if (!dense_forward("ff1", dense(batch, WIDTH, FEED_FORWARD), t.norm2, SPINVP_TRANSFORMER_FF1_WEIGHT_OFFSET, SPINVP_TRANSFORMER_FF1_BIAS_OFFSET, t.hidden))
    return false;
  UNWEIGHTED_LAYER("relu", unweighted_relu_forward(rows * FEED_FORWARD, t.hidden));
  if (!dense_forward("ff2", dense(batch, FEED_FORWARD, WIDTH), t.hidden, SPINVP_TRANSFORMER_FF2_WEIGHT_OFFSET, SPINVP_TRANSFORMER_FF2_BIAS_OFFSET, t.result))
    return false;
  HART_LAYER("residual2", hart_add(rows * WIDTH, t.middle, t.result));

  return dense_forward("head", dense(batch, WIDTH, CLASSES), t.result, SPINVP_TRANSFORMER_HEAD_WEIGHT_OFFSET, SPINVP_TRANSFORMER_HEAD_BIAS_OFFSET, t.logits);
}

static bool backward(uint32_t batch) {
  const float* p = t.parameters;
  float* d = t.gradients;
  const uint32_t rows = batch * LENGTH;
  const struct hart_norm first = norm1(batch), second = norm2(batch);
  if (!dense_backward("head", dense(batch, WIDTH, CLASSES), t.result, SPINVP_TRANSFORMER_HEAD_WEIGHT_OFFSET, SPINVP_TRANSFORMER_HEAD_BIAS_OFFSET, t.dlogits,
                      t.dstream) ||
      !dense_backward("ff2", dense(batch, FEED_FORWARD, WIDTH), t.hidden, SPINVP_TRANSFORMER_FF2_WEIGHT_OFFSET, SPINVP_TRANSFORMER_FF2_BIAS_OFFSET, t.dstream,
                      t.dhidden))
    return false;
  UNWEIGHTED_LAYER("relu", unweighted_relu_backward(rows * FEED_FORWARD, t.hidden, t.dhidden));
  if (!dense_backward("ff1", dense(batch, WIDTH, FEED_FORWARD), t.norm2, SPINVP_TRANSFORMER_FF1_WEIGHT_OFFSET, SPINVP_TRANSFORMER_FF1_BIAS_OFFSET, t.dhidden,
                      t.dnorm))
    return false;
  HART_LAYER("norm2", hart_layer_norm_backward(&second, p + SPINVP_TRANSFORMER_NORM2_GAIN_OFFSET, t.dnorm, d + SPINVP_TRANSFORMER_NORM2_GAIN_OFFSET,
                                               d + SPINVP_TRANSFORMER_NORM2_SHIFT_OFFSET, t.dstream));

  if (!dense_backward("output", dense(batch, WIDTH, WIDTH), t.mixed, SPINVP_TRANSFORMER_OUTPUT_WEIGHT_OFFSET, SPINVP_TRANSFORMER_OUTPUT_BIAS_OFFSET, t.dstream,
                      t.dmixed) ||
      !attention_backward(batch) ||
      !dense_backward("qkv", dense(batch, WIDTH, QKV), t.norm1, SPINVP_TRANSFORMER_QKV_WEIGHT_OFFSET, SPINVP_TRANSFORMER_QKV_BIAS_OFFSET, t.dqkv, t.dnorm))
    return false;
  HART_LAYER("norm1", hart_layer_norm_backward(&first, p + SPINVP_TRANSFORMER_NORM1_GAIN_OFFSET, t.dnorm, d + SPINVP_TRANSFORMER_NORM1_GAIN_OFFSET,
                                               d + SPINVP_TRANSFORMER_NORM1_SHIFT_OFFSET, t.dstream));

  HART_LAYER("embedding", hart_embedding_backward(rows, LENGTH, WIDTH, CLASSES, t.tokens, t.dstream, d + SPINVP_TRANSFORMER_TOKEN_OFFSET,
                                                  d + SPINVP_TRANSFORMER_POSITION_OFFSET));
  return true;
}

// A layer's parameters lie together, so each layer is one range.
static bool update(float rate) {
  static const struct {
    const char* name;
    uint32_t first, end;
  } layers[] = {{"embedding", SPINVP_TRANSFORMER_TOKEN_OFFSET, SPINVP_TRANSFORMER_NORM1_GAIN_OFFSET},
                {"norm1", SPINVP_TRANSFORMER_NORM1_GAIN_OFFSET, SPINVP_TRANSFORMER_QKV_WEIGHT_OFFSET},
                {"qkv", SPINVP_TRANSFORMER_QKV_WEIGHT_OFFSET, SPINVP_TRANSFORMER_OUTPUT_WEIGHT_OFFSET},
                {"output", SPINVP_TRANSFORMER_OUTPUT_WEIGHT_OFFSET, SPINVP_TRANSFORMER_NORM2_GAIN_OFFSET},
                {"norm2", SPINVP_TRANSFORMER_NORM2_GAIN_OFFSET, SPINVP_TRANSFORMER_FF1_WEIGHT_OFFSET},
                {"ff1", SPINVP_TRANSFORMER_FF1_WEIGHT_OFFSET, SPINVP_TRANSFORMER_FF2_WEIGHT_OFFSET},
                {"ff2", SPINVP_TRANSFORMER_FF2_WEIGHT_OFFSET, SPINVP_TRANSFORMER_HEAD_WEIGHT_OFFSET},
                {"head", SPINVP_TRANSFORMER_HEAD_WEIGHT_OFFSET, SPINVP_TRANSFORMER_PARAMETERS}};
  for (size_t i = 0; i < sizeof layers / sizeof layers[0]; ++i)
    ARRAY_LAYER(layers[i].name, pim_gradient_descent(layers[i].end - layers[i].first, rate, t.gradients + layers[i].first, t.parameters + layers[i].first), );
  return true;
}

static bool form_loss(uint32_t batch) {
  UNWEIGHTED_LAYER("loss", unweighted_loss(batch * LENGTH, CLASSES, t.logits, t.labels, t.dlogits, &loss));
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
  printf("transformer block on the PIM arrays: %u steps, batch %u, learning rate %g, seed %u; %u sequences of %u tokens to test\n", (unsigned)job.steps,
         (unsigned)job.batch, (double)job.learning_rate, (unsigned)job.seed, SPINVP_TRANSFORMER_TEST_SEQUENCES, (unsigned)LENGTH);
  if (!prepare(&job)) return training_failed("the tensors do not fit in the on-chip memory", TRAINING_EXIT_NO_MEMORY);
  const int trained = training_run(job.steps, train_step, &job);
  return trained != 0 ? trained : evaluate(&job);
}
