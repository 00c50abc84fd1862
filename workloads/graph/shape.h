// Arithmetic on shapes that stays in 64 bits whatever a file says.
#pragma once

#include <optional>
#include <string>

#include "workloads/graph/tensor.h"

namespace spinvp::workloads {

// A tensor has at most this many elements. A product of matrices M x K and K x N then has M N K < 2^60: (M N K)^2 = (M K)(K N)(M N).
inline constexpr std::uint64_t most_elements = 1ull << 40;
// Multiply-accumulates of a node.
inline constexpr std::uint64_t most_macs = 1ull << 60;

// Nothing where an extent is negative or the product exceeds most_elements.
std::optional<std::uint64_t> checked_elements(const Shape& shape);
// Of a shape that was checked.
std::uint64_t elements(const Shape& shape);
// Nothing where the product exceeds `most`.
std::optional<std::uint64_t> checked_product(std::uint64_t a, std::uint64_t b, std::uint64_t most);

// "1x3x224x224"; "scalar" for rank 0.
std::string text_of(const Shape& shape);

// The shape that both grow to when extents of 1 and missing leading extents repeat; nothing where they do not fit.
std::optional<Shape> broadcast(const Shape& a, const Shape& b);

}  // namespace spinvp::workloads
