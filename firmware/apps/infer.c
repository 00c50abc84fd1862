// Trains LeNet on the NPU, then classifies test images one at a time with the weights just trained, as a device in the field would: latency and energy of an image.
#include <stdio.h>

#include "firmware/apps/lenet_npu.h"
#include "firmware/apps/training.h"
#include "firmware/drivers/markers.h"
#include "firmware/drivers/power.h"
#include "firmware/hal/about.h"
#include "firmware/kernels/hart_kernels.h"

SPINVP_ABOUT("trains LeNet on the NPU, then classifies images one at a time: latency and energy of an image");

enum { IMAGES = 64 };

struct figures {
  uint64_t images, correct, total_ns, least_ns, most_ns, total_nj;
};

static bool classify(const struct lenet_job* job, size_t image, struct figures* f) {
  power_latch();
  const uint64_t start_ns = power_latch_time_ns(), start_nj = power_energy_nj(POWER_ALL_DOMAINS);
  region_open("infer");
  const float* logits = lenet_npu.infer(job, image);
  if (logits == NULL) return false;
  const uint32_t class = hart_largest(SPINVP_LENET_CLASSES, logits);
  region_close();
  power_latch();
  const uint64_t ns = power_latch_time_ns() - start_ns;
  f->images += 1;
  f->correct += class == job->test.labels[image];
  f->total_ns += ns;
  f->total_nj += power_energy_nj(POWER_ALL_DOMAINS) - start_nj;
  if (f->images == 1 || ns < f->least_ns) f->least_ns = ns;
  if (ns > f->most_ns) f->most_ns = ns;
  return true;
}

static int classify_images(const struct lenet_job* job) {
  struct lenet_job one = *job;
  one.batch = 1;
  struct figures f = {0};
  for (size_t image = 0; image < IMAGES && image < job->test.count; ++image)
    if (!classify(&one, image, &f)) return TRAINING_EXIT_JOB_FAILED;
  printf("classified %u images one at a time, %u right\n", (unsigned)f.images, (unsigned)f.correct);
  printf("latency %.3f us an image (%.3f to %.3f), energy %.3f uJ an image\n", (double)f.total_ns * 1e-3 / (double)f.images, (double)f.least_ns * 1e-3,
         (double)f.most_ns * 1e-3, (double)f.total_nj * 1e-3 / (double)f.images);
  report_accuracy((float)f.correct / (float)f.images);
  return 0;
}

int main(void) { return lenet_run(&lenet_npu, classify_images); }
