#include "firmware/kernels/pim_sum.h"

#include <stdbool.h>
#include <string.h>

#include "firmware/kernels/pim_commands.h"

// The words of a lane that a sum uses.
enum { WORD_SUM = 0, WORD_A = 1, WORD_B = 2 };

static float* workspace;  // one for the DOT with ones, then the partial sums of group 0, 1, ...

size_t pim_workspace_floats(void) { return 1 + pim_total_lanes(); }

void pim_set_workspace(float* floats) {
  workspace = floats;
  workspace[0] = 1.0f;
}

static uint32_t smaller(uint32_t a, uint32_t b) { return a < b ? a : b; }

static uint32_t greatest_common_divisor(uint32_t a, uint32_t b) {
  while (b != 0) {
    const uint32_t rest = a % b;
    a = b;
    b = rest;
  }
  return a;
}

static uint64_t moved(uint64_t address, uint32_t steps, int32_t stride) { return address + (uint64_t)((int64_t)steps * stride); }

// ---- One group: the whole sum in each lane, in passes if there are more outputs than lanes.

static struct pim_dot dot_of(const struct pim_sum* sum) {
  struct pim_dot dot = {.shared_b = sum->shared_b, .destination = WORD_SUM, .word_a = WORD_A, .word_b = WORD_B, .a = sum->a.address, .b = sum->b.address};
  memcpy(dot.lanes, sum->lanes, sizeof dot.lanes);
  memcpy(dot.terms, sum->terms, sizeof dot.terms);
  memcpy(dot.lane_stride_a, sum->a.lane_stride, sizeof dot.lane_stride_a);
  memcpy(dot.lane_stride_b, sum->b.lane_stride, sizeof dot.lane_stride_b);
  memcpy(dot.term_stride_a, sum->a.term_stride, sizeof dot.term_stride_a);
  memcpy(dot.term_stride_b, sum->b.term_stride, sizeof dot.term_stride_b);
  return dot;
}

// The sums stand in the lanes from 0 on, in the order of the box: bias and store.
static void finish(const struct pim_sum* sum) {
  if (sum->bias != 0) {
    pim_load(0, WORD_A, sum->lanes, sum->bias, sum->bias_stride);
    pim_combine(SPINVP_PIM_ADD, pim_volume(sum->lanes, 4), WORD_SUM, WORD_SUM, WORD_A);
  }
  pim_store(0, WORD_SUM, sum->lanes, sum->result, sum->result_stride);
}

// Cuts the box along `dimension` (those before it are single already) into passes that fit the arrays.
static void run_passes(const struct pim_sum* sum, unsigned dimension) {
  const uint32_t lanes = pim_total_lanes();
  const uint32_t inner = pim_volume(sum->lanes + dimension + 1, 3 - dimension);
  const uint32_t end = sum->lanes[dimension];
  const uint32_t step = inner <= lanes ? lanes / inner : 1;
  for (uint32_t first = 0; first < end; first += step) {
    struct pim_sum pass = *sum;
    pass.lanes[dimension] = smaller(step, end - first);
    pass.a.address = moved(sum->a.address, first, sum->a.lane_stride[dimension]);
    pass.b.address = moved(sum->b.address, first, sum->b.lane_stride[dimension]);
    if (sum->bias != 0) pass.bias = moved(sum->bias, first, sum->bias_stride[dimension]);
    pass.result = moved(sum->result, first, sum->result_stride[dimension]);
    if (inner > lanes) {
      run_passes(&pass, dimension + 1);
      continue;
    }
    pim_broadcast(pim_volume(pass.lanes, 4), WORD_SUM, 0.0f);
    const struct pim_dot dot = dot_of(&pass);
    pim_dot(&dot);
    finish(&pass);
  }
}

// ---- Several groups.

struct split {
  uint32_t outputs, groups, depth;  // groups with at least one term; terms of each but the last
};

static struct split split_of(const struct pim_sum* sum) {
  const uint32_t subarray = pim_geometry().subarray_lanes;
  const uint32_t terms = pim_volume(sum->terms, 3);
  struct split split = {.outputs = pim_volume(sum->lanes, 4)};
  const uint32_t padded = (split.outputs + subarray - 1) / subarray * subarray;
  uint32_t groups = smaller(pim_total_lanes() / padded, terms);
  if (groups == 0) groups = 1;
  split.depth = (terms + groups - 1) / groups;
  split.groups = (terms + split.depth - 1) / split.depth;
  return split;
}

// Groups first, first + period, first + 2 period, ...: their parts of k are one box, moved `shift` further along k's dimension `along` each time.
struct family {
  uint32_t first, members, period;
  unsigned along;
  uint32_t shift;
};

