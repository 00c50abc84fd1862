// One pre-norm transformer block (models/abi/transformer_init.h) on a unit: its tensors, and forward, backward and update, in regions "qkv", "scores", "softmax", "mix", "output", "norm1",
// "norm2", "ff1", "relu", "ff2", "residual1", "residual2". Order of operations: workloads/training/transformer_block.cpp. Functions return false, with a line printed, when something failed.
#ifndef SPINVP_FIRMWARE_TRANSFORMER_BLOCK_H
#define SPINVP_FIRMWARE_TRANSFORMER_BLOCK_H

#include "firmware/apps/transformer_unit.h"
#include "firmware/drivers/markers.h"
#include "models/abi/transformer_init.h"

// `middle` is what the first residual makes of the input, `result` the second; d in front: the gradient. A ReLU works in place, as softmax does.
struct transformer_block {
  const struct transformer_unit* unit;
  uint32_t batch;
  float *parameters, *gradients;  // laid out alike, SPINVP_TRANSFORMER_BLOCK_PARAMETERS floats
  const float* mask;              // [query][key], or null
  float *normalized1, *inverse1, *norm1, *qkv, *probabilities, *mixed, *middle, *normalized2, *inverse2, *norm2, *hidden, *result;
  float *dhidden, *dnorm, *dmixed, *dscores, *dqkv;
  float *means, *parts, *dparts, *mixed_heads;
};

// A tensor that is wanted: `floats` from the arena of its class.
struct wanted_tensor {
  float** tensor;
  size_t floats;
  unsigned tensor_class;  // enum spinvp_tensor_class, or TENSOR_OTHERS
};
bool take_tensors(struct tensor_arenas* arenas, const struct wanted_tensor* wanted, size_t count);

// Takes activations and gradients of the block, whose first five members are set.
bool transformer_block_take(struct tensor_arenas* arenas, struct transformer_block* block);

// From x to block->result.
bool transformer_block_forward(const struct transformer_block* block, const float* x);
// `dstream` holds the gradient of the result of the last forward, and that of its x at the end.
bool transformer_block_backward(const struct transformer_block* block, float* dstream);
bool transformer_block_update(const struct transformer_block* block, float rate);

// An operation in its region. Leaves the function with false when it failed.
#define TRANSFORMER_LAYER(name, operation)             \
  do {                                                 \
    region_open(name);                                 \
    if (!(operation)) return transformer_failed(name); \
    region_close();                                    \
  } while (0)
// Prints where it was; false.
bool transformer_failed(const char* layer);

#endif
