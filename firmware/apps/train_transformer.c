// Trains a language model of two transformer blocks (models/abi/language_model.h) and tests it. The boot block says which unit computes each layer: the embedding belongs to the first layer, head and loss to
// the last one. Each unit has its tensors where it has them in the other apps, the NPU in DRAM, the PIM arrays in on-chip memory, and the DMA engine carries the residual stream and its gradient
// across where two layers have different units. Values: workloads/training/language_reference.cpp, each layer with its unit's arithmetic.
#include <string.h>

#include "firmware/apps/training.h"
#include "firmware/apps/transformer_block.h"
#include "firmware/drivers/dma.h"
#include "firmware/drivers/npu.h"
#include "firmware/hal/about.h"
#include "firmware/hal/boot.h"
#include "firmware/kernels/hart_kernels.h"
#include "models/abi/language_model.h"

SPINVP_ABOUT("trains a language model of two transformer blocks on NPU, PIM arrays or one block on each (layer_units)");

enum {
  LAYERS = SPINVP_LANGUAGE_LAYERS,
  LENGTH = SPINVP_LANGUAGE_LENGTH,
  WIDTH = SPINVP_TRANSFORMER_WIDTH,
  TOKENS = SPINVP_LANGUAGE_TOKENS,
  BLOCKS = SPINVP_LANGUAGE_BLOCKS_OFFSET,
  BLOCK = SPINVP_TRANSFORMER_BLOCK_PARAMETERS,
  HEAD_WEIGHT = SPINVP_LANGUAGE_HEAD_WEIGHT_OFFSET,
  HEAD_BIAS = SPINVP_LANGUAGE_HEAD_BIAS_OFFSET
};

// The loader's, as the boot block.
struct spinvp_text spinvp_text __attribute__((section(".spinvp_boot"), used, aligned(64)));

struct job {
  uint32_t seed, steps, batch;
  float learning_rate;
};

// What a layer's unit holds: its block, and the embedding or the head with it. `x` is the block's input, `dstream` the gradient of the residual stream on its way back.
struct layer {
  const char* name;
  const struct transformer_unit* unit;
  struct tensor_arenas* arenas;
  uint32_t first, count;          // its share of the model's parameters
  float *parameters, *gradients;  // of that share
  float *x, *dstream;
  float* mask;
  struct transformer_block block;
};
static struct layer layers[LAYERS] = {{.name = "layer1", .first = 0, .count = BLOCKS + BLOCK},
                                      {.name = "layer2", .first = BLOCKS + BLOCK, .count = SPINVP_LANGUAGE_PARAMETERS - (BLOCKS + BLOCK)}};
static struct layer *const first_layer = &layers[0], *const last_layer = &layers[LAYERS - 1];
static float *logits, *dlogits, *loss;
static int32_t* indices;  // the tokens once more, for a unit that gathers by whole numbers
static uint8_t *tokens, *labels;

static struct job read_job(void) {
  return (struct job){.seed = (uint32_t)spinvp_boot.seed,
                      .steps = spinvp_boot.steps != 0 ? (uint32_t)spinvp_boot.steps : SPINVP_LANGUAGE_DEFAULT_STEPS,
                      .batch = spinvp_boot.batch != 0 ? (uint32_t)spinvp_boot.batch : SPINVP_LANGUAGE_BATCH,
                      .learning_rate = spinvp_boot.learning_rate != 0.0f ? spinvp_boot.learning_rate : SPINVP_LANGUAGE_DEFAULT_LEARNING_RATE};
}

static bool same_unit(void) { return first_layer->unit == last_layer->unit; }

// ---- Memory.

// Parameters `place` of the model, and their gradients.
static float* parameter(const struct layer* layer, uint32_t place) { return layer->parameters + (place - layer->first); }
static float* gradient(const struct layer* layer, uint32_t place) { return layer->gradients + (place - layer->first); }

