// NPU and PIM: small jobs against the hart's own arithmetic, and errors that must come back as a status and an interrupt.
#include <string.h>

#include "firmware/apps/bringup.h"
#include "firmware/drivers/npu.h"
#include "firmware/drivers/pim.h"
#include "firmware/hal/mmio.h"
#include "firmware/kernels/arena.h"
#include "firmware/kernels/npu_kernels.h"
#include "firmware/kernels/pim_elementwise.h"
#include "firmware/kernels/pim_kernels.h"
#include "firmware/kernels/pim_sum.h"

enum { IMAGES = 5, INPUTS = 9, OUTPUTS = 7 };

static float x[IMAGES][INPUTS], weight[OUTPUTS][INPUTS], bias[OUTPUTS], y[IMAGES][OUTPUTS];

// Values with long mantissas, so that a wrong order of roundings shows.
static void fill(float* values, size_t count, unsigned start) {
  for (size_t i = 0; i < count; ++i) values[i] = (float)((start + 37 * i) % 101) / 97.0f - 0.5f;
}

static void fill_operands(void) {
  fill(&x[0][0], IMAGES * INPUTS, 3);
  fill(&weight[0][0], OUTPUTS * INPUTS, 17);
  fill(bias, OUTPUTS, 29);
  memset(y, 0, sizeof y);
}

const char* test_npu(void) {
  const struct npu_dense shape = {IMAGES, INPUTS, OUTPUTS};
  fill_operands();
  npu_start();
  npu_dense_forward(&shape, &x[0][0], &weight[0][0], bias, &y[0][0]);
  REQUIRE(npu_wait() == 0);
  for (unsigned n = 0; n < IMAGES; ++n)
    for (unsigned o = 0; o < OUTPUTS; ++o) {
      float sum = 0.0f;
      for (unsigned k = 0; k < INPUTS; ++k) sum = __builtin_fmaf(x[n][k], weight[o][k], sum);
      REQUIRE(y[n][o] == sum + bias[o]);
    }
  REQUIRE(npu_read_figures().macs == IMAGES * INPUTS * OUTPUTS);

  npu_next()->operation = 99;
  REQUIRE(npu_wait() == SPINVP_NPU_BAD_OPERATION);
  npu_dense_forward(&(struct npu_dense){IMAGES, 0, OUTPUTS}, &x[0][0], &weight[0][0], bias, &y[0][0]);
  REQUIRE(npu_wait() == SPINVP_NPU_BAD_SHAPE);
  npu_copy(OUTPUTS, (const float*)0x08000000, bias);
  REQUIRE(npu_wait() == SPINVP_NPU_BAD_ADDRESS);

  npu_copy(OUTPUTS, &y[1][0], &y[0][0]);
  REQUIRE(npu_wait() == 0);
  REQUIRE(memcmp(y[0], y[1], sizeof y[0]) == 0);
  REQUIRE(npu_read_figures().completed == 5);
  return NULL;
}

enum { LANES = 64, SUM = 0, A = 1, B = 2 };

static struct spinvp_pim_descriptor* lanes_command(enum spinvp_pim_operation operation, uint32_t first) {
  struct spinvp_pim_descriptor* d = pim_next();
  d->operation = operation;
  d->first_lane = first;
  d->lane_count = LANES;
  return d;
}

static void load(uint32_t first, uint16_t word, const float* values) {
  struct spinvp_pim_descriptor* d = lanes_command(SPINVP_PIM_LOAD, first);
  d->destination = word;
  d->address = (uintptr_t)values;
  d->extent[0] = d->extent[1] = d->extent[2] = 1;
  d->extent[3] = LANES;
  d->stride[3] = sizeof(float);
}

static const char* test_pim_lanes(uint32_t first) {
  static float a[LANES], b[LANES], stored[LANES];
  fill(a, LANES, 5);
  fill(b, LANES, 41);
  load(first, A, a);
  load(first, B, b);
  struct spinvp_pim_descriptor* start = lanes_command(SPINVP_PIM_BROADCAST, first);
  start->destination = SUM;
  start->scalar = 0.3f;
  struct spinvp_pim_descriptor* mac = lanes_command(SPINVP_PIM_MULTIPLY_ACCUMULATE, first);
  mac->destination = SUM;
  mac->source_a = A;
  mac->source_b = B;
  REQUIRE(pim_wait() == 0);

  // The window shows each word of each lane where the memory map says, and takes writes.
  for (unsigned i = 0; i < LANES; ++i) {
    volatile float* lane = (volatile float*)pim_window_address(first + i, 0);
    REQUIRE(lane[A] == a[i] && lane[B] == b[i]);
    REQUIRE(lane[SUM] == 0.3f + a[i] * b[i]);
  }
  *(volatile float*)pim_window_address(first + 7, SUM) = -12.5f;
  memory_fence();

  struct spinvp_pim_descriptor* store = lanes_command(SPINVP_PIM_STORE, first);
  store->source_a = SUM;
  store->address = (uintptr_t)stored;
  store->extent[0] = store->extent[1] = store->extent[2] = 1;
  store->extent[3] = LANES;
  store->stride[3] = sizeof(float);
  REQUIRE(pim_wait() == 0);
  for (unsigned i = 0; i < LANES; ++i) REQUIRE(stored[i] == (i == 7 ? -12.5f : 0.3f + a[i] * b[i]));
  return NULL;
}

