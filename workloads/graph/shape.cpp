#include "workloads/graph/shape.h"

#include <algorithm>

namespace spinvp::workloads {

std::optional<std::uint64_t> checked_product(std::uint64_t a, std::uint64_t b, std::uint64_t most) {
  if (a != 0 && b > most / a) return std::nullopt;
  return a * b;
}

std::optional<std::uint64_t> checked_elements(const Shape& shape) {
  std::optional<std::uint64_t> product = 1;
  bool empty = false;
  for (const std::int64_t extent : shape) {
    if (extent < 0) return std::nullopt;
    // An empty tensor still may not carry extents that overflow elsewhere.
    empty = empty || extent == 0;
    if (extent != 0) product = checked_product(*product, static_cast<std::uint64_t>(extent), most_elements);
    if (!product) return std::nullopt;
  }
  return empty ? 0 : product;
}

std::uint64_t elements(const Shape& shape) {
  std::uint64_t product = 1;
  for (const std::int64_t extent : shape) product *= static_cast<std::uint64_t>(extent);
  return product;
}

std::string text_of(const Shape& shape) {
  std::string text;
  for (const std::int64_t extent : shape) text += (text.empty() ? "" : "x") + std::to_string(extent);
  return shape.empty() ? "scalar" : text;
}

std::optional<Shape> broadcast(const Shape& a, const Shape& b) {
  Shape grown(std::max(a.size(), b.size()), 1);
  for (std::size_t i = 0; i < grown.size(); ++i) {
    const std::int64_t x = i < a.size() ? a[a.size() - 1 - i] : 1, y = i < b.size() ? b[b.size() - 1 - i] : 1;
    if (x != y && x != 1 && y != 1) return std::nullopt;
    grown[grown.size() - 1 - i] = x == 1 ? y : x;
  }
  return grown;
}

}  // namespace spinvp::workloads
