#include "items.h"
#include "parcels.h"

namespace spinvp::conformance {

using namespace riscv::test;

unsigned ItemDraw::free() {
  for (;;)
    if (const unsigned x = 1 + random_.below(31); !reserved_.holds(x)) return x;
}

unsigned ItemDraw::destination() { return random_.one_in(24) ? 0 : free(); }

unsigned ItemDraw::free_small() {
  for (;;)
    if (const unsigned x = any_small(); !reserved_.holds(x)) return x;
}

// signature = 129 (signature + x): a bijection of each, so a difference stays one.
void ItemDraw::mix(Item& item, unsigned x) {
  const unsigned s = reserved_.signature, scratch = free();
  put(item, {add(s, s, x), slli(scratch, s, 7), add(s, s, scratch)});
}

Item ItemDraw::operand() {
  Item item;
  const unsigned rd = free();
  if (random_.one_in(4))
    put(item, {lui(rd, random_.below(1 << 20)), i_type(random_.between(-2048, 2047), rd, 0, rd, random_.one_in(2) ? 0x13 : 0x1b)});
  else
    put(item, ld(rd, operand_offset(8), reserved_.base));
  return item;
}

Item ItemDraw::integer() {
  struct Row {
    u32 funct7, funct3, opcode;
  };
  static constexpr Row by_register[] = {{0, 0, 0x33}, {0, 1, 0x33},    {0, 2, 0x33},    {0, 3, 0x33}, {0, 4, 0x33}, {0, 5, 0x33},    {0, 6, 0x33},
                                        {0, 7, 0x33}, {0x20, 0, 0x33}, {0x20, 5, 0x33}, {1, 0, 0x33}, {1, 1, 0x33}, {1, 2, 0x33},    {1, 3, 0x33},
                                        {1, 4, 0x33}, {1, 5, 0x33},    {1, 6, 0x33},    {1, 7, 0x33}, {0, 0, 0x3b}, {0x20, 0, 0x3b}, {0, 1, 0x3b},
                                        {0, 5, 0x3b}, {0x20, 5, 0x3b}, {1, 0, 0x3b},    {1, 4, 0x3b}, {1, 5, 0x3b}, {1, 6, 0x3b},    {1, 7, 0x3b}};
  static constexpr Row by_immediate[] = {{0, 0, 0x13}, {0, 2, 0x13}, {0, 3, 0x13}, {0, 4, 0x13}, {0, 6, 0x13}, {0, 7, 0x13}, {0, 0, 0x1b}};
  static constexpr Row by_shift[] = {{0, 1, 0x13}, {0, 5, 0x13}, {0x20, 5, 0x13}, {0, 1, 0x1b}, {0, 5, 0x1b}, {0x20, 5, 0x1b}};
  Item item;
  const unsigned rd = destination();
  switch (random_.below(8)) {
    case 0: put(item, random_.one_in(2) ? lui(rd, random_.below(1 << 20)) : auipc(rd, random_.below(1 << 20))); break;
    case 1:
    case 2: {
      const Row& r = random_.pick(by_immediate);
      put(item, i_type(random_.between(-2048, 2047), any(), r.funct3, rd, r.opcode));
      break;
    }
    case 3: {
      const Row& r = random_.pick(by_shift);
      put(item, i_type(static_cast<i32>(r.funct7 << 5 | random_.below(r.opcode == 0x13 ? 64 : 32)), any(), r.funct3, rd, r.opcode));
      break;
    }
    default: {
      const Row& r = random_.pick(by_register);
      put(item, r_type(r.funct7, any(), any(), r.funct3, rd, r.opcode));
    }
  }
  if (random_.one_in(2)) mix(item, rd);
  return item;
}

Item ItemDraw::bit_manipulation() {
  struct Row {
    u32 funct7, funct3, opcode;
  };
  static constexpr Row by_register[] = {
      {0x04, 0, 0x3b}, {0x10, 2, 0x33}, {0x10, 4, 0x33}, {0x10, 6, 0x33}, {0x10, 2, 0x3b}, {0x10, 4, 0x3b}, {0x10, 6, 0x3b},  // Zba
      {0x20, 7, 0x33}, {0x20, 6, 0x33}, {0x20, 4, 0x33}, {0x05, 6, 0x33}, {0x05, 7, 0x33}, {0x05, 4, 0x33}, {0x05, 5, 0x33},  // Zbb
      {0x30, 1, 0x33}, {0x30, 5, 0x33}, {0x30, 1, 0x3b}, {0x30, 5, 0x3b}, {0x24, 1, 0x33}, {0x24, 5, 0x33}, {0x34, 1, 0x33},  // Zbb, Zbs
      {0x14, 1, 0x33}};
  static constexpr u32 ctzw = 0x6010101b, bseti = 0x28001013;
  // clz, ctz, cpop, sext.b, sext.h, clzw, ctzw, cpopw, zext.h, orc.b, rev8: whole words but for the registers.
  static constexpr u32 of_one[] = {0x60001013, 0x60101013, 0x60201013, 0x60401013, 0x60501013, 0x6000101b,
                                   0x6010101b, 0x6020101b, 0x0800403b, 0x28705013, 0x6b805013};
  // rori, bclri, bexti, binvi, bseti, slli.uw with a shift of 6 bits; roriw with 5.
  static constexpr u32 by_shift[] = {0x60005013, 0x48001013, 0x48005013, 0x68001013, bseti, 0x0800101b};
  Item item;
  const unsigned rd = destination();
  switch (random_.below(4)) {
    case 0: {
      const u32 word = random_.pick(of_one);
      unsigned rs = any();
      if (word == ctzw) {  // never of a low word that is zero: the manual says 32, QEMU 7.2 counts on into the upper word
        const unsigned filled = free();
        put(item, bseti | random_.below(32) << 20 | rs << 15 | filled << 7);
        rs = filled;
      }
      put(item, word | rs << 15 | rd << 7);
      break;
    }
    case 1:
      if (random_.one_in(6))
        put(item, 0x6000501b | random_.below(32) << 20 | any() << 15 | rd << 7);
      else
        put(item, random_.pick(by_shift) | random_.below(64) << 20 | any() << 15 | rd << 7);
      break;
    default: {
      const Row& r = random_.pick(by_register);
      put(item, r_type(r.funct7, any(), any(), r.funct3, rd, r.opcode));
    }
  }
  if (random_.one_in(2)) mix(item, rd);
  return item;
}

// Manual volume I, chapter 16: every form that computes, its hints (rd = x0) included.
Item ItemDraw::compressed() {
  Item item;
  const u32 imm = random_.below(64), split = (imm >> 5) << 12 | (imm & 31) << 2, rd = destination();
  const auto small = [&](u32 low) { return 0x8001 | low | (free_small() - 8) << 7; };
  switch (random_.below(15)) {
    case 0: half(item, 0x0000 | (1 + random_.below(255)) << 5 | (free_small() - 8) << 2); break;  // c.addi4spn
    case 1: half(item, 0x0001 | split | rd << 7); break;                                          // c.addi, c.nop
    case 2: half(item, 0x2001 | split | free() << 7); break;                                      // c.addiw
    case 3: half(item, 0x4001 | split | rd << 7); break;                                          // c.li
    case 4:
      if (rd == 2 || imm == 0) {
        if (!reserved_.holds(2)) half(item, 0x6101 | (1 + random_.below(31)) << 2);  // c.addi16sp
      } else {
        half(item, 0x6001 | split | rd << 7);  // c.lui
      }
      break;
    case 5: half(item, small(split)); break;          // c.srli
    case 6: half(item, small(split | 0x400)); break;  // c.srai
    case 7: half(item, small(split | 0x800)); break;  // c.andi
    case 8:
    case 9: half(item, small(0xc00 | random_.below(4) << 5 | random_.below(8) << 2)); break;    // c.sub, c.xor, c.or, c.and
    case 10: half(item, small(0x1c00 | random_.below(2) << 5 | random_.below(8) << 2)); break;  // c.subw, c.addw
    case 11: half(item, 0x0002 | split | rd << 7); break;                                       // c.slli
    case 12: half(item, 0x8002 | rd << 7 | (1 + random_.below(31)) << 2); break;                // c.mv
    default: half(item, 0x9002 | rd << 7 | (1 + random_.below(31)) << 2); break;                // c.add
  }
  if (random_.one_in(3)) mix(item, any());
  return item;
}

}  // namespace spinvp::conformance
