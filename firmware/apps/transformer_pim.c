#include <stdio.h>

#include "firmware/apps/transformer_unit.h"
#include "firmware/drivers/pim.h"
#include "firmware/kernels/hart_kernels.h"
#include "firmware/kernels/pim_attention.h"
#include "firmware/kernels/pim_kernels.h"
#include "firmware/kernels/pim_sum.h"
#include "firmware/kernels/unweighted.h"
#include "models/abi/transformer_init.h"

enum { LENGTH = SPINVP_TRANSFORMER_LENGTH, WIDTH = SPINVP_TRANSFORMER_WIDTH };

static bool start(struct arena* memory) {
  pim_start();
  unweighted_start();
  float* workspace = arena_take_floats(memory, pim_workspace_floats());
  if (workspace == NULL) return false;
  pim_set_workspace(workspace);
  return true;
}

static bool await_arrays(void) {
  const uint32_t status = pim_wait();
  if (status != 0) printf("failed: a PIM command, status %u\n", (unsigned)status);
  return status == 0;
}

// Every operation has waited for itself.
static bool finish(void) { return true; }

static bool embedding_forward(uint32_t rows, uint32_t kinds, const uint8_t* tokens, const int32_t* indices, const float* token, const float* position,
                              float* x) {
  (void)kinds;
  (void)indices;
  hart_embedding_forward(rows, LENGTH, WIDTH, tokens, token, position, x);
  return true;
}

static bool embedding_backward(uint32_t rows, uint32_t kinds, const uint8_t* tokens, const int32_t* indices, const float* dx, float* dtoken, float* dposition) {
  (void)indices;
  hart_embedding_backward(rows, LENGTH, WIDTH, kinds, tokens, dx, dtoken, dposition);
  return true;
}

static bool dense_forward(const struct dense_layer* layer, const float* x, const float* weight, const float* bias, float* y) {
  pim_dense_forward(&(struct pim_dense){layer->rows, layer->inputs, layer->outputs}, x, weight, bias, y);
  return await_arrays();
}

static bool dense_backward(const struct dense_layer* layer, const float* x, const float* weight, const float* dy, float* dweight, float* dbias, float* dx) {
  const struct pim_dense dense = {layer->rows, layer->inputs, layer->outputs};
  pim_dense_weight_gradient(&dense, x, dy, dweight);
  pim_dense_data_gradient(&dense, dy, weight, dx);
  pim_ring();
  hart_dense_bias_gradient(layer->rows, layer->outputs, dy, dbias);
  return await_arrays();
}

static bool norm_forward(const struct hart_norm* norm, const float* x, const float* gain, const float* shift, float* y) {
  return unweighted_layer_norm_forward(norm, SPINVP_TRANSFORMER_EPSILON, x, gain, shift, y);
}

static struct pim_attention shape(const struct attention* a) {
  return (struct pim_attention){a->sequences, LENGTH, SPINVP_TRANSFORMER_HEADS, SPINVP_TRANSFORMER_HEAD_WIDTH};
}

static bool scores(const struct attention* a, const float* qkv, float* products) {
  const struct pim_attention s = shape(a);
  pim_attention_scores(&s, a->mask, qkv, products);
  return await_arrays();
}

static bool softmax_forward(uint32_t rows, float* x) { return unweighted_softmax_forward(rows, LENGTH, SPINVP_TRANSFORMER_SCALE, x); }

static bool mix(const struct attention* a, const float* probabilities, const float* qkv, float* mixed) {
  const struct pim_attention s = shape(a);
  pim_attention_mix(&s, probabilities, qkv, mixed);
  return await_arrays();
}

static bool mix_backward(const struct attention* a, const float* dmixed, const float* probabilities, const float* qkv, float* dprobabilities, float* dqkv) {
  const struct pim_attention s = shape(a);
  pim_attention_mix_gradient(&s, dmixed, probabilities, qkv, dprobabilities, dqkv);
  return await_arrays();
}

static bool softmax_backward(uint32_t rows, const float* p, float* dp) { return unweighted_softmax_backward(rows, LENGTH, SPINVP_TRANSFORMER_SCALE, p, dp); }

static bool scores_backward(const struct attention* a, const float* dscores, const float* qkv, float* dqkv) {
  const struct pim_attention s = shape(a);
  pim_attention_scores_gradient(&s, dscores, qkv, dqkv);
  return await_arrays();
}

static bool descend(size_t count, float rate, const float* gradient, float* parameter) {
  pim_gradient_descent(count, rate, gradient, parameter);
  return await_arrays();
}

const struct transformer_unit transformer_on_pim = {.name = "PIM arrays",
                                                    .start = start,
                                                    .embedding_forward = embedding_forward,
                                                    .embedding_backward = embedding_backward,
                                                    .dense_forward = dense_forward,
                                                    .dense_backward = dense_backward,
                                                    .norm_forward = norm_forward,
                                                    .norm_backward = unweighted_layer_norm_backward,
                                                    .scores = scores,
                                                    .softmax_forward = softmax_forward,
                                                    .mix = mix,
                                                    .mix_backward = mix_backward,
                                                    .softmax_backward = softmax_backward,
                                                    .scores_backward = scores_backward,
                                                    .relu_forward = unweighted_relu_forward,
                                                    .relu_backward = unweighted_relu_backward,
                                                    .add = unweighted_add,
                                                    .loss = unweighted_loss,
                                                    .descend = descend,
                                                    .finish = finish};
