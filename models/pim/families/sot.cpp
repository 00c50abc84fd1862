// The `sot` family: in-cell logic of a SOT-MRAM array. A step reads a row into the sense latches and writes another row with copy, AND, OR or XOR of the latch; a
// content search sets the match latches, which then mask writes.
//
// Each sequence below is the shortest that these steps allow; tests/unit/pim/test_logic_minimum.cpp proves it by exhaustive search. A full adder takes 5 writes with
// one destination row a step. The published 4 needs steps that write two rows with different operations at once: the option `two_destinations` emits them as a
// write and one joined to it, which takes no time but drives its cells, so the row write's current doubles. Results then change rows, so lanes picked by
// a mask or a guard still take the 5.
#include "models/pim/logic_family.h"

namespace spinvp::pim {

namespace {

class SotAssembler : public SearchingAssembler {
 public:
  explicit SotAssembler(const AssemblerOptions& o)
      : SearchingAssembler(o.name, o.windows, o.most_rows, ~std::size_t{0}), two_destinations_(o.two_destinations) {
    program_.init_is_write = true;
  }
  using SearchingAssembler::constant;
  using SearchingAssembler::copy;
  using SearchingAssembler::or_into;
  using SearchingAssembler::xor_into;

  Bit inverse(const Bit& a) override {
    Bit p = constant(true);
    write(p, StepKind::write_xor, a);
    return p;
  }
  void invert(Bit& p) override {
    if (ones_.row() == no_row) ones_ = constant(true);
    write(p, StepKind::write_xor, ones_);
  }
  void and_into(Bit& p, const Bit& a) override { write(p, StepKind::write_and, a); }
  void or_into(Bit& p, const Bit& a) override { write(p, StepKind::write_or, a); }
  void xor_into(Bit& p, const Bit& a) override { write(p, StepKind::write_xor, a); }

  // p ^ c, c ^ a, (p ^ c) | (c ^ a), sum = p ^ c ^ a, and carry = sum ^ ((p ^ c) | (c ^ a)).
  void full_add(Bit& p, const Bit& a, Bit& c) override {
    if (two_destinations_ && !masked() && !guarded()) return full_add_in_four(p, a, c);
    write(p, StepKind::write_xor, c);
    write(c, StepKind::write_xor, a);
    write(c, StepKind::write_or, p);
    write(p, StepKind::write_xor, a);
    write(c, StepKind::write_xor, p);
  }
  // p ^ c, c ^ a, (p ^ c) & (c ^ a), difference = p ^ c ^ a, and borrow = a ^ ((p ^ c) & (c ^ a)): two writes of the same latch.
  void full_subtract(Bit& p, const Bit& a, Bit& c) override {
    write(p, StepKind::write_xor, c);
    write(c, StepKind::write_xor, a);
    write(c, StepKind::write_and, p);
    write(p, StepKind::write_xor, a);
    write(c, StepKind::write_xor, a);
  }
  void half_add(Bit& p, Bit& c) override {
    write(p, StepKind::write_xor, c);
    write(c, StepKind::write_or, p);
    write(c, StepKind::write_xor, p);
  }
  void half_subtract(Bit& p, Bit& c) override {
    write(p, StepKind::write_xor, c);
    write(c, StepKind::write_and, p);
  }

 protected:
  void write_copy(const Bit& d, const Bit& a) override { write_row(d.row(), StepKind::write_copy, a.row()); }
  void write_constant(const Bit& d, bool value) override {
    const Row row = d.row();
    emit_rows(value ? StepKind::set : StepKind::reset, std::span(&row, 1), masked());
    if (latched_ == row) latched_ = no_row;
  }

 private:
  Bit ones_;
  bool two_destinations_;
  Row latched_ = no_row;  // the row whose contents the latch holds

  void write(Bit& p, StepKind operation, const Bit& a) {
    own(p);
    write_row(p.row(), operation, a.row());
  }
  // p ^ a with a copy t of a; t | p beside c ^ p, the sum; p & sum; p ^ t, the carry. Sum and carry land in each other's rows.
  void full_add_in_four(Bit& p, const Bit& a, Bit& c) {
    own(p);
    own(c);
    const Bit t = own_row();
    write_row(p.row(), StepKind::write_xor, a.row());
    join(t.row(), StepKind::write_copy);
    write_row(t.row(), StepKind::write_or, p.row());
    join(c.row(), StepKind::write_xor);
    write_row(p.row(), StepKind::write_and, c.row());
    write_row(p.row(), StepKind::write_xor, t.row());
    std::swap(p, c);
  }
  // Another row written from the same latch in the same step.
  void join(Row d, StepKind operation) { emit({.kind = operation, .joined = true, .d = d}); }
  void write_row(Row d, StepKind operation, Row a) {
    // A guarded segment may be skipped: it neither relies on the latch from outside nor leaves one behind (see guard_changed).
    if (latched_ != a) emit({.kind = StepKind::read, .a = a});
    latched_ = d == a ? no_row : a;
    emit({.kind = operation, .masked = masked(), .d = d});
    if (d == latched_) latched_ = no_row;
  }
  void guard_changed() override {
    SearchingAssembler::guard_changed();
    latched_ = no_row;
  }
};

std::optional<PublishedCount> published_count(FloatOperation operation, FloatFormat format, bool full_array) {
  using namespace published;
  const char* source = "assumed: closed forms recalled from arXiv 2003.01551 (fact sheet 3.2), not yet checked against the paper";
  const StepCounts multiply = full_array ? sot_multiply_full_array(format) : sot_multiply(format);
  const StepCounts multiply_cells = full_array ? sot_multiply_full_array_cells(format) : sot_multiply_cells(format);
  switch (operation) {
    case FloatOperation::multiply: return PublishedCount{multiply, multiply_cells, 0, source};
    case FloatOperation::add:
    case FloatOperation::subtract: return PublishedCount{sot_add(format), sot_add_cells(format), 0, source};
    case FloatOperation::multiply_accumulate: return PublishedCount{multiply + sot_add(format), multiply_cells + sot_add_cells(format), 0, source};
    default: return std::nullopt;
  }
}

const FamilyRegistration registration({.name = "sot",
                                       .text = "SOT-MRAM, in-cell AND, OR, XOR by conditional writes, content search",
                                       .cell = "sot",
                                       .assembler = [](const AssemblerOptions& o) { return std::make_unique<SotAssembler>(o); },
                                       .published = published_count});

}  // namespace
}  // namespace spinvp::pim
