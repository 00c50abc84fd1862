// Decoded blocks: straight runs of instructions, bound to the handlers that execute them.
#pragma once

#include <array>
#include <bit>
#include <cstdint>

#include "models/riscv/operations.h"
#include "models/riscv/soft_float.h"

namespace spinvp::riscv {

// What decoding depends on besides the bytes. Blocks decoded under different contexts live side by side.
struct DecodeContext {
  std::uint8_t dynamic_rounding = 0;  // frm
  bool float_off = false;             // mstatus.FS is off: floating-point instructions are illegal
  bool user = false;                  // user mode: other bytes may be executed, and some instructions are illegal

  static constexpr std::size_t count = 32;
  [[nodiscard]] std::size_t index() const { return dynamic_rounding | (float_off ? 8u : 0u) | (user ? 16u : 0u); }
  static constexpr bool is_user(std::size_t index) { return (index & 16) != 0; }
  // The mode the host's unit is in under this context.
  [[nodiscard]] Rounding host_rounding() const { return dynamic_rounding <= 3 ? static_cast<Rounding>(dynamic_rounding) : Rounding::nearest_even; }
  friend bool operator==(const DecodeContext&, const DecodeContext&) = default;
};

// One instruction, ready to run. `handler` is a label address inside Interpreter::execute.
struct ThreadedOp {
  const void* handler = nullptr;
  std::int64_t immediate = 0;  // auipc: the finished sum; rounding operations: the mode; CSR: number, raw word << 32
  std::uint8_t rd = 0;         // x0 as a destination is the scratch register 32
  std::uint8_t rs1 = 0, rs2 = 0, rs3 = 0;
  Operation operation = Operation::illegal;
  std::uint8_t half_offset = 0;     // from the block's start, in units of 2 bytes
  std::uint16_t cycles_before = 0;  // static cycles of the block's earlier instructions
};
static_assert(sizeof(ThreadedOp) == 24);

inline constexpr unsigned longest_block = 64;  // instructions
inline constexpr std::uint8_t scratch_register = 32;

// Instruction counts of the four energy classes, 16 bits each.
constexpr std::uint64_t packed_count(Operation o) { return std::uint64_t{1} << (16 * static_cast<unsigned>(energy_class_of(timing_class_of(o)))); }

// Counts of loads (0 to 3) and stores (4 to 7) by the binary logarithm of their size; atomics are not among them.
using AccessCounts [[gnu::vector_size(16)]] = std::uint16_t;
inline void add_access(AccessCounts& counts, Operation o) {
  if (is_load(o) || is_store(o)) ++counts[(is_store(o) ? 4 : 0) + std::countr_zero(access_bytes(o))];
}

struct Block {
  // Of the whole block; what goes on in it adds these.
  AccessCounts accesses{};
  std::uint64_t counts = 0;       // packed
  std::int64_t cycles = 0;        // static
  std::int64_t taken_cycles = 0;  // of its last instruction if that is a branch and is taken
  std::uint64_t pc = 0, end = 0;  // [pc, end)
  std::uint32_t size = 0;         // instructions
  // 0: where the last instruction jumps to (direct jumps and taken branches), 1: the address behind the block.
  std::array<std::uint64_t, 2> targets{};
  std::array<Block*, 2> successors{};  // once known
  // A pseudo-op follows the last instruction: it goes on at targets[1] where no jump has come before it.
  std::array<ThreadedOp, longest_block + 1> ops{};

  [[nodiscard]] std::uint64_t pc_of(const ThreadedOp& op) const { return pc + 2u * op.half_offset; }
};

}  // namespace spinvp::riscv
