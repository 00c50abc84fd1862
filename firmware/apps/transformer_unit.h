// What a unit does for a transformer: one table a unit, so that the code of blocks and apps is the same on all of them. Shapes and arithmetic: models/abi/transformer_init.h.
//
// An operation of the NPU is queued and started, and done when finish() returns; one of the PIM arrays or the hart is done when it returns. So a unit's operations may follow each other as they
// are; before another unit or the hart reads what they leave, finish() is called. All return false, with a line printed, when a command failed.
#ifndef SPINVP_FIRMWARE_TRANSFORMER_UNIT_H
#define SPINVP_FIRMWARE_TRANSFORMER_UNIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "firmware/kernels/arena.h"
#include "firmware/kernels/hart_transformer.h"

// A fully connected layer: weight[output][input], a row of x and y for each token.
struct dense_layer {
  uint32_t rows, inputs, outputs;
};

// Attention over sequences of SPINVP_TRANSFORMER_LENGTH tokens. `parts`, `dparts` and `mixed`: where a unit that has `heads_floats` lays out the heads, else null.
struct attention {
  uint32_t sequences;
  const float* mask;  // [query][key], added to the scores; null: none
  float *parts, *dparts, *mixed;
};

struct transformer_unit {
  const char* name;
  // Starts the unit's engines; `memory` is where its tensors lie, and what it keeps for itself is taken from it. False: no room.
  bool (*start)(struct arena* memory);
  // Floats of `parts` and of `dparts` a token, and of `mixed`; 0: it reads heads where they lie.
  uint32_t parts_floats, mixed_floats;

  // Tokens as bytes and as indices, whichever the unit reads; `kinds` different ones.
  bool (*embedding_forward)(uint32_t rows, uint32_t kinds, const uint8_t* tokens, const int32_t* indices, const float* token, const float* position, float* x);
  bool (*embedding_backward)(uint32_t rows, uint32_t kinds, const uint8_t* tokens, const int32_t* indices, const float* dx, float* dtoken, float* dposition);
  bool (*dense_forward)(const struct dense_layer* layer, const float* x, const float* weight, const float* bias, float* y);
  // The gradients of weight, bias and x.
  bool (*dense_backward)(const struct dense_layer* layer, const float* x, const float* weight, const float* dy, float* dweight, float* dbias, float* dx);
  bool (*norm_forward)(const struct hart_norm* norm, const float* x, const float* gain, const float* shift, float* y);
  bool (*norm_backward)(const struct hart_norm* norm, const float* gain, const float* dy, float* dgain, float* dshift, float* dx);
  // In the order scores, softmax, mix; and back: mix, softmax, scores.
  bool (*scores)(const struct attention* attention, const float* qkv, float* scores);
  bool (*softmax_forward)(uint32_t rows, float* x);
  bool (*mix)(const struct attention* attention, const float* probabilities, const float* qkv, float* mixed);
  bool (*mix_backward)(const struct attention* attention, const float* dmixed, const float* probabilities, const float* qkv, float* dprobabilities,
                       float* dqkv);
  bool (*softmax_backward)(uint32_t rows, const float* p, float* dp);
  bool (*scores_backward)(const struct attention* attention, const float* dscores, const float* qkv, float* dqkv);
  bool (*relu_forward)(size_t count, float* x);
  bool (*relu_backward)(size_t count, const float* y, float* dy);
  bool (*add)(size_t count, const float* addend, float* sum);
  bool (*loss)(uint32_t rows, uint32_t kinds, const float* logits, const uint8_t* labels, float* dlogits, float* loss);
  bool (*descend)(size_t count, float rate, const float* gradient, float* parameter);

  bool (*finish)(void);
};

extern const struct transformer_unit transformer_on_npu;  // all of it
// Products and updates on the arrays; ReLU and residual sums, and softmax, loss and norms, on the units that the configuration names (firmware/kernels/unweighted.h); embeddings, and gradients of
// biases while the arrays work, on the hart.
extern const struct transformer_unit transformer_on_pim;

#endif
