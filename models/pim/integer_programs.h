// Procedures on unsigned integers of any width, written once over an Assembler. Words are least significant bit first.
#pragma once

#include "models/pim/assembler.h"

namespace spinvp::pim {

// a + b and a - b, as wide as a, modulo 2^width.
Word integer_add(Assembler& as, ConstBits a, ConstBits b);
Word integer_subtract(Assembler& as, ConstBits a, ConstBits b);
// a times 2^amount (toward the most significant end) and a / 2^amount, as wide as a, by the amount that each lane holds: one gated move of the word for each
// bit of the amount.
Word integer_shift_up(Assembler& as, ConstBits a, ConstBits amount);
Word integer_shift_down(Assembler& as, ConstBits a, ConstBits amount);
// The exact product, a.size() + b.size() bits. Shift and add: a is added where a bit of b is one; the shift is a choice of rows and costs nothing.
Word integer_multiply(Assembler& as, ConstBits a, ConstBits b);
// The same by a scalar of `bits` bits that all lanes share: a segment for each of its bits, skipped where that bit is zero.
Word integer_multiply_by_scalar(Assembler& as, ConstBits a, unsigned bits);

// 1 where a < b (both as wide). `difference`, if not null, receives a - b modulo 2^width.
Bit integer_less(Assembler& as, ConstBits a, ConstBits b, Word* difference = nullptr);

}  // namespace spinvp::pim
