#include "firmware/apps/transformer_block.h"

#include <stdio.h>

enum {
  LENGTH = SPINVP_TRANSFORMER_LENGTH,
  WIDTH = SPINVP_TRANSFORMER_WIDTH,
  HEADS = SPINVP_TRANSFORMER_HEADS,
  QKV = SPINVP_TRANSFORMER_QKV,
  FEED_FORWARD = SPINVP_TRANSFORMER_FEED_FORWARD
};

// A tensor's place in a block's parameters.
#define PLACE(tensor) (SPINVP_TRANSFORMER_##tensor##_OFFSET - SPINVP_TRANSFORMER_BLOCK_OFFSET)

bool transformer_failed(const char* layer) {
  printf("failed: layer %s\n", layer);
  return false;
}

bool take_tensors(struct tensor_arenas* arenas, const struct wanted_tensor* wanted, size_t count) {
  for (size_t i = 0; i < count; ++i) {
    *wanted[i].tensor = arena_take_floats(tensor_arena(arenas, wanted[i].tensor_class), wanted[i].floats);
    if (*wanted[i].tensor == NULL) return false;
  }
  return true;
}

bool transformer_block_take(struct tensor_arenas* arenas, struct transformer_block* b) {
  const size_t rows = (size_t)b->batch * LENGTH;
  const size_t wide = rows * WIDTH, scores = rows * HEADS * LENGTH;
  const struct wanted_tensor wanted[] = {{&b->normalized1, wide, SPINVP_ACTIVATIONS},
                                         {&b->inverse1, rows, SPINVP_ACTIVATIONS},
                                         {&b->norm1, wide, SPINVP_ACTIVATIONS},
                                         {&b->qkv, rows * QKV, SPINVP_ACTIVATIONS},
                                         {&b->probabilities, scores, SPINVP_ACTIVATIONS},
                                         {&b->mixed, wide, SPINVP_ACTIVATIONS},
                                         {&b->middle, wide, SPINVP_ACTIVATIONS},
                                         {&b->normalized2, wide, SPINVP_ACTIVATIONS},
                                         {&b->inverse2, rows, SPINVP_ACTIVATIONS},
                                         {&b->norm2, wide, SPINVP_ACTIVATIONS},
                                         {&b->hidden, rows * FEED_FORWARD, SPINVP_ACTIVATIONS},
                                         {&b->result, wide, SPINVP_ACTIVATIONS},
                                         {&b->dhidden, rows * FEED_FORWARD, SPINVP_GRADIENTS},
                                         {&b->dnorm, wide, SPINVP_GRADIENTS},
                                         {&b->dmixed, wide, SPINVP_GRADIENTS},
                                         {&b->dscores, scores, SPINVP_GRADIENTS},
                                         {&b->dqkv, rows * QKV, SPINVP_GRADIENTS},
                                         {&b->means, 2 * rows, TENSOR_OTHERS},
                                         {&b->parts, rows * b->unit->parts_floats, SPINVP_ACTIVATIONS},
                                         {&b->dparts, rows * b->unit->parts_floats, SPINVP_GRADIENTS},
                                         {&b->mixed_heads, rows * b->unit->mixed_floats, SPINVP_ACTIVATIONS}};
  return take_tensors(arenas, wanted, sizeof wanted / sizeof wanted[0]);
}

static struct dense_layer dense(const struct transformer_block* b, uint32_t inputs, uint32_t outputs) {
  return (struct dense_layer){b->batch * LENGTH, inputs, outputs};
}
static struct attention attention(const struct transformer_block* b) { return (struct attention){b->batch, b->mask, b->parts, b->dparts, b->mixed_heads}; }
static struct hart_norm norm1(const struct transformer_block* b) { return (struct hart_norm){b->batch * LENGTH, WIDTH, b->normalized1, b->inverse1, b->means}; }
static struct hart_norm norm2(const struct transformer_block* b) { return (struct hart_norm){b->batch * LENGTH, WIDTH, b->normalized2, b->inverse2, b->means}; }

static bool dense_forward(const struct transformer_block* b, const char* name, struct dense_layer layer, const float* x, uint32_t weight, uint32_t bias,
                          float* y) {
  TRANSFORMER_LAYER(name, b->unit->dense_forward(&layer, x, b->parameters + weight, b->parameters + bias, y));
  return true;
}

static bool dense_backward(const struct transformer_block* b, const char* name, struct dense_layer layer, const float* x, uint32_t weight, uint32_t bias,
                           const float* dy, float* dx) {
  TRANSFORMER_LAYER(name, b->unit->dense_backward(&layer, x, b->parameters + weight, dy, b->gradients + weight, b->gradients + bias, dx));
  return true;
}

