#include "items.h"
#include "parcels.h"

namespace spinvp::conformance {

using namespace riscv::test;

// Either the base itself or base + some bits of a random register.
unsigned ItemDraw::address(Item& item, unsigned align, int& offset) {
  const auto aligned = [&](int v) { return v & -static_cast<int>(align); };
  if (random_.one_in(2)) {
    // One in four about the page boundary.
    offset = aligned(random_.one_in(4) ? random_.between(-9, 9) : random_.between(first_data, 2047));
    return reserved_.base;
  }
  const unsigned r = free();
  static constexpr i32 masks[] = {0x7ff, 0x7f8, 0x0ff, 0x03f};
  put(item, {i_type(random_.pick(masks) & -static_cast<i32>(align), any(), 7, r, 0x13), add(r, r, reserved_.base)});
  offset = aligned(random_.between(first_data, 2040));
  return r;
}

// Of a naturally aligned double word.
unsigned ItemDraw::aligned_address(Item& item) {
  const unsigned r = free();
  put(item, {i_type(0x7f8, any(), 7, r, 0x13), add(r, r, reserved_.base)});
  return r;
}

Item ItemDraw::memory() {
  Item item;
  int offset = 0;
  // Misaligned in one of three.
  const unsigned width = random_.below(4), align = random_.one_in(3) ? 1 : 1u << width;
  const unsigned at = address(item, align, offset);
  switch (random_.below(8)) {
    case 0:
    case 1:
    case 2: {
      const unsigned rd = destination();
      const u32 funct3 = width < 3 && random_.one_in(2) ? width + 4 : width;  // zero-extending
      put(item, load(funct3, rd, offset, at));
      mix(item, rd);
      break;
    }
    case 3: put(item, i_type(offset & (align == 1 ? -1 : -8), at, width < 2 ? 2 : 3, any(), 0x07)); break;
    case 4: put(item, s_type(offset & (align == 1 ? -1 : -8), any(), at, width < 2 ? 2 : 3, 0x27)); break;
    default: put(item, store(width, any(), offset, at));
  }
  if (random_.one_in(40)) put(item, random_.one_in(2) ? 0x0ff0000fu : fence_i);
  return item;
}

// Where the base is x2 or among x8 to x15; otherwise an ordinary access.
Item ItemDraw::compressed_memory() {
  Item item;
  const u32 base = reserved_.base, v = random_.below(32), double_offset = (v & 7) << 10 | (v >> 3) << 5,
            word_offset = (v >> 1 & 7) << 10 | (v & 1) << 6 | (v >> 4) << 5;
  if (base == 2) {
    const u32 rd = free(), load_word = (v & 1) << 12 | (v >> 1 & 7) << 4 | (v >> 4) << 2, load_double = (v & 1) << 12 | (v >> 1 & 3) << 5 | (v >> 3 & 3) << 2;
    const u32 store_word = (v & 15) << 9 | (v >> 4) << 7, store_double = (v & 7) << 10 | (v >> 3) << 7;
    switch (random_.below(6)) {
      case 0: half(item, 0x2002 | load_double | any() << 7); break;   // c.fldsp
      case 1: half(item, 0x4002 | load_word | rd << 7); break;        // c.lwsp
      case 2: half(item, 0x6002 | load_double | rd << 7); break;      // c.ldsp
      case 3: half(item, 0xa002 | store_double | any() << 2); break;  // c.fsdsp
      case 4: half(item, 0xc002 | store_word | any() << 2); break;    // c.swsp
      default: half(item, 0xe002 | store_double | any() << 2);        // c.sdsp
    }
    mix(item, rd);
    return item;
  }
  if (base < 8 || base > 15) return memory();
  const u32 rs1 = (base - 8) << 7, rd = free_small() - 8, other = random_.below(8);
  switch (random_.below(6)) {
    case 0: half(item, 0x2000 | double_offset | rs1 | other << 2); break;  // c.fld
    case 1: half(item, 0x4000 | word_offset | rs1 | rd << 2); break;       // c.lw
    case 2: half(item, 0x6000 | double_offset | rs1 | rd << 2); break;     // c.ld
    case 3: half(item, 0xa000 | double_offset | rs1 | other << 2); break;  // c.fsd
    case 4: half(item, 0xc000 | word_offset | rs1 | other << 2); break;    // c.sw
    default: half(item, 0xe000 | double_offset | rs1 | other << 2);        // c.sd
  }
  mix(item, rd + 8);
  return item;
}

Item ItemDraw::atomic() {
  static constexpr u32 functions[] = {0x01, 0x00, 0x04, 0x0c, 0x08, 0x10, 0x14, 0x18, 0x1c};
  Item item;
  const unsigned at = aligned_address(item), rd = destination();
  put(item, amo(random_.pick(functions), 2 + random_.below(2), rd, any(), at) | random_.below(4) << 25);
  mix(item, rd);
  return item;
}

// Between LR and SC stands nothing that touches memory, and each LR has an SC of its width behind it: what happens otherwise is up to the implementation.
Item ItemDraw::conditional_store() {
  Item item;
  const unsigned at = aligned_address(item), width = 2 + random_.below(2), order = random_.below(4) << 25;
  const auto other_than_address = [&] {
    for (;;)
      if (const unsigned x = free(); x != at) return x;
  };
  const unsigned rd = other_than_address();
  switch (random_.below(8)) {
    case 0:  // no reservation: fails
      put(item, amo(0x03, width, rd, any(), at) | order);
      break;
    case 1: {  // elsewhere: fails
      unsigned elsewhere = rd;
      while (elsewhere == rd) elsewhere = other_than_address();
      put(item, {addi(elsewhere, at, 256), amo(0x02, width, rd, 0, at) | order, amo(0x03, width, rd, any(), elsewhere) | order});
      break;
    }
    default:
      put(item, amo(0x02, width, other_than_address(), 0, at) | order);
      if (random_.one_in(2)) put(item, r_type(random_.below(2), any(), any(), random_.below(8), other_than_address(), 0x33));
      put(item, amo(0x03, width, rd, any(), at) | order);
  }
  mix(item, rd);
  return item;
}

Item ItemDraw::patched_code() {
  Item item;
  const unsigned here = free(), target = free();
  unsigned word_register = free();
  while (word_register == here) word_register = free();
  const u32 word = i_type(random_.between(-2048, 2047), any(), 0, target, 0x13);
  put(item, {auipc(here, 0), lui(word_register, (word + 0x800) >> 12 & 0xfffff), addi(word_register, word_register, static_cast<i32>(word << 20) >> 20),
             sw(word_register, 20, here), fence_i, nop});
  mix(item, target);
  return item;
}

}  // namespace spinvp::conformance
