// LeNet trained on the PIM arrays: parameters, activations and gradients live in on-chip memory; the DMA engine brings each batch from
// DRAM. Everything with weights, and the update, runs on the arrays; pools and ReLUs, and the loss, on the units that the configuration
// names (hart, if nothing is said); the hart forms the gradients of biases while the arrays work, and sleeps otherwise. Values: the PIM
// policy of workloads/training/arithmetic_policy.h.
#include <stdio.h>
#include <string.h>

#include "firmware/apps/lenet_job.h"
#include "firmware/apps/training.h"
#include "firmware/drivers/dma.h"
#include "firmware/drivers/markers.h"
#include "firmware/drivers/pim.h"
#include "firmware/hal/about.h"
#include "firmware/kernels/hart_kernels.h"
#include "firmware/kernels/pim_kernels.h"
#include "firmware/kernels/pim_sum.h"
#include "firmware/kernels/unweighted.h"

SPINVP_ABOUT("trains LeNet on the PIM arrays and tests it");

static struct lenet_tensors t;
static uint8_t* labels;
static float loss;

static struct unweighted_pool pool1_of(uint32_t batch) {
  return (struct unweighted_pool){batch, SPINVP_LENET_CONV1_CHANNELS, SPINVP_LENET_POOL1_SIDE, t.conv1, t.pool1, t.winner1};
}
static struct unweighted_pool pool2_of(uint32_t batch) {
  return (struct unweighted_pool){batch, SPINVP_LENET_CONV2_CHANNELS, SPINVP_LENET_POOL2_SIDE, t.conv2, t.pool2, t.winner2};
}

static struct pim_convolution conv1_shape(uint32_t batch) {
  return (struct pim_convolution){batch, 1, SPINVP_LENET_IMAGE_SIDE, SPINVP_LENET_CONV1_CHANNELS, SPINVP_LENET_KERNEL};
}
static struct pim_convolution conv2_shape(uint32_t batch) {
  return (struct pim_convolution){batch, SPINVP_LENET_CONV1_CHANNELS, SPINVP_LENET_POOL1_SIDE, SPINVP_LENET_CONV2_CHANNELS, SPINVP_LENET_KERNEL};
}
static struct pim_dense fc1_shape(uint32_t batch) { return (struct pim_dense){batch, SPINVP_LENET_FC1_INPUTS, SPINVP_LENET_FC1_OUTPUTS}; }
static struct pim_dense fc2_shape(uint32_t batch) { return (struct pim_dense){batch, SPINVP_LENET_FC1_OUTPUTS, SPINVP_LENET_CLASSES}; }

static bool prepare(const struct lenet_job* job) {
  dma_start();
  pim_start();
  unweighted_start();
  // The gradient of conv2's output stands in a frame of zeros, for conv2's data gradient; only the inside is ever written again.
  const struct pim_convolution conv2 = conv2_shape(job->batch);
  const size_t framed = framed_floats(&conv2);
  struct tensor_arenas arenas = tensor_arenas_beside(arena_of_onchip());
  const bool fits = lenet_take_tensors(&arenas, job->batch, framed, &t);
  struct arena* onchip = tensor_arena(&arenas, TENSOR_OTHERS);
  labels = arena_take(onchip, job->batch);
  float* workspace = arena_take_floats(onchip, pim_workspace_floats());
  struct arena dram = arena_of_dram();
  float* start_values = arena_take_floats(&dram, SPINVP_LENET_PARAMETERS);
  if (!fits || labels == NULL || workspace == NULL || start_values == NULL) {
    printf("failed: the tensors do not fit in the on-chip memory (%llu bytes)\n", (unsigned long long)(onchip->end - arena_of_onchip().next));
    return false;
  }
  pim_set_workspace(workspace);
  memset(t.dconv2, 0, framed * sizeof(float));
  lenet_fill_parameters(job->seed, start_values);
  return dma_copy(t.parameters, start_values, SPINVP_LENET_PARAMETERS * sizeof(float));
}

