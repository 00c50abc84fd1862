// Where the parts of a tensor lie in memory, and which strided runs fetch them.
//
// Every tensor the NPU touches is dense [images][channels][units]. A unit is what is never split: one element, or one row of an image. A Region is a
// box of channels over a slice of units of each of some consecutive images. A Placement says where data lies: a whole tensor at its address, or a
// packed copy of one region ([image][channel][unit], nothing between) in the scratch memory. pieces() turns a region into as few strided runs as its layout
// allows, in packed order: reading them one after the other gives the region packed.
#pragma once

#include <cstdint>
#include <vector>

namespace spinvp::npu {

struct Range {
  std::uint64_t first = 0, last = 0;  // [first, last)
  [[nodiscard]] std::uint64_t size() const { return last - first; }
  friend bool operator==(const Range&, const Range&) = default;
};

struct Tensor {
  std::uint64_t address = 0;
  std::uint64_t images = 1, channels = 1, units = 1;
  std::uint64_t unit_bytes = 4;
  [[nodiscard]] std::uint64_t bytes() const { return images * channels * units * unit_bytes; }
};

struct Slice {
  std::uint64_t image = 0;
  Range units;
};

struct Region {
  Range channels;
  std::vector<Slice> slices;  // of consecutive images; may be empty ranges
  [[nodiscard]] std::uint64_t units() const;
  [[nodiscard]] std::uint64_t bytes(const Tensor& tensor) const { return units() * tensor.unit_bytes; }
};

// The region of `channels` over the flattened (image, unit) positions.
Region region_of(const Tensor& tensor, Range channels, Range positions);

// `rows` runs of `row_bytes`, their starts `stride` apart.
struct Piece {
  std::uint64_t address = 0, row_bytes = 0, rows = 1, stride = 0;
  [[nodiscard]] std::uint64_t bytes() const { return row_bytes * rows; }
  friend bool operator==(const Piece&, const Piece&) = default;
};

class Placement {
 public:
  static Placement whole(const Tensor& tensor);
  static Placement packed(const Tensor& tensor, Region region, std::uint64_t address);
  // Of `part`, which lies inside what is placed here.
  [[nodiscard]] std::vector<Piece> pieces(const Region& part) const;

 private:
  Tensor tensor_;
  bool whole_ = true;
  std::uint64_t address_ = 0;
  Region region_;                       // packed: what is here
  std::vector<std::uint64_t> offsets_;  // packed: of each slice from address_, in bytes
};

// Adds one contiguous run, extending the last piece where the pattern goes on.
void append(std::vector<Piece>& pieces, std::uint64_t address, std::uint64_t bytes);

// Cuts pieces into some of at most `most` bytes (whole rows where they fit), in the same order.
std::vector<Piece> cut(const std::vector<Piece>& pieces, std::uint64_t most);

}  // namespace spinvp::npu
