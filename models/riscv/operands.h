// Which registers an operation reads (what it writes: destination_of in operations.h): what timing and forwarding ask.
#pragma once

#include "models/riscv/operations.h"

namespace spinvp::riscv {

constexpr bool converts_from_integer(Operation o) {
  using enum Operation;
  return is_between(o, fcvt_s_w, fcvt_s_lu) || is_between(o, fcvt_d_w, fcvt_d_lu) || o == fmv_w_x || o == fmv_d_x;
}
constexpr bool is_arithmetic_float(Operation o) { return is_between(o, Operation::fadd_s, Operation::fmv_d_x); }
constexpr bool is_fused(Operation o) { return timing_class_of(o) == TimingClass::float_fused; }

// Zba, Zbb and Zbs; those that read rs2 as well.
constexpr bool is_bits(Operation o) { return o > Operation::remuw && o < Operation::jal; }
constexpr bool bits_of_two(Operation o) {
  using enum Operation;
  switch (o) {
    case add_uw:
    case sh1add:
    case sh2add:
    case sh3add:
    case sh1add_uw:
    case sh2add_uw:
    case sh3add_uw:
    case andn:
    case orn:
    case xnor:
    case min:
    case minu:
    case max:
    case maxu:
    case rol:
    case ror:
    case rolw:
    case rorw:
    case bset:
    case bclr:
    case binv:
    case bext: return true;
    default: return false;
  }
}

// x registers.
constexpr bool reads_integer_rs1(Operation o) {
  using enum Operation;
  return is_between(o, addi, remuw) || is_bits(o) || is_between(o, jalr, fsd) || is_between(o, lr_w, amomaxu_d) || is_between(o, csrrw, csrrc) ||
         converts_from_integer(o);
}
constexpr bool reads_integer_rs2(Operation o) {
  using enum Operation;
  const bool stores_conditionally = is_between(o, lr_w, amomaxu_d) && o != lr_w && o != lr_d;
  return is_between(o, add, and_) || is_between(o, addw, remuw) || bits_of_two(o) || is_branch(o) || is_between(o, sb, sd) || stores_conditionally;
}
// f registers.
constexpr bool reads_float_rs1(Operation o) { return is_arithmetic_float(o) && !converts_from_integer(o); }
constexpr bool reads_float_rs2(Operation o) {
  using enum Operation;
  const bool one_operand = o == fsqrt_s || o == fsqrt_d || is_between(o, fcvt_w_s, fcvt_d_s) || o == fclass_s || o == fclass_d || o == fmv_x_w || o == fmv_x_d;
  return o == fsw || o == fsd || (reads_float_rs1(o) && !one_operand);
}

// Whether `next` reads what `load` loads. A load into x0 loads nothing.
constexpr bool uses_load(const Instruction& load, const Instruction& next) {
  if (timing_class_of(load.operation) != TimingClass::load) return false;
  const Operation o = next.operation;
  if (is_float(load.operation))
    return (reads_float_rs1(o) && next.rs1 == load.rd) || (reads_float_rs2(o) && next.rs2 == load.rd) || (is_fused(o) && next.rs3 == load.rd);
  return load.rd != 0 && ((reads_integer_rs1(o) && next.rs1 == load.rd) || (reads_integer_rs2(o) && next.rs2 == load.rd));
}

}  // namespace spinvp::riscv
