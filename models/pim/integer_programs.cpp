#include "models/pim/integer_programs.h"

namespace spinvp::pim {

Word integer_add(Assembler& as, ConstBits a, ConstBits b) {
  Word p = as.copy(a);
  as.add(Bits(p), b, as.constant(false));
  return p;
}

Word integer_subtract(Assembler& as, ConstBits a, ConstBits b) {
  Word p = as.copy(a);
  as.subtract(Bits(p), b, as.constant(false));
  return p;
}

namespace {

// One gated move of the word for each bit of the amount.
template <typename Move>
Word shifted(Assembler& as, ConstBits a, ConstBits amount, Move&& move) {
  Word p = as.copy(a);
  for (std::size_t k = 0; k < amount.size(); ++k) {
    Gate gate = as.when(amount[k]);
    move(gate, p, static_cast<unsigned>(std::min(std::size_t{1} << k, p.size())));
  }
  return p;
}

}  // namespace

Word integer_shift_up(Assembler& as, ConstBits a, ConstBits amount) {
  return shifted(as, a, amount, [&](Gate& gate, Word& p, unsigned distance) { as.shift_up(gate, p, distance); });
}

Word integer_shift_down(Assembler& as, ConstBits a, ConstBits amount) {
  return shifted(as, a, amount, [&](Gate& gate, Word& p, unsigned distance) { as.shift_down(gate, p, distance); });
}

Word integer_multiply(Assembler& as, ConstBits a, ConstBits b) {
  // The first partial product needs no adder.
  Word p = as.constant(0, static_cast<unsigned>(a.size()));
  Gate first = as.when(b[0]);
  as.assign(first, p, a);
  p.push_back(as.constant(false));
  for (std::size_t i = 1; i < b.size(); ++i) {
    Gate gate = as.when(b[i]);
    p.push_back(as.add(gate, Bits(p).subspan(i, a.size()), a));
  }
  return p;
}

Word integer_multiply_by_scalar(Assembler& as, ConstBits a, unsigned bits) {
  Word p = as.constant(0, static_cast<unsigned>(a.size()) + bits);
  for (unsigned i = 0; i < bits; ++i) as.guarded_add(static_cast<std::uint8_t>(i), Bits(p).subspan(i, a.size() + 1), a);
  return p;
}

Bit integer_less(Assembler& as, ConstBits a, ConstBits b, Word* difference) {
  Word p = as.copy(a);
  Bit borrow = as.subtract(Bits(p), b, as.constant(false));
  if (difference != nullptr) *difference = std::move(p);
  return borrow;
}

}  // namespace spinvp::pim
