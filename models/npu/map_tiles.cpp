#include "models/npu/map_tiles.h"

#include <algorithm>

#include "models/core/units.h"

namespace spinvp::npu {

namespace {

constexpr std::uint64_t long_run = 64;

class Tiler {
 public:
  Tiler(const MapProgram& program, std::uint64_t most) : program_(program), most_(most) { tile.fill(1); }
  Extents tile{};

  void grow(unsigned axis, std::uint64_t wanted) {
    if (!in_order(axis)) return;
    const std::uint64_t room = most_ / (points() / tile[axis]);
    tile[axis] = std::max(tile[axis], std::min({program_.extent[axis], wanted, room}));
  }
  void along_runs(const MapStream& stream) {
    for (unsigned axis = 0; axis < map_axes; ++axis)
      if (stream.stride[axis] == 1 || stream.stride[axis] == -1) return grow(axis, long_run);
  }
  [[nodiscard]] std::uint64_t outputs() const {
    std::uint64_t n = 1;
    for (unsigned axis = 0; axis < map_axes; ++axis) n *= program_.reduced[axis] ? 1 : tile[axis];
    return n;
  }

 private:
  const MapProgram& program_;
  std::uint64_t most_;
  [[nodiscard]] std::uint64_t points() const {
    std::uint64_t n = 1;
    for (const std::uint64_t t : tile) n *= t;
    return n;
  }
  // Reduced points of a box must follow each other in the order of the sum: all of the later axes, before more than one point of an earlier one.
  [[nodiscard]] bool in_order(unsigned axis) const {
    if (!program_.reduced[axis]) return true;
    for (unsigned later = axis + 1; later < map_axes; ++later)
      if (program_.reduced[later] && tile[later] != program_.extent[later]) return false;
    return true;
  }
};

}  // namespace

bool is_short(const MapProgram& program, const MapStream& stream, std::uint64_t chunk_bytes) {
  std::uint64_t bytes = bytes_of(stream.format);
  for (unsigned axis = 0; axis < map_axes; ++axis) bytes *= stream.stride[axis] == 0 ? 1 : program.extent[axis];
  return bytes <= chunk_bytes;
}

MapTiles::MapTiles(const MapProgram& program, std::uint64_t chunk_bytes, std::uint64_t lanes) : extent_(program.extent), is_reduced_(program.reduced) {
  std::uint64_t element = 2;
  for (const auto* streams : {&program.inputs, &program.outputs})
    for (const MapStream& s : *streams) element = std::max(element, bytes_of(s.format));
  Tiler tiler(program, std::max<std::uint64_t>(1, chunk_bytes / element));
  for (const auto* streams : {&program.outputs, &program.inputs})
    for (const MapStream& s : *streams)
      if (!is_short(program, s, chunk_bytes)) tiler.along_runs(s);
  if (program.use == MapUse::reduction)
    for (unsigned axis = map_axes; axis-- > 0;)
      if (!program.reduced[axis] && tiler.outputs() < lanes) tiler.grow(axis, core::divide_up(lanes, tiler.outputs() / tiler.tile[axis]));
  for (unsigned axis = map_axes; axis-- > 0;) tiler.grow(axis, program.extent[axis]);
  tile_ = tiler.tile;
  for (unsigned axis = 0; axis < map_axes; ++axis) {
    const std::uint64_t tiles = core::divide_up(extent_[axis], tile_[axis]);
    kept_.tiles[axis] = is_reduced_[axis] ? 1 : tiles;
    reduced_.tiles[axis] = is_reduced_[axis] ? tiles : 1;
    kept_.count *= kept_.tiles[axis];
    reduced_.count *= reduced_.tiles[axis];
  }
}

Box MapTiles::box(std::uint64_t index) const {
  std::uint64_t kept = index / reduced_.count, reduced = index % reduced_.count;
  Box box;
  for (unsigned axis = map_axes; axis-- > 0;) {
    const Grid& grid = is_reduced_[axis] ? reduced_ : kept_;
    std::uint64_t& rest = is_reduced_[axis] ? reduced : kept;
    box.first[axis] = rest % grid.tiles[axis] * tile_[axis];
    box.size[axis] = std::min(tile_[axis], extent_[axis] - box.first[axis]);
    rest /= grid.tiles[axis];
  }
  return box;
}

}  // namespace spinvp::npu
