// The handlers: threaded code with computed goto. One handler an operation, spelled as the manual spells its semantics.
//
// Everything a handler needs in registers: `op` (the instruction), `block`, `budget` (cycles left), `counts` (instructions by energy class, packed), `accesses`
// (loads and stores by size), `last` (fusion.h). The rest is reached through `this`. Handlers of one group stand in handlers_*.inc.
#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>
#include <type_traits>

#include "models/riscv/float_operations.h"
#include "models/riscv/interpreter.h"

namespace spinvp::riscv {
namespace {

using u8 = std::uint8_t;
using u16 = std::uint16_t;
using u32 = std::uint32_t;
using u64 = std::uint64_t;
using i8 = std::int8_t;
using i16 = std::int16_t;
using i32 = std::int32_t;
using i64 = std::int64_t;
using u128 = unsigned __int128;
using i128 = __int128;

inline u64 sign_extend_32(u64 value) { return static_cast<u64>(static_cast<i64>(static_cast<i32>(value))); }

// Guest memory behind a host pointer, little-endian like the host.
template <typename T>
T read_host(const std::uint8_t* place) {
  T value;
  std::memcpy(&value, place, sizeof(T));
  return value;
}
template <typename T>
void write_host(std::uint8_t* place, T value) {
  std::memcpy(place, &value, sizeof(T));
}

// Division as the manual has it: by zero gives all ones and the dividend, overflow wraps.
template <typename T>
T quotient(T a, T b) {
  if (b == 0) return static_cast<T>(-1);
  if constexpr (std::is_signed_v<T>)
    if (a == std::numeric_limits<T>::min() && b == -1) return a;
  return static_cast<T>(a / b);
}
template <typename T>
T remainder(T a, T b) {
  if (b == 0) return a;
  if constexpr (std::is_signed_v<T>)
    if (b == -1) return 0;
  return static_cast<T>(a % b);
}

// orc.b: each byte that is not zero becomes all ones.
inline u64 or_combine_bytes(u64 value) {
  constexpr u64 low_seven = 0x7f7f7f7f7f7f7f7f;
  const u64 top = (((value & low_seven) + low_seven) | value) & ~low_seven;  // bit 7 of each byte that is not zero; no carry leaves a byte
  return (top >> 7) * 0xff;
}

}  // namespace

// X registers and F registers of the current instruction.
#define REGISTER_1 state_.x[op->rs1]
#define REGISTER_2 state_.x[op->rs2]
#define FRD        state_.f[op->rd]
#define FRS1       state_.f[op->rs1]
#define FRS2       state_.f[op->rs2]
#define FRS3       state_.f[op->rs3]
#define IMMEDIATE  static_cast<u64>(op->immediate)
#define SET_RD(value)        \
  do {                       \
    last = (value);          \
    state_.x[op->rd] = last; \
  } while (false)
#define SET_FRD(value) FRD = (value)

#define DISPATCH goto * op->handler
#define NEXT \
  ++op;      \
  DISPATCH
// Goes on in `target`, a known block, if its cycles are there.
#define ENTER(target)                \
  do {                               \
    Block* const entered = (target); \
    budget -= entered->cycles;       \
    if (budget < 0) [[unlikely]] {   \
      budget += entered->cycles;     \
      state_.pc = entered->pc;       \
      goto out_of_budget;            \
    }                                \
    counts += entered->counts;       \
    accesses += entered->accesses;   \
    block = entered;                 \
    op = entered->ops.data();        \
    DISPATCH;                        \
  } while (false)
// Goes on at the block's target 0 (jump taken) or 1 (straight on).
#define FOLLOW(which)                                                \
  do {                                                               \
    if (Block* const known = block->successors[which]) ENTER(known); \
    link_slot_ = (which);                                            \
    goto resolve;                                                    \
  } while (false)

// Around a call of a function. What changes most often and what each access reads stay in registers that functions may overwrite, so they live in memory meanwhile.
#define SUSPEND                \
  do {                         \
    open_counts_ = counts;     \
    open_accesses_ = accesses; \
  } while (false)
#define RESUME                 \
  do {                         \
    counts = open_counts_;     \
    accesses = open_accesses_; \
    window = pages_.window();  \
  } while (false)

// What an instruction does, given its operands.
#define DO_VALUE(name, a, b) \
  { SET_RD((VALUE_##name(a, b))); }
#define DO_LOAD(name, a, b)  LOAD_##name(a, b)
#define DO_STORE(name, a, b) STORE_##name(a, b)
#define DO_JUMP(name, a, b)  JUMP_##name(a)
#define DO_BRANCH(name, a, b)        \
  {                                  \
    if (CONDITION_##name(a, b)) {    \
      budget -= block->taken_cycles; \
      FOLLOW(0);                     \
    }                                \
    FOLLOW(1);                       \
  }
#define JUMP_jal(a)            \
  {                            \
    SET_RD(block->targets[1]); \
    FOLLOW(0);                 \
  }
#define JUMP_jalr(a)                   \
  {                                    \
    const u64 target = TARGET_jalr(a); \
    JUMP_INDIRECT(target);             \
  }
// To a target that is known at run time.
#define TARGET_jalr(a) (((a) + IMMEDIATE) & ~u64{1})
#define JUMP_INDIRECT(target)                             \
  {                                                       \
    SET_RD(block->targets[1]);                            \
    const JumpTable::Entry& entry = jumps_->slot(target); \
    if (entry.pc == target) [[likely]]                    \
      ENTER(entry.block);                                 \
    state_.pc = target;                                   \
    goto resolve_indirect;                                \
  }
#include "models/riscv/accesses.inc"
#include "models/riscv/values_integer.inc"

Interpreter::ExitInfo Interpreter::execute(Block* block, i64 budget, HandlerTable* table) {
  static const void* const labels[handler_count] = {
#define SPINVP_X(name, timing) &&op_##name,
      SPINVP_RISCV_OPERATIONS(SPINVP_X)
#undef SPINVP_X
          && op_next_block,
      &&op_soft_float,
      &&op_fetch_line,
      &&op_fetch_line_soft,
      &&op_breakpoint_stop,
      &&op_profiled_call,
      &&op_profiled_return,
      &&op_profiled_jump,
#define SPINVP_X(name, timing)   &&rs1_##name,
#define SPINVP_OWN(name, timing) &&op_##name,
      SPINVP_RISCV_INTEGER(SPINVP_X) SPINVP_RISCV_BITS(SPINVP_OWN) SPINVP_RISCV_CONTROL(SPINVP_X) SPINVP_RISCV_ACCESSES(SPINVP_X)
#undef SPINVP_X
#define SPINVP_X(name, timing) &&rs2_##name,
          SPINVP_RISCV_INTEGER(SPINVP_X) SPINVP_RISCV_BITS(SPINVP_OWN) SPINVP_RISCV_CONTROL(SPINVP_X) SPINVP_RISCV_ACCESSES(SPINVP_X)
#undef SPINVP_OWN
#undef SPINVP_X
#define SPINVP_X(first_kind, first, second_kind, second, binding) &&pair_##first##_##second##_##binding,
              SPINVP_RISCV_PAIRS(SPINVP_X)
#undef SPINVP_X
#define SPINVP_X(first_kind, first, second_kind, second, binding) &&forwarded_pair_##first##_##second##_##binding,
                  SPINVP_RISCV_PAIRS(SPINVP_X)
#undef SPINVP_X
  };
  if (block == nullptr) {
    *table = labels;
    return {};
  }

  const ThreadedOp* op = block->ops.data();
  Exit kind = Exit::budget;
  execute_end_ = cycles_ + static_cast<u64>(budget);
  host_.enter();
  budget -= block->cycles;
  u64 counts = block->counts;
  AccessCounts accesses = block->accesses;
  PageCache::Window window = pages_.window();
  u64 last = 0;  // what the last instruction that did has written to an x register
  DISPATCH;

  // Bindings (fusion.h): operands from registers; rs1 forwarded; rs2 forwarded.
#define OPERATION(name)              op_##name:
#define PAIR(first, second, binding) pair_##first##_##second##_##binding:
#define RS1                          REGISTER_1
#define RS2                          REGISTER_2
#include "models/riscv/handlers_atomic.inc"
#include "models/riscv/handlers_bits.inc"
#include "models/riscv/handlers_float.inc"
#include "models/riscv/handlers_integer.inc"
#include "models/riscv/handlers_memory.inc"
#include "models/riscv/handlers_pairs.inc"
#undef OPERATION
#undef PAIR
#undef RS1
#define OPERATION(name)              rs1_##name:
#define PAIR(first, second, binding) forwarded_pair_##first##_##second##_##binding:
#define RS1                          last
#include "models/riscv/handlers_integer.inc"
#include "models/riscv/handlers_memory.inc"
#include "models/riscv/handlers_pairs.inc"
#undef OPERATION
#undef RS1
#undef RS2
#define OPERATION(name) rs2_##name:
#define RS1             REGISTER_1
#define RS2             last
#include "models/riscv/handlers_integer.inc"
#include "models/riscv/handlers_memory.inc"
#undef OPERATION
#define OPERATION(name) op_##name:

  OPERATION(next_block) { FOLLOW(1); }
  // These call functions in rare cases alone: there the compiler saves the counts. The window is read anew, or it would leave its registers for all handlers.
  OPERATION(profiled_call) {
    profile_->call(block->targets[0], block->end, state_.x[2], execute_end_ - static_cast<u64>(budget), counts);
    window = pages_.window();
    DO_JUMP(jal, REGISTER_1, REGISTER_2)
  }
  OPERATION(profiled_return) {
    const u64 target = TARGET_jalr(REGISTER_1);
    profile_->leave(target, state_.x[2], execute_end_ - static_cast<u64>(budget), counts);
    window = pages_.window();
    JUMP_INDIRECT(target)
  }
  OPERATION(profiled_jump) {
    SUSPEND;
    profile_jump(*block, *op, budget, counts);
    RESUME;
    goto* labels[static_cast<std::size_t>(op->operation)];
  }

  OPERATION(breakpoint_stop) {
    kind = Exit::breakpoint;
    goto give_back;
  }

  {
    const void* handler;
    OPERATION(fetch_line) handler = labels[profile_ == nullptr ? static_cast<std::size_t>(op->operation) : profiled_handler(*op)];
    goto fetch;
    OPERATION(fetch_line_soft) handler = &&op_soft_float;
  fetch:
    SUSPEND;
    const SlowAccess access = fetch_lines(block, op, budget);
    RESUME;
    budget -= access.cycles;
    if (access.leave) goto leave_before;
    goto* handler;
  }

  // clang-format off
  OPERATION(csrrw) OPERATION(csrrs) OPERATION(csrrc) OPERATION(csrrwi) OPERATION(csrrsi) OPERATION(csrrci)
  OPERATION(fence_i) OPERATION(ecall) OPERATION(ebreak) OPERATION(mret) OPERATION(wfi) OPERATION(illegal)
  // clang-format on
  {
    kind = Exit::system;
    state_.pc = block->pc_of(*op);
    goto finish;
  }

resolve:
  kind = Exit::resolve;
  state_.pc = block->targets[link_slot_];
  link_block_ = block;
  goto finish;

resolve_indirect:  // pc is set
  kind = Exit::resolve;
  link_block_ = nullptr;
  goto finish;

out_of_budget:
  goto finish;

trapped:  // the instruction at op is not executed
  kind = Exit::trap;
  goto give_back;

leave_before:  // the instruction at op is not executed
  kind = Exit::attention;
  goto give_back;

leave:  // the instruction at op is executed, the next one is not
  kind = Exit::attention;
  ++op;

give_back:
  state_.pc = block->pc_of(*op);
  budget += block->cycles - op->cycles_before;
  {
    AccessCounts later{};
    for (const ThreadedOp* rest = op; rest != block->ops.data() + block->size; ++rest) {
      counts -= packed_count(rest->operation);
      add_access(later, rest->operation);
    }
    accesses -= later;
  }

finish:
  csr_.raise_flags(host_.leave());
  cycles_ = execute_end_ - static_cast<u64>(budget);
  for (std::size_t c = 0; c < energy_classes; ++c) class_counts_[c] += counts >> (16 * c) & 0xffff;
  end_accesses(accesses);
  if (profile_ != nullptr) profile_->pause(counts, {cycles_, class_counts_});
  return {kind, block, op};
}

}  // namespace spinvp::riscv