static size_t pool1_floats(uint32_t batch) { return (size_t)batch * SPINVP_LENET_CONV1_CHANNELS * SPINVP_LENET_POOL1_SIDE * SPINVP_LENET_POOL1_SIDE; }
static size_t pool2_floats(uint32_t batch) { return (size_t)batch * SPINVP_LENET_FC1_INPUTS; }
static size_t fc1_floats(uint32_t batch) { return (size_t)batch * SPINVP_LENET_FC1_OUTPUTS; }

static bool fetch(const struct lenet_set* set, size_t first, uint32_t batch) {
  region_open("input");
  const bool fetched = lenet_fetch_images(set, first, batch, t.image);
  if (!fetched) printf("failed: the DMA of a batch\n");
  lenet_fetch_labels(set, first, batch, labels);
  region_close();
  return fetched;
}

static bool forward(uint32_t batch) {
  const float* p = t.parameters;
  const struct pim_convolution conv1 = conv1_shape(batch), conv2 = conv2_shape(batch);
  const struct pim_dense fc1 = fc1_shape(batch), fc2 = fc2_shape(batch);
  const struct unweighted_pool pool1 = pool1_of(batch), pool2 = pool2_of(batch);
  ARRAY_LAYER("conv1", pim_convolution_forward(&conv1, t.image, p + SPINVP_LENET_CONV1_WEIGHT_OFFSET, p + SPINVP_LENET_CONV1_BIAS_OFFSET, t.conv1), );
  UNWEIGHTED_LAYER("pool1", unweighted_pool_forward(&pool1));
  UNWEIGHTED_LAYER("relu1", unweighted_relu_forward(pool1_floats(batch), t.pool1));
  ARRAY_LAYER("conv2", pim_convolution_forward(&conv2, t.pool1, p + SPINVP_LENET_CONV2_WEIGHT_OFFSET, p + SPINVP_LENET_CONV2_BIAS_OFFSET, t.conv2), );
  UNWEIGHTED_LAYER("pool2", unweighted_pool_forward(&pool2));
  UNWEIGHTED_LAYER("relu2", unweighted_relu_forward(pool2_floats(batch), t.pool2));
  ARRAY_LAYER("fc1", pim_dense_forward(&fc1, t.pool2, p + SPINVP_LENET_FC1_WEIGHT_OFFSET, p + SPINVP_LENET_FC1_BIAS_OFFSET, t.fc1), );
  UNWEIGHTED_LAYER("relu3", unweighted_relu_forward(fc1_floats(batch), t.fc1));
  ARRAY_LAYER("fc2", pim_dense_forward(&fc2, t.fc1, p + SPINVP_LENET_FC2_WEIGHT_OFFSET, p + SPINVP_LENET_FC2_BIAS_OFFSET, t.logits), );
  return true;
}

