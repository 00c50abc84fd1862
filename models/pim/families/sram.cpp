// The `sram` family: bit-serial logic in the sense amplifiers of an SRAM array (as in Neural Cache): a cycle activates two rows, computes a bit and the carry latch
// from what both bit lines and the latch say, and writes a third row. A tag latch a column gates the write; it is loaded from one row.
#include "models/pim/logic_family.h"

namespace spinvp::pim {

namespace {

// Truth tables over a + 2 b + 4 latch.
constexpr std::uint8_t f_a = 0xaa, f_latch = 0xf0, f_and = 0x88, f_or = 0xee, f_xor = 0x66, f_not = 0x55, f_keep = 0xf0;
constexpr std::uint8_t f_sum = 0x96, f_majority = 0xe8;
// Operands b = p, a = subtrahend: borrow = majority(not p, a, latch).
constexpr std::uint8_t borrow_table() {
  std::uint8_t table = 0;
  for (unsigned i = 0; i < 8; ++i) {
    const unsigned a = i & 1, not_p = (~i >> 1) & 1, latch = i >> 2;
    if (a + not_p + latch >= 2) table = static_cast<std::uint8_t>(table | 1u << i);
  }
  return table;
}
constexpr std::uint8_t f_borrow = borrow_table();

class SramAssembler : public SearchingAssembler {
 public:
  explicit SramAssembler(const AssemblerOptions& o) : SearchingAssembler(o.name, o.windows, o.most_rows, 1) { program_.init_is_write = true; }
  using SearchingAssembler::add;
  using SearchingAssembler::constant;
  using SearchingAssembler::copy;
  using SearchingAssembler::decrement;
  using SearchingAssembler::or_into;
  using SearchingAssembler::xor_into;

  Bit inverse(const Bit& a) override {
    Bit p = own_row();
    combine(p.row(), a.row(), no_row, f_not, f_keep);
    return p;
  }
  void invert(Bit& p) override { into(p, p, f_not); }
  void and_into(Bit& p, const Bit& a) override { into(p, a, f_and); }
  void or_into(Bit& p, const Bit& a) override { into(p, a, f_or); }
  void xor_into(Bit& p, const Bit& a) override { into(p, a, f_xor); }
  Bit and_of(const Bit& a, const Bit& b) override { return of(a, b, f_and); }
  Bit or_of(const Bit& a, const Bit& b) override { return of(a, b, f_or); }
  Bit xor_of(const Bit& a, const Bit& b) override { return of(a, b, f_xor); }

  // The carry lies in the latch during a word and in a row between words.
  Bit add(Bits p, ConstBits a, Bit c) override { return chain(p, a, std::move(c), f_majority, 0xa0); }
  Bit subtract(Bits p, ConstBits a, Bit c) override { return chain(p, a, std::move(c), f_borrow, 0x50); }
  Bit increment(Bits p, Bit c) override { return chain(p, {}, std::move(c), f_majority, 0xa0); }
  Bit decrement(Bits p, Bit c) override { return chain(p, {}, std::move(c), f_borrow, 0x50); }
  void full_add(Bit& p, const Bit& a, Bit& c) override { c = add(Bits(&p, 1), ConstBits(&a, 1), std::move(c)); }
  void full_subtract(Bit& p, const Bit& a, Bit& c) override { c = subtract(Bits(&p, 1), ConstBits(&a, 1), std::move(c)); }
  void half_add(Bit& p, Bit& c) override { c = increment(Bits(&p, 1), std::move(c)); }
  void half_subtract(Bit& p, Bit& c) override { c = decrement(Bits(&p, 1), std::move(c)); }

 protected:
  void write_copy(const Bit& d, const Bit& a) override { combine(d.row(), a.row(), no_row, f_a, f_keep); }
  void write_constant(const Bit& d, bool value) override {
    const Row row = d.row();
    emit_rows(value ? StepKind::set : StepKind::reset, std::span(&row, 1), masked());
  }

 private:
  void combine(Row d, Row a, Row b, std::uint8_t f, std::uint8_t g) {
    emit({.kind = StepKind::combine, .masked = masked(), .f = f, .g = g, .d = d, .a = a, .b = b});
  }
  void into(Bit& p, const Bit& a, std::uint8_t f) {
    own(p);
    combine(p.row(), a.row(), p.row(), f, f_keep);
  }
  Bit of(const Bit& a, const Bit& b, std::uint8_t f) {
    Bit p = own_row();
    combine(p.row(), a.row(), b.row(), f, f_keep);
    return p;
  }
  // `both`: next latch from a, b = p and the latch. `alone`: next latch from a = p and the latch, where there is no second operand.
  Bit chain(Bits p, ConstBits a, Bit c, std::uint8_t both, std::uint8_t alone) {
    for (Bit& bit : p) own(bit);
    own(c);
    combine(no_row, c.row(), no_row, 0, f_a);  // latch = c
    for (std::size_t i = 0; i < p.size(); ++i)
      i < a.size() ? combine(p[i].row(), a[i].row(), p[i].row(), f_sum, both) : combine(p[i].row(), p[i].row(), no_row, 0x5a, alone);
    combine(c.row(), no_row, no_row, f_latch, f_keep);
    return c;
  }
};

std::optional<PublishedCount> published_count(FloatOperation, FloatFormat, bool) { return std::nullopt; }

const FamilyRegistration registration({.name = "sram",
                                       .text = "bit-serial logic in the sense amplifiers of an SRAM array",
                                       .cell = "sram",
                                       .assembler = [](const AssemblerOptions& o) { return std::make_unique<SramAssembler>(o); },
                                       .published = published_count});

}  // namespace
}  // namespace spinvp::pim
