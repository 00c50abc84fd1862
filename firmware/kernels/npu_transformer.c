#include "firmware/kernels/npu_transformer.h"

#include <stdbool.h>

#include "firmware/drivers/npu.h"
#include "firmware/kernels/npu_kernels.h"

enum { CONSTANT = SPINVP_NPU_MAP_REGISTERS };  // operand that names constant[0]

void npu_add(size_t count, const float* addend, float* sum) {
  struct spinvp_npu_map* p = npu_new_program();
  npu_axis(p, (uint32_t)count);
  npu_input(p, sum, 1, 0, 0, 0);
  npu_input(p, addend, 1, 0, 0, 0);
  npu_step(p, SPINVP_NPU_MAP_ADD, 0, 0, 1);
  npu_output(p, 0, sum, 1, 0, 0, 0);
  npu_map(p);
}

// ---- Programs over a box [row][column]. A stream of it is a whole tensor, one number a row, or one vector for all rows.

static struct spinvp_npu_map* box(uint32_t rows, uint32_t columns) {
  struct spinvp_npu_map* p = npu_new_program();
  npu_axis(p, rows);
  npu_axis(p, columns);
  return p;
}
static void read_whole(struct spinvp_npu_map* p, const float* tensor) { npu_input(p, tensor, p->extent[1], 1, 0, 0); }
static void read_by_row(struct spinvp_npu_map* p, const float* numbers) { npu_input(p, numbers, 1, 0, 0, 0); }
static void read_by_column(struct spinvp_npu_map* p, const float* vector) { npu_input(p, vector, 0, 1, 0, 0); }
static void write_whole(struct spinvp_npu_map* p, uint8_t from, float* tensor) { npu_output(p, from, tensor, p->extent[1], 1, 0, 0); }
static void write_by_row(struct spinvp_npu_map* p, uint8_t from, float* numbers) { npu_output(p, from, numbers, 1, 0, 0, 0); }
static void write_by_column(struct spinvp_npu_map* p, uint8_t from, float* vector) { npu_output(p, from, vector, 0, 1, 0, 0); }
enum { ROWS, COLUMNS };  // axes

// ---- Embedding. A sequence is a row of its length * width floats.

void npu_embedding_forward(uint32_t rows, uint32_t length, uint32_t width, uint32_t kinds, const int32_t* tokens, const float* token, const float* position,
                           float* x) {
  npu_gather(rows, width, kinds, tokens, token, x);
  struct spinvp_npu_map* p = box(rows / length, length * width);
  read_whole(p, x);
  read_by_column(p, position);
  npu_step(p, SPINVP_NPU_MAP_ADD, 0, 0, 1);
  write_whole(p, 0, x);
  npu_map(p);
}

void npu_embedding_backward(uint32_t rows, uint32_t length, uint32_t width, uint32_t kinds, const int32_t* tokens, const float* dx, float* dtoken,
                            float* dposition) {
  struct spinvp_npu_map* zeros = box(kinds, width);
  write_whole(zeros, 0, dtoken);  // a register that nothing was written to is 0
  npu_map(zeros);
  npu_scatter_add(rows, width, kinds, tokens, dx, dtoken);
  struct spinvp_npu_map* p = box(rows / length, length * width);
  read_whole(p, dx);
  write_by_column(p, 0, dposition);
  npu_reduce(p, ROWS);
}

// ---- Layer norm.

void npu_layer_norm_forward(const struct hart_norm* norm, float epsilon, const float* x, const float* gain, const float* shift, float* y) {
  const float share = 1.0f / (float)norm->width;
  float* mean = norm->means;
  struct spinvp_npu_map* p = box(norm->rows, norm->width);
  p->constant[0] = share;
  read_whole(p, x);
  npu_finish(p, SPINVP_NPU_MAP_MULTIPLY, 0, 0, CONSTANT);
  write_by_row(p, 0, mean);
  npu_reduce(p, COLUMNS);

  p = box(norm->rows, norm->width);
  p->constant[0] = share;
  p->constant[1] = epsilon;
  p->constant[2] = 1.0f;
  read_whole(p, x);
  read_by_row(p, mean);
  npu_step(p, SPINVP_NPU_MAP_SUBTRACT, 0, 0, 1);
  npu_step(p, SPINVP_NPU_MAP_MULTIPLY, 0, 0, 0);
  npu_finish(p, SPINVP_NPU_MAP_MULTIPLY, 0, 0, CONSTANT);
  npu_finish(p, SPINVP_NPU_MAP_ADD, 0, 0, CONSTANT + 1);
  npu_finish(p, SPINVP_NPU_MAP_SQUARE_ROOT, 0, 0, 0);
  npu_finish(p, SPINVP_NPU_MAP_DIVIDE, 0, CONSTANT + 2, 0);
  write_by_row(p, 0, norm->inverse);
  npu_reduce(p, COLUMNS);

  p = box(norm->rows, norm->width);
  read_whole(p, x);
  read_by_row(p, mean);
  read_by_row(p, norm->inverse);
  read_by_column(p, gain);
  read_by_column(p, shift);
  npu_step(p, SPINVP_NPU_MAP_SUBTRACT, 0, 0, 1);
  npu_step(p, SPINVP_NPU_MAP_MULTIPLY, 0, 0, 2);
  npu_step(p, SPINVP_NPU_MAP_MULTIPLY, 1, 0, 3);
  npu_step(p, SPINVP_NPU_MAP_ADD, 1, 1, 4);
  write_whole(p, 0, norm->normalized);
  write_whole(p, 1, y);
  npu_map(p);
}

