// Gives blocks that live for a while their places in one range of memory, so that no two that live at the same time overlap.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace spinvp::workloads::compiler {

inline constexpr std::uint64_t block_alignment = 64;
constexpr std::uint64_t aligned(std::uint64_t bytes) { return (bytes + block_alignment - 1) / block_alignment * block_alignment; }

class Allocator {
 public:
  explicit Allocator(std::uint64_t bytes) : bytes_(bytes) {}
  // The smallest gap that holds the block during first ... last; nothing where there is none.
  std::optional<std::uint64_t> place(std::uint64_t bytes, std::size_t first, std::size_t last);
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
