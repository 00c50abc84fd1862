#include "firmware/kernels/hart_transformer.h"

#include <string.h>

#include "models/abi/elementary.h"

// IEEE 754's, as std::sqrt on the host; the library's would ask for errno.
static inline float square_root(float x) {
  float root;
  __asm__("fsqrt.s %0, %1" : "=f"(root) : "f"(x));
  return root;
}

void hart_add(size_t count, const float* addend, float* sum) {
#pragma GCC unroll 8
  for (size_t i = 0; i < count; ++i) sum[i] = sum[i] + addend[i];
}

void hart_embedding_forward(uint32_t rows, uint32_t length, uint32_t width, const uint8_t* tokens, const float* token, const float* position, float* x) {
  for (uint32_t row = 0; row < rows; ++row, x += width) {
    memcpy(x, token + (size_t)tokens[row] * width, width * sizeof(float));
    hart_add(width, position + (size_t)(row % length) * width, x);
  }
}

void hart_embedding_backward(uint32_t rows, uint32_t length, uint32_t width, uint32_t kinds, const uint8_t* tokens, const float* dx, float* dtoken,
                             float* dposition) {
  memset(dtoken, 0, (size_t)kinds * width * sizeof(float));
  memset(dposition, 0, (size_t)length * width * sizeof(float));
  for (uint32_t row = 0; row < rows; ++row, dx += width) {
    hart_add(width, dx, dtoken + (size_t)tokens[row] * width);
    hart_add(width, dx, dposition + (size_t)(row % length) * width);
  }
}

void hart_layer_norm_forward(const struct hart_norm* norm, float epsilon, const float* x, const float* gain, const float* shift, float* y) {
  const uint32_t width = norm->width;
  const float share = 1.0f / (float)width;
  float* normalized = norm->normalized;
  for (uint32_t row = 0; row < norm->rows; ++row, x += width, y += width, normalized += width) {
    float sum = 0.0f;
    for (uint32_t c = 0; c < width; ++c) sum = sum + x[c];
    const float mean = sum * share;
    float squares = 0.0f;
    for (uint32_t c = 0; c < width; ++c) {
      const float off = x[c] - mean;
      squares = squares + off * off;
    }
    const float inverse = 1.0f / square_root(squares * share + epsilon);
    norm->inverse[row] = inverse;
    for (uint32_t c = 0; c < width; ++c) {
      normalized[c] = (x[c] - mean) * inverse;
      y[c] = normalized[c] * gain[c] + shift[c];
    }
  }
}

void hart_layer_norm_backward(const struct hart_norm* norm, const float* gain, const float* dy, float* dgain, float* dshift, float* dx) {
  const uint32_t width = norm->width;
  const float share = 1.0f / (float)width;
  const float* normalized = norm->normalized;
  memset(dgain, 0, width * sizeof(float));
  memset(dshift, 0, width * sizeof(float));
  for (uint32_t row = 0; row < norm->rows; ++row, dy += width, dx += width, normalized += width) {
    float sum = 0.0f, along = 0.0f;
    for (uint32_t c = 0; c < width; ++c) {
      dgain[c] = dgain[c] + dy[c] * normalized[c];
      dshift[c] = dshift[c] + dy[c];
      const float g = dy[c] * gain[c];
      sum = sum + g;
      along = along + g * normalized[c];
    }
    const float mean = sum * share, mean_along = along * share;
    for (uint32_t c = 0; c < width; ++c) dx[c] = dx[c] + ((dy[c] * gain[c] - mean) - normalized[c] * mean_along) * norm->inverse[row];
  }
}

void hart_softmax_forward(uint32_t rows, uint32_t columns, float scale, float* x) {
  for (uint32_t row = 0; row < rows; ++row, x += columns) {
    float largest = x[0] * scale;
    for (uint32_t c = 0; c < columns; ++c) {
      x[c] = x[c] * scale;
      if (x[c] > largest) largest = x[c];
    }
    float sum = 0.0f;
    for (uint32_t c = 0; c < columns; ++c) {
      x[c] = spinvp_exp_f32(x[c] - largest);
      sum = sum + x[c];
    }
    for (uint32_t c = 0; c < columns; ++c) x[c] = x[c] / sum;
  }
}

void hart_softmax_backward(uint32_t rows, uint32_t columns, float scale, const float* p, float* dp) {
  for (uint32_t row = 0; row < rows; ++row, p += columns, dp += columns) {
    float expected = 0.0f;
    for (uint32_t c = 0; c < columns; ++c) expected = expected + dp[c] * p[c];
    for (uint32_t c = 0; c < columns; ++c) dp[c] = p[c] * (dp[c] - expected) * scale;
  }
}
