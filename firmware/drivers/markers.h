// Markers: named regions to which the platform books time and energy, and what a training run reports.
#ifndef SPINVP_FIRMWARE_MARKERS_H
#define SPINVP_FIRMWARE_MARKERS_H

#include <stdint.h>

// Opens the region `name` (at most 63 characters) inside the innermost open one; the string is read at once. Jobs submitted to the NPU,
// the PIM or the DMA belong to the region open at their doorbell.
void region_open(const char* name);
void region_close(void);
unsigned region_depth(void);

// Training progress, for the log and report.json.
void report_loss(uint32_t step, float loss);
void report_accuracy(float fraction);

// Simulated time.
uint64_t simulated_time_ns(void);

#endif
