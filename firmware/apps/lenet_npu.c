// LeNet on the NPU: all tensors in DRAM, streamed by the NPU's sequencer through its on-chip scratch. The hart queues the jobs
// of a phase, one doorbell a layer (a job belongs to the region open at its doorbell), and sleeps until the phase is done.
#include "firmware/apps/lenet_npu.h"

#include <stdio.h>

#include "firmware/drivers/dma.h"
#include "firmware/drivers/markers.h"
#include "firmware/drivers/npu.h"
#include "firmware/kernels/npu_kernels.h"

static struct lenet_tensors t;
static uint8_t* labels;
static float* loss;

static bool prepare(const struct lenet_job* job) {
  struct tensor_arenas arenas = tensor_arenas_beside(arena_of_dram());
  const size_t conv2 = (size_t)job->batch * SPINVP_LENET_CONV2_CHANNELS * SPINVP_LENET_CONV2_SIDE * SPINVP_LENET_CONV2_SIDE;
  const bool fits = lenet_take_tensors(&arenas, job->batch, conv2, &t);
  labels = arena_take(tensor_arena(&arenas, TENSOR_OTHERS), job->batch);
  loss = arena_take_floats(tensor_arena(&arenas, TENSOR_OTHERS), 1);
  if (!fits || labels == NULL || loss == NULL) {
    printf("failed: the tensors do not fit in their memories\n");
    return false;
  }
  lenet_fill_parameters(job->seed, t.parameters);
  dma_start();
  npu_start();
  return true;
}

static struct npu_convolution conv1_shape(uint32_t batch) {
  return (struct npu_convolution){batch, 1, SPINVP_LENET_IMAGE_SIDE, SPINVP_LENET_CONV1_CHANNELS, SPINVP_LENET_KERNEL};
}
static struct npu_convolution conv2_shape(uint32_t batch) {
  return (struct npu_convolution){batch, SPINVP_LENET_CONV1_CHANNELS, SPINVP_LENET_POOL1_SIDE, SPINVP_LENET_CONV2_CHANNELS, SPINVP_LENET_KERNEL};
}
static struct npu_dense fc1_shape(uint32_t batch) { return (struct npu_dense){batch, SPINVP_LENET_FC1_INPUTS, SPINVP_LENET_FC1_OUTPUTS}; }
static struct npu_dense fc2_shape(uint32_t batch) { return (struct npu_dense){batch, SPINVP_LENET_FC1_OUTPUTS, SPINVP_LENET_CLASSES}; }

static size_t pool1_floats(uint32_t batch) { return (size_t)batch * SPINVP_LENET_CONV1_CHANNELS * SPINVP_LENET_POOL1_SIDE * SPINVP_LENET_POOL1_SIDE; }
static size_t pool2_floats(uint32_t batch) { return (size_t)batch * SPINVP_LENET_FC1_INPUTS; }
static size_t fc1_floats(uint32_t batch) { return (size_t)batch * SPINVP_LENET_FC1_OUTPUTS; }

// A layer: its jobs queued and started inside its region.
#define LAYER(name, ...) \
  do {                   \
    region_open(name);   \
    __VA_ARGS__;         \
    npu_ring();          \
    region_close();      \
  } while (0)

static bool wait_for_phase(const char* phase) {
  const uint32_t status = npu_wait();
  if (status != 0) printf("failed: an NPU job of phase %s, status %u\n", phase, (unsigned)status);
  return status == 0;
}

// The images where they lie if the batch is in one piece, else gathered.
static const float* batch_images(const struct lenet_set* set, size_t first, uint32_t batch) {
  const size_t from = first % set->count;
  if (from + batch <= set->count) return set->images + from * SPINVP_LENET_IMAGE_PIXELS;
  return lenet_fetch_images(set, first, batch, t.image) ? t.image : NULL;
}

static void queue_forward(uint32_t batch, const float* images) {
  const float* p = t.parameters;
  const struct npu_convolution conv1 = conv1_shape(batch), conv2 = conv2_shape(batch);
  const struct npu_dense fc1 = fc1_shape(batch), fc2 = fc2_shape(batch);
  LAYER("conv1", npu_convolution_forward(&conv1, images, p + SPINVP_LENET_CONV1_WEIGHT_OFFSET, p + SPINVP_LENET_CONV1_BIAS_OFFSET, t.conv1));
  LAYER("pool1", npu_max_pool_forward(batch, conv1.out_channels, SPINVP_LENET_CONV1_SIDE, t.conv1, t.pool1, t.winner1));
  LAYER("relu1", npu_relu_forward(pool1_floats(batch), t.pool1, t.pool1));
  LAYER("conv2", npu_convolution_forward(&conv2, t.pool1, p + SPINVP_LENET_CONV2_WEIGHT_OFFSET, p + SPINVP_LENET_CONV2_BIAS_OFFSET, t.conv2));
  LAYER("pool2", npu_max_pool_forward(batch, conv2.out_channels, SPINVP_LENET_CONV2_SIDE, t.conv2, t.pool2, t.winner2));
  LAYER("relu2", npu_relu_forward(pool2_floats(batch), t.pool2, t.pool2));
  LAYER("fc1", npu_dense_forward(&fc1, t.pool2, p + SPINVP_LENET_FC1_WEIGHT_OFFSET, p + SPINVP_LENET_FC1_BIAS_OFFSET, t.fc1));
  LAYER("relu3", npu_relu_forward(fc1_floats(batch), t.fc1, t.fc1));
  LAYER("fc2", npu_dense_forward(&fc2, t.fc1, p + SPINVP_LENET_FC2_WEIGHT_OFFSET, p + SPINVP_LENET_FC2_BIAS_OFFSET, t.logits));
}

