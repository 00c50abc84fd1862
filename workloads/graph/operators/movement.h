// What a Slice takes, for those who do it or undo it.
#pragma once

#include <vector>

#include "workloads/graph/node_view.h"

namespace spinvp::workloads {

// Along `axis` the elements start, start + step, ...: `count` of them. Bounds are resolved: start lies in the tensor where count > 0.
struct SliceAxis {
  std::size_t axis;
  std::int64_t start, step, count;
};

// Refuses the node where its bounds are not allowed. Axes that it does not name are whole.
std::vector<SliceAxis> slice_axes(const NodeView& view);

}  // namespace spinvp::workloads