static bool backward(uint32_t batch) {
  const float* p = t.parameters;
  float* d = t.gradients;
  const struct pim_convolution conv1 = conv1_shape(batch), conv2 = conv2_shape(batch);
  const struct pim_dense fc1 = fc1_shape(batch), fc2 = fc2_shape(batch);
  const struct unweighted_pool pool1 = pool1_of(batch), pool2 = pool2_of(batch);
  const struct framed_planes dconv2 = framed_output_gradient(&conv2, t.dconv2);
  const struct framed_planes dconv1 = dense_planes(SPINVP_LENET_CONV1_SIDE, t.dconv1);
  ARRAY_LAYER("fc2", pim_dense_weight_gradient(&fc2, t.fc1, t.dlogits, d + SPINVP_LENET_FC2_WEIGHT_OFFSET);
              pim_dense_data_gradient(&fc2, t.dlogits, p + SPINVP_LENET_FC2_WEIGHT_OFFSET, t.dfc1),
              hart_dense_bias_gradient(batch, fc2.outputs, t.dlogits, d + SPINVP_LENET_FC2_BIAS_OFFSET));
  UNWEIGHTED_LAYER("relu3", unweighted_relu_backward(fc1_floats(batch), t.fc1, t.dfc1));
  ARRAY_LAYER("fc1", pim_dense_weight_gradient(&fc1, t.pool2, t.dfc1, d + SPINVP_LENET_FC1_WEIGHT_OFFSET);
              pim_dense_data_gradient(&fc1, t.dfc1, p + SPINVP_LENET_FC1_WEIGHT_OFFSET, t.dpool2),
              hart_dense_bias_gradient(batch, fc1.outputs, t.dfc1, d + SPINVP_LENET_FC1_BIAS_OFFSET));
  UNWEIGHTED_LAYER("relu2", unweighted_relu_backward(pool2_floats(batch), t.pool2, t.dpool2));
  UNWEIGHTED_LAYER("pool2", unweighted_pool_backward(&pool2, t.dpool2, dconv2));
  ARRAY_LAYER("conv2", pim_convolution_weight_gradient(&conv2, t.pool1, dconv2, d + SPINVP_LENET_CONV2_WEIGHT_OFFSET);
              pim_convolution_data_gradient(&conv2, dconv2, p + SPINVP_LENET_CONV2_WEIGHT_OFFSET, t.dpool1),
              hart_bias_gradient(batch, conv2.out_channels, SPINVP_LENET_CONV2_SIDE, dconv2, d + SPINVP_LENET_CONV2_BIAS_OFFSET));
  UNWEIGHTED_LAYER("relu1", unweighted_relu_backward(pool1_floats(batch), t.pool1, t.dpool1));
  UNWEIGHTED_LAYER("pool1", unweighted_pool_backward(&pool1, t.dpool1, dconv1));
  ARRAY_LAYER("conv1", pim_convolution_weight_gradient(&conv1, t.image, dconv1, d + SPINVP_LENET_CONV1_WEIGHT_OFFSET),
              hart_bias_gradient(batch, conv1.out_channels, SPINVP_LENET_CONV1_SIDE, dconv1, d + SPINVP_LENET_CONV1_BIAS_OFFSET));
  return true;
}

// Weights and biases of a layer lie together, so each layer is one range [first, end) of the parameters.
static bool update_layer(const char* name, float rate, uint32_t first, uint32_t end) {
  ARRAY_LAYER(name, pim_gradient_descent(end - first, rate, t.gradients + first, t.parameters + first), );
  return true;
}

static bool update(float rate) {
  return update_layer("conv1", rate, SPINVP_LENET_CONV1_WEIGHT_OFFSET, SPINVP_LENET_CONV2_WEIGHT_OFFSET) &&
         update_layer("conv2", rate, SPINVP_LENET_CONV2_WEIGHT_OFFSET, SPINVP_LENET_FC1_WEIGHT_OFFSET) &&
         update_layer("fc1", rate, SPINVP_LENET_FC1_WEIGHT_OFFSET, SPINVP_LENET_FC2_WEIGHT_OFFSET) &&
         update_layer("fc2", rate, SPINVP_LENET_FC2_WEIGHT_OFFSET, SPINVP_LENET_PARAMETERS);
}

static bool form_loss(uint32_t batch) {
  UNWEIGHTED_LAYER("loss", unweighted_loss(batch, SPINVP_LENET_CLASSES, t.logits, labels, t.dlogits, &loss));
  return true;
}

static const float* train_step(const struct lenet_job* job, size_t first) {
  region_open("forward");
  if (!fetch(&job->train, first, job->batch) || !forward(job->batch)) return NULL;
  if (!form_loss(job->batch)) return NULL;
  region_close();

  region_open("backward");
  if (!backward(job->batch)) return NULL;
  region_close();

  region_open("update");
  if (!update(job->learning_rate)) return NULL;
  region_close();
  return &loss;
}

static const float* infer(const struct lenet_job* job, size_t first) { return fetch(&job->test, first, job->batch) && forward(job->batch) ? t.logits : NULL; }

int main(void) {
  static const struct lenet_unit pim = {.name = "PIM arrays", .prepare = prepare, .train_step = train_step, .infer = infer};
  return lenet_run(&pim, NULL);
}