static void queue_backward(uint32_t batch, const float* images) {
  const float* p = t.parameters;
  float* d = t.gradients;
  const struct npu_convolution conv1 = conv1_shape(batch), conv2 = conv2_shape(batch);
  const struct npu_dense fc1 = fc1_shape(batch), fc2 = fc2_shape(batch);
  LAYER("fc2", npu_dense_weight_gradient(&fc2, t.fc1, t.dlogits, d + SPINVP_LENET_FC2_WEIGHT_OFFSET);
        npu_bias_gradient(batch, fc2.outputs, 1, t.dlogits, d + SPINVP_LENET_FC2_BIAS_OFFSET);
        npu_dense_data_gradient(&fc2, t.dlogits, p + SPINVP_LENET_FC2_WEIGHT_OFFSET, t.dfc1));
  LAYER("relu3", npu_relu_backward(fc1_floats(batch), t.fc1, t.dfc1, t.dfc1));
  LAYER("fc1", npu_dense_weight_gradient(&fc1, t.pool2, t.dfc1, d + SPINVP_LENET_FC1_WEIGHT_OFFSET);
        npu_bias_gradient(batch, fc1.outputs, 1, t.dfc1, d + SPINVP_LENET_FC1_BIAS_OFFSET);
        npu_dense_data_gradient(&fc1, t.dfc1, p + SPINVP_LENET_FC1_WEIGHT_OFFSET, t.dpool2));
  LAYER("relu2", npu_relu_backward(pool2_floats(batch), t.pool2, t.dpool2, t.dpool2));
  LAYER("pool2", npu_max_pool_backward(batch, conv2.out_channels, SPINVP_LENET_CONV2_SIDE, t.dpool2, t.winner2, t.dconv2));
  LAYER("conv2", npu_convolution_weight_gradient(&conv2, t.pool1, t.dconv2, d + SPINVP_LENET_CONV2_WEIGHT_OFFSET);
        npu_bias_gradient(batch, conv2.out_channels, SPINVP_LENET_CONV2_SIDE, t.dconv2, d + SPINVP_LENET_CONV2_BIAS_OFFSET);
        npu_convolution_data_gradient(&conv2, t.dconv2, p + SPINVP_LENET_CONV2_WEIGHT_OFFSET, t.dpool1));
  LAYER("relu1", npu_relu_backward(pool1_floats(batch), t.pool1, t.dpool1, t.dpool1));
  LAYER("pool1", npu_max_pool_backward(batch, conv1.out_channels, SPINVP_LENET_CONV1_SIDE, t.dpool1, t.winner1, t.dconv1));
  LAYER("conv1", npu_convolution_weight_gradient(&conv1, images, t.dconv1, d + SPINVP_LENET_CONV1_WEIGHT_OFFSET);
        npu_bias_gradient(batch, conv1.out_channels, SPINVP_LENET_CONV1_SIDE, t.dconv1, d + SPINVP_LENET_CONV1_BIAS_OFFSET));
}

// Weights and biases of a layer lie together, so each layer is one range [first, end) of the parameters.
static void update_layer(float rate, uint32_t first, uint32_t end) { npu_gradient_descent(end - first, rate, t.gradients + first, t.parameters + first); }

static void queue_update(float rate) {
  LAYER("conv1", update_layer(rate, SPINVP_LENET_CONV1_WEIGHT_OFFSET, SPINVP_LENET_CONV2_WEIGHT_OFFSET));
  LAYER("conv2", update_layer(rate, SPINVP_LENET_CONV2_WEIGHT_OFFSET, SPINVP_LENET_FC1_WEIGHT_OFFSET));
  LAYER("fc1", update_layer(rate, SPINVP_LENET_FC1_WEIGHT_OFFSET, SPINVP_LENET_FC2_WEIGHT_OFFSET));
  LAYER("fc2", update_layer(rate, SPINVP_LENET_FC2_WEIGHT_OFFSET, SPINVP_LENET_PARAMETERS));
}

static const float* train_step(const struct lenet_job* job, size_t first) {
  region_open("forward");
  const float* images = batch_images(&job->train, first, job->batch);
  if (images == NULL) return NULL;
  lenet_fetch_labels(&job->train, first, job->batch, labels);
  queue_forward(job->batch, images);
  LAYER("loss", npu_softmax_cross_entropy(job->batch, SPINVP_LENET_CLASSES, t.logits, labels, t.dlogits, loss));
  if (!wait_for_phase("forward")) return NULL;
  region_close();

  region_open("backward");
  queue_backward(job->batch, images);
  if (!wait_for_phase("backward")) return NULL;
  region_close();

  region_open("update");
  queue_update(job->learning_rate);
  if (!wait_for_phase("update")) return NULL;
  region_close();
  return loss;
}

static const float* infer(const struct lenet_job* job, size_t first) {
  const float* images = batch_images(&job->test, first, job->batch);
  if (images == NULL) return NULL;
  queue_forward(job->batch, images);
  return wait_for_phase("evaluate") ? t.logits : NULL;
}

const struct lenet_unit lenet_npu = {.name = "NPU", .prepare = prepare, .train_step = train_step, .infer = infer};
