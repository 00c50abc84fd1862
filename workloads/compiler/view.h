// A tensor as the compiler sees it: elements of a buffer at a distance of `stride` along each dimension. Slices, transposes, broadcasts and reshapes are views as long as strides can say
// them; nothing moves until a kernel needs its operand in one piece.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "workloads/graph/tensor.h"

namespace spinvp::workloads::compiler {

enum class BufferId : std::uint32_t {};
constexpr std::size_t index(BufferId id) { return static_cast<std::size_t>(id); }

struct View {
  BufferId buffer = {};
  std::int64_t offset = 0;  // of the first element, in elements
  Shape shape = {};
  std::vector<std::int64_t> stride = {};  // elements
};

// Row-major, without gaps.
std::vector<std::int64_t> dense_strides(const Shape& shape);
View dense_view(BufferId buffer, Shape shape);
// Whether its elements lie one behind the other in the order of the shape; wherever it begins.
bool is_dense(const View& view);

// Dimension d of the result is dimension order[d].
View permuted(const View& view, const std::vector<std::int64_t>& order);
// Grown to `shape` by repeating; the shapes fit.
View repeated(const View& view, const Shape& shape);
// `count` elements along a dimension from `first` on, `step` apart.
View cut(const View& view, std::size_t dimension, std::int64_t first, std::int64_t step, std::int64_t count);
// The same elements in another shape; nothing where strides cannot say it.
std::optional<View> reshaped(const View& view, const Shape& shape);

// Dimensions that are no more than one run are joined: what remains are loops, the last one fastest. An extent of 1 vanishes.
struct Loops {
  std::vector<std::int64_t> extent;
  std::vector<std::vector<std::int64_t>> stride;  // of each stream
};
// Joins neighbouring loops where all streams allow it; `fixed[d]` keeps loops of different kinds apart (reduced or not).
Loops joined(const Loops& loops, const std::vector<bool>& kind);
std::vector<bool> joined_kinds(const Loops& loops, const std::vector<bool>& kind);

// Cuts loops so that both spaces, of as many points, have the same extents; nothing where no such cut exists. Points keep their row-major order.
std::optional<std::vector<std::int64_t>> common_extents(const std::vector<std::int64_t>& a, const std::vector<std::int64_t>& b);
// The stride of a stream along the finer loops.
std::vector<std::int64_t> refined(const std::vector<std::int64_t>& extent, const std::vector<std::int64_t>& stride, const std::vector<std::int64_t>& finer);

}  // namespace spinvp::workloads::compiler
