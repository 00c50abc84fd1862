#include "firmware/apps/training.h"

#include "firmware/hal/csr.h"

int training_failed(const char* what, enum training_exit code) {
  printf("failed: %s\n", what);
  return code;
}

static bool is_finite(float value) { return value - value == 0.0f; }

// Every eighth of the run and its end: enough to see the curve fall.
static bool is_shown(uint32_t step, uint32_t steps) { return step + 1 == steps || step % (steps < 8 ? 1 : steps / 8) == 0; }

int training_run(uint32_t steps, const float* (*train_step)(const void* job, uint32_t step), const void* job) {
  const uint64_t start_ns = simulated_time_ns();
  const uint64_t start_instructions = instruction_count();
  region_open("train");
  for (uint32_t step = 0; step < steps; ++step) {
    const float* loss = train_step(job, step);
    if (loss == NULL) return TRAINING_EXIT_JOB_FAILED;
    report_loss(step, *loss);
    if (!is_finite(*loss)) return training_failed("the loss is not finite", TRAINING_EXIT_LOSS_NOT_FINITE);
    if (is_shown(step, steps)) printf("step %4u  loss %.6f\n", (unsigned)step, (double)*loss);
  }
  region_close();
  printf("trained: %.3f ms simulated, %.0f instructions of the hart a step\n", (double)(simulated_time_ns() - start_ns) * 1e-6,
         (double)(instruction_count() - start_instructions) / steps);
  return 0;
}

void training_report_accuracy(size_t correct, size_t tested) {
  const float accuracy = (float)correct / (float)tested;
  report_accuracy(accuracy);
  printf("test accuracy %.2f %% (%zu of %zu)\n", (double)accuracy * 100.0, correct, tested);
}