static bool take_layer(struct layer* layer, const struct job* job) {
  const size_t stream = (size_t)job->batch * LENGTH * WIDTH;
  const struct wanted_tensor wanted[] = {{&layer->parameters, layer->count, SPINVP_WEIGHTS},
                                         {&layer->gradients, layer->count, SPINVP_GRADIENTS},
                                         {&layer->x, stream, SPINVP_ACTIVATIONS},
                                         {&layer->dstream, stream, SPINVP_GRADIENTS},
                                         {&layer->mask, (size_t)LENGTH * LENGTH, TENSOR_OTHERS}};
  if (!take_tensors(layer->arenas, wanted, sizeof wanted / sizeof wanted[0])) return false;
  for (uint32_t i = 0; i < layer->count; ++i) layer->parameters[i] = spinvp_language_initial_parameter(job->seed, layer->first + i);
  for (uint32_t query = 0; query < LENGTH; ++query)
    for (uint32_t key = 0; key < LENGTH; ++key) layer->mask[query * LENGTH + key] = key > query ? SPINVP_LANGUAGE_UNSEEN : 0.0f;
  const uint32_t block = BLOCKS + (uint32_t)(layer - layers) * BLOCK;
  layer->block = (struct transformer_block){
      .unit = layer->unit, .batch = job->batch, .parameters = parameter(layer, block), .gradients = gradient(layer, block), .mask = layer->mask};
  return transformer_block_take(layer->arenas, &layer->block);
}

static bool take_words(uint32_t batch) {
  const size_t rows = (size_t)batch * LENGTH;
  struct arena* others = tensor_arena(first_layer->arenas, TENSOR_OTHERS);
  indices = arena_take(others, rows * sizeof *indices);
  tokens = arena_take(others, rows);
  return indices != NULL && tokens != NULL;
}

static bool take_answers(uint32_t batch) {
  const size_t rows = (size_t)batch * LENGTH;
  const struct wanted_tensor wanted[] = {{&logits, rows * TOKENS, SPINVP_ACTIVATIONS}, {&dlogits, rows * TOKENS, SPINVP_GRADIENTS}, {&loss, 1, TENSOR_OTHERS}};
  labels = arena_take(tensor_arena(last_layer->arenas, TENSOR_OTHERS), rows);
  return labels != NULL && take_tensors(last_layer->arenas, wanted, sizeof wanted / sizeof wanted[0]);
}

// What the NPU's sequencer uses of the on-chip memory is not for tensors.
static void leave_scratch(struct arena* onchip) {
  const struct npu_scratch scratch = npu_read_scratch();
  if (scratch.base >= onchip->next && scratch.base < onchip->end)
    onchip->next = scratch.bytes < onchip->end - scratch.base ? scratch.base + scratch.bytes : onchip->end;
}

static struct arena* home_of(const struct layer* layer, struct arena* dram, struct arena* onchip) { return layer->unit == &transformer_on_npu ? dram : onchip; }

static bool prepare(const struct job* job) {
  static struct tensor_arenas arenas[LAYERS];
  struct arena dram = arena_of_dram(), onchip = arena_of_onchip();
  for (unsigned i = 0; i < LAYERS; ++i)
    if (layers[i].unit == &transformer_on_npu) leave_scratch(&onchip);
  dma_start();
  if (!first_layer->unit->start(home_of(first_layer, &dram, &onchip))) return false;
  if (!same_unit() && !last_layer->unit->start(home_of(last_layer, &dram, &onchip))) return false;
  for (unsigned i = 0; i < LAYERS; ++i) {
    layers[i].arenas = i > 0 && same_unit() ? layers[i - 1].arenas : &arenas[i];
    if (layers[i].arenas == &arenas[i]) {
      arenas[i] = tensor_arenas_beside(*home_of(&layers[i], &dram, &onchip));
      tensor_arenas_leave(&arenas[i], dram);
      tensor_arenas_leave(&arenas[i], onchip);
      for (unsigned before = 0; i > 0 && before <= TENSOR_OTHERS; ++before) tensor_arenas_leave(&arenas[i], layers[i - 1].arenas->memory[before]);
    }
    // All of one set of arenas is taken before the next begins.
    if (!take_layer(&layers[i], job) || (i == 0 && !take_words(job->batch))) return false;
  }
  return take_answers(job->batch);
}

