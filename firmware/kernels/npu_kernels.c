#include "firmware/kernels/npu_kernels.h"

#include "firmware/drivers/npu.h"

static struct spinvp_npu_descriptor* job(enum spinvp_npu_operation operation, const void* a, const void* b, void* c) {
  struct spinvp_npu_descriptor* d = npu_next();
  d->operation = operation;
  d->format = SPINVP_NPU_FP32;
  d->a = (uintptr_t)a;
  d->b = (uintptr_t)b;
  d->c = (uintptr_t)c;
  return d;
}

static void set_shape(struct spinvp_npu_descriptor* d, const struct npu_convolution* shape) {
  d->batch = shape->images;
  d->in_channels = shape->in_channels;
  d->in_h = d->in_w = shape->in_side;
  d->out_channels = shape->out_channels;
  d->out_h = d->out_w = npu_convolution_out_side(shape);
  d->kernel_h = d->kernel_w = shape->kernel;
  d->stride_h = d->stride_w = 1;
}

void npu_convolution_forward(const struct npu_convolution* shape, const float* x, const float* weight, const float* bias, float* y) {
  struct spinvp_npu_descriptor* d = job(SPINVP_NPU_CONV_FORWARD, x, weight, y);
  d->bias = (uintptr_t)bias;
  set_shape(d, shape);
}

void npu_convolution_data_gradient(const struct npu_convolution* shape, const float* dy, const float* weight, float* dx) {
  set_shape(job(SPINVP_NPU_CONV_DATA_GRADIENT, dy, weight, dx), shape);
}

void npu_convolution_weight_gradient(const struct npu_convolution* shape, const float* x, const float* dy, float* dweight) {
  set_shape(job(SPINVP_NPU_CONV_WEIGHT_GRADIENT, x, dy, dweight), shape);
}

void npu_bias_gradient(uint32_t images, uint32_t channels, uint32_t side, const float* dy, float* dbias) {
  struct spinvp_npu_descriptor* d = job(SPINVP_NPU_BIAS_GRADIENT, dy, NULL, dbias);
  d->batch = images;
  d->out_channels = channels;
  d->out_h = d->out_w = side;
}

static struct spinvp_npu_descriptor* product(const void* a, const void* b, void* c, uint32_t m, uint32_t n, uint32_t k, uint32_t flags) {
  struct spinvp_npu_descriptor* d = job(SPINVP_NPU_GEMM, a, b, c);
  d->m = m;
  d->n = n;
  d->k = k;
  d->flags = flags;
  return d;
}

void npu_dense_forward(const struct npu_dense* shape, const float* x, const float* weight, const float* bias, float* y) {
  product(x, weight, y, shape->images, shape->outputs, shape->inputs, SPINVP_NPU_TRANSPOSE_B)->bias = (uintptr_t)bias;
}

void npu_dense_data_gradient(const struct npu_dense* shape, const float* dy, const float* weight, float* dx) {
  product(dy, weight, dx, shape->images, shape->inputs, shape->outputs, 0);
}

void npu_dense_weight_gradient(const struct npu_dense* shape, const float* x, const float* dy, float* dweight) {
  product(dy, x, dweight, shape->outputs, shape->inputs, shape->images, SPINVP_NPU_TRANSPOSE_A);
}

static void set_pool(struct spinvp_npu_descriptor* d, uint32_t images, uint32_t channels, uint32_t side, const uint8_t* winner) {
  d->batch = images;
  d->in_channels = d->out_channels = channels;
  d->in_h = d->in_w = side;
  d->out_h = d->out_w = side / 2;
  d->kernel_h = d->kernel_w = d->stride_h = d->stride_w = 2;
  d->aux = (uintptr_t)winner;
}

void npu_max_pool_forward(uint32_t images, uint32_t channels, uint32_t side, const float* x, float* y, uint8_t* winner) {
  set_pool(job(SPINVP_NPU_MAXPOOL_FORWARD, x, NULL, y), images, channels, side, winner);
}

