#include "models/riscv/fusion.h"

#include <array>

#include "models/riscv/operands.h"

namespace spinvp::riscv {
namespace {

using enum Operation;

enum class Source : std::uint8_t { apart, rs1, rs2 };

struct Pair {
  Operation first, second;
  Source source;
};
constexpr std::array<Pair, pair_count> pair_list = {{
#define SPINVP_X(first_kind, first, second_kind, second, binding) {first, second, Source::binding},
    SPINVP_RISCV_PAIRS(SPINVP_X)
#undef SPINVP_X
}};

bool writes_integer(const ThreadedOp& op) { return destination_of(op.operation) == Destination::integer && op.rd != scratch_register; }

// Which operand of `op` is what `before` has written; rs1 if both are. Only for what has handlers that take it.
Source source_of(const ThreadedOp& before, const ThreadedOp& op) {
  if (static_cast<std::size_t>(op.operation) >= forwarding_operations || !writes_integer(before)) return Source::apart;
  if (reads_integer_rs1(op.operation) && op.rs1 == before.rd) return Source::rs1;
  if (reads_integer_rs2(op.operation) && op.rs2 == before.rd) return Source::rs2;
  return Source::apart;
}

// The pair's number, pair_count if there is none. A pair whose second operands come from registers serves where one is forwarded, too.
std::size_t find_pair(const ThreadedOp& first, const ThreadedOp& second, Source source) {
  std::size_t found = pair_count;
  for (std::size_t n = 0; n < pair_count; ++n) {
    const Pair& p = pair_list[n];
    if (p.first != first.operation || p.second != second.operation) continue;
    if (p.source == source) return n;
    if (p.source == Source::apart) found = n;
  }
  return found;
}

const void* single_handler(Operation operation, Source source, HandlerTable handlers) {
  const auto index = static_cast<std::size_t>(operation);
  switch (source) {
    case Source::rs1: return handlers[handler_rs1_forwarded + index];
    case Source::rs2: return handlers[handler_rs2_forwarded + index];
    default: return handlers[index];
  }
}

// What must be reached by its own dispatch.
bool stands_alone(const ThreadedOp& op, HandlerTable handlers) {
  for (const std::size_t own : {handler_breakpoint, handler_profiled_call, handler_profiled_return, handler_profiled_jump})
    if (op.handler == handlers[own]) return true;
  return false;
}

}  // namespace

void fuse(Block& block, HandlerTable handlers, bool pairs) {
  for (std::uint32_t n = 0; n < block.size; ++n) {
    ThreadedOp& op = block.ops[n];
    if (stands_alone(op, handlers)) continue;
    const Source source = n == 0 ? Source::apart : source_of(block.ops[n - 1], op);
    if (source != Source::apart) op.handler = single_handler(op.operation, source, handlers);
    if (!pairs || n + 1 == block.size || source == Source::rs2) continue;
    ThreadedOp& next = block.ops[n + 1];
    if (stands_alone(next, handlers)) continue;
    const Source next_source = source_of(op, next);
    const std::size_t pair = find_pair(op, next, next_source);
    if (pair == pair_count) continue;
    op.handler = handlers[(source == Source::rs1 ? handler_pairs_forwarded : handler_pairs) + pair];
    ++n;  // it keeps its own handler, which is not reached
  }
}

void unpair(ThreadedOp& op, HandlerTable handlers) {
  for (std::size_t n = handler_pairs; n < handler_count; ++n)
    if (op.handler == handlers[n]) {
      op.handler = single_handler(op.operation, n < handler_pairs_forwarded ? Source::apart : Source::rs1, handlers);
      return;
    }
}

void unbind(ThreadedOp& op, HandlerTable handlers) {
  for (std::size_t n = handler_rs1_forwarded; n < handler_count; ++n)
    if (op.handler == handlers[n]) {
      op.handler = handlers[static_cast<std::size_t>(op.operation)];
      return;
    }
}

}  // namespace spinvp::riscv
