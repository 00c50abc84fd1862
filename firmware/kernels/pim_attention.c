#include "firmware/kernels/pim_attention.h"

#include <stddef.h>

#include "firmware/kernels/pim_kernels.h"

enum part { QUERY, KEY, VALUE };

// A head's vectors of one part of qkv, one a position.
static uint32_t part_offset(const struct pim_attention* s, enum part part, uint32_t head) { return ((uint32_t)part * s->heads + head) * s->head_width; }
static uint32_t qkv_row(const struct pim_attention* s) { return 3 * s->heads * s->head_width; }
static uint32_t mixed_row(const struct pim_attention* s) { return s->heads * s->head_width; }

// As a factor the vectors are summed over their channels, or over the positions.
static struct pim_factor over_channels(const struct pim_attention* s, const float* first, uint32_t row) {
  return (struct pim_factor){first, s->length * row, row, 1};
}
static struct pim_factor over_positions(const struct pim_attention* s, const float* first, uint32_t row) {
  return (struct pim_factor){first, s->length * row, 1, row};
}

// A head's square matrices, one a sequence; as a factor summed over keys, or over queries.
static uint32_t scores_offset(const struct pim_attention* s, uint32_t head) { return head * s->sequences * s->length * s->length; }
static struct pim_factor over_keys(const struct pim_attention* s, const float* first) {
  return (struct pim_factor){first, s->length * s->length, s->length, 1};
}
static struct pim_factor over_queries(const struct pim_attention* s, const float* first) {
  return (struct pim_factor){first, s->length * s->length, 1, s->length};
}

static void to_scores(const struct pim_attention* s, const float* mask, struct pim_factor a, struct pim_factor b, float* scores) {
  pim_batched_product(&(struct pim_product){.batches = s->sequences,
                                            .rows = s->length,
                                            .columns = s->length,
                                            .terms = s->head_width,
                                            .a = a,
                                            .b = b,
                                            .bias = mask,
                                            .result = scores,
                                            .result_batch_stride = s->length * s->length,
                                            .result_row_stride = s->length,
                                            .bias_row_stride = s->length});
}

static void to_vectors(const struct pim_attention* s, struct pim_factor a, struct pim_factor b, float* vectors, uint32_t row) {
  pim_batched_product(&(struct pim_product){.batches = s->sequences,
                                            .rows = s->length,
                                            .columns = s->head_width,
                                            .terms = s->length,
                                            .a = a,
                                            .b = b,
                                            .result = vectors,
                                            .result_batch_stride = s->length * row,
                                            .result_row_stride = row});
}

void pim_attention_scores(const struct pim_attention* s, const float* mask, const float* qkv, float* scores) {
  for (uint32_t head = 0; head < s->heads; ++head)
    to_scores(s, mask, over_channels(s, qkv + part_offset(s, QUERY, head), qkv_row(s)), over_channels(s, qkv + part_offset(s, KEY, head), qkv_row(s)),
              scores + scores_offset(s, head));
}

void pim_attention_mix(const struct pim_attention* s, const float* probabilities, const float* qkv, float* mixed) {
  for (uint32_t head = 0; head < s->heads; ++head)
    to_vectors(s, over_keys(s, probabilities + scores_offset(s, head)), over_positions(s, qkv + part_offset(s, VALUE, head), qkv_row(s)),
               mixed + head * s->head_width, mixed_row(s));
}

void pim_attention_mix_gradient(const struct pim_attention* s, const float* dmixed, const float* probabilities, const float* qkv, float* dprobabilities,
                                float* dqkv) {
  for (uint32_t head = 0; head < s->heads; ++head) {
    const float* dmixed_head = dmixed + head * s->head_width;
    const uint32_t value = part_offset(s, VALUE, head);
    to_scores(s, NULL, over_channels(s, dmixed_head, mixed_row(s)), over_channels(s, qkv + value, qkv_row(s)), dprobabilities + scores_offset(s, head));
    to_vectors(s, over_queries(s, probabilities + scores_offset(s, head)), over_positions(s, dmixed_head, mixed_row(s)), dqkv + value, qkv_row(s));
  }
}

void pim_attention_scores_gradient(const struct pim_attention* s, const float* dscores, const float* qkv, float* dqkv) {
  for (uint32_t head = 0; head < s->heads; ++head) {
    const float* dscores_head = dscores + scores_offset(s, head);
    const uint32_t query = part_offset(s, QUERY, head), key = part_offset(s, KEY, head);
    to_vectors(s, over_keys(s, dscores_head), over_positions(s, qkv + key, qkv_row(s)), dqkv + query, qkv_row(s));
    to_vectors(s, over_queries(s, dscores_head), over_positions(s, qkv + query, qkv_row(s)), dqkv + key, qkv_row(s));
  }
}
