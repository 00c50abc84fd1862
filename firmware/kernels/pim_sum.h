// Sums of products on the PIM arrays: the one operation behind every layer that has weights.
//
//   result[lane] = sum over k of a(lane, k) * b(lane, k)  (+ bias[lane])
//
// Lanes are a box of up to four dimensions, k a box of up to three; an operand is addressed by its strides along them, so a convolution
// reads its image where it lies and nothing is unfolded in memory. All tensors are words of 4 bytes, normally in on-chip memory.
//
// Order of the sum (workloads/training/arithmetic_policy.h has the same rule for the host): the outputs are padded to whole subarrays;
// as many groups of them as fit in the arrays, but at most one a term, share k in contiguous parts of equal length (the last ones
// may be shorter). A group starts at +0 and takes its terms in ascending k, each product and each sum rounded; then groups 0, 1, 2, ...
// are added up, and the bias last. More outputs than lanes are made in passes.
//
// How groups become commands: the controller runs one command at a time, over as many lanes as it names. Groups whose parts of k are
// the same box at another place therefore share one DOT, the group being one more dimension of its lanes. That needs a dimension left
// over; else each group has its own. The partial sums go through the workspace and are added up by a DOT with ones (x * 1 is x).
//
// Which multiplier: where the lanes can be laid out so that one operand is the same in every lane of a subarray (a weight of a convolution, all pixels of its
// channel), the arrays may share one multiplier a subarray and skip the zero bits of that factor. The layout is taken where it ends sooner; the sums are the same.
#ifndef SPINVP_FIRMWARE_PIM_SUM_H
#define SPINVP_FIRMWARE_PIM_SUM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Where an operand lies: `address` is that of lane (0,0,0,0) and term (0,0,0). Strides in bytes; 0 gives many lanes the same word.
struct pim_operand {
  uint64_t address;
  int32_t lane_stride[4];
  int32_t term_stride[3];
};

struct pim_sum {
  uint32_t lanes[4];  // extents, slowest first; none is 0
  uint32_t terms[3];  // extents of k, slowest first; none is 0
  struct pim_operand a, b;
  uint64_t bias;  // address; 0: none
  int32_t bias_stride[4];
  uint64_t result;
  int32_t result_stride[4];
  bool shared_b;  // set by pim_sum itself
};

// Floats of workspace that any sum can need on these arrays.
size_t pim_workspace_floats(void);
// Memory for partial sums, in use until the queue is empty. To be called after pim_start() and before the first sum.
void pim_set_workspace(float* floats);

// Adds the commands to the PIM's queue (firmware/drivers/pim.h); ring and wait are the caller's.
void pim_sum(const struct pim_sum* sum);

// parameter[i] -= rate * gradient[i], product and difference rounded, for `count` words.
void pim_gradient_descent(size_t count, float rate, const float* gradient, float* parameter);

#endif
