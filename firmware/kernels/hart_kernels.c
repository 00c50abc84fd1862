#include "firmware/kernels/hart_kernels.h"

#include "models/abi/elementary.h"

// Two neighbouring floats in one access.
typedef uint64_t float_pair __attribute__((may_alias));

void hart_max_pool_forward(uint32_t planes, uint32_t side, const float* x, float* y, uint8_t* winner) {
  // The planes' rows follow each other without a gap, so all of them are one tall plane (side is even).
  const size_t row_pairs = (size_t)planes * (side / 2);
  for (size_t pair = 0; pair < row_pairs; ++pair) {
    const float* upper = x + pair * 2 * side;
    const float* lower = upper + side;
    for (const float* end = lower; upper < end; upper += 2, lower += 2) {
      float largest = upper[0];
      uint8_t best = 0;
      if (upper[1] > largest) largest = upper[1], best = 1;
      if (lower[0] > largest) largest = lower[0], best = 2;
      if (lower[1] > largest) largest = lower[1], best = 3;
      *y++ = largest;
      *winner++ = best;
    }
  }
}

void hart_max_pool_backward(uint32_t planes, uint32_t out_side, const float* dy, const uint8_t* winner, struct framed_planes dx) {
  const size_t place[4] = {0, 1, dx.row_stride, dx.row_stride + 1};
  for (uint32_t plane = 0; plane < planes; ++plane) {
    float* rows = dx.first + (size_t)plane * dx.plane_stride;
    for (uint32_t row = 0; row < out_side; ++row, rows += 2 * dx.row_stride) {
      float* corner = rows;
      for (const float* end = dy + out_side; dy < end; ++dy, corner += 2) {
        *(float_pair*)corner = 0;
        *(float_pair*)(corner + dx.row_stride) = 0;
        corner[place[*winner++]] = *dy;
      }
    }
  }
}

void hart_relu_forward(size_t count, float* x) {
#pragma GCC unroll 8
  for (size_t i = 0; i < count; ++i)
    if (!(x[i] > 0.0f)) x[i] = 0.0f;
}

void hart_relu_backward(size_t count, const float* y, float* dy) {
#pragma GCC unroll 8
  for (size_t i = 0; i < count; ++i)
    if (!(y[i] > 0.0f)) dy[i] = 0.0f;
}

void hart_bias_gradient(uint32_t images, uint32_t channels, uint32_t side, struct framed_planes dy, float* dbias) {
  for (uint32_t channel = 0; channel < channels; ++channel) {
    float sum = 0.0f;
    for (uint32_t image = 0; image < images; ++image) {
      const float* row = dy.first + ((size_t)image * channels + channel) * dy.plane_stride;
      for (uint32_t y = 0; y < side; ++y, row += dy.row_stride)
#pragma GCC unroll 8
        for (uint32_t x = 0; x < side; ++x) sum = sum + row[x];
    }
    dbias[channel] = sum;
  }
}

void hart_dense_bias_gradient(uint32_t images, uint32_t channels, const float* dy, float* dbias) {
  for (uint32_t channel = 0; channel < channels; ++channel) {
    float sum = 0.0f;
    for (uint32_t image = 0; image < images; ++image) sum = sum + dy[(size_t)image * channels + channel];
    dbias[channel] = sum;
  }
}

float hart_softmax_cross_entropy(uint32_t images, uint32_t classes, const float* logits, const uint8_t* labels, float* dlogits) {
  const float share = 1.0f / (float)images;
  float losses = 0.0f;
  for (uint32_t image = 0; image < images; ++image, logits += classes, dlogits += classes) {
    float largest = logits[0];
    for (uint32_t c = 1; c < classes; ++c)
      if (logits[c] > largest) largest = logits[c];
    float power[64];
    float sum = 0.0f;
    for (uint32_t c = 0; c < classes; ++c) {
      power[c] = spinvp_exp_f32(logits[c] - largest);
      sum = sum + power[c];
    }
    for (uint32_t c = 0; c < classes; ++c) dlogits[c] = (power[c] / sum - (c == labels[image] ? 1.0f : 0.0f)) * share;
    losses = losses + (spinvp_log_f32(sum) - (logits[labels[image]] - largest));
  }
  return losses * share;
}

uint32_t hart_largest(uint32_t count, const float* values) {
  uint32_t best = 0;
  for (uint32_t i = 1; i < count; ++i)
    if (values[i] > values[best]) best = i;
  return best;
}
