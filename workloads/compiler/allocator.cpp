#include "workloads/compiler/allocator.h"

#include <algorithm>

namespace spinvp::workloads::compiler {

std::optional<std::uint64_t> Allocator::place(std::uint64_t bytes, std::size_t first, std::size_t last, std::uint64_t alignment) {
  const std::uint64_t needed = aligned(bytes);
  std::optional<std::uint64_t> best;
  std::uint64_t best_gap = 0, free_from = 0;
  const auto consider = [&](std::uint64_t begin, std::uint64_t to) {
    const std::uint64_t from = aligned(begin, alignment);
    if (to < from || to - from < needed) return;
    if (!best || to - from < best_gap) {
      best = from;
      best_gap = to - from;
    }
  };
  for (const Block& block : blocks_) {
    if (block.last < first || block.first > last) continue;
    if (block.offset > free_from) consider(free_from, block.offset);
    free_from = std::max(free_from, block.end);
  }
  // What lies behind all others is the last resort.
  if (!best) consider(free_from, bytes_);
  if (!best) return std::nullopt;
  const Block block{*best, *best + needed, first, last};
  blocks_.insert(std::upper_bound(blocks_.begin(), blocks_.end(), block, [](const Block& a, const Block& b) { return a.offset < b.offset; }), block);
  used_ = std::max(used_, block.end);
  return best;
}

}  // namespace spinvp::workloads::compiler