bool transformer_block_forward(const struct transformer_block* b, const float* x) {
  const struct transformer_unit* unit = b->unit;
  const float* p = b->parameters;
  const uint32_t rows = b->batch * LENGTH;
  const struct hart_norm first = norm1(b), second = norm2(b);
  const struct attention heads = attention(b);
  TRANSFORMER_LAYER("norm1", unit->norm_forward(&first, x, p + PLACE(NORM1_GAIN), p + PLACE(NORM1_SHIFT), b->norm1));
  if (!dense_forward(b, "qkv", dense(b, WIDTH, QKV), b->norm1, PLACE(QKV_WEIGHT), PLACE(QKV_BIAS), b->qkv)) return false;
  TRANSFORMER_LAYER("scores", unit->scores(&heads, b->qkv, b->probabilities));
  TRANSFORMER_LAYER("softmax", unit->softmax_forward(HEADS * rows, b->probabilities));
  TRANSFORMER_LAYER("mix", unit->mix(&heads, b->probabilities, b->qkv, b->mixed));
  if (!dense_forward(b, "output", dense(b, WIDTH, WIDTH), b->mixed, PLACE(OUTPUT_WEIGHT), PLACE(OUTPUT_BIAS), b->middle)) return false;
  TRANSFORMER_LAYER("residual1", unit->add(rows * WIDTH, x, b->middle));

  TRANSFORMER_LAYER("norm2", unit->norm_forward(&second, b->middle, p + PLACE(NORM2_GAIN), p + PLACE(NORM2_SHIFT), b->norm2));
  if (!dense_forward(b, "ff1", dense(b, WIDTH, FEED_FORWARD), b->norm2, PLACE(FF1_WEIGHT), PLACE(FF1_BIAS), b->hidden)) return false;
  TRANSFORMER_LAYER("relu", unit->relu_forward(rows * FEED_FORWARD, b->hidden));
  if (!dense_forward(b, "ff2", dense(b, FEED_FORWARD, WIDTH), b->hidden, PLACE(FF2_WEIGHT), PLACE(FF2_BIAS), b->result)) return false;
  TRANSFORMER_LAYER("residual2", unit->add(rows * WIDTH, b->middle, b->result));
  return true;
}

bool transformer_block_backward(const struct transformer_block* b, float* dstream) {
  const struct transformer_unit* unit = b->unit;
  const float* p = b->parameters;
  float* d = b->gradients;
  const uint32_t rows = b->batch * LENGTH;
  const struct hart_norm first = norm1(b), second = norm2(b);
  const struct attention heads = attention(b);
  if (!dense_backward(b, "ff2", dense(b, FEED_FORWARD, WIDTH), b->hidden, PLACE(FF2_WEIGHT), PLACE(FF2_BIAS), dstream, b->dhidden)) return false;
  TRANSFORMER_LAYER("relu", unit->relu_backward(rows * FEED_FORWARD, b->hidden, b->dhidden));
  if (!dense_backward(b, "ff1", dense(b, WIDTH, FEED_FORWARD), b->norm2, PLACE(FF1_WEIGHT), PLACE(FF1_BIAS), b->dhidden, b->dnorm)) return false;
  TRANSFORMER_LAYER("norm2", unit->norm_backward(&second, p + PLACE(NORM2_GAIN), b->dnorm, d + PLACE(NORM2_GAIN), d + PLACE(NORM2_SHIFT), dstream));

  if (!dense_backward(b, "output", dense(b, WIDTH, WIDTH), b->mixed, PLACE(OUTPUT_WEIGHT), PLACE(OUTPUT_BIAS), dstream, b->dmixed)) return false;
  TRANSFORMER_LAYER("mix", unit->mix_backward(&heads, b->dmixed, b->probabilities, b->qkv, b->dscores, b->dqkv));
  TRANSFORMER_LAYER("softmax", unit->softmax_backward(HEADS * rows, b->probabilities, b->dscores));
  TRANSFORMER_LAYER("scores", unit->scores_backward(&heads, b->dscores, b->qkv, b->dqkv));
  if (!dense_backward(b, "qkv", dense(b, WIDTH, QKV), b->norm1, PLACE(QKV_WEIGHT), PLACE(QKV_BIAS), b->dqkv, b->dnorm)) return false;
  TRANSFORMER_LAYER("norm1", unit->norm_backward(&first, p + PLACE(NORM1_GAIN), b->dnorm, d + PLACE(NORM1_GAIN), d + PLACE(NORM1_SHIFT), dstream));
  return true;
}

// A layer's parameters lie together, so each layer is one range.
bool transformer_block_update(const struct transformer_block* b, float rate) {
  static const struct {
    const char* name;
    uint32_t first, end;
  } layers[] = {{"norm1", PLACE(NORM1_GAIN), PLACE(QKV_WEIGHT)},     {"qkv", PLACE(QKV_WEIGHT), PLACE(OUTPUT_WEIGHT)},
                {"output", PLACE(OUTPUT_WEIGHT), PLACE(NORM2_GAIN)}, {"norm2", PLACE(NORM2_GAIN), PLACE(FF1_WEIGHT)},
                {"ff1", PLACE(FF1_WEIGHT), PLACE(FF2_WEIGHT)},       {"ff2", PLACE(FF2_WEIGHT), PLACE(HEAD_WEIGHT)}};
  for (size_t i = 0; i < sizeof layers / sizeof layers[0]; ++i)
    TRANSFORMER_LAYER(layers[i].name, b->unit->descend(layers[i].end - layers[i].first, rate, b->gradients + layers[i].first, b->parameters + layers[i].first));
  return true;
}