// As many groups as there are terms, as long as the arrays hold them all (firmware/kernels/pim_sum.h): each product apart, then their sum.
static const char* test_pim_product(void) {
  const struct pim_dense shape = {IMAGES, INPUTS, OUTPUTS};
  struct arena dram = arena_of_dram();
  float* workspace = arena_take_floats(&dram, pim_workspace_floats());
  REQUIRE(workspace != NULL);
  pim_set_workspace(workspace);
  fill_operands();
  pim_dense_forward(&shape, &x[0][0], &weight[0][0], bias, &y[0][0]);
  REQUIRE(pim_wait() == 0);
  const uint32_t groups = pim_geometry().subarrays < INPUTS ? pim_geometry().subarrays : INPUTS;
  const uint32_t depth = (INPUTS + groups - 1) / groups;
  for (unsigned n = 0; n < IMAGES; ++n)
    for (unsigned o = 0; o < OUTPUTS; ++o) {
      float sum = 0.0f;
      for (unsigned first = 0; first < INPUTS; first += depth) {
        float part = 0.0f;
        for (unsigned k = first; k < INPUTS && k < first + depth; ++k) part = part + x[n][k] * weight[o][k];
        sum = first == 0 ? part : sum + part;
      }
      REQUIRE(y[n][o] == sum + bias[o]);
    }
  return NULL;
}

// A tie to even, one rounded up, subnormal halves, overflow, signed zero.
static const char* test_pim_conversion(void) {
  static const uint32_t single[] = {0x3f808000u, 0x3f818000u, 0xc0490fdbu, 0x33800000u, 0x47800000u, 0x80000000u};
  static const uint32_t brain[] = {0x3f80u, 0x3f82u, 0xc049u, 0x3380u, 0x4780u, 0x8000u};
  static const uint32_t half[] = {0x3c04u, 0x3c0cu, 0xc248u, 0x0001u, 0x7c00u, 0x8000u};
  enum { COUNT = sizeof single / sizeof single[0] };
  static uint32_t as_brain[COUNT], as_half[COUNT], back[COUNT];
  pim_convert(COUNT, SPINVP_PIM_FP32, single, SPINVP_PIM_BF16, as_brain);
  pim_convert(COUNT, SPINVP_PIM_FP32, single, SPINVP_PIM_FP16, as_half);
  pim_convert(COUNT, SPINVP_PIM_BF16, as_brain, SPINVP_PIM_FP32, back);
  REQUIRE(pim_wait() == 0);
  for (unsigned i = 0; i < COUNT; ++i) REQUIRE(as_brain[i] == brain[i] && as_half[i] == half[i] && back[i] == brain[i] << 16);
  return NULL;
}

const char* test_pim(void) {
  pim_start();
  const struct pim_geometry geometry = pim_geometry();
  REQUIRE(pim_total_lanes() >= LANES && geometry.words > B);
  // Across the border of two subarrays, where there are two.
  const char* wrong = test_pim_lanes(geometry.subarrays > 1 ? geometry.subarray_lanes - LANES / 2 : 0);
  if (wrong == NULL) wrong = test_pim_product();
  if (wrong == NULL) wrong = test_pim_conversion();
  if (wrong != NULL) return wrong;

  pim_next()->operation = 99;
  REQUIRE(pim_wait() == SPINVP_PIM_BAD_OPERATION);
  lanes_command(SPINVP_PIM_BROADCAST, pim_total_lanes() - 1);
  REQUIRE(pim_wait() == SPINVP_PIM_BAD_RANGE);
  load(0, A, (const float*)0x08000000);
  REQUIRE(pim_wait() == SPINVP_PIM_BAD_ADDRESS);
  load(0, A, &x[0][0]);
  REQUIRE(pim_wait() == 0);
  return NULL;
}
