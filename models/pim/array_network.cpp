#include "models/pim/array_network.h"

#include <algorithm>

namespace spinvp::pim {

ArrayNetwork::ArrayNetwork(const NetworkShape& shape) : shape_(shape), side_(1) {
  while (side_ * side_ < shape_.tiles()) ++side_;
}

std::uint32_t ArrayNetwork::hops(std::uint32_t from, std::uint32_t to) const {
  const std::uint32_t a = tile_of(from), b = tile_of(to);
  const auto apart = [](std::uint32_t x, std::uint32_t y) { return x > y ? x - y : y - x; };
  return apart(a % side_, b % side_) + apart(a / side_, b / side_);
}

void ArrayNetwork::begin() {
  bits_ = bit_hops_ = longest_ = 0;
  load_.clear();
}

void ArrayNetwork::send(std::uint32_t from, std::uint32_t to, std::uint64_t bits) {
  const std::uint32_t way = hops(from, to);
  bits_ += bits;
  bit_hops_ += bits * way;
  longest_ = std::max(longest_, way);
  std::uint32_t at = tile_of(from);
  const std::uint32_t end = tile_of(to);
  const auto step = [&](std::uint32_t next) {
    load_[{at, next}] += bits;
    at = next;
  };
  while (at % side_ != end % side_) step(at % side_ < end % side_ ? at + 1 : at - 1);
  while (at != end) step(at < end ? at + side_ : at - side_);
}

std::uint64_t ArrayNetwork::cycles() const {
  std::uint64_t busiest = 0;
  for (const auto& [link, bits] : load_) busiest = std::max(busiest, bits);
  return (busiest + shape_.link_bits - 1) / shape_.link_bits + std::uint64_t{shape_.hop_cycles} * longest_;
}

}  // namespace spinvp::pim
