// Tiles of subarrays and the network between them: what a transfer between subarrays costs beyond the row steps at both ends.
//
// Inside a tile, neighbours are joined by switches, as FloatPIM's blocks are: 2 x bits row steps whatever the number of lanes (LaneOperations charges those), no
// other time. Tiles lie on the smallest square grid that holds them, row by row, and pass words on along it, first in x, then in y. Each directed link between
// two neighbouring tiles carries `link_bits` a clock cycle. A transfer takes
//   cycles = ceil(bits over the busiest link / link_bits) + hop_cycles x the longest way in tiles
// and its energy follows from the bits that enter a tile's switches and from bits x tiles crossed.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

namespace spinvp::pim {

struct NetworkShape {
  std::uint32_t subarrays = 64, subarrays_per_tile = 16, link_bits = 1024, hop_cycles = 2;
  [[nodiscard]] constexpr std::uint32_t tiles() const { return (subarrays + subarrays_per_tile - 1) / subarrays_per_tile; }
};

class ArrayNetwork {
 public:
  explicit ArrayNetwork(const NetworkShape& shape);
  [[nodiscard]] std::uint32_t tile_of(std::uint32_t subarray) const { return subarray / shape_.subarrays_per_tile; }
  // Tiles crossed between two subarrays: |dx| + |dy|.
  [[nodiscard]] std::uint32_t hops(std::uint32_t from, std::uint32_t to) const;

  // One transfer of many subarrays at once: begin(), a send() for each, then the figures.
  void begin();
  void send(std::uint32_t from, std::uint32_t to, std::uint64_t bits);
  [[nodiscard]] std::uint64_t bits() const { return bits_; }          // moved in all
  [[nodiscard]] std::uint64_t bit_hops() const { return bit_hops_; }  // x tiles crossed
  [[nodiscard]] std::uint64_t cycles() const;

 private:
  NetworkShape shape_;
  std::uint32_t side_;
  std::uint64_t bits_ = 0, bit_hops_ = 0;
  std::uint32_t longest_ = 0;
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::uint64_t> load_;  // bits of each directed link, by tile and tile
};

}  // namespace spinvp::pim