void npu_layer_norm_backward(const struct hart_norm* norm, const float* gain, const float* dy, float* dgain, float* dshift, float* dx) {
  float *mean = norm->means, *mean_along = norm->means + norm->rows;
  struct spinvp_npu_map* p = box(norm->rows, norm->width);
  read_whole(p, dy);
  read_whole(p, norm->normalized);
  npu_step(p, SPINVP_NPU_MAP_MULTIPLY, 1, 0, 1);
  write_by_column(p, 1, dgain);
  write_by_column(p, 0, dshift);
  npu_reduce(p, ROWS);

  // Registers: 0 dy, then dy * gain; 1 normalized, then their product.
  p = box(norm->rows, norm->width);
  p->constant[0] = 1.0f / (float)norm->width;
  read_whole(p, dy);
  read_whole(p, norm->normalized);
  read_by_column(p, gain);
  npu_step(p, SPINVP_NPU_MAP_MULTIPLY, 0, 0, 2);
  npu_step(p, SPINVP_NPU_MAP_MULTIPLY, 1, 0, 1);
  npu_finish(p, SPINVP_NPU_MAP_MULTIPLY, 0, 0, CONSTANT);
  npu_finish(p, SPINVP_NPU_MAP_MULTIPLY, 1, 1, CONSTANT);
  write_by_row(p, 0, mean);
  write_by_row(p, 1, mean_along);
  npu_reduce(p, COLUMNS);

  // 0 dx, 1 dy, 2 gain, 3 normalized, 4 and 5 the means, 6 inverse.
  p = box(norm->rows, norm->width);
  read_whole(p, dx);
  read_whole(p, dy);
  read_by_column(p, gain);
  read_whole(p, norm->normalized);
  read_by_row(p, mean);
  read_by_row(p, mean_along);
  read_by_row(p, norm->inverse);
  npu_step(p, SPINVP_NPU_MAP_MULTIPLY, 1, 1, 2);
  npu_step(p, SPINVP_NPU_MAP_SUBTRACT, 1, 1, 4);
  npu_step(p, SPINVP_NPU_MAP_MULTIPLY, 3, 3, 5);
  npu_step(p, SPINVP_NPU_MAP_SUBTRACT, 1, 1, 3);
  npu_step(p, SPINVP_NPU_MAP_MULTIPLY, 1, 1, 6);
  npu_step(p, SPINVP_NPU_MAP_ADD, 0, 0, 1);
  write_whole(p, 0, dx);
  npu_map(p);
}

// ---- Attention.

static uint32_t part_floats(const struct npu_attention* s) { return s->heads * s->sequences * s->length * s->head_width; }

// Between rows of `count` parts side by side and dense heads.
static void move_heads(const struct npu_attention* s, uint32_t count, const float* from, float* to, bool split) {
  const int64_t row = (int64_t)count * s->heads * s->head_width, head = (int64_t)s->length * s->head_width;
  struct spinvp_npu_map* p = npu_new_program();
  npu_axis(p, count * s->heads);
  npu_axis(p, s->sequences);
  npu_axis(p, s->length);
  npu_axis(p, s->head_width);
  struct spinvp_npu_stream *rows = split ? &p->input[0] : &p->output[0], *heads = split ? &p->output[0] : &p->input[0];
  npu_stream(rows, split ? from : to, s->head_width, s->length * row, row, 1);
  npu_stream(heads, split ? to : from, s->sequences * head, head, s->head_width, 1);
  p->inputs = p->outputs = 1;
  npu_map(p);
}

static void to_scores(const struct npu_attention* s, const float* mask, const float* a, const float* b, float* scores) {
  const struct npu_product p = {s->heads * s->sequences, s->length, s->length, s->head_width, SPINVP_NPU_TRANSPOSE_B, mask};
  npu_batched_product(&p, a, b, scores);
}

static void to_vectors(const struct npu_attention* s, uint32_t flags, const float* scores, const float* b, float* vectors) {
  const struct npu_product p = {s->heads * s->sequences, s->length, s->head_width, s->length, flags, NULL};
  npu_batched_product(&p, scores, b, vectors);
}

static const float* queries(const struct npu_attention* s) { return s->parts; }
static const float* keys(const struct npu_attention* s) { return s->parts + part_floats(s); }
static const float* values(const struct npu_attention* s) { return s->parts + 2 * part_floats(s); }

void npu_attention_scores(const struct npu_attention* s, const float* mask, const float* qkv, float* scores) {
  move_heads(s, 3, qkv, s->parts, true);
  to_scores(s, mask, queries(s), keys(s), scores);
}

void npu_attention_mix(const struct npu_attention* s, const float* probabilities, float* mixed) {
  to_vectors(s, 0, probabilities, values(s), s->mixed);
  move_heads(s, 1, s->mixed, mixed, false);
}

void npu_attention_mix_gradient(const struct npu_attention* s, const float* dmixed, const float* probabilities, float* dprobabilities) {
  move_heads(s, 1, dmixed, s->mixed, true);
  to_scores(s, NULL, s->mixed, values(s), dprobabilities);
  to_vectors(s, SPINVP_NPU_TRANSPOSE_A, probabilities, s->mixed, s->dparts + 2 * part_floats(s));
}

void npu_attention_scores_gradient(const struct npu_attention* s, const float* dscores, float* dqkv) {
  to_vectors(s, 0, dscores, keys(s), s->dparts);
  to_vectors(s, SPINVP_NPU_TRANSPOSE_A, dscores, queries(s), s->dparts + part_floats(s));
  move_heads(s, 3, s->dparts, dqkv, false);
}