void npu_max_pool_backward(uint32_t images, uint32_t channels, uint32_t side, const float* dy, const uint8_t* winner, float* dx) {
  set_pool(job(SPINVP_NPU_MAXPOOL_BACKWARD, dy, NULL, dx), images, channels, side, winner);
}

void npu_relu_forward(size_t count, const float* x, float* y) { job(SPINVP_NPU_RELU_FORWARD, x, NULL, y)->count = count; }
void npu_relu_backward(size_t count, const float* y, const float* dy, float* dx) { job(SPINVP_NPU_RELU_BACKWARD, dy, y, dx)->count = count; }

static void set_rows(struct spinvp_npu_descriptor* d, uint32_t rows, uint32_t columns, float scale) {
  d->m = rows;
  d->n = columns;
  d->scalar = scale;
}

void npu_softmax_forward(uint32_t rows, uint32_t columns, float scale, float* x) {
  set_rows(job(SPINVP_NPU_SOFTMAX_FORWARD, x, NULL, x), rows, columns, scale);
}

void npu_softmax_backward(uint32_t rows, uint32_t columns, float scale, const float* p, float* dp) {
  set_rows(job(SPINVP_NPU_SOFTMAX_BACKWARD, dp, p, dp), rows, columns, scale);
}

void npu_softmax_cross_entropy(uint32_t images, uint32_t classes, const float* logits, const uint8_t* labels, float* dlogits, float* loss) {
  struct spinvp_npu_descriptor* d = job(SPINVP_NPU_SOFTMAX_CROSS_ENTROPY, logits, NULL, dlogits);
  d->m = images;
  d->n = classes;
  d->aux = (uintptr_t)labels;
  d->bias = (uintptr_t)loss;
}

void npu_gradient_descent(size_t count, float rate, const float* gradient, float* parameter) {
  struct spinvp_npu_descriptor* d = job(SPINVP_NPU_SGD_UPDATE, gradient, NULL, parameter);
  d->count = count;
  d->scalar = rate;
}

void npu_copy(size_t count, const float* from, float* to) { job(SPINVP_NPU_COPY, from, NULL, to)->count = count; }

void npu_batched_product(const struct npu_product* p, const float* a, const float* b, float* c) {
  struct spinvp_npu_map* epilogue = NULL;
  if (p->addend != NULL) {
    epilogue = npu_new_program();
    npu_axis(epilogue, p->batches);
    npu_axis(epilogue, p->m);
    npu_axis(epilogue, p->n);
    npu_input(epilogue, p->addend, 0, p->n, 1, 0);
    npu_step(epilogue, SPINVP_NPU_MAP_ADD, 0, 0, 1);
  }
  struct spinvp_npu_descriptor* d = product(a, b, c, p->m, p->n, p->k, p->flags | (epilogue != NULL ? SPINVP_NPU_EPILOGUE : 0));
  d->batch = p->batches;
  d->aux = (uintptr_t)epilogue;
}

void npu_map(const struct spinvp_npu_map* program) { job(SPINVP_NPU_MAP, NULL, NULL, NULL)->aux = (uintptr_t)program; }

void npu_reduce(struct spinvp_npu_map* program, unsigned axis) {
  program->combine = SPINVP_NPU_COMBINE_SUM;
  program->reduced = 1u << axis;
  job(SPINVP_NPU_REDUCE, NULL, NULL, NULL)->aux = (uintptr_t)program;
}

static void table_rows(enum spinvp_npu_operation operation, uint32_t count, uint32_t width, uint32_t kinds, const int32_t* rows, const float* from, float* to) {
  struct spinvp_npu_descriptor* d = job(operation, from, NULL, to);
  d->m = count;
  d->n = width;
  d->k = kinds;
  d->aux = (uintptr_t)rows;
}

void npu_gather(uint32_t count, uint32_t width, uint32_t kinds, const int32_t* rows, const float* table, float* to) {
  table_rows(SPINVP_NPU_GATHER, count, width, kinds, rows, table, to);
}

void npu_scatter_add(uint32_t count, uint32_t width, uint32_t kinds, const int32_t* rows, const float* from, float* table) {
  table_rows(SPINVP_NPU_SCATTER_ADD, count, width, kinds, rows, from, table);
}
