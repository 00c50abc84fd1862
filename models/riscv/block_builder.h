// Fetches, decodes and binds: from bytes in memory to a Block.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <unordered_set>
#include <vector>

#include "models/riscv/block.h"
#include "models/riscv/call_profile.h"
#include "models/riscv/fusion.h"
#include "models/riscv/memory_port.h"
#include "models/riscv/pmp.h"
#include "models/riscv/timing.h"

namespace spinvp::riscv {

class BlockBuilder {
 public:
  BlockBuilder(MemoryPort& port, const Pmp& pmp, HandlerTable handlers, const CycleTable& cycles, std::uint64_t cache_line = 0);

  // Decodes from `pc` to the first control transfer, the page's end or longest_block instructions. Nullptr: the first instruction cannot be fetched or executed;
  // fault_address() says which part. The block is valid until the next call.
  const Block* build(std::uint64_t pc, DecodeContext context);
  [[nodiscard]] std::uint64_t fault_address() const { return fault_address_; }

  // Jumps that change the call stack are told to `profile`; null: none is. For blocks built from now on.
  void set_profile(const CallProfile* profile) { profile_ = profile; }

  // The longest prefix of `block` that costs at most `cycles` and ends at `end` at most, at least one instruction, that goes on at the next one. Valid until the
  // next call, which may be given it.
  Block* truncate(const Block& block, std::int64_t cycles, std::uint64_t end = std::numeric_limits<std::uint64_t>::max());
  // The n-th instruction of `block` as a block of its own. Valid until the next call.
  Block* single(const Block& block, std::uint32_t n);

  // Instructions at these addresses stop the hart, in blocks that are built from now on.
  void set_breakpoints(std::unordered_set<std::uint64_t> addresses) { breakpoints_ = std::move(addresses); }

 private:
  MemoryPort& port_;
  const Pmp& pmp_;
  HandlerTable handlers_;
  CycleTable cycles_;
  std::uint64_t cache_line_;  // of the instruction cache; 0: none
  bool host_has_fused_;
  const CallProfile* profile_ = nullptr;
  Block scratch_, truncated_, single_;
  std::vector<Instruction> instructions_;
  std::array<std::uint8_t, 4 * longest_block> bytes_{};
  std::uint64_t bytes_at_ = 0;
  unsigned bytes_valid_ = 0;
  std::uint64_t fault_address_ = 0;
  // Of the run being decoded: its mode, and whether all of [bytes_at_, bytes_at_ + bytes_valid_) is known to be executable.
  Privilege privilege_ = Privilege::machine;
  bool all_executable_ = true;
  std::unordered_set<std::uint64_t> breakpoints_;

  bool loaded_for(std::uint64_t at);
  bool decode_run(std::uint64_t pc, DecodeContext context);
  std::optional<std::uint16_t> half_word(std::uint64_t address);
  void profile_jump(ThreadedOp& op, const Instruction& instruction, std::uint64_t pc) const;
  ThreadedOp bind(const Instruction& instruction, std::uint64_t pc, DecodeContext context) const;
  void set_breakpoints_of(Block& block) const;
  void ask_cache(Block& block) const;
  void append_continuation(Block& block, unsigned half_offset) const;
};

}  // namespace spinvp::riscv