// ---- A step.

// Sentences first .. first + batch - 1 of a set, which begins again behind its last one.
static void read_words(const struct job* job, uint64_t sentences, uint64_t count, uint32_t first) {
  region_open("input");
  for (uint32_t i = 0; i < job->batch; ++i) {
    const uint8_t* sentence = (const uint8_t*)sentences + ((uint64_t)first + i) % count * (LENGTH + 1);
    memcpy(tokens + i * LENGTH, sentence, LENGTH);
    memcpy(labels + i * LENGTH, sentence + 1, LENGTH);
    for (uint32_t word = 0; word < LENGTH; ++word) indices[i * LENGTH + word] = sentence[word];
  }
  region_close();
}

// The residual stream or its gradient, from one unit's memory to the other's.
static bool carry(const struct job* job, const float* from, float* to) {
  if (!dma_copy(to, from, (size_t)job->batch * LENGTH * WIDTH * sizeof(float))) {
    printf("failed: the DMA of the residual stream\n");
    return false;
  }
  return true;
}

static bool forward_layers(const struct job* job) {
  const float* stream = first_layer->x;
  for (struct layer* layer = layers; layer <= last_layer; ++layer) {
    region_open(layer->name);
    if (layer != first_layer && !same_unit()) {
      TRANSFORMER_LAYER("transfer", carry(job, stream, layer->x));
      stream = layer->x;
    }
    if (!transformer_block_forward(&layer->block, stream) || !layer->unit->finish()) return false;
    region_close();
    stream = layer->block.result;
  }
  return true;
}

static bool backward_layers(const struct job* job) {
  float* dstream = last_layer->dstream;
  for (struct layer* layer = last_layer; layer >= first_layer; --layer) {
    region_open(layer->name);
    if (layer != last_layer && !same_unit()) {
      TRANSFORMER_LAYER("transfer", carry(job, dstream, layer->dstream));
      dstream = layer->dstream;
    }
    if (!transformer_block_backward(&layer->block, dstream) || !layer->unit->finish()) return false;
    region_close();
  }
  return true;
}

static struct dense_layer head(const struct job* job) { return (struct dense_layer){job->batch * LENGTH, WIDTH, TOKENS}; }

static bool forward(const struct job* job) {
  const struct transformer_unit *in = first_layer->unit, *out = last_layer->unit;
  const struct dense_layer h = head(job);
  TRANSFORMER_LAYER("embedding", in->embedding_forward(h.rows, TOKENS, tokens, indices, parameter(first_layer, SPINVP_LANGUAGE_TOKEN_OFFSET),
                                                       parameter(first_layer, SPINVP_LANGUAGE_POSITION_OFFSET), first_layer->x) &&
                                     in->finish());
  if (!forward_layers(job)) return false;
  TRANSFORMER_LAYER(
      "head", out->dense_forward(&h, last_layer->block.result, parameter(last_layer, HEAD_WEIGHT), parameter(last_layer, HEAD_BIAS), logits) && out->finish());
  return true;
}

static bool form_loss(const struct job* job) {
  const struct transformer_unit* unit = last_layer->unit;
  TRANSFORMER_LAYER("loss", unit->loss(job->batch * LENGTH, TOKENS, logits, labels, dlogits, loss) && unit->finish());
  return true;
}

static bool backward(const struct job* job) {
  const struct transformer_unit *in = first_layer->unit, *out = last_layer->unit;
  const struct dense_layer h = head(job);
  TRANSFORMER_LAYER("head", out->dense_backward(&h, last_layer->block.result, parameter(last_layer, HEAD_WEIGHT), dlogits, gradient(last_layer, HEAD_WEIGHT),
                                                gradient(last_layer, HEAD_BIAS), last_layer->dstream) &&
                                out->finish());
  if (!backward_layers(job)) return false;
  float* dstream = same_unit() ? last_layer->dstream : first_layer->dstream;
  TRANSFORMER_LAYER("embedding", in->embedding_backward(h.rows, TOKENS, tokens, indices, dstream, gradient(first_layer, SPINVP_LANGUAGE_TOKEN_OFFSET),
                                                        gradient(first_layer, SPINVP_LANGUAGE_POSITION_OFFSET)) &&
                                     in->finish());
  return true;
}

