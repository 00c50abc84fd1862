// How the points of a vector program are cut into chunks.
//
// A chunk is a box of at most chunk_bytes / (largest element) points. It first takes up to 64 points along each axis on which some stream that is longer than a chunk is contiguous, so
// that a transposed stream, too, comes in runs of some cache lines; a reduction then takes outputs until every lane has one, since each output's sum is a chain; what room is left goes to the last axes. Chunks of a
// reduction keep its order: first all of the reduced axes, in ascending order, for one box of outputs, then the next box.
#pragma once

#include <cstdint>

#include "models/npu/stream_box.h"

namespace spinvp::npu {

// Whether the distinct elements of a stream fit `chunk_bytes`: such an input is read once.
bool is_short(const MapProgram& program, const MapStream& stream, std::uint64_t chunk_bytes);

class MapTiles {
 public:
  // Of a coalesced program.
  MapTiles(const MapProgram& program, std::uint64_t chunk_bytes, std::uint64_t lanes);
  [[nodiscard]] std::uint64_t count() const { return kept_.count * reduced_.count; }
  [[nodiscard]] Box box(std::uint64_t index) const;
  // Chunks that belong to one box of outputs follow each other; a map has one of them each.
  [[nodiscard]] std::uint64_t chunks_an_output() const { return reduced_.count; }
  [[nodiscard]] const Extents& tile() const { return tile_; }

 private:
  struct Grid {
    Extents tiles{};
    std::uint64_t count = 1;
  };
  Extents extent_{}, tile_{};
  std::array<bool, map_axes> is_reduced_{};
  Grid kept_, reduced_;
};

}  // namespace spinvp::npu
