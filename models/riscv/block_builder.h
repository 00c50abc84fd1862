// Fetches, decodes and binds: from bytes in memory to a Block.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "models/riscv/block.h"
#include "models/riscv/fusion.h"
#include "models/riscv/memory_port.h"
#include "models/riscv/timing.h"

namespace spinvp::riscv {

class BlockBuilder {
 public:
  BlockBuilder(MemoryPort& port, HandlerTable handlers, const CycleTable& cycles, std::uint64_t cache_line = 0);

  // Decodes from `pc` to the first control transfer, the page's end or longest_block instructions. Nullptr: the first instruction cannot be fetched;
  // fault_address() says which part. The block is valid until the next call.
  const Block* build(std::uint64_t pc, DecodeContext context);
  [[nodiscard]] std::uint64_t fault_address() const { return fault_address_; }

  // The longest prefix of `block` that costs at most `cycles`, at least one instruction, that goes on at the next one. Valid until the next call.
  Block* truncate(const Block& block, std::int64_t cycles);

 private:
  MemoryPort& port_;
  HandlerTable handlers_;
  CycleTable cycles_;
  std::uint64_t cache_line_;  // of the instruction cache; 0: none
  bool host_has_fused_;
  Block scratch_, truncated_;
  std::vector<Instruction> instructions_;
  std::array<std::uint8_t, 4 * longest_block> bytes_{};
  std::uint64_t bytes_at_ = 0;
  unsigned bytes_valid_ = 0;
  std::uint64_t fault_address_ = 0;

  bool loaded_for(std::uint64_t at);
  bool decode_run(std::uint64_t pc, DecodeContext context);
  std::optional<std::uint16_t> half_word(std::uint64_t address);
  ThreadedOp bind(const Instruction& instruction, std::uint64_t pc, DecodeContext context) const;
  void ask_cache(Block& block) const;
  void append_continuation(Block& block, unsigned half_offset) const;
};

}  // namespace spinvp::riscv