// The DOT of a family over `box` of the terms, which begins at term `start` of the first member.
static void family_dot(const struct pim_sum* sum, const struct family* family, uint32_t first_lane, uint32_t start, const uint32_t box[3]) {
  struct pim_dot dot = dot_of(sum);
  dot.first_lane = first_lane;
  memcpy(dot.terms, box, sizeof dot.terms);
  const uint32_t digit[3] = {start / (sum->terms[1] * sum->terms[2]), start / sum->terms[2] % sum->terms[1], start % sum->terms[2]};
  for (unsigned i = 0; i < 3; ++i) {
    dot.a = moved(dot.a, digit[i], sum->a.term_stride[i]);
    dot.b = moved(dot.b, digit[i], sum->b.term_stride[i]);
  }
  if (family->members > 1) {
    // The members become the slowest dimension of the lanes, in the place of one that is single.
    unsigned single = 0;
    while (dot.lanes[single] != 1) ++single;
    for (; single > 0; --single) {
      dot.lanes[single] = dot.lanes[single - 1];
      dot.lane_stride_a[single] = dot.lane_stride_a[single - 1];
      dot.lane_stride_b[single] = dot.lane_stride_b[single - 1];
    }
    dot.lanes[0] = family->members;
    dot.lane_stride_a[0] = (int32_t)family->shift * sum->a.term_stride[family->along];
    dot.lane_stride_b[0] = (int32_t)family->shift * sum->b.term_stride[family->along];
  }
  pim_dot(&dot);
}

// The terms start .. end - 1 of the family's first member as boxes, in ascending order: each DOT goes on where the one before left the sum.
static void family_dots(const struct pim_sum* sum, const struct family* family, uint32_t first_lane, uint32_t start, uint32_t end) {
  const uint32_t row = sum->terms[2];
  const uint32_t plane = sum->terms[1] * row;
  while (start < end) {
    const uint32_t left = end - start;
    uint32_t box[3] = {1, 1, 1};
    if (start % plane == 0 && left >= plane) {
      box[0] = left / plane;
      box[1] = sum->terms[1];
      box[2] = row;
    } else if (start % row == 0 && left >= row) {
      box[1] = smaller(left / row, (plane - start % plane) / row);
      box[2] = row;
    } else {
      box[2] = smaller(left, row - start % row);
    }
    family_dot(sum, family, first_lane, start, box);
    start += pim_volume(box, 3);
  }
}

static bool has_single_dimension(const uint32_t lanes[4]) { return lanes[0] == 1 || lanes[1] == 1 || lanes[2] == 1 || lanes[3] == 1; }

// Families of the groups 0 .. whole - 1, which have all their terms. The part of k repeats when `period` parts are a whole number of steps along k's
// outermost dimension.
static struct family families_of(const struct pim_sum* sum, const struct split* split, uint32_t whole) {
  unsigned along = 0;
  while (along < 2 && sum->terms[along] == 1) ++along;
  const uint32_t unit = pim_volume(sum->terms + along + 1, 2 - along);
  const uint32_t period = unit / greatest_common_divisor(unit, split->depth);
  if (period >= whole || !has_single_dimension(sum->lanes)) return (struct family){.period = whole};
  return (struct family){.period = period, .along = along, .shift = period * split->depth / unit};
}

// Lanes of a family, in whole subarrays.
static uint32_t family_lanes(const struct split* split, const struct family* family) {
  const uint32_t subarray = pim_geometry().subarray_lanes;
  return (family->members * split->outputs + subarray - 1) / subarray * subarray;
}

// Runs the family's sums in the lanes from `first_lane` on and stores them as the partial sums of its groups.
static void run_family(const struct pim_sum* sum, const struct split* split, const struct family* family, uint32_t first_lane) {
  const uint32_t terms = pim_volume(sum->terms, 3);
  const uint32_t start = family->first * split->depth;
  family_dots(sum, family, first_lane, start, smaller(terms, start + split->depth));
  const uint32_t extent[4] = {1, 1, family->members, split->outputs};
  const int32_t stride[4] = {0, 0, (int32_t)(family->period * split->outputs * sizeof(float)), sizeof(float)};
  pim_store(first_lane, WORD_SUM, extent, (uintptr_t)(workspace + 1 + (size_t)family->first * split->outputs), stride);
}

