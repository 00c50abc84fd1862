// Owns decoded blocks and finds them by address and decoding context.
//
// Two levels: a small direct-mapped jump table that the handlers of indirect jumps read in line, and an exact map behind it. Blocks never move and never die one
// by one: when code changes or the arena is full, all go.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <unordered_map>
#include <unordered_set>

#include "models/riscv/block.h"

namespace spinvp::riscv {

class JumpTable {
 public:
  static constexpr std::size_t entries = 4096;
  struct Entry {
    std::uint64_t pc = 1;  // odd: matches no address
    Block* block = nullptr;
  };
  [[nodiscard]] Entry& slot(std::uint64_t pc) { return entries_[(pc >> 1) % entries]; }
  void clear() { entries_.fill(Entry{}); }

 private:
  std::array<Entry, entries> entries_{};
};

class BlockCache {
 public:
  static constexpr std::size_t most_blocks = 1 << 16;

  // The block at `pc`, or nullptr.
  Block* find(std::uint64_t pc, DecodeContext context);
  // Takes a copy that keeps only the ops in use; `block` need not live on.
  Block* insert(const Block& block, DecodeContext context);
  JumpTable& jump_table(DecodeContext context);
  // Whether a block holds a byte of [first, last].
  [[nodiscard]] bool holds_code(std::uint64_t first, std::uint64_t last) const;
  void flush();
  // Forgets the blocks of user mode alone; their room comes back with the next flush.
  void forget_user();
  // Counts flushes: a Block pointer is good while this stays the same.
  [[nodiscard]] std::uint64_t generation() const { return generation_; }
  [[nodiscard]] std::size_t size() const { return blocks_; }

 private:
  struct Context {
    JumpTable jumps;
    std::unordered_map<std::uint64_t, Block*> by_pc;
  };
  std::array<std::unique_ptr<Context>, DecodeContext::count> contexts_;
  std::deque<std::unique_ptr<std::byte[]>> arena_;
  std::size_t arena_used_ = 0, blocks_ = 0;
  std::unordered_set<std::uint64_t> code_pages_;
  std::uint64_t generation_ = 0;

  Context& context_of(DecodeContext context);
  void* allocate(std::size_t bytes);
};

}  // namespace spinvp::riscv
