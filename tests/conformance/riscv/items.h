// Draws the items of a program, a function for each part of the instruction set.
#pragma once

#include "program.h"

namespace spinvp::conformance {

class ItemDraw {
 public:
  ItemDraw(Random& random, const Reserved& reserved) : random_(random), reserved_(reserved) {}

  Item integer();
  Item bit_manipulation();
  Item compressed();
  Item memory();
  Item compressed_memory();
  Item atomic();
  Item conditional_store();  // LR, a few computations, SC
  Item operand();            // a fresh operand in an integer register
  Item rounding_float();     // operands, an operation that rounds, its flags
  Item other_float();        // sign injection, comparisons, moves, classes
  Item float_control();      // frm, fflags, fcsr
  Item patched_code();       // writes an instruction, fence.i, runs it
  Item control();            // branch or jump over some items

 private:
  Random& random_;
  const Reserved& reserved_;

  unsigned any() { return random_.below(32); }
  unsigned free();         // a register that may be written, not x0
  unsigned destination();  // now and then x0
  unsigned free_small();   // of x8 to x15
  unsigned any_small() { return 8 + random_.below(8); }
  // Address of a word of `size` bytes in the data, aligned to `align`: puts code that leaves it in a free register, to which `offset` is to be added.
  unsigned address(Item& item, unsigned align, int& offset);
  unsigned aligned_address(Item& item);
  int operand_offset(unsigned align) {
    return first_operand + static_cast<int>(random_.below(1024 / 8) * 8 + (align < 8 ? random_.below(8 / align) * align : 0));
  }
  void load_float(Item& item, unsigned f, bool single);
  // Mixes x register (and with `flags` fflags, which it clears) into the signature.
  void mix(Item& item, unsigned x);
  void mix_flags(Item& item);
  void mix_float(Item& item, unsigned f);
};

}  // namespace spinvp::conformance
