// Runs a compiled network (models/abi/program.h): the loader puts the program into memory, this app walks it on the NPU. Before each step the DMA engine copies the feeds, and where a schedule of precisions goes on, products get their bits; then the
// kernels go to the NPU's queue, one doorbell a layer, inside regions "train" or "infer", phase, layer. Jobs of different layers follow each other without the hart: it sleeps until a phase is done.
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "firmware/drivers/dma.h"
#include "firmware/drivers/markers.h"
#include "firmware/drivers/npu.h"
#include "firmware/drivers/power.h"
#include "firmware/hal/about.h"
#include "firmware/hal/boot.h"
#include "models/abi/program.h"

SPINVP_ABOUT("walks a compiled network on the NPU: what --network runs");

enum { EXIT_NO_PROGRAM = 2, EXIT_FEED_FAILED = 3, EXIT_JOB_FAILED = 4, EXIT_LOSS_NOT_FINITE = 5 };

static int failed(const char* what, uint32_t status, int code) {
  printf("failed: %s, status %u\n", what, (unsigned)status);
  return code;
}

static bool feed(const struct spinvp_program* program, uint64_t step) {
  const struct spinvp_program_feed* feeds = (const struct spinvp_program_feed*)program->feed_table;
  for (uint64_t i = 0; i < program->feeds; ++i)
    if (!dma_copy((void*)feeds[i].to, (const void*)(feeds[i].from + step % feeds[i].count * feeds[i].bytes), feeds[i].bytes)) return false;
  return true;
}

static const char* phase_name(uint32_t phase) {
  static const char* const names[SPINVP_PHASES] = {[SPINVP_PHASE_FORWARD] = "forward", [SPINVP_PHASE_BACKWARD] = "backward", [SPINVP_PHASE_UPDATE] = "update"};
  return names[phase < SPINVP_PHASES ? phase : SPINVP_PHASE_FORWARD];
}

// Runs all kernels. Those of one layer and phase that follow each other share a region and a doorbell; at the end of a phase the hart waits, so that its region lasts as long as its jobs. 0, or
// the status of the first job that failed.
static uint32_t run_kernels(const struct spinvp_program* program) {
  const struct spinvp_program_kernel* kernel = (const struct spinvp_program_kernel*)program->kernel_table;
  const struct spinvp_program_kernel* const end = kernel + program->kernels;
  while (kernel != end) {
    const uint32_t phase = kernel->phase;
    region_open(phase_name(phase));
    while (kernel != end && kernel->phase == phase) {
      const uint64_t layer = kernel->layer;
      region_open((const char*)layer);
      for (; kernel != end && kernel->phase == phase && kernel->layer == layer; ++kernel) *npu_next() = kernel->descriptor;
      npu_ring();
      region_close();
    }
    const uint32_t status = npu_wait();
    if (status != 0) return status;
    region_close();
  }
  return 0;
}

// Where the step begins a row of the schedule, all products take its bits from here on.
static void set_precision(const struct spinvp_program* program, uint64_t step) {
  const struct spinvp_program_precision* rows = (const struct spinvp_program_precision*)program->precision_table;
  struct spinvp_program_kernel* kernels = (struct spinvp_program_kernel*)program->kernel_table;
  for (uint64_t i = 0; i < program->precisions; ++i) {
    if (rows[i].from_step != step) continue;
    printf("from step %u: %u bits forward, %u backward\n", (unsigned)step, (unsigned)rows[i].forward, (unsigned)rows[i].backward);
    for (uint64_t k = 0; k < program->kernels; ++k) spinvp_program_set_bits(&kernels[k], &rows[i]);
  }
}

static float result(const struct spinvp_program* program, uint64_t index) {
  if (program->output_format == SPINVP_NPU_FP32) return ((const float*)program->output)[index];
  const uint32_t bits = (uint32_t)((const uint16_t*)program->output)[index] << 16;
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

static void print_results(const struct spinvp_program* program) {
  enum { MOST_ROWS = 8 };
  for (uint32_t row = 0; row < program->output_rows && row < MOST_ROWS; ++row) {
    uint32_t largest = 0;
    for (uint32_t i = 1; i < program->output_columns; ++i)
      if (result(program, (uint64_t)row * program->output_columns + i) > result(program, (uint64_t)row * program->output_columns + largest)) largest = i;
    printf("result %u: class %u of %u, value %.6f\n", (unsigned)row, (unsigned)largest, (unsigned)program->output_columns,
           (double)result(program, (uint64_t)row * program->output_columns + largest));
  }
  if (program->output_rows > MOST_ROWS) printf("and %u more\n", (unsigned)(program->output_rows - MOST_ROWS));
}

// Every eighth of the run and its end.
static bool is_shown(uint64_t step, uint64_t steps) { return step + 1 == steps || step % (steps < 8 ? 1 : steps / 8) == 0; }

static int run_step(const struct spinvp_program* program, uint64_t step) {
  const bool shown = is_shown(step, program->steps);
  const uint64_t start_ns = simulated_time_ns();
  power_latch();
  const uint64_t start_nj = power_energy_nj(POWER_ALL_DOMAINS);
  set_precision(program, step);
  if (!feed(program, step)) return failed("the inputs of a step were not copied", 0, EXIT_FEED_FAILED);
  const uint32_t status = run_kernels(program);
  if (status != 0) return failed("an NPU job", status, EXIT_JOB_FAILED);
  power_latch();
  const double ms = (double)(simulated_time_ns() - start_ns) * 1e-6, mj = (double)(power_energy_nj(POWER_ALL_DOMAINS) - start_nj) * 1e-6;
  if (program->training && program->loss != 0) {
    const float loss = *(const float*)program->loss;
    report_loss((uint32_t)step, loss);
    if (!isfinite(loss)) return failed("the loss is not finite", 0, EXIT_LOSS_NOT_FINITE);
    if (shown) printf("step %4u  loss %.6f  %.4f ms  %.4f mJ\n", (unsigned)step, (double)loss, ms, mj);
  } else if (shown) {
    printf("step %4u  %.4f ms  %.4f mJ\n", (unsigned)step, ms, mj);
  }
  return 0;
}

int main(void) {
  const struct spinvp_program* program = boot_is_filled() ? (const struct spinvp_program*)spinvp_boot.program : NULL;
  if (program == NULL || program->magic != SPINVP_PROGRAM_MAGIC) return failed("no program: spinvp run --network NAME loads one", 0, EXIT_NO_PROGRAM);
  printf("%s: %s, batch %u, %u kernels a step, %u steps\n", (const char*)program->name, program->training ? "training" : "inference", (unsigned)program->batch,
         (unsigned)program->kernels, (unsigned)program->steps);
  dma_start();
  npu_start();
  region_open(program->training ? "train" : "infer");
  for (uint64_t step = 0; step < program->steps; ++step) {
    const int code = run_step(program, step);
    if (code != 0) return code;
  }
  region_close();
  if (program->phantom) printf("shapes only: no values were computed\n");
  if (program->output != 0) print_results(program);
  return 0;
}
