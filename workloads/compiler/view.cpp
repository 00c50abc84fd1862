#include "workloads/compiler/view.h"

#include <algorithm>

#include "workloads/graph/shape.h"

namespace spinvp::workloads::compiler {

std::vector<std::int64_t> dense_strides(const Shape& shape) {
  std::vector<std::int64_t> stride(shape.size(), 1);
  for (std::size_t d = shape.size(); d-- > 1;) stride[d - 1] = stride[d] * shape[d];
  return stride;
}

View dense_view(BufferId buffer, Shape shape) {
  std::vector<std::int64_t> stride = dense_strides(shape);
  return {buffer, 0, std::move(shape), std::move(stride)};
}

bool is_dense(const View& view) {
  const std::vector<std::int64_t> stride = dense_strides(view.shape);
  for (std::size_t d = 0; d < view.shape.size(); ++d)
    if (view.shape[d] != 1 && view.stride[d] != stride[d]) return false;
  return true;
}

View permuted(const View& view, const std::vector<std::int64_t>& order) {
  View result{view.buffer, view.offset, {}, {}};
  for (const std::int64_t d : order) {
    result.shape.push_back(view.shape[static_cast<std::size_t>(d)]);
    result.stride.push_back(view.stride[static_cast<std::size_t>(d)]);
  }
  return result;
}

View repeated(const View& view, const Shape& shape) {
  View result{view.buffer, view.offset, shape, std::vector<std::int64_t>(shape.size(), 0)};
  for (std::size_t d = 0; d < view.shape.size(); ++d) {
    const std::size_t to = shape.size() - 1 - d, from = view.shape.size() - 1 - d;
    if (view.shape[from] != 1) result.stride[to] = view.stride[from];
  }
  return result;
}

View cut(const View& view, std::size_t dimension, std::int64_t first, std::int64_t step, std::int64_t count) {
  View result = view;
  result.offset += first * view.stride[dimension];
  result.shape[dimension] = count;
  result.stride[dimension] = view.stride[dimension] * step;
  return result;
}

std::optional<View> reshaped(const View& view, const Shape& shape) {
  // Runs of dimensions that are one loop, each to be cut anew.
  const Loops runs = joined({view.shape, {view.stride}}, std::vector<bool>(view.shape.size(), false));
  View result{view.buffer, view.offset, shape, std::vector<std::int64_t>(shape.size(), 0)};
  std::size_t run = runs.extent.size();
  std::int64_t left = 1, stride = 0;  // of the run that is being cut, from its fast end
  for (std::size_t d = shape.size(); d-- > 0;) {
    if (shape[d] == 1) continue;
    if (left == 1) {
      if (run == 0) return std::nullopt;
      --run;
      left = runs.extent[run];
      stride = runs.stride[0][run];
    }
    if (left % shape[d] != 0) return std::nullopt;
    result.stride[d] = stride;
    stride *= shape[d];
    left /= shape[d];
  }
  return result;
}

namespace {

// Which loops stay: loop d joins the one before it where every stream steps over it without a gap.
template <typename Use>
void for_each_joined(const Loops& loops, const std::vector<bool>& kind, Use&& use) {
  std::size_t last = loops.extent.size();  // none yet
  std::vector<std::int64_t> extents = loops.extent;
  for (std::size_t d = loops.extent.size(); d-- > 0;) {
    if (loops.extent[d] == 1) continue;
    bool joins = last < loops.extent.size() && kind[d] == kind[last];
    for (const auto& stride : loops.stride) joins = joins && stride[d] == stride[last] * extents[last];
    joins = joins && extents[last] * loops.extent[d] < (std::int64_t{1} << 32);
    if (joins) {
      extents[last] *= loops.extent[d];
    } else {
      if (last < loops.extent.size()) use(last, extents[last]);
      last = d;
    }
  }
  if (last < loops.extent.size()) use(last, extents[last]);
}

}  // namespace

Loops joined(const Loops& loops, const std::vector<bool>& kind) {
  Loops result;
  result.stride.resize(loops.stride.size());
  for_each_joined(loops, kind, [&](std::size_t d, std::int64_t extent) {
    result.extent.push_back(extent);
    for (std::size_t s = 0; s < loops.stride.size(); ++s) result.stride[s].push_back(loops.stride[s][d]);
  });
  std::reverse(result.extent.begin(), result.extent.end());
  for (auto& stride : result.stride) std::reverse(stride.begin(), stride.end());
  return result;
}

std::vector<bool> joined_kinds(const Loops& loops, const std::vector<bool>& kind) {
  std::vector<bool> result;
  for_each_joined(loops, kind, [&](std::size_t d, std::int64_t) { result.push_back(kind[d]); });
  std::reverse(result.begin(), result.end());
  return result;
}

std::optional<std::vector<std::int64_t>> common_extents(const std::vector<std::int64_t>& a, const std::vector<std::int64_t>& b) {
  std::vector<std::int64_t> extents;
  std::size_t i = a.size(), j = b.size();
  std::int64_t left_a = 1, left_b = 1;
  while (true) {
    while (left_a == 1 && i > 0) left_a = a[--i];
    while (left_b == 1 && j > 0) left_b = b[--j];
    if (left_a == 1 && left_b == 1) break;
    const std::int64_t least = std::min(left_a, left_b);
    if (least == 1 || left_a % least != 0 || left_b % least != 0) return std::nullopt;
    extents.push_back(least);
    left_a /= least;
    left_b /= least;
  }
  std::reverse(extents.begin(), extents.end());
  return extents;
}

std::vector<std::int64_t> refined(const std::vector<std::int64_t>& extent, const std::vector<std::int64_t>& stride, const std::vector<std::int64_t>& finer) {
  std::vector<std::int64_t> result(finer.size(), 0);
  std::size_t i = extent.size();
  std::int64_t left = 1, step = 0;
  for (std::size_t d = finer.size(); d-- > 0;) {
    while (left == 1 && i > 0) {
      left = extent[--i];
      step = stride[i];
    }
    result[d] = step;
    step *= finer[d];
    left /= finer[d];
  }
  return result;
}

}  // namespace spinvp::workloads::compiler
