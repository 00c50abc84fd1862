// Gives blocks that live for a while their places in one range of memory, so that no two that live at the same time overlap.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace spinvp::workloads::compiler {

inline constexpr std::uint64_t block_alignment = 64;
// In DRAM, blocks of at least so many bytes begin at multiples of it: a stripe over all channels, so that a stream meets them all alike.
inline constexpr std::uint64_t stripe_alignment = 4096;
constexpr std::uint64_t aligned(std::uint64_t bytes, std::uint64_t alignment = block_alignment) { return (bytes + alignment - 1) / alignment * alignment; }
constexpr std::uint64_t alignment_in_dram(std::uint64_t bytes) { return bytes < stripe_alignment ? block_alignment : stripe_alignment; }

class Allocator {
 public:
  explicit Allocator(std::uint64_t bytes) : bytes_(bytes) {}
  // The smallest gap that holds the block during first ... last; nothing where there is none.
  std::optional<std::uint64_t> place(std::uint64_t bytes, std::size_t first, std::size_t last, std::uint64_t alignment = block_alignment);
  // The end of the highest block.
  [[nodiscard]] std::uint64_t used() const { return used_; }

 private:
  struct Block {
    std::uint64_t offset, end;
    std::size_t first, last;
  };
  std::uint64_t bytes_, used_ = 0;
  std::vector<Block> blocks_;  // by offset
};

}  // namespace spinvp::workloads::compiler
