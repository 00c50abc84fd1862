#include "firmware/kernels/pim_elementwise.h"

#include <stdbool.h>

#include "firmware/kernels/pim_commands.h"

enum { WORD_BYTES = sizeof(float) };

static uint32_t smaller(uint64_t a, uint64_t b) { return (uint32_t)(a < b ? a : b); }

// ---- Vectors: as many elements at once as there are lanes.

void pim_relu_forward(size_t count, float* x) {
  enum { WORD_X };
  for (size_t first = 0; first < count; first += pim_total_lanes()) {
    const uint32_t lanes = smaller(count - first, pim_total_lanes());
    pim_load_vector(lanes, WORD_X, x + first);
    pim_combine(SPINVP_PIM_RELU, lanes, WORD_X, WORD_X, WORD_X);
    pim_store_vector(lanes, WORD_X, x + first);
  }
}

void pim_add(size_t count, const float* addend, float* sum) {
  enum { WORD_SUM, WORD_ADDEND };
  for (size_t first = 0; first < count; first += pim_total_lanes()) {
    const uint32_t lanes = smaller(count - first, pim_total_lanes());
    pim_load_vector(lanes, WORD_SUM, sum + first);
    pim_load_vector(lanes, WORD_ADDEND, addend + first);
    pim_combine(SPINVP_PIM_ADD, lanes, WORD_SUM, WORD_SUM, WORD_ADDEND);
    pim_store_vector(lanes, WORD_SUM, sum + first);
  }
}

void pim_relu_backward(size_t count, const float* y, float* dy) {
  enum { WORD_Y, WORD_DY, WORD_ZERO, WORD_RESULT };
  for (size_t first = 0; first < count; first += pim_total_lanes()) {
    const uint32_t lanes = smaller(count - first, pim_total_lanes());
    pim_load_vector(lanes, WORD_Y, y + first);
    pim_load_vector(lanes, WORD_DY, dy + first);
    pim_broadcast(lanes, WORD_ZERO, 0.0f);
    pim_combine(SPINVP_PIM_COMPARE, lanes, WORD_Y, WORD_Y, WORD_ZERO);  // 1 above zero, +0 at zero
    // Added to +0, so that a gradient of -0 times nothing is +0 as the hart writes it.
    pim_broadcast(lanes, WORD_RESULT, 0.0f);
    pim_combine(SPINVP_PIM_MULTIPLY_ACCUMULATE, lanes, WORD_RESULT, WORD_DY, WORD_Y);
    pim_store_vector(lanes, WORD_RESULT, dy + first);
  }
}

void pim_convert(size_t count, enum spinvp_pim_format from, const uint32_t* numbers, enum spinvp_pim_format to, uint32_t* converted) {
  enum { WORD_FROM, WORD_TO };
  for (size_t first = 0; first < count; first += pim_total_lanes()) {
    const uint32_t lanes = smaller(count - first, pim_total_lanes());
    pim_load_vector(lanes, WORD_FROM, numbers + first);
    pim_convert_word(lanes, WORD_TO, WORD_FROM, from, to);
    pim_store_vector(lanes, WORD_TO, converted + first);
  }
}

// ---- Pools: a lane holds one window.

// Some windows of some planes: those that a pass computes.
struct windows {
  uint32_t first_plane, planes, first_row, rows, out_side;
};

static uint32_t lanes_of(const struct windows* w) { return w->planes * w->rows * w->out_side; }

// One word of each window: element `place` (0..3, in scan order) of a plane twice as wide.
static void window_access(const struct windows* w, bool store, uint16_t word, struct framed_planes x, unsigned place) {
  const uint32_t box[4] = {1, w->planes, w->rows, w->out_side};
  const int32_t stride[4] = {0, (int32_t)x.plane_stride * WORD_BYTES, (int32_t)x.row_stride * 2 * WORD_BYTES, 2 * WORD_BYTES};
  const float* first = x.first + (size_t)w->first_plane * x.plane_stride + (size_t)(2 * w->first_row + place / 2) * x.row_stride + place % 2;
  (store ? pim_store : pim_load)(0, word, box, (uintptr_t)first, stride);
}

// The windows' elements in a dense tensor of outputs: those of a pass lie in one piece.
static size_t output_offset(const struct windows* w) { return ((size_t)w->first_plane * w->out_side + w->first_row) * w->out_side; }

// The next pass: whole planes where one fits the lanes, else rows of one plane. False: all are done.
static bool next_windows(uint32_t planes, uint32_t out_side, struct windows* w) {
  const uint32_t whole = pim_total_lanes() / (out_side * out_side);
  if (w->rows == 0) {
    w->out_side = out_side;
  } else if (whole == 0 && w->first_row + w->rows < out_side) {
    w->first_row += w->rows;
  } else {
    w->first_plane += w->planes;
    w->first_row = 0;
  }
  if (w->first_plane >= planes) return false;
  w->planes = whole == 0 ? 1 : smaller(whole, planes - w->first_plane);
  w->rows = whole == 0 ? smaller(pim_total_lanes() / out_side, out_side - w->first_row) : out_side;
  return true;
}

void pim_max_pool_forward(uint32_t planes, uint32_t out_side, const float* x, float* y) {
  enum { WORD_Y, WORD_X };
  const struct framed_planes from = dense_planes(2 * out_side, (float*)(uintptr_t)x);
  struct windows w = {0};
  while (next_windows(planes, out_side, &w)) {
    window_access(&w, false, WORD_Y, from, 0);
    for (unsigned place = 1; place < 4; ++place) {
      window_access(&w, false, WORD_X, from, place);
      pim_combine(SPINVP_PIM_MAXIMUM, lanes_of(&w), WORD_Y, WORD_Y, WORD_X);
    }
    pim_store_vector(lanes_of(&w), WORD_Y, y + output_offset(&w));
  }
}

void pim_max_pool_backward(uint32_t planes, uint32_t out_side, const float* x, const float* y, const float* dy, struct framed_planes dx) {
  enum { WORD_Y, WORD_DY, WORD_ONE, WORD_FREE, WORD_X, WORD_RESULT };
  const struct framed_planes from = dense_planes(2 * out_side, (float*)(uintptr_t)x);
  struct windows w = {0};
  while (next_windows(planes, out_side, &w)) {
    const uint32_t lanes = lanes_of(&w);
    pim_load_vector(lanes, WORD_Y, y + output_offset(&w));
    pim_load_vector(lanes, WORD_DY, dy + output_offset(&w));
    pim_broadcast(lanes, WORD_ONE, 1.0f);
    pim_broadcast(lanes, WORD_FREE, 1.0f);  // 1 until a place of the window has won
    for (unsigned place = 0; place < 4; ++place) {
      window_access(&w, false, WORD_X, from, place);
      pim_combine(SPINVP_PIM_COMPARE, lanes, WORD_X, WORD_X, WORD_Y);  // +0 where it is the maximum, -1 below
      pim_combine(SPINVP_PIM_ADD, lanes, WORD_X, WORD_X, WORD_ONE);
      pim_combine(SPINVP_PIM_MULTIPLY, lanes, WORD_X, WORD_X, WORD_FREE);
      pim_combine(SPINVP_PIM_SUBTRACT, lanes, WORD_FREE, WORD_FREE, WORD_X);
      pim_broadcast(lanes, WORD_RESULT, 0.0f);
      pim_combine(SPINVP_PIM_MULTIPLY_ACCUMULATE, lanes, WORD_RESULT, WORD_DY, WORD_X);
      window_access(&w, true, WORD_RESULT, dx, place);
    }
  }
}
