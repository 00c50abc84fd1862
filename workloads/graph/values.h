// The values of a small tensor, for shape arithmetic at import: shapes, axes, indices, scale factors.
//
// Whole numbers are computed in 64 bits and refused where they overflow. Reals are kept as doubles and rounded to float after every operation on float32. A tensor of more than
// most_folded elements is never computed at import: its node stays in the graph.
#pragma once

#include <cstdint>
#include <vector>

#include "workloads/graph/tensor.h"

namespace spinvp::workloads {

inline constexpr std::uint64_t most_folded = 65536;

struct Values {
  TensorType type;
  std::vector<std::int64_t> whole;  // of all types that are not floating
  std::vector<double> real;         // of the floating ones
  [[nodiscard]] std::size_t size() const { return is_floating(type.element) ? real.size() : whole.size(); }
  // The elements at these places, in this shape: what every operator that only moves data does.
  [[nodiscard]] Values picked(const std::vector<std::size_t>& places, Shape shape) const;
  // The same elements in another shape.
  [[nodiscard]] Values reshaped(Shape shape) const;
};

// Of whole numbers.
Values whole_values(ElementType element, Shape shape, std::vector<std::int64_t> values);

// Packed little-endian bytes and back. float16, bfloat16, float8 and the 4-bit types are not decoded: nothing.
std::optional<Values> values_of(const Tensor& tensor);
Bytes bytes_of(const Values& values);
// Whether values of that type can be computed with.
bool is_computable(ElementType element);

}  // namespace spinvp::workloads
