// Pools, ReLUs, sums and conversions of format on the PIM arrays: operands are loaded into words of the lanes, worked on there, and stored. Each call adds commands to the PIM's queue and
// returns. fp32; values as firmware/kernels/hart_kernels.h, but that a gradient of -0 may become +0.
#ifndef SPINVP_FIRMWARE_PIM_ELEMENTWISE_H
#define SPINVP_FIRMWARE_PIM_ELEMENTWISE_H

#include <stddef.h>
#include <stdint.h>

#include "firmware/kernels/pim_kernels.h"
#include "models/abi/pim.h"

// x = x > 0 ? x : 0, in place.
void pim_relu_forward(size_t count, float* x);
// dy = y > 0 ? dy : 0, in place; y is what a ReLU left (no value below 0), dy finite.
void pim_relu_backward(size_t count, const float* y, float* dy);

// sum = sum + addend.
void pim_add(size_t count, const float* addend, float* sum);

// Numbers of one format as numbers of another, rounded to nearest even; each lies right-aligned in a word of 32 bits.
void pim_convert(size_t count, enum spinvp_pim_format from, const uint32_t* numbers, enum spinvp_pim_format to, uint32_t* converted);

// 2 x 2 windows, stride 2, of planes of side 2 * out_side.
void pim_max_pool_forward(uint32_t planes, uint32_t out_side, const float* x, float* y);
// dx gets dy where x equals y, at the first such place of a window, 0 elsewhere. y may have passed a ReLU since, and dy its gradient; dy finite. dx may be framed.
void pim_max_pool_backward(uint32_t planes, uint32_t out_side, const float* x, const float* y, const float* dy, struct framed_planes dx);

#endif
