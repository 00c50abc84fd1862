// Which bursts bring a box of a stream's elements, and where they then lie.
//
// A box is a range of points along each axis. Its distinct elements (axes of stride 0 repeat them) are packed in the order of their addresses, so that what lies together in memory
// is one run, rows at equal distances are one strided piece, and an axis with a negative stride is simply walked backwards in the packed copy.
#pragma once

#include <cstdint>
#include <vector>

#include "models/npu/map_program.h"
#include "models/npu/tensor.h"

namespace spinvp::npu {

struct Box {
  Extents first{}, size{};
  [[nodiscard]] std::uint64_t points() const;
};

struct PackedBox {
  std::vector<Piece> pieces;   // in packed order
  std::int64_t first = 0;      // packed index of the box's first point
  Strides stride{};            // packed distance along each axis
  std::uint64_t elements = 0;  // distinct ones
};

PackedBox pack(const MapStream& stream, const Box& box);

}  // namespace spinvp::npu
