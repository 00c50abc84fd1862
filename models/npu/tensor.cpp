#include "models/npu/tensor.h"

#include <algorithm>

namespace spinvp::npu {

void append(std::vector<Piece>& pieces, std::uint64_t address, std::uint64_t bytes) {
  if (bytes == 0) return;
  if (!pieces.empty()) {
    Piece& last = pieces.back();
    if (last.rows == 1 && last.address + last.row_bytes == address) {
      last.row_bytes += bytes;
      return;
    }
    if (last.row_bytes == bytes && address > last.address) {
      if (last.rows == 1) {
        last.stride = address - last.address;
        last.rows = 2;
        return;
      }
      if (address == last.address + last.rows * last.stride) {
        ++last.rows;
        return;
      }
    }
  }
  pieces.push_back({address, bytes, 1, 0});
}

namespace {

// The same for `rows` runs, their starts `stride` apart, without a step for each where the pattern simply goes on.
void append_rows(std::vector<Piece>& pieces, std::uint64_t address, std::uint64_t bytes, std::uint64_t rows, std::uint64_t stride) {
  std::uint64_t row = 0;
  for (; row < rows; ++row) {
    if (row >= 2 && pieces.back().rows > 1 && pieces.back().row_bytes == bytes && pieces.back().stride == stride &&
        pieces.back().address + pieces.back().rows * stride == address + row * stride) {
      pieces.back().rows += rows - row;
      return;
    }
    append(pieces, address + row * stride, bytes);
  }
}

}  // namespace

std::uint64_t Region::units() const {
  std::uint64_t sum = 0;
  for (const Slice& slice : slices) sum += slice.units.size();
  return sum * channels.size();
}

Region region_of(const Tensor& tensor, Range channels, Range positions) {
  Region region{channels, {}};
  if (positions.size() == 0) return region;
  const std::uint64_t first_image = positions.first / tensor.units, last_image = (positions.last - 1) / tensor.units;
  region.slices.reserve(last_image - first_image + 1);
  for (std::uint64_t image = first_image; image <= last_image; ++image) {
    const std::uint64_t start = image * tensor.units;
    region.slices.push_back({image, {std::max(positions.first, start) - start, std::min(positions.last - start, tensor.units)}});
  }
  return region;
}

Placement Placement::whole(const Tensor& tensor) {
  Placement p;
  p.tensor_ = tensor;
  p.address_ = tensor.address;
  return p;
}

Placement Placement::packed(const Tensor& tensor, Region region, std::uint64_t address) {
  Placement p;
  p.tensor_ = tensor;
  p.whole_ = false;
  p.address_ = address;
  std::uint64_t offset = 0;
  p.offsets_.reserve(region.slices.size());
  for (const Slice& slice : region.slices) {
    p.offsets_.push_back(offset);
    offset += region.channels.size() * slice.units.size() * tensor.unit_bytes;
  }
  p.region_ = std::move(region);
  return p;
}

std::vector<Piece> Placement::pieces(const Region& part) const {
  std::vector<Piece> pieces;
  for (const Slice& slice : part.slices) {
    if (slice.units.size() == 0) continue;
    std::uint64_t plane = tensor_.units, first_unit = 0, first_channel = 0;
    std::uint64_t start = address_ + slice.image * tensor_.channels * tensor_.units * tensor_.unit_bytes;
    if (!whole_) {
      const std::uint64_t index = slice.image - region_.slices.front().image;
      const Slice& here = region_.slices[index];
      plane = here.units.size();
      first_unit = here.units.first;
      first_channel = region_.channels.first;
      start = address_ + offsets_[index];
    }
    const std::uint64_t bytes = slice.units.size() * tensor_.unit_bytes;
    start += ((part.channels.first - first_channel) * plane + (slice.units.first - first_unit)) * tensor_.unit_bytes;
    if (slice.units.size() == plane) {
      append(pieces, start, bytes * part.channels.size());
      continue;
    }
    append_rows(pieces, start, bytes, part.channels.size(), plane * tensor_.unit_bytes);
  }
  return pieces;
}

std::vector<Piece> cut(const std::vector<Piece>& pieces, std::uint64_t most) {
  std::vector<Piece> cuts;
  cuts.reserve(pieces.size());
  for (const Piece& piece : pieces) {
    if (piece.row_bytes > most) {
      for (std::uint64_t row = 0; row < piece.rows; ++row)
        for (std::uint64_t done = 0; done < piece.row_bytes; done += most)
          cuts.push_back({piece.address + row * piece.stride + done, std::min(most, piece.row_bytes - done), 1, 0});
      continue;
    }
    const std::uint64_t rows_at_once = most / piece.row_bytes;
    for (std::uint64_t row = 0; row < piece.rows; row += rows_at_once) {
      const std::uint64_t rows = std::min(rows_at_once, piece.rows - row);
      cuts.push_back({piece.address + row * piece.stride, piece.row_bytes, rows, rows == 1 ? 0 : piece.stride});
    }
  }
  return cuts;
}

}  // namespace spinvp::npu
