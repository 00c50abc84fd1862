// Regular dropout: in each step of a training every period-th tile of neighbouring features, chosen before the step, is dropped behind each Dropout node, so that the products around it can
// leave it out (models/npu/drop_pattern.h). Which ones moves on by one tile a step: after `period` steps each feature has been dropped once. All Dropout nodes drop the same places in a step.
//
//   forward    y = x * mask + 0, mask[i] = 0 where floor(i / tile) mod period = step mod period, elsewhere period / (period - 1), rounded to the type of x; i along the last dimension
//   backward   dx = dy * mask
// That is what the host's reference computes. Products whose dropped k, m or n the masks make zeros, or results that a mask multiplies by 0, are marked: the NPU leaves those out. The bits of
// the loss, of gradients of weights and of weights are the same as long as values are finite.
#pragma once

#include <cstdint>
#include <vector>

#include "workloads/graph/graph.h"

namespace spinvp::workloads {

struct RegularDropout {
  std::uint64_t period = 0;  // 2 to 255; 0: Dropout nodes pass on what they get
  std::uint64_t tile = 1;    // features side by side; a power of two
  [[nodiscard]] bool any() const { return period != 0; }
  [[nodiscard]] bool drops(std::uint64_t feature, std::uint64_t step) const { return feature / tile % period == step % period; }
};

// Of step 0, 1, ..., in single precision.
std::vector<float> mask_at(const RegularDropout& dropout, std::uint64_t features, std::uint64_t step);

// Axes of a product that a node's dropout leaves out, as bits of enum spinvp_npu_drop; 0: none.
struct DroppedAxes {
  std::int64_t axes = 0, tile = 1, period = 0;
};
DroppedAxes dropped_axes_of(const Node& node);

// Marks the products of a training graph whose masks are `masks`.
void mark_dropped(Graph& graph, const RegularDropout& dropout, const std::vector<TensorId>& masks);

}  // namespace spinvp::workloads
