#include "models/npu/stream_box.h"

#include <algorithm>

namespace spinvp::npu {

namespace {

struct Level {
  unsigned axis = 0;
  std::uint64_t size = 1, stride = 0;  // bytes
};

}  // namespace

std::uint64_t Box::points() const {
  std::uint64_t n = 1;
  for (const std::uint64_t s : size) n *= s;
  return n;
}

PackedBox pack(const MapStream& stream, const Box& box) {
  PackedBox packed;
  const std::uint64_t element = bytes_of(stream.format);
  std::uint64_t address = stream.address;
  std::vector<Level> levels;
  for (unsigned axis = 0; axis < map_axes; ++axis) {
    const std::int64_t stride = stream.stride[axis];
    const std::uint64_t size = static_cast<std::uint64_t>(stride < 0 ? -stride : stride) * element;
    address += static_cast<std::uint64_t>(stride) * box.first[axis] * element;  // modulo 2^64, as the stride may be negative
    if (stride == 0 || box.size[axis] == 1) continue;
    if (stride < 0) address -= size * (box.size[axis] - 1);
    levels.push_back({axis, box.size[axis], size});
  }
  std::stable_sort(levels.begin(), levels.end(), [](const Level& x, const Level& y) { return x.stride < y.stride; });

  packed.elements = 1;
  for (const Level& level : levels) {
    const auto distance = static_cast<std::int64_t>(packed.elements);
    const bool backwards = stream.stride[level.axis] < 0;
    packed.stride[level.axis] = backwards ? -distance : distance;
    if (backwards) packed.first += distance * static_cast<std::int64_t>(level.size - 1);
    packed.elements *= level.size;
  }

  // Innermost levels that follow each other without a gap are a run, the next ones at one distance are its rows, the others repeat the piece.
  Piece piece{address, element, 1, 0};
  std::size_t next = 0;
  while (next < levels.size() && levels[next].stride == piece.row_bytes) piece.row_bytes *= levels[next++].size;
  if (next < levels.size() && levels[next].stride > piece.row_bytes) {
    piece.stride = levels[next].stride;
    piece.rows = levels[next++].size;
    while (next < levels.size() && levels[next].stride == piece.rows * piece.stride) piece.rows *= levels[next++].size;
  }
  std::uint64_t count = 1;
  for (std::size_t i = next; i < levels.size(); ++i) count *= levels[i].size;
  packed.pieces.reserve(count);
  for (std::uint64_t index = 0; index < count; ++index) {
    std::uint64_t rest = index;
    Piece here = piece;
    for (std::size_t i = next; i < levels.size(); ++i) {
      here.address += rest % levels[i].size * levels[i].stride;
      rest /= levels[i].size;
    }
    packed.pieces.push_back(here);
  }
  return packed;
}

}  // namespace spinvp::npu
