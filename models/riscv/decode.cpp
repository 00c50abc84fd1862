#include "models/riscv/decode.h"

#include <array>

namespace spinvp::riscv {
namespace {

using u32 = std::uint32_t;
using enum Operation;

constexpr u32 bits(u32 word, unsigned high, unsigned low) { return (word >> low) & ((1u << (high - low + 1)) - 1); }

std::int32_t i_immediate(u32 w) { return static_cast<std::int32_t>(w) >> 20; }
std::int32_t s_immediate(u32 w) { return (static_cast<std::int32_t>(w & 0xfe000000) >> 20) | static_cast<std::int32_t>(bits(w, 11, 7)); }
std::int32_t b_immediate(u32 w) {
  return (static_cast<std::int32_t>(w & 0x80000000) >> 19) | static_cast<std::int32_t>(bits(w, 7, 7) << 11 | bits(w, 30, 25) << 5 | bits(w, 11, 8) << 1);
}
std::int32_t j_immediate(u32 w) {
  return (static_cast<std::int32_t>(w & 0x80000000) >> 11) | static_cast<std::int32_t>(bits(w, 19, 12) << 12 | bits(w, 20, 20) << 11 | bits(w, 30, 21) << 1);
}

// One of eight by funct3; illegal fills the gaps.
using ByFunct3 = std::array<Operation, 8>;
constexpr ByFunct3 branches = {beq, bne, illegal, illegal, blt, bge, bltu, bgeu};
constexpr ByFunct3 loads = {lb, lh, lw, ld, lbu, lhu, lwu, illegal};
constexpr ByFunct3 stores = {sb, sh, sw, sd, illegal, illegal, illegal, illegal};
constexpr ByFunct3 float_loads = {illegal, illegal, flw, fld, illegal, illegal, illegal, illegal};
constexpr ByFunct3 float_stores = {illegal, illegal, fsw, fsd, illegal, illegal, illegal, illegal};
constexpr ByFunct3 immediates = {addi, slli, slti, sltiu, xori, srli, ori, andi};
constexpr ByFunct3 registers = {add, sll, slt, sltu, xor_, srl, or_, and_};
constexpr ByFunct3 multiplies = {mul, mulh, mulhsu, mulhu, div, divu, rem, remu};
constexpr ByFunct3 registers_32 = {addw, sllw, illegal, illegal, illegal, srlw, illegal, illegal};
constexpr ByFunct3 multiplies_32 = {mulw, illegal, illegal, illegal, divw, divuw, remw, remuw};
constexpr ByFunct3 minima_and_maxima = {illegal, illegal, illegal, illegal, min, minu, max, maxu};
constexpr ByFunct3 shifted_additions = {illegal, illegal, sh1add, illegal, sh2add, illegal, sh3add, illegal};
constexpr ByFunct3 shifted_additions_uw = {illegal, illegal, sh1add_uw, illegal, sh2add_uw, illegal, sh3add_uw, illegal};
constexpr ByFunct3 inverting = {sub, illegal, illegal, illegal, xnor, sra, orn, andn};
constexpr ByFunct3 csr_accesses = {illegal, csrrw, csrrs, csrrc, illegal, csrrwi, csrrsi, csrrci};

// Where shifts by a constant stand, Zbb and Zbs have theirs; what takes one operand alone is named by the whole immediate.
Operation shift_immediate(u32 w) {
  const bool left = bits(w, 14, 12) == 1;
  switch (bits(w, 31, 26)) {
    case 0x00: return left ? slli : srli;
    case 0x0a: return left ? bseti : bits(w, 31, 20) == 0x287 ? orc_b : illegal;
    case 0x10: return left ? illegal : srai;
    case 0x12: return left ? bclri : bexti;
    case 0x18: break;
    case 0x1a: return left ? binvi : bits(w, 31, 20) == 0x6b8 ? rev8 : illegal;
    default: return illegal;
  }
  if (!left) return rori;
  switch (bits(w, 25, 20)) {
    case 0: return clz;
    case 1: return ctz;
    case 2: return cpop;
    case 4: return sext_b;
    case 5: return sext_h;
    default: return illegal;
  }
}

Operation shift_immediate_32(u32 w) {
  const bool left = bits(w, 14, 12) == 1;
  if (left && bits(w, 31, 26) == 0x02) return slli_uw;
  switch (bits(w, 31, 25)) {
    case 0x00: return left ? slliw : srliw;
    case 0x20: return left ? illegal : sraiw;
    case 0x30: break;
    default: return illegal;
  }
  if (!left) return roriw;
  switch (bits(w, 24, 20)) {
    case 0: return clzw;
    case 1: return ctzw;
    case 2: return cpopw;
    default: return illegal;
  }
}

void decode_immediate(Instruction& i, u32 w, bool wide) {
  const u32 funct3 = bits(w, 14, 12);
  i.immediate = i_immediate(w);
  if (funct3 == 1 || funct3 == 5) {
    i.operation = wide ? shift_immediate(w) : shift_immediate_32(w);
    i.immediate = static_cast<std::int32_t>(wide || i.operation == slli_uw ? bits(w, 25, 20) : bits(w, 24, 20));
  } else {
    i.operation = wide ? immediates[funct3] : (funct3 == 0 ? addiw : illegal);
  }
}

Operation register_operation(u32 w) {
  const u32 funct3 = bits(w, 14, 12);
  switch (bits(w, 31, 25)) {
    case 0x00: return registers[funct3];
    case 0x01: return multiplies[funct3];
    case 0x05: return minima_and_maxima[funct3];
    case 0x10: return shifted_additions[funct3];
    case 0x14: return funct3 == 1 ? bset : illegal;
    case 0x20: return inverting[funct3];
    case 0x24: return funct3 == 1 ? bclr : funct3 == 5 ? bext : illegal;
    case 0x30: return funct3 == 1 ? rol : funct3 == 5 ? ror : illegal;
    case 0x34: return funct3 == 1 ? binv : illegal;
    default: return illegal;
  }
}

Operation register_operation_32(u32 w) {
  const u32 funct3 = bits(w, 14, 12);
  switch (bits(w, 31, 25)) {
    case 0x00: return registers_32[funct3];
    case 0x01: return multiplies_32[funct3];
    case 0x04: return funct3 == 0 ? add_uw : funct3 == 4 && bits(w, 24, 20) == 0 ? zext_h : illegal;
    case 0x10: return shifted_additions_uw[funct3];
    case 0x20: return funct3 == 0 ? subw : funct3 == 5 ? sraw : illegal;
    case 0x30: return funct3 == 1 ? rolw : funct3 == 5 ? rorw : illegal;
    default: return illegal;
  }
}

Operation atomic(u32 w) {
  const u32 funct3 = bits(w, 14, 12);
  if (funct3 != 2 && funct3 != 3) return illegal;
  const bool wide = funct3 == 3;
  switch (bits(w, 31, 27)) {
    case 0x02: return bits(w, 24, 20) != 0 ? illegal : wide ? lr_d : lr_w;
    case 0x03: return wide ? sc_d : sc_w;
    case 0x01: return wide ? amoswap_d : amoswap_w;
    case 0x00: return wide ? amoadd_d : amoadd_w;
    case 0x04: return wide ? amoxor_d : amoxor_w;
    case 0x0c: return wide ? amoand_d : amoand_w;
    case 0x08: return wide ? amoor_d : amoor_w;
    case 0x10: return wide ? amomin_d : amomin_w;
    case 0x14: return wide ? amomax_d : amomax_w;
    case 0x18: return wide ? amominu_d : amominu_w;
    case 0x1c: return wide ? amomaxu_d : amomaxu_w;
    default: return illegal;
  }
}

Operation fused(u32 w) {
  const u32 format = bits(w, 26, 25);
  if (format > 1) return illegal;
  switch (bits(w, 6, 2)) {
    case 0x10: return format == 0 ? fmadd_s : fmadd_d;
    case 0x11: return format == 0 ? fmsub_s : fmsub_d;
    case 0x12: return format == 0 ? fnmsub_s : fnmsub_d;
    default: return format == 0 ? fnmadd_s : fnmadd_d;
  }
}

// `selector` (rs2 field) picks among four conversions.
Operation conversion(u32 selector, std::array<Operation, 4> choices) { return selector < 4 ? choices[selector] : illegal; }
Operation by_rm(u32 rm, std::array<Operation, 3> choices) { return rm < 3 ? choices[rm] : illegal; }

Operation floating(u32 w) {
  const u32 rm = bits(w, 14, 12), selector = bits(w, 24, 20);
  switch (bits(w, 31, 25)) {
    case 0x00: return fadd_s;
    case 0x04: return fsub_s;
    case 0x08: return fmul_s;
    case 0x0c: return fdiv_s;
    case 0x2c: return selector == 0 ? fsqrt_s : illegal;
    case 0x10: return by_rm(rm, {fsgnj_s, fsgnjn_s, fsgnjx_s});
    case 0x14: return by_rm(rm, {fmin_s, fmax_s, illegal});
    case 0x50: return by_rm(rm, {fle_s, flt_s, feq_s});
    case 0x60: return conversion(selector, {fcvt_w_s, fcvt_wu_s, fcvt_l_s, fcvt_lu_s});
    case 0x68: return conversion(selector, {fcvt_s_w, fcvt_s_wu, fcvt_s_l, fcvt_s_lu});
    case 0x70: return selector != 0 ? illegal : rm == 0 ? fmv_x_w : rm == 1 ? fclass_s : illegal;
    case 0x78: return selector == 0 && rm == 0 ? fmv_w_x : illegal;
    case 0x20: return selector == 1 ? fcvt_s_d : illegal;
    case 0x01: return fadd_d;
    case 0x05: return fsub_d;
    case 0x09: return fmul_d;
    case 0x0d: return fdiv_d;
    case 0x2d: return selector == 0 ? fsqrt_d : illegal;
    case 0x11: return by_rm(rm, {fsgnj_d, fsgnjn_d, fsgnjx_d});
    case 0x15: return by_rm(rm, {fmin_d, fmax_d, illegal});
    case 0x51: return by_rm(rm, {fle_d, flt_d, feq_d});
    case 0x61: return conversion(selector, {fcvt_w_d, fcvt_wu_d, fcvt_l_d, fcvt_lu_d});
    case 0x69: return conversion(selector, {fcvt_d_w, fcvt_d_wu, fcvt_d_l, fcvt_d_lu});
    case 0x71: return selector != 0 ? illegal : rm == 0 ? fmv_x_d : rm == 1 ? fclass_d : illegal;
    case 0x79: return selector == 0 && rm == 0 ? fmv_d_x : illegal;
    case 0x21: return selector == 0 ? fcvt_d_s : illegal;
    default: return illegal;
  }
}

void decode_system(Instruction& i, u32 w) {
  const u32 funct3 = bits(w, 14, 12);
  if (funct3 != 0) {
    i.operation = csr_accesses[funct3];
    i.immediate = static_cast<std::int32_t>(bits(w, 31, 20));
    return;
  }
  switch (w) {
    case 0x00000073: i.operation = ecall; break;
    case 0x00100073: i.operation = ebreak; break;
    case 0x30200073: i.operation = mret; break;
    case 0x10500073: i.operation = wfi; break;
    default: break;
  }
}

Instruction decode_word(u32 w) {
  Instruction i;
  i.raw = w;
  i.rd = static_cast<std::uint8_t>(bits(w, 11, 7));
  i.rs1 = static_cast<std::uint8_t>(bits(w, 19, 15));
  i.rs2 = static_cast<std::uint8_t>(bits(w, 24, 20));
  i.rs3 = static_cast<std::uint8_t>(bits(w, 31, 27));
  i.rounding = static_cast<std::uint8_t>(bits(w, 14, 12));
  const u32 funct3 = bits(w, 14, 12);
  switch (bits(w, 6, 2)) {
    case 0x00: i.operation = loads[funct3], i.immediate = i_immediate(w); break;
    case 0x01: i.operation = float_loads[funct3], i.immediate = i_immediate(w); break;
    case 0x03: i.operation = funct3 == 0 ? fence : funct3 == 1 ? fence_i : illegal; break;
    case 0x04: decode_immediate(i, w, true); break;
    case 0x05: i.operation = auipc, i.immediate = static_cast<std::int32_t>(w & 0xfffff000); break;
    case 0x06: decode_immediate(i, w, false); break;
    case 0x08: i.operation = stores[funct3], i.immediate = s_immediate(w); break;
    case 0x09: i.operation = float_stores[funct3], i.immediate = s_immediate(w); break;
    case 0x0b: i.operation = atomic(w); break;
    case 0x0c: i.operation = register_operation(w); break;
    case 0x0d: i.operation = lui, i.immediate = static_cast<std::int32_t>(w & 0xfffff000); break;
    case 0x0e: i.operation = register_operation_32(w); break;
    case 0x10:
    case 0x11:
    case 0x12:
    case 0x13: i.operation = fused(w); break;
    case 0x14: i.operation = floating(w); break;
    case 0x18: i.operation = branches[funct3], i.immediate = b_immediate(w); break;
    case 0x19: i.operation = funct3 == 0 ? jalr : illegal, i.immediate = i_immediate(w); break;
    case 0x1b: i.operation = jal, i.immediate = j_immediate(w); break;
    case 0x1c: decode_system(i, w); break;
    default: break;
  }
  return i;
}

}  // namespace

Instruction decode(u32 word) {
  if (instruction_length(static_cast<std::uint16_t>(word)) == 4) return decode_word(word);
  const u32 expanded = expand_compressed(static_cast<std::uint16_t>(word));
  Instruction i = decode_word(expanded);
  if (expanded == 0) i.operation = illegal;
  i.raw = word & 0xffff;
  i.length = 2;
  return i;
}

}  // namespace spinvp::riscv
