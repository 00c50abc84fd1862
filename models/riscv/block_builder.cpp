#include "models/riscv/block_builder.h"

#include <algorithm>

#include "models/riscv/decode.h"
#include "models/riscv/operands.h"

namespace spinvp::riscv {
namespace {

bool host_has_fused_multiply_add() {
#if defined(__x86_64__)
  return __builtin_cpu_supports("fma") != 0;
#else
  return false;
#endif
}

// Whether rounding cannot change the result, whatever the mode.
bool is_exact(Operation o) {
  using enum Operation;
  return o == fcvt_d_w || o == fcvt_d_wu || o == fcvt_d_s;
}

// Whether the handler written for the host's unit gives this operation's bits and flags in `mode`, the host being in `host_mode`.
bool host_computes(Operation o, Rounding mode, Rounding host_mode, bool host_has_fused) {
  using enum Operation;
  if (is_exact(o)) return true;
  if (is_between(o, fcvt_w_s, fcvt_lu_s) || is_between(o, fcvt_w_d, fcvt_lu_d)) return mode == Rounding::toward_zero;
  if (o == fcvt_s_lu || o == fcvt_d_lu) return false;  // no unsigned 64-bit conversion on every host
  if (timing_class_of(o) == TimingClass::float_fused && !host_has_fused) return false;
  return mode == host_mode;
}

}  // namespace

BlockBuilder::BlockBuilder(MemoryPort& port, const Pmp& pmp, HandlerTable handlers, const CycleTable& cycles, std::uint64_t cache_line)
    : port_(port), pmp_(pmp), handlers_(handlers), cycles_(cycles), cache_line_(cache_line), host_has_fused_(host_has_fused_multiply_add()) {}

std::optional<std::uint16_t> BlockBuilder::half_word(std::uint64_t address) {
  const std::uint64_t offset = address - bytes_at_;
  if (!(all_executable_ && offset < bytes_valid_) && !pmp_.allows(address, 2, Pmp::execute, privilege_)) return std::nullopt;
  if (offset + 2 <= bytes_valid_) return static_cast<std::uint16_t>(bytes_[offset] | bytes_[offset + 1] << 8);
  std::array<std::uint8_t, 2> two{};
  if (!port_.fetch(address, two.data(), 2)) return std::nullopt;
  return static_cast<std::uint16_t>(two[0] | two[1] << 8);
}

// Whether the instruction at `at`, behind a block that ended for its length alone, reads what the block's last one loads. Asks for no page but the block's.
bool BlockBuilder::loaded_for(std::uint64_t at) {
  if (cycles_.load_use == 0 || timing_class_of(instructions_.back().operation) != TimingClass::load || at % page_bytes == 0) return false;
  const auto low = half_word(at);
  if (!low) return false;
  std::uint32_t word = *low;
  if (instruction_length(*low) == 4) {
    const auto high = at % page_bytes <= page_bytes - 4 ? half_word(at + 2) : std::nullopt;
    if (!high) return false;
    word |= static_cast<std::uint32_t>(*high) << 16;
  }
  return uses_load(instructions_.back(), decode(word));
}

// Fills instructions_; false if not even one could be fetched.
bool BlockBuilder::decode_run(std::uint64_t pc, DecodeContext context) {
  instructions_.clear();
  const std::uint64_t page_end = (pc | (page_bytes - 1)) + 1;  // 0 at the top of the address space
  const auto length = static_cast<unsigned>(std::min<std::uint64_t>(bytes_.size(), page_end - pc));
  bytes_at_ = pc;
  privilege_ = context.user ? Privilege::user : Privilege::machine;
  const auto rights = pmp_.common_rights(pc & ~std::uint64_t{7}, pc + (length - 1), privilege_);
  all_executable_ = rights && (*rights & Pmp::execute) != 0;
  bytes_valid_ = port_.fetch(pc, bytes_.data(), length) ? length : 0;
  std::uint64_t at = pc;
  while (instructions_.size() < longest_block && at - pc < page_end - pc) {
    const auto low = half_word(at);
    if (!low) {
      fault_address_ = at;
      break;
    }
    std::uint32_t word = *low;
    if (instruction_length(*low) == 4) {
      const auto high = half_word(at + 2);
      if (!high) {
        fault_address_ = at + 2;
        break;
      }
      word |= static_cast<std::uint32_t>(*high) << 16;
    }
    Instruction i = decode(word);
    const bool reserved_rounding = rounds(i.operation) && (i.rounding == 5 || i.rounding == 6 || (i.rounding == 7 && context.dynamic_rounding > 4));
    if (reserved_rounding || (context.float_off && is_float(i.operation)) || (context.user && i.operation == Operation::mret)) i.operation = Operation::illegal;
    instructions_.push_back(i);
    at += i.length;
    if (ends_block(i.operation)) break;
  }
  return !instructions_.empty();
}

void BlockBuilder::profile_jump(ThreadedOp& op, const Instruction& i, std::uint64_t pc) const {
  if (i.operation != Operation::jal && i.operation != Operation::jalr) return;
  JumpKind kind = jump_kind(i.operation, i.rd, i.rs1);
  if (kind == JumpKind::none && profile_->leaves_function(pc, pc + static_cast<std::uint64_t>(std::int64_t{i.immediate}))) kind = JumpKind::tail;
  op.rs3 = static_cast<std::uint8_t>(kind);
  op.handler = handlers_[profiled_handler(op)];
}

ThreadedOp BlockBuilder::bind(const Instruction& i, std::uint64_t pc, DecodeContext context) const {
  ThreadedOp op;
  op.operation = i.operation;
  op.handler = handlers_[static_cast<std::size_t>(i.operation)];
  op.immediate = i.immediate;
  op.rd = i.rd == 0 && destination_of(i.operation) != Destination::floating ? scratch_register : i.rd;
  op.rs1 = i.rs1;
  op.rs2 = i.rs2;
  op.rs3 = i.rs3;
  if (i.operation == Operation::auipc) {
    op.handler = handlers_[static_cast<std::size_t>(Operation::lui)];
    op.immediate = static_cast<std::int64_t>(pc + static_cast<std::uint64_t>(static_cast<std::int64_t>(i.immediate)));
  }
  if (i.operation == Operation::illegal || i.operation == Operation::wfi) op.immediate = i.raw;  // for mtval
  // CSR instructions keep the whole word for mtval beside the register's number.
  if (is_between(i.operation, Operation::csrrw, Operation::csrrci)) op.immediate |= static_cast<std::int64_t>(i.raw) << 32;
  if (rounds(i.operation)) {
    const auto mode = static_cast<Rounding>(i.rounding == 7 ? context.dynamic_rounding : i.rounding);
    op.immediate = static_cast<std::int64_t>(mode);
    if (!host_computes(i.operation, mode, context.host_rounding(), host_has_fused_)) op.handler = handlers_[handler_soft_float];
  }
  if (profile_ != nullptr) profile_jump(op, i, pc);
  return op;
}

void BlockBuilder::append_continuation(Block& block, unsigned half_offset) const {
  ThreadedOp& op = block.ops[block.size];
  op = ThreadedOp{};
  op.handler = handlers_[handler_next_block];
  op.half_offset = static_cast<std::uint8_t>(half_offset);
  op.cycles_before = static_cast<std::uint16_t>(block.cycles);
}

void BlockBuilder::set_breakpoints_of(Block& block) const {
  if (breakpoints_.empty()) return;
  for (std::uint32_t n = 0; n < block.size; ++n)
    if (breakpoints_.contains(block.pc_of(block.ops[n]))) block.ops[n].handler = handlers_[handler_breakpoint];
}

// The first instruction, and each one that ends in another line than the one before, asks the instruction cache first.
void BlockBuilder::ask_cache(Block& block) const {
  std::uint64_t line = 1;  // none
  for (std::uint32_t n = 0; n < block.size; ++n) {
    ThreadedOp& op = block.ops[n];
    const std::uint64_t last_line = (block.pc_of(block.ops[n + 1]) - 1) / cache_line_ * cache_line_;
    if (last_line != line) op.handler = handlers_[op.handler == handlers_[handler_soft_float] ? handler_fetch_line_soft : handler_fetch_line];
    line = last_line;
  }
}

const Block* BlockBuilder::build(std::uint64_t pc, DecodeContext context) {
  if (!decode_run(pc, context)) return nullptr;
  Block& block = scratch_;
  block.pc = pc;
  block.counts = 0;
  block.accesses = AccessCounts{};
  block.cycles = 0;
  block.successors = {};
  block.size = static_cast<std::uint32_t>(instructions_.size());
  std::uint64_t at = pc;
  for (std::uint32_t n = 0; n < block.size; ++n) {
    const Instruction& i = instructions_[n];
    ThreadedOp& op = block.ops[n];
    op = bind(i, at, context);
    op.half_offset = static_cast<std::uint8_t>((at - pc) / 2);
    if (n != 0 && uses_load(instructions_[n - 1], i)) block.cycles += cycles_.load_use;  // passes before this instruction starts
    op.cycles_before = static_cast<std::uint16_t>(block.cycles);
    block.cycles += cycles_[timing_class_of(i.operation)];
    block.counts += packed_count(i.operation);
    add_access(block.accesses, i.operation);
    block.targets[0] = at + static_cast<std::uint64_t>(static_cast<std::int64_t>(i.immediate));
    at += i.length;
  }
  if (loaded_for(at)) block.cycles += cycles_.load_use;
  block.end = block.targets[1] = at;
  block.taken_cycles = is_branch(instructions_.back().operation) ? cycles_.branch_taken : 0;
  append_continuation(block, static_cast<unsigned>((at - pc) / 2));
  set_breakpoints_of(block);  // they take part in no pair
  fuse(block, handlers_, cache_line_ == 0);
  if (cache_line_ != 0) {
    ask_cache(block);
    set_breakpoints_of(block);
  }
  return &block;
}

Block* BlockBuilder::truncate(const Block& block, std::int64_t cycles, std::uint64_t end) {
  Block& part = truncated_;  // may be `block`
  std::uint32_t size = 1;
  while (size < block.size && block.pc_of(block.ops[size]) < end &&
         block.ops[size].cycles_before + cycles_[timing_class_of(block.ops[size].operation)] <= cycles)
    ++size;
  const bool shorter = size < block.size;
  part.pc = block.pc;
  part.taken_cycles = block.taken_cycles;
  part.successors = {};
  part.targets = block.targets;
  part.size = size;
  part.counts = 0;
  part.accesses = AccessCounts{};
  for (std::uint32_t n = 0; n < size; ++n) {
    part.ops[n] = block.ops[n];
    part.counts += packed_count(block.ops[n].operation);
    add_access(part.accesses, block.ops[n].operation);
  }
  unpair(part.ops[size - 1], handlers_);
  part.cycles = block.ops[size].cycles_before;
  const unsigned half_offset = block.ops[size].half_offset;
  part.end = block.pc + 2u * half_offset;
  if (shorter) part.targets[1] = part.end;
  append_continuation(part, half_offset);
  return &part;
}

Block* BlockBuilder::single(const Block& block, std::uint32_t n) {
  const ThreadedOp &op = block.ops[n], &next = block.ops[n + 1];
  Block& part = single_;
  part.pc = block.pc_of(op);
  part.end = block.pc_of(next);
  part.taken_cycles = n + 1 == block.size ? block.taken_cycles : 0;
  part.successors = {};
  part.targets = {block.targets[0], part.end};
  part.size = 1;
  part.ops[0] = op;
  unbind(part.ops[0], handlers_);
  part.ops[0].half_offset = 0;
  part.ops[0].cycles_before = 0;
  part.counts = packed_count(op.operation);
  part.accesses = AccessCounts{};
  add_access(part.accesses, op.operation);
  part.cycles = next.cycles_before - op.cycles_before;
  append_continuation(part, next.half_offset - op.half_offset);
  return &part;
}

}  // namespace spinvp::riscv
