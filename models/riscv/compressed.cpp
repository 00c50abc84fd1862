// RVC for RV64 (manual volume I, chapter 16): each compressed instruction is spelled as the 32-bit one it stands for.
#include "models/riscv/decode.h"

namespace spinvp::riscv {
namespace {

using u32 = std::uint32_t;

constexpr u32 bits(u32 word, unsigned high, unsigned low) { return (word >> low) & ((1u << (high - low + 1)) - 1); }
// Bit `from` of the word, moved to position `to`.
constexpr u32 move(u32 word, unsigned from, unsigned to) { return ((word >> from) & 1u) << to; }
constexpr u32 sign_extend(u32 value, unsigned width) { return static_cast<u32>(static_cast<std::int32_t>(value << (32 - width)) >> (32 - width)); }

// Encoders of the 32-bit formats.
constexpr u32 r_type(u32 funct7, u32 rs2, u32 rs1, u32 funct3, u32 rd, u32 opcode) {
  return funct7 << 25 | rs2 << 20 | rs1 << 15 | funct3 << 12 | rd << 7 | opcode;
}
constexpr u32 i_type(u32 immediate, u32 rs1, u32 funct3, u32 rd, u32 opcode) { return (immediate & 0xfff) << 20 | rs1 << 15 | funct3 << 12 | rd << 7 | opcode; }
constexpr u32 s_type(u32 immediate, u32 rs2, u32 rs1, u32 funct3, u32 opcode) {
  return bits(immediate, 11, 5) << 25 | rs2 << 20 | rs1 << 15 | funct3 << 12 | bits(immediate, 4, 0) << 7 | opcode;
}
constexpr u32 b_type(u32 offset, u32 rs2, u32 rs1, u32 funct3) {
  return move(offset, 12, 31) | bits(offset, 10, 5) << 25 | rs2 << 20 | rs1 << 15 | funct3 << 12 | bits(offset, 4, 1) << 8 | move(offset, 11, 7) | 0x63;
}
constexpr u32 jal(u32 offset, u32 rd) {
  return move(offset, 20, 31) | bits(offset, 10, 1) << 21 | move(offset, 11, 20) | bits(offset, 19, 12) << 12 | rd << 7 | 0x6f;
}

constexpr u32 op_imm = 0x13, op_imm_32 = 0x1b, op = 0x33, op_32 = 0x3b, load = 0x03, load_fp = 0x07, store = 0x23, store_fp = 0x27, lui = 0x37, jalr = 0x67;
constexpr u32 stack = 2, link = 1;

u32 quadrant_0(u32 w) {
  const u32 rd = bits(w, 4, 2) + 8, rs1 = bits(w, 9, 7) + 8;
  const u32 word_offset = bits(w, 12, 10) << 3 | move(w, 6, 2) | move(w, 5, 6);
  const u32 double_offset = bits(w, 12, 10) << 3 | bits(w, 6, 5) << 6;
  switch (bits(w, 15, 13)) {
    case 0: {
      const u32 immediate = bits(w, 12, 11) << 4 | bits(w, 10, 7) << 6 | move(w, 6, 2) | move(w, 5, 3);
      return immediate == 0 ? 0 : i_type(immediate, stack, 0, rd, op_imm);  // c.addi4spn; zero is reserved (and 0x0000 is illegal by definition)
    }
    case 1: return i_type(double_offset, rs1, 3, rd, load_fp);   // c.fld
    case 2: return i_type(word_offset, rs1, 2, rd, load);        // c.lw
    case 3: return i_type(double_offset, rs1, 3, rd, load);      // c.ld
    case 5: return s_type(double_offset, rd, rs1, 3, store_fp);  // c.fsd
    case 6: return s_type(word_offset, rd, rs1, 2, store);       // c.sw
    case 7: return s_type(double_offset, rd, rs1, 3, store);     // c.sd
    default: return 0;
  }
}

u32 arithmetic(u32 w) {
  const u32 rd = bits(w, 9, 7) + 8, rs2 = bits(w, 4, 2) + 8, shift = move(w, 12, 5) | bits(w, 6, 2);
  switch (bits(w, 11, 10)) {
    case 0: return i_type(shift, rd, 5, rd, op_imm);                  // c.srli
    case 1: return i_type(shift | 0x400, rd, 5, rd, op_imm);          // c.srai
    case 2: return i_type(sign_extend(shift, 6), rd, 7, rd, op_imm);  // c.andi
    default: break;
  }
  switch (move(w, 12, 2) | bits(w, 6, 5)) {
    case 0: return r_type(0x20, rs2, rd, 0, rd, op);     // c.sub
    case 1: return r_type(0, rs2, rd, 4, rd, op);        // c.xor
    case 2: return r_type(0, rs2, rd, 6, rd, op);        // c.or
    case 3: return r_type(0, rs2, rd, 7, rd, op);        // c.and
    case 4: return r_type(0x20, rs2, rd, 0, rd, op_32);  // c.subw
    case 5: return r_type(0, rs2, rd, 0, rd, op_32);     // c.addw
    default: return 0;
  }
}

u32 quadrant_1(u32 w) {
  const u32 rd = bits(w, 11, 7), immediate = sign_extend(move(w, 12, 5) | bits(w, 6, 2), 6), rs1_small = bits(w, 9, 7) + 8;
  const u32 branch = sign_extend(move(w, 12, 8) | bits(w, 11, 10) << 3 | bits(w, 6, 5) << 6 | bits(w, 4, 3) << 1 | move(w, 2, 5), 9);
  switch (bits(w, 15, 13)) {
    case 0: return i_type(immediate, rd, 0, rd, op_imm);                   // c.addi, c.nop
    case 1: return rd == 0 ? 0 : i_type(immediate, rd, 0, rd, op_imm_32);  // c.addiw
    case 2: return i_type(immediate, 0, 0, rd, op_imm);                    // c.li
    case 3: {
      if (rd == stack) {
        const u32 offset = sign_extend(move(w, 12, 9) | move(w, 6, 4) | move(w, 5, 6) | bits(w, 4, 3) << 7 | move(w, 2, 5), 10);
        return offset == 0 ? 0 : i_type(offset, stack, 0, stack, op_imm);  // c.addi16sp
      }
      return immediate == 0 ? 0 : (immediate << 12 | rd << 7 | lui);  // c.lui
    }
    case 4: return arithmetic(w);
    case 5:
      return jal(
          sign_extend(
              move(w, 12, 11) | move(w, 11, 4) | bits(w, 10, 9) << 8 | move(w, 8, 10) | move(w, 7, 6) | move(w, 6, 7) | bits(w, 5, 3) << 1 | move(w, 2, 5), 12),
          0);                                         // c.j
    case 6: return b_type(branch, 0, rs1_small, 0);   // c.beqz
    default: return b_type(branch, 0, rs1_small, 1);  // c.bnez
  }
}

u32 quadrant_2(u32 w) {
  const u32 rd = bits(w, 11, 7), rs2 = bits(w, 6, 2);
  const u32 load_double = move(w, 12, 5) | bits(w, 6, 5) << 3 | bits(w, 4, 2) << 6, load_word = move(w, 12, 5) | bits(w, 6, 4) << 2 | bits(w, 3, 2) << 6;
  const u32 store_double = bits(w, 12, 10) << 3 | bits(w, 9, 7) << 6, store_word = bits(w, 12, 9) << 2 | bits(w, 8, 7) << 6;
  switch (bits(w, 15, 13)) {
    case 0: return i_type(move(w, 12, 5) | bits(w, 6, 2), rd, 1, rd, op_imm);  // c.slli
    case 1: return i_type(load_double, stack, 3, rd, load_fp);                 // c.fldsp
    case 2: return rd == 0 ? 0 : i_type(load_word, stack, 2, rd, load);        // c.lwsp
    case 3: return rd == 0 ? 0 : i_type(load_double, stack, 3, rd, load);      // c.ldsp
    case 4:
      if (bits(w, 12, 12) == 0) {
        if (rs2 == 0) return rd == 0 ? 0 : i_type(0, rd, 0, 0, jalr);  // c.jr
        return r_type(0, rs2, 0, 0, rd, op);                           // c.mv
      }
      if (rs2 == 0) return rd == 0 ? 0x00100073 : i_type(0, rd, 0, link, jalr);  // c.ebreak, c.jalr
      return r_type(0, rs2, rd, 0, rd, op);                                      // c.add
    case 5: return s_type(store_double, rs2, stack, 3, store_fp);                // c.fsdsp
    case 6: return s_type(store_word, rs2, stack, 2, store);                     // c.swsp
    default: return s_type(store_double, rs2, stack, 3, store);                  // c.sdsp
  }
}

}  // namespace

u32 expand_compressed(std::uint16_t word) {
  switch (word & 3u) {
    case 0: return quadrant_0(word);
    case 1: return quadrant_1(word);
    case 2: return quadrant_2(word);
    default: return 0;
  }
}

}  // namespace spinvp::riscv