static bool update(float rate) {
  const struct transformer_unit *in = first_layer->unit, *out = last_layer->unit;
  TRANSFORMER_LAYER("embedding", in->descend(BLOCKS, rate, gradient(first_layer, 0), parameter(first_layer, 0)) && in->finish());
  for (struct layer* layer = layers; layer <= last_layer; ++layer)
    TRANSFORMER_LAYER(layer->name, transformer_block_update(&layer->block, rate) && layer->unit->finish());
  TRANSFORMER_LAYER(
      "head",
      out->descend(SPINVP_LANGUAGE_PARAMETERS - HEAD_WEIGHT, rate, gradient(last_layer, HEAD_WEIGHT), parameter(last_layer, HEAD_WEIGHT)) && out->finish());
  return true;
}

static const float* train_step(const void* job_, uint32_t step) {
  const struct job* job = job_;
  region_open("forward");
  read_words(job, spinvp_text.train, spinvp_text.train_count, step * job->batch);
  if (!forward(job) || !form_loss(job)) return NULL;
  region_close();

  region_open("backward");
  if (!backward(job)) return NULL;
  region_close();

  region_open("update");
  if (!update(job->learning_rate)) return NULL;
  region_close();
  return loss;
}

static int evaluate(const struct job* job) {
  size_t correct = 0;
  region_open("evaluate");
  for (uint32_t first = 0; first < spinvp_text.test_count; first += job->batch) {
    read_words(job, spinvp_text.test, spinvp_text.test_count, first);
    if (!forward(job)) return TRAINING_EXIT_JOB_FAILED;
    // The last batch is filled up from the start of the set; the surplus does not count.
    const uint64_t left = spinvp_text.test_count - first;
    const uint32_t counted = (job->batch < left ? job->batch : (uint32_t)left) * LENGTH;
    for (uint32_t row = 0; row < counted; ++row) correct += hart_largest(TOKENS, logits + row * TOKENS) == labels[row];
  }
  region_close();
  training_report_accuracy(correct, spinvp_text.test_count * LENGTH);
  return 0;
}

static void print_fingerprint(void) {
  uint64_t fingerprint = 0;
  for (unsigned i = 0; i < LAYERS; ++i) fingerprint = spinvp_language_fingerprint(fingerprint, layers[i].first, layers[i].parameters, layers[i].count);
  printf("parameters %016llx\n", (unsigned long long)fingerprint);
}

int main(void) {
  if (!boot_is_filled() || spinvp_text.train_count == 0 || spinvp_text.test_count == 0) return training_failed("no text was loaded", TRAINING_EXIT_NO_DATA);
  if (spinvp_text.length != LENGTH || spinvp_text.tokens != TOKENS) return training_failed("the text is of another shape", TRAINING_EXIT_NO_DATA);
  for (unsigned i = 0; i < LAYERS; ++i) layers[i].unit = spinvp_boot.layer_units[i] == SPINVP_UNIT_PIM ? &transformer_on_pim : &transformer_on_npu;
  const struct job job = read_job();
  printf("language model, layer 1 on the %s, layer 2 on the %s: %u steps, batch %u, learning rate %g, seed %u; %u sentences to train on, %u to test\n",
         first_layer->unit->name, last_layer->unit->name, (unsigned)job.steps, (unsigned)job.batch, (double)job.learning_rate, (unsigned)job.seed,
         (unsigned)spinvp_text.train_count, (unsigned)spinvp_text.test_count);
  if (!prepare(&job)) return training_failed("the tensors do not fit in their memories", TRAINING_EXIT_NO_MEMORY);
  const int trained = training_run(job.steps, train_step, &job);
  if (trained != 0) return trained;
  print_fingerprint();
  return evaluate(&job);
}
