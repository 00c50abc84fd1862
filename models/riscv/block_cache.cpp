#include "models/riscv/block_cache.h"

#include <cstring>
#include <type_traits>

#include "models/riscv/memory_port.h"

namespace spinvp::riscv {
namespace {

constexpr std::size_t chunk_bytes = std::size_t{1} << 20;
static_assert(std::is_trivially_copyable_v<Block> && std::is_trivially_destructible_v<Block>);

std::size_t bytes_in_use(const Block& block) { return offsetof(Block, ops) + (block.size + 1) * sizeof(ThreadedOp); }

}  // namespace

BlockCache::Context& BlockCache::context_of(DecodeContext context) {
  auto& slot = contexts_[context.index()];
  if (!slot) slot = std::make_unique<Context>();
  return *slot;
}

JumpTable& BlockCache::jump_table(DecodeContext context) { return context_of(context).jumps; }

Block* BlockCache::find(std::uint64_t pc, DecodeContext context) {
  Context& c = context_of(context);
  JumpTable::Entry& entry = c.jumps.slot(pc);
  if (entry.pc == pc) return entry.block;
  const auto found = c.by_pc.find(pc);
  if (found == c.by_pc.end()) return nullptr;
  entry = {pc, found->second};
  return found->second;
}

void* BlockCache::allocate(std::size_t bytes) {
  if (arena_.empty() || arena_used_ + bytes > chunk_bytes) {
    arena_.push_back(std::make_unique_for_overwrite<std::byte[]>(chunk_bytes));
    arena_used_ = 0;
  }
  void* const place = arena_.back().get() + arena_used_;
  arena_used_ += (bytes + 63) / 64 * 64;
  return place;
}

Block* BlockCache::insert(const Block& block, DecodeContext context) {
  if (blocks_ == most_blocks) flush();
  const std::size_t bytes = bytes_in_use(block);
  // Only the ops in use are kept: the copy's ops array is shorter than its type says, and nothing reads behind the last op.
  Block* const copy = static_cast<Block*>(std::memcpy(allocate(bytes), static_cast<const void*>(&block), bytes));
  ++blocks_;
  for (std::uint64_t page = block.pc / page_bytes; page <= (block.end - 1) / page_bytes; ++page) code_pages_.insert(page);
  Context& c = context_of(context);
  c.by_pc[block.pc] = copy;
  c.jumps.slot(block.pc) = {block.pc, copy};
  return copy;
}

bool BlockCache::holds_code(std::uint64_t first, std::uint64_t last) const {
  const std::uint64_t first_page = first / page_bytes, last_page = last / page_bytes;
  bool page_has_code = false;
  if (last_page - first_page < code_pages_.size()) {
    for (std::uint64_t page = first_page; page <= last_page && !page_has_code; ++page) page_has_code = code_pages_.contains(page);
  } else {
    for (const std::uint64_t page : code_pages_) page_has_code |= page >= first_page && page <= last_page;
  }
  if (!page_has_code) return false;
  for (const auto& context : contexts_) {
    if (!context) continue;
    for (const auto& [pc, block] : context->by_pc)
      if (block->pc <= last && block->end > first) return true;
  }
  return false;
}

void BlockCache::forget_user() {
  for (std::size_t index = 0; index < contexts_.size(); ++index) {
    if (!contexts_[index] || !DecodeContext::is_user(index)) continue;
    contexts_[index]->jumps.clear();
    contexts_[index]->by_pc.clear();
  }
}

void BlockCache::flush() {
  for (auto& context : contexts_) {
    if (!context) continue;
    context->jumps.clear();
    context->by_pc.clear();
  }
  while (arena_.size() > 1) arena_.pop_back();
  arena_used_ = 0;
  blocks_ = 0;
  code_pages_.clear();
  ++generation_;
}

}  // namespace spinvp::riscv
