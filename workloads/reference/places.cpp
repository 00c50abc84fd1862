#include "workloads/reference/kernels.h"

namespace spinvp::workloads::reference {

std::vector<std::size_t> strides_of(const Shape& shape) {
  std::vector<std::size_t> strides(shape.size(), 1);
  for (std::size_t d = shape.size(); d-- > 1;) strides[d - 1] = strides[d] * static_cast<std::size_t>(shape[d]);
  return strides;
}

std::vector<std::size_t> block_places(const Shape& shape, std::int64_t first, const std::vector<std::int64_t>& steps) {
  std::vector<std::size_t> places(elements(shape));
  std::vector<std::int64_t> at(shape.size(), 0);
  std::int64_t place = first;
  for (std::size_t& p : places) {
    p = static_cast<std::size_t>(place);
    for (std::size_t d = shape.size(); d-- > 0;) {
      place += steps[d];
      if (++at[d] < shape[d]) break;
      place -= steps[d] * shape[d];
      at[d] = 0;
    }
  }
  return places;
}

std::vector<std::size_t> broadcast_places(const Shape& from, const Shape& to) {
  const auto strides = strides_of(from);
  std::vector<std::int64_t> steps(to.size(), 0);
  for (std::size_t d = 0; d < from.size(); ++d)
    if (from[from.size() - 1 - d] != 1) steps[to.size() - 1 - d] = static_cast<std::int64_t>(strides[from.size() - 1 - d]);
  return block_places(to, 0, steps);
}

}  // namespace spinvp::workloads::reference