static void run_groups(const struct pim_sum* sum, const struct split* split) {
  const uint32_t whole = pim_volume(sum->terms, 3) / split->depth;
  const struct family shorter = {.first = whole, .members = whole < split->groups ? 1 : 0, .period = 1};
  struct family family = families_of(sum, split, whole);
  uint32_t lanes = family_lanes(split, &shorter);
  for (family.first = 0; family.first < family.period; ++family.first) {
    family.members = (whole - family.first + family.period - 1) / family.period;
    lanes += family_lanes(split, &family);
  }
  pim_broadcast(lanes, WORD_SUM, 0.0f);

  lanes = 0;
  for (family.first = 0; family.first < family.period; ++family.first) {
    family.members = (whole - family.first + family.period - 1) / family.period;
    run_family(sum, split, &family, lanes);
    lanes += family_lanes(split, &family);
  }
  if (shorter.members != 0) run_family(sum, split, &shorter, lanes);

  pim_broadcast(split->outputs, WORD_SUM, 0.0f);
  const int32_t group_stride = (int32_t)(split->outputs * sizeof(float));
  const struct pim_dot add_up = {.destination = WORD_SUM,
                                 .word_a = WORD_A,
                                 .word_b = WORD_B,
                                 .lanes = {1, 1, 1, split->outputs},
                                 .terms = {1, 1, split->groups},
                                 .a = (uintptr_t)(workspace + 1),
                                 .b = (uintptr_t)workspace,
                                 .lane_stride_a = {0, 0, 0, sizeof(float)},
                                 .term_stride_a = {0, 0, group_stride}};
  pim_dot(&add_up);
  finish(sum);
}

// ---- The shared multiplier.

// Passes of run_passes() over the box from `dimension` on.
static uint32_t passes_of(const uint32_t lanes[4], unsigned dimension) {
  const uint32_t inner = pim_volume(lanes + dimension + 1, 3 - dimension);
  if (inner > pim_total_lanes()) return lanes[dimension] * passes_of(lanes, dimension + 1);
  const uint32_t step = pim_total_lanes() / inner;
  return (lanes[dimension] + step - 1) / step;
}

static void swap_dimensions(struct pim_sum* sum, unsigned i, unsigned j) {
  const uint32_t extent = sum->lanes[i];
  sum->lanes[i] = sum->lanes[j];
  sum->lanes[j] = extent;
  int32_t* const strides[] = {sum->a.lane_stride, sum->b.lane_stride, sum->bias_stride, sum->result_stride};
  for (unsigned k = 0; k < sizeof strides / sizeof strides[0]; ++k) {
    const int32_t stride = strides[k][i];
    strides[k][i] = strides[k][j];
    strides[k][j] = stride;
  }
}

// The sum with b shared by the lanes of each subarray, if its lanes can be laid out so: the dimensions along which b differs come first, and those behind them are
// whole subarrays.
static bool share(struct pim_sum* sum) {
  unsigned front = 0;
  for (unsigned i = 0; i < 4; ++i) {
    if (sum->b.lane_stride[i] == 0 || sum->lanes[i] == 1) continue;
    for (unsigned j = i; j > front; --j) swap_dimensions(sum, j, j - 1);
    ++front;
  }
  sum->shared_b = true;
  return pim_volume(sum->lanes + front, 4 - front) % pim_geometry().subarray_lanes == 0;
}

static void run(const struct pim_sum* sum) {
  const struct split split = split_of(sum);
  if (split.groups == 1)
    run_passes(sum, 0);
  else
    run_groups(sum, &split);
}

void pim_sum(const struct pim_sum* sum) {
  // Either factor may be the shared one: a product does not ask for their order.
  struct pim_sum best = *sum;
  uint64_t least = (uint64_t)passes_of(sum->lanes, 0) * pim_geometry().mac_ps;
  for (unsigned other = 0; other < 2; ++other) {
    struct pim_sum shared = *sum;
    if (other == 1) {
      shared.a = sum->b;
      shared.b = sum->a;
    }
    if (!share(&shared)) continue;
    const uint64_t time = (uint64_t)passes_of(shared.lanes, 0) * pim_geometry().shared_mac_ps;
    if (time >= least) continue;
    least = time;
    best = shared;
  }
  run(&best);
}

// ---- Update of parameters.

void pim_gradient_descent(size_t count, float rate, const float* gradient, float* parameter) {
  for (size_t first = 0; first < count; first += pim_total_lanes()) {
    const size_t left = count - first;
    const uint32_t lanes = left < pim_total_lanes() ? (uint32_t)left : pim_total_lanes();
    pim_load_vector(lanes, WORD_SUM, parameter + first);
    pim_load_vector(lanes, WORD_A, gradient + first);
    pim_broadcast(lanes, WORD_B, rate);
    pim_combine(SPINVP_PIM_MULTIPLY, lanes, WORD_A, WORD_A, WORD_B);
    pim_combine(SPINVP_PIM_SUBTRACT, lanes, WORD_SUM, WORD_SUM, WORD_A);
    pim_store_vector(lanes, WORD_SUM, parameter + first);
  }
}
