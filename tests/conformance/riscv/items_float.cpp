#include "items.h"
#include "parcels.h"

namespace spinvp::conformance {
namespace {

constexpr std::uint32_t fflags = 0x001, frm = 0x002, fcsr = 0x003;

}  // namespace

using namespace riscv::test;

void ItemDraw::load_float(Item& item, unsigned f, bool single) { put(item, i_type(operand_offset(single ? 4 : 8), reserved_.base, single ? 2 : 3, f, 0x07)); }

// Read and cleared, so that the next operation's flags stand out.
void ItemDraw::mix_flags(Item& item) {
  const unsigned r = free();
  put(item, csrrwi(r, fflags, 0));
  mix(item, r);
}

void ItemDraw::mix_float(Item& item, unsigned f) {
  const unsigned r = free();
  put(item, fp(0x71, 0, f, 0, r));  // fmv.x.d: all 64 bits, so the box of a binary32 as well
  mix(item, r);
}

Item ItemDraw::rounding_float() {
  static constexpr u32 rounding[] = {0, 1, 2, 3, 4, 7, 7};
  Item item;
  const u32 format = random_.below(2), rm = random_.pick(rounding), a = any(), b = any(), c = any(), fd = any();
  const auto refresh = [&](unsigned f) {
    if (!random_.one_in(3)) load_float(item, f, format == 0 && !random_.one_in(8));
  };
  unsigned integer_result = 0;
  refresh(a);
  switch (random_.below(12)) {
    case 0:
    case 1:
    case 2:
    case 3: {
      static constexpr u32 functions[] = {0x00, 0x04, 0x08, 0x0c};
      if (!random_.one_in(6)) refresh(b);
      put(item, fp(random_.pick(functions) | format, b, a, rm, fd));
      break;
    }
    case 4: put(item, fp(0x2c | format, 0, a, rm, fd)); break;
    case 5:
    case 6:
    case 7: {
      static constexpr u32 opcodes[] = {0x43, 0x47, 0x4b, 0x4f};
      refresh(b);
      refresh(c);
      put(item, r_type(c << 2 | format, b, a, rm, fd, random_.pick(opcodes)));
      break;
    }
    case 8:
    case 9:
      integer_result = free();
      put(item, fp(0x60 | format, random_.below(4), a, rm, integer_result));
      break;
    case 10: {
      if (random_.one_in(2)) {
        const unsigned x = free();
        put(item, {ld(x, operand_offset(8), reserved_.base), fp(0x68 | format, random_.below(4), x, rm, fd)});
      } else {
        put(item, fp(0x68 | format, random_.below(4), any(), rm, fd));
      }
      break;
    }
    default: put(item, format == 0 ? fp(0x20, 1, a, rm, fd) : fp(0x21, 0, a, rm, fd));
  }
  if (integer_result != 0)
    mix(item, integer_result);
  else
    mix_float(item, fd);
  mix_flags(item);
  return item;
}

Item ItemDraw::other_float() {
  Item item;
  const u32 format = random_.below(2), a = any(), b = any(), fd = any();
  if (!random_.one_in(3)) load_float(item, a, format == 0 && !random_.one_in(8));
  if (!random_.one_in(3)) load_float(item, b, format == 0 && !random_.one_in(8));
  unsigned integer_result = 0;
  switch (random_.below(6)) {
    case 0: put(item, fp(0x10 | format, b, a, random_.below(3), fd)); break;
    case 1: put(item, fp(0x14 | format, b, a, random_.below(2), fd)); break;
    case 2: put(item, fp(0x50 | format, b, a, random_.below(3), integer_result = free())); break;
    case 3: put(item, fp(0x70 | format, 0, a, 1, integer_result = free())); break;
    case 4: put(item, fp(0x70 | format, 0, a, 0, integer_result = free())); break;
    default: put(item, fp(0x78 | format, 0, any(), 0, fd));
  }
  if (integer_result != 0)
    mix(item, integer_result);
  else
    mix_float(item, fd);
  mix_flags(item);
  return item;
}

// Leaves a legal rounding mode behind, whatever it wrote before.
Item ItemDraw::float_control() {
  Item item;
  const unsigned rd = destination(), mode = random_.below(5);
  const u32 access = 1 + random_.below(3) + 4 * random_.below(2);  // csrrw, csrrs, csrrc and their immediate forms
  static constexpr u32 registers[] = {fflags, frm, fcsr};
  put(item, i_type(static_cast<i32>(random_.pick(registers)), any(), access, rd, 0x73));
  mix(item, rd);
  put(item, csrrwi(destination(), frm, mode));
  if (random_.one_in(2)) mix_flags(item);
  return item;
}

}  // namespace spinvp::conformance
