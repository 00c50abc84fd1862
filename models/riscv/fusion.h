// Which handler a bound instruction gets besides its own: what follows from its neighbours in the block. Nothing but handlers changes: each instruction keeps its
// ThreadedOp, its cycles and its place, so that results, counts and traps are those of single instructions.
//
// Forwarding. Handlers leave what they write to an x register in a host register, too (`last`). An instruction that reads the register which the one before it has
// written takes the value from there: a store and a load less on the way, some five host cycles in each link of a chain.
// Pairs. Two neighbours of SPINVP_RISCV_PAIRS run in one dispatch.
#pragma once

#include <cstddef>

#include "models/riscv/block.h"
#include "models/riscv/call_profile.h"

namespace spinvp::riscv {

// Label addresses of Interpreter::execute, a flat table: one an operation, the pseudo-ops, then as `handler_*` say.
using HandlerTable = const void* const*;

// Lists, not code:
// clang-format off
// X(kind, first operation, kind, second operation, where the second one's operands come from: apart (registers), rs1 or rs2 (that one is what the first has written)).
// Chosen by how often they follow each other in our apps and benches.
#define SPINVP_RISCV_PAIRS(X) \
  X(VALUE, addi, VALUE, addi, apart) X(VALUE, addi, VALUE, add, apart) X(VALUE, addi, VALUE, slli, apart) X(VALUE, addi, VALUE, xor_, apart) \
  X(VALUE, addi, VALUE, mulw, apart) X(VALUE, addi, VALUE, mul, apart) X(VALUE, addi, VALUE, addiw, apart) X(VALUE, addi, VALUE, lui, apart) \
  X(VALUE, addi, STORE, sd, apart) X(VALUE, addi, BRANCH, beq, apart) X(VALUE, addi, BRANCH, bne, apart) X(VALUE, addi, BRANCH, blt, apart) \
  X(VALUE, addi, BRANCH, bge, apart) X(VALUE, addi, BRANCH, bltu, apart) X(VALUE, addi, BRANCH, bgeu, apart) X(VALUE, addi, JUMP, jal, apart) \
  X(VALUE, addi, JUMP, jalr, apart) X(VALUE, add, VALUE, add, apart) X(VALUE, add, VALUE, addi, apart) X(VALUE, add, BRANCH, blt, apart) \
  X(VALUE, add, BRANCH, beq, apart) X(VALUE, add, BRANCH, bne, apart) X(VALUE, add, BRANCH, bltu, apart) X(VALUE, add, JUMP, jal, apart) \
  X(VALUE, addiw, VALUE, addi, apart) X(VALUE, addiw, VALUE, add, apart) X(VALUE, addiw, BRANCH, bne, apart) X(VALUE, addiw, BRANCH, blt, apart) \
  X(VALUE, addw, BRANCH, bne, apart) X(VALUE, addw, VALUE, addi, apart) X(VALUE, srliw, VALUE, addi, apart) X(VALUE, slli, VALUE, add, apart) \
  X(VALUE, lui, VALUE, lui, apart) X(LOAD, lw, LOAD, lw, apart) X(LOAD, lw, VALUE, addi, apart) X(LOAD, ld, LOAD, ld, apart) \
  X(LOAD, ld, VALUE, addi, apart) X(LOAD, ld, JUMP, jal, apart) X(LOAD, ld, JUMP, jalr, apart) X(LOAD, lbu, VALUE, addi, apart) \
  X(LOAD, lbu, LOAD, lbu, apart) X(LOAD, lbu, VALUE, srliw, apart) X(LOAD, fld, LOAD, fld, apart) X(LOAD, fld, VALUE, addi, apart) \
  X(LOAD, flw, LOAD, flw, apart) X(LOAD, flw, VALUE, addi, apart) X(STORE, sb, VALUE, addi, apart) X(STORE, sb, VALUE, add, apart) \
  X(STORE, sh, VALUE, addi, apart) X(STORE, sw, VALUE, addi, apart) X(STORE, sw, VALUE, add, apart) X(STORE, sw, STORE, sw, apart) \
  X(STORE, sd, STORE, sd, apart) X(STORE, sd, VALUE, addi, apart) X(STORE, sd, VALUE, add, apart) X(STORE, sd, BRANCH, bltu, apart) \
  X(STORE, fsw, VALUE, addi, apart) X(STORE, fsd, VALUE, addi, apart) X(STORE, fsd, STORE, fsd, apart) X(VALUE, slli, VALUE, add, rs1) \
  X(VALUE, slli, VALUE, addi, rs1) X(VALUE, slli, VALUE, srli, rs1) X(VALUE, slli, VALUE, srai, rs1) X(VALUE, slliw, VALUE, srliw, rs1) \
  X(VALUE, srli, VALUE, xor_, rs1) X(VALUE, srli, VALUE, andi, rs1) X(VALUE, srliw, VALUE, andi, rs1) X(VALUE, srliw, VALUE, xor_, rs1) \
  X(VALUE, andi, VALUE, slli, rs1) X(VALUE, andi, VALUE, addi, rs1) X(VALUE, andi, BRANCH, bne, rs1) X(VALUE, andi, BRANCH, beq, rs1) \
  X(VALUE, xor_, VALUE, andi, rs1) X(VALUE, xor_, VALUE, addiw, rs1) X(VALUE, xor_, VALUE, slliw, rs1) X(VALUE, xor_, VALUE, srliw, rs1) \
  X(VALUE, xor_, VALUE, mul, rs1) X(VALUE, mul, VALUE, srli, rs1) X(VALUE, mul, VALUE, add, rs1) X(VALUE, addi, VALUE, addi, rs1) \
  X(VALUE, addi, VALUE, add, rs1) X(VALUE, addi, BRANCH, bne, rs1) X(VALUE, addi, BRANCH, beq, rs1) X(VALUE, addi, STORE, sd, rs1) \
  X(VALUE, addi, LOAD, ld, rs1) X(VALUE, addi, LOAD, lw, rs1) X(VALUE, addi, STORE, sw, rs1) X(VALUE, addi, VALUE, andi, rs1) \
  X(VALUE, addiw, BRANCH, bne, rs1) X(VALUE, addiw, VALUE, slli, rs1) X(VALUE, addiw, VALUE, andi, rs1) X(VALUE, addw, VALUE, addiw, rs1) \
  X(VALUE, subw, VALUE, addiw, rs1) X(VALUE, add, LOAD, lw, rs1) X(VALUE, add, LOAD, ld, rs1) X(VALUE, add, LOAD, lbu, rs1) \
  X(VALUE, add, LOAD, lhu, rs1) X(VALUE, add, LOAD, flw, rs1) X(VALUE, add, LOAD, fld, rs1) X(VALUE, add, STORE, sw, rs1) \
  X(VALUE, add, STORE, sd, rs1) X(VALUE, add, STORE, sb, rs1) X(VALUE, add, STORE, fsw, rs1) X(VALUE, add, STORE, fsd, rs1) \
  X(VALUE, add, VALUE, addi, rs1) X(VALUE, sub, VALUE, addi, rs1) X(VALUE, auipc, VALUE, addi, rs1) X(VALUE, auipc, LOAD, ld, rs1) \
  X(VALUE, auipc, LOAD, lw, rs1) X(VALUE, lui, VALUE, addi, rs1) X(VALUE, lui, VALUE, addiw, rs1) X(VALUE, lui, LOAD, lw, rs1) \
  X(VALUE, lui, STORE, sw, rs1) X(LOAD, lw, BRANCH, beq, rs1) X(LOAD, lw, BRANCH, bne, rs1) X(LOAD, lw, VALUE, addiw, rs1) \
  X(LOAD, lw, VALUE, xor_, rs1) X(LOAD, lw, VALUE, addi, rs1) X(LOAD, lw, VALUE, slli, rs1) X(LOAD, ld, BRANCH, beq, rs1) \
  X(LOAD, ld, BRANCH, bne, rs1) X(LOAD, ld, LOAD, ld, rs1) X(LOAD, ld, LOAD, lw, rs1) X(LOAD, ld, VALUE, addi, rs1) X(LOAD, lbu, BRANCH, beq, rs1) \
  X(LOAD, lbu, BRANCH, bne, rs1) X(LOAD, lbu, VALUE, addiw, rs1) X(LOAD, lbu, VALUE, xor_, rs1) X(VALUE, slt, BRANCH, bne, rs1) \
  X(VALUE, sltu, BRANCH, bne, rs1) X(VALUE, sltiu, BRANCH, bne, rs1) X(VALUE, slti, BRANCH, bne, rs1) X(VALUE, mulw, VALUE, addw, rs2) \
  X(VALUE, mul, VALUE, add, rs2) X(VALUE, slliw, VALUE, xor_, rs2) X(VALUE, srliw, VALUE, xor_, rs2) X(VALUE, srliw, VALUE, or_, rs2) \
  X(VALUE, slli, VALUE, add, rs2) X(VALUE, addi, VALUE, add, rs2) X(VALUE, slliw, VALUE, or_, rs2) X(LOAD, lb, STORE, sb, rs2) \
  X(LOAD, lbu, STORE, sb, rs2) X(LOAD, lw, STORE, sw, rs2) X(LOAD, ld, STORE, sd, rs2) X(LOAD, lw, VALUE, addw, rs2) X(LOAD, lw, VALUE, add, rs2) \
  X(VALUE, xor_, VALUE, xor_, rs2)
// clang-format on

// What reads integer registers in handlers of their own: the first operations of the list.
inline constexpr std::size_t forwarding_operations = static_cast<std::size_t>(Operation::fence);

inline constexpr std::size_t handler_next_block = operation_count;           // the block went on too long; continue at targets[1]
inline constexpr std::size_t handler_soft_float = operation_count + 1;       // rounding mode that the host is not in
inline constexpr std::size_t handler_fetch_line = operation_count + 2;       // asks the instruction cache, then does what the operation's own handler does
inline constexpr std::size_t handler_fetch_line_soft = operation_count + 3;  // then does what handler_soft_float does
inline constexpr std::size_t handler_breakpoint = operation_count + 4;       // instead of the instruction's own
// These tell the profile, then jump: a direct call, a return, all others (ThreadedOp::rs3 is the JumpKind).
inline constexpr std::size_t handler_profiled_call = operation_count + 5, handler_profiled_return = operation_count + 6,
                             handler_profiled_jump = operation_count + 7;
inline constexpr std::size_t handler_rs1_forwarded = operation_count + 8;
inline constexpr std::size_t handler_rs2_forwarded = handler_rs1_forwarded + forwarding_operations;
#define SPINVP_X(...) +1
inline constexpr std::size_t pair_count = 0 SPINVP_RISCV_PAIRS(SPINVP_X);
#undef SPINVP_X
inline constexpr std::size_t handler_pairs = handler_rs2_forwarded + forwarding_operations;  // first one's operands from registers
inline constexpr std::size_t handler_pairs_forwarded = handler_pairs + pair_count;           // first one's rs1 forwarded
inline constexpr std::size_t handler_count = handler_pairs_forwarded + pair_count;

// Rebinds the block's instructions, which are bound one by one. Pairs are left out where `pairs` is false: then every instruction is dispatched.
void fuse(Block& block, HandlerTable handlers, bool pairs = true);
// The block ends behind `op` now: if op's handler runs the next instruction as well, it gets the one that does not.
void unpair(ThreadedOp& op, HandlerTable handlers);
// `op` runs alone now, without what came before it: its operands come from registers.
void unbind(ThreadedOp& op, HandlerTable handlers);

// The handler of an operation under a profile: its own, or of a jump that has a JumpKind (rs3) one that tells it.
inline std::size_t profiled_handler(const ThreadedOp& op) {
  const auto kind = op.operation == Operation::jal || op.operation == Operation::jalr ? static_cast<JumpKind>(op.rs3) : JumpKind::none;
  if (kind == JumpKind::none) return static_cast<std::size_t>(op.operation);
  if (kind == JumpKind::call && op.operation == Operation::jal) return handler_profiled_call;
  return kind == JumpKind::leave ? handler_profiled_return : handler_profiled_jump;
}

}  // namespace spinvp::riscv
