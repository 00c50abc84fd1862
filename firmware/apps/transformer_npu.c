#include <stdio.h>

#include "firmware/apps/transformer_unit.h"
#include "firmware/drivers/npu.h"
#include "firmware/kernels/npu_kernels.h"
#include "firmware/kernels/npu_transformer.h"
#include "models/abi/transformer_init.h"

enum { LENGTH = SPINVP_TRANSFORMER_LENGTH, WIDTH = SPINVP_TRANSFORMER_WIDTH };

static bool start(struct arena* memory) {
  (void)memory;
  npu_start();
  return true;
}

// What was queued starts, in the region that is open.
static bool started(void) {
  npu_ring();
  return true;
}

static bool finish(void) {
  const uint32_t status = npu_wait();
  if (status != 0) printf("failed: an NPU job, status %u\n", (unsigned)status);
  return status == 0;
}

static bool embedding_forward(uint32_t rows, uint32_t kinds, const uint8_t* tokens, const int32_t* indices, const float* token, const float* position,
                              float* x) {
  (void)tokens;
  npu_embedding_forward(rows, LENGTH, WIDTH, kinds, indices, token, position, x);
  return started();
}

static bool embedding_backward(uint32_t rows, uint32_t kinds, const uint8_t* tokens, const int32_t* indices, const float* dx, float* dtoken, float* dposition) {
  (void)tokens;
  npu_embedding_backward(rows, LENGTH, WIDTH, kinds, indices, dx, dtoken, dposition);
  return started();
}

static bool dense_forward(const struct dense_layer* layer, const float* x, const float* weight, const float* bias, float* y) {
  npu_dense_forward(&(struct npu_dense){layer->rows, layer->inputs, layer->outputs}, x, weight, bias, y);
  return started();
}

static bool dense_backward(const struct dense_layer* layer, const float* x, const float* weight, const float* dy, float* dweight, float* dbias, float* dx) {
  const struct npu_dense dense = {layer->rows, layer->inputs, layer->outputs};
  npu_dense_weight_gradient(&dense, x, dy, dweight);
  npu_bias_gradient(layer->rows, layer->outputs, 1, dy, dbias);
  npu_dense_data_gradient(&dense, dy, weight, dx);
  return started();
}

static bool norm_forward(const struct hart_norm* norm, const float* x, const float* gain, const float* shift, float* y) {
  npu_layer_norm_forward(norm, SPINVP_TRANSFORMER_EPSILON, x, gain, shift, y);
  return started();
}

static bool norm_backward(const struct hart_norm* norm, const float* gain, const float* dy, float* dgain, float* dshift, float* dx) {
  npu_layer_norm_backward(norm, gain, dy, dgain, dshift, dx);
  return started();
}

static struct npu_attention shape(const struct attention* a) {
  return (struct npu_attention){a->sequences, LENGTH, SPINVP_TRANSFORMER_HEADS, SPINVP_TRANSFORMER_HEAD_WIDTH, a->parts, a->dparts, a->mixed};
}

static bool scores(const struct attention* a, const float* qkv, float* products) {
  const struct npu_attention s = shape(a);
  npu_attention_scores(&s, a->mask, qkv, products);
  return started();
}

static bool softmax_forward(uint32_t rows, float* x) {
  npu_softmax_forward(rows, LENGTH, SPINVP_TRANSFORMER_SCALE, x);
  return started();
}

static bool mix(const struct attention* a, const float* probabilities, const float* qkv, float* mixed) {
  (void)qkv;
  const struct npu_attention s = shape(a);
  npu_attention_mix(&s, probabilities, mixed);
  return started();
}

static bool mix_backward(const struct attention* a, const float* dmixed, const float* probabilities, const float* qkv, float* dprobabilities, float* dqkv) {
  (void)qkv;
  (void)dqkv;
  const struct npu_attention s = shape(a);
  npu_attention_mix_gradient(&s, dmixed, probabilities, dprobabilities);
  return started();
}

static bool softmax_backward(uint32_t rows, const float* p, float* dp) {
  npu_softmax_backward(rows, LENGTH, SPINVP_TRANSFORMER_SCALE, p, dp);
  return started();
}

static bool scores_backward(const struct attention* a, const float* dscores, const float* qkv, float* dqkv) {
  (void)qkv;
  const struct npu_attention s = shape(a);
  npu_attention_scores_gradient(&s, dscores, dqkv);
  return started();
}

static bool relu_forward(size_t count, float* x) {
  npu_relu_forward(count, x, x);
  return started();
}

static bool relu_backward(size_t count, const float* y, float* dy) {
  npu_relu_backward(count, y, dy, dy);
  return started();
}

static bool add(size_t count, const float* addend, float* sum) {
  npu_add(count, addend, sum);
  return started();
}

static bool loss(uint32_t rows, uint32_t kinds, const float* logits, const uint8_t* labels, float* dlogits, float* mean) {
  npu_softmax_cross_entropy(rows, kinds, logits, labels, dlogits, mean);
  return started();
}

static bool descend(size_t count, float rate, const float* gradient, float* parameter) {
  npu_gradient_descent(count, rate, gradient, parameter);
  return started();
}

const struct transformer_unit transformer_on_npu = {.name = "NPU",
                                                    .start = start,
                                                    .parts_floats = SPINVP_TRANSFORMER_QKV,
                                                    .mixed_floats = WIDTH,
                                                    .embedding_forward = embedding_forward,
                                                    .embedding_backward = embedding_backward,
                                                    .dense_forward = dense_forward,
                                                    .dense_backward = dense_backward,
                                                    .norm_forward = norm_forward,
                                                    .norm_backward = norm_backward,
                                                    .scores = scores,
                                                    .softmax_forward = softmax_forward,
                                                    .mix = mix,
                                                    .mix_backward = mix_backward,
                                                    .softmax_backward = softmax_backward,
                                                    .scores_backward = scores_backward,
                                                    .relu_forward = relu_forward,
                                                    .relu_backward = relu_backward,
                                                    .add = add,
                                                    .loss = loss,
                                                    .descend = descend,
                                                    .finish = finish};
