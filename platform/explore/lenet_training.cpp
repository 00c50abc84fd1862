#include "platform/explore/lenet_training.h"

#include <algorithm>
#include <numeric>

#include "models/abi/lenet_init.h"
#include "models/core/units.h"

namespace spinvp::platform {

namespace {

using core::divide_up;

struct Convolution {
  const char* name;
  std::uint64_t in_channels, out_channels, out_side;
};
struct Dense {
  const char* name;
  std::uint64_t inputs, outputs;
};

constexpr std::uint64_t kernel = SPINVP_LENET_KERNEL;
constexpr Convolution conv1{"conv1", 1, SPINVP_LENET_CONV1_CHANNELS, SPINVP_LENET_CONV1_SIDE};
constexpr Convolution conv2{"conv2", SPINVP_LENET_CONV1_CHANNELS, SPINVP_LENET_CONV2_CHANNELS, SPINVP_LENET_CONV2_SIDE};
constexpr Dense fc1{"fc1", SPINVP_LENET_FC1_INPUTS, SPINVP_LENET_FC1_OUTPUTS};
constexpr Dense fc2{"fc2", SPINVP_LENET_FC1_OUTPUTS, SPINVP_LENET_CLASSES};

std::uint64_t macs(const Convolution& c, std::uint64_t batch) { return batch * c.out_channels * c.out_side * c.out_side * c.in_channels * kernel * kernel; }
std::uint64_t macs(const Dense& d, std::uint64_t batch) { return batch * d.inputs * d.outputs; }

LaneSum forward(const Convolution& c, std::uint64_t batch) {
  return {c.name, {batch, c.out_channels, c.out_side, c.out_side}, {c.in_channels, kernel, kernel}, true, macs(c, batch)};
}
LaneSum forward(const Dense& d, std::uint64_t batch) { return {d.name, {1, 1, batch, d.outputs}, {1, 1, d.inputs}, true, macs(d, batch)}; }
LaneSum weight_gradient(const Convolution& c, std::uint64_t batch) {
  return {std::string(c.name) + " weights", {c.out_channels, c.in_channels, kernel, kernel}, {batch, c.out_side, c.out_side}, false, macs(c, batch)};
}
LaneSum weight_gradient(const Dense& d, std::uint64_t batch) {
  return {std::string(d.name) + " weights", {1, 1, d.outputs, d.inputs}, {1, 1, batch}, false, macs(d, batch)};
}
// Every input takes a whole window: the output's gradient lies in a frame of zeros.
LaneSum data_gradient(const Convolution& c, std::uint64_t batch) {
  const std::uint64_t in_side = c.out_side + kernel - 1;
  return {std::string(c.name) + " data", {batch, c.in_channels, in_side, in_side}, {c.out_channels, kernel, kernel}, false, macs(c, batch)};
}
LaneSum data_gradient(const Dense& d, std::uint64_t batch) {
  return {std::string(d.name) + " data", {1, 1, batch, d.inputs}, {1, 1, d.outputs}, false, macs(d, batch)};
}

// Both operands of `terms` terms, and their multiply-accumulates.
void products(ArrayWork& work, std::uint64_t terms, std::uint64_t lanes, const ArrayGeometry& geometry) {
  work.word_write.add(2 * terms, lanes, geometry);
  work.multiply_accumulate.add(terms, lanes, geometry);
}

void finish(ArrayWork& work, const LaneSum& sum, std::uint64_t lanes, const ArrayGeometry& geometry) {
  if (sum.bias) {
    work.word_write.add(1, lanes, geometry);
    work.add.add(1, lanes, geometry);
  }
  work.word_read.add(1, lanes, geometry);
}

// As run_passes() of the firmware: the box is cut along its slowest dimension that needs it.
void run_passes(ArrayWork& work, const LaneSum& sum, std::size_t dimension, const ArrayGeometry& geometry) {
  const std::uint64_t inner =
      std::accumulate(sum.lanes.begin() + static_cast<std::ptrdiff_t>(dimension) + 1, sum.lanes.end(), std::uint64_t{1}, std::multiplies<>());
  const std::uint64_t end = sum.lanes[dimension], step = inner <= geometry.lanes ? geometry.lanes / inner : 1;
  for (std::uint64_t first = 0; first < end; first += step) {
    LaneSum pass = sum;
    pass.lanes[dimension] = std::min(step, end - first);
    if (inner > geometry.lanes) {
      run_passes(work, pass, dimension + 1, geometry);
      continue;
    }
    work.word_write.add(1, pass.outputs(), geometry);
    products(work, sum.depth(), pass.outputs(), geometry);
    finish(work, sum, pass.outputs(), geometry);
  }
}

// As run_groups(): groups whose terms are the same box at another place share one command.
void run_groups(ArrayWork& work, const LaneSum& sum, std::uint64_t groups, std::uint64_t depth, const ArrayGeometry& geometry, PartialSums partial) {
  const std::uint64_t outputs = sum.outputs(), whole = sum.depth() / depth;
  std::size_t along = 0;
  while (along < 2 && sum.terms[along] == 1) ++along;
  const std::uint64_t unit =
      std::accumulate(sum.terms.begin() + static_cast<std::ptrdiff_t>(along) + 1, sum.terms.end(), std::uint64_t{1}, std::multiplies<>());
  const bool place_left = std::find(sum.lanes.begin(), sum.lanes.end(), 1u) != sum.lanes.end();
  std::uint64_t period = unit / std::gcd(unit, depth);
  if (period >= whole || !place_left) period = whole;

  work.word_write.add(1, groups * outputs, geometry);
  const auto family = [&](std::uint64_t members, std::uint64_t terms) {
    products(work, terms, members * outputs, geometry);
    if (partial == PartialSums::accumulated) work.word_read.add(1, members * outputs, geometry);
  };
  for (std::uint64_t first = 0; first < period; ++first) family(divide_up(whole - first, period), depth);
  if (whole < groups) family(1, sum.depth() - whole * depth);

  work.word_write.add(1, outputs, geometry);
  if (partial == PartialSums::accumulated) {
    products(work, groups, outputs, geometry);
  } else {
    work.word_read.add(groups, outputs, geometry);
    work.word_write.add(groups, outputs, geometry);
    work.add.add(groups, outputs, geometry);
  }
  finish(work, sum, outputs, geometry);
}

}  // namespace

std::vector<LaneSum> lenet_forward(std::uint64_t batch) { return {forward(conv1, batch), forward(conv2, batch), forward(fc1, batch), forward(fc2, batch)}; }

std::vector<LaneSum> lenet_backward(std::uint64_t batch) {
  return {weight_gradient(fc2, batch),   data_gradient(fc2, batch),   weight_gradient(fc1, batch),  data_gradient(fc1, batch),
          weight_gradient(conv2, batch), data_gradient(conv2, batch), weight_gradient(conv1, batch)};
}

void Occurrences::add(std::uint64_t times, std::uint64_t in_lanes, const ArrayGeometry& geometry) {
  sequence += times;
  lanes += times * in_lanes;
  subarrays += times * divide_up(in_lanes, geometry.subarray_lanes);
}

void run_sum(ArrayWork& work, const LaneSum& sum, const ArrayGeometry& geometry, PartialSums partial) {
  const std::uint64_t padded = divide_up(sum.outputs(), geometry.subarray_lanes) * geometry.subarray_lanes;
  const std::uint64_t fitting = std::max<std::uint64_t>(1, std::min(geometry.lanes / padded, sum.depth()));
  const std::uint64_t depth = divide_up(sum.depth(), fitting), groups = divide_up(sum.depth(), depth);
  if (groups == 1)
    run_passes(work, sum, 0, geometry);
  else
    run_groups(work, sum, groups, depth, geometry, partial);
}

void run_update(ArrayWork& work, std::uint64_t parameters, const ArrayGeometry& geometry) {
  for (std::uint64_t first = 0; first < parameters; first += geometry.lanes) {
    const std::uint64_t lanes = std::min(geometry.lanes, parameters - first);
    work.word_write.add(3, lanes, geometry);  // parameter, gradient, rate
    work.multiply.add(1, lanes, geometry);
    work.subtract.add(1, lanes, geometry);
    work.word_read.add(1, lanes, geometry);
  }
}

ArrayWork lenet_training_step(std::uint64_t batch, const ArrayGeometry& geometry, PartialSums partial) {
  ArrayWork work;
  for (const auto& sums : {lenet_forward(batch), lenet_backward(batch)})
    for (const LaneSum& sum : sums) run_sum(work, sum, geometry, partial);
  // A layer's weights and biases lie together.
  for (const Convolution& c : {conv1, conv2}) run_update(work, c.out_channels * (c.in_channels * kernel * kernel + 1), geometry);
  for (const Dense& d : {fc1, fc2}) run_update(work, d.outputs * (d.inputs + 1), geometry);
  return work;
}

}  // namespace spinvp::platform
