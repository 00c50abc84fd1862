// What an atomic memory operation stores.
#pragma once

#include <algorithm>
#include <cstdint>

#include "models/riscv/operations.h"

namespace spinvp::riscv {

// The memory operand's new value. Both operands are sign-extended; the unsigned order of two sign-extended words is that of the words.
inline std::uint64_t combine_atomic(Operation operation, std::uint64_t old, std::uint64_t operand) {
  using i64 = std::int64_t;
  switch (operation) {
    using enum Operation;
    case amoadd_w:
    case amoadd_d: return old + operand;
    case amoxor_w:
    case amoxor_d: return old ^ operand;
    case amoand_w:
    case amoand_d: return old & operand;
    case amoor_w:
    case amoor_d: return old | operand;
    case amomin_w:
    case amomin_d: return static_cast<i64>(old) < static_cast<i64>(operand) ? old : operand;
    case amomax_w:
    case amomax_d: return static_cast<i64>(old) > static_cast<i64>(operand) ? old : operand;
    case amominu_w:
    case amominu_d: return std::min(old, operand);
    case amomaxu_w:
    case amomaxu_d: return std::max(old, operand);
    default: return operand;  // amoswap
  }
}

}  // namespace spinvp::riscv
