#include "models/pim/families/nor_assembler.h"

namespace spinvp::pim {

Bit NorAssembler::fresh() {
  if (ready_.empty()) {
    for (std::size_t i = 0; i < batch_; ++i) ready_.push_back(take_row());
    std::sort(ready_.rbegin(), ready_.rend());  // lowest row first
    emit_rows(StepKind::set, ready_, false);
  }
  const Row row = ready_.back();
  ready_.pop_back();
  return adopt(row);
}

void NorAssembler::guard_changed() {
  // Rows set inside a skipped segment are not set, rows used inside it are: neither may cross its ends.
  for (const Row row : ready_) release_row(row);
  ready_.clear();
  open_gate_ = 0;
}

Bit NorAssembler::nor_rows(Row a, Row b) {
  Bit p = fresh();
  emit({.kind = StepKind::nor, .d = p.row(), .a = a, .b = b});
  return p;
}

Bit NorAssembler::complement(const Bit& a) {
  if (!has_complement(a)) keep_inverse(a, nor(a));
  return borrowed(inverse_row(a));
}

Bit NorAssembler::constant(bool value) {
  Bit p = fresh();
  if (value) return p;
  const Row row = p.row();
  emit_rows(StepKind::reset, std::span(&row, 1), false);
  return p;
}

Bit NorAssembler::or_of(const Bit& a, const Bit& b) { return nor(nor(a, b)); }

Bit NorAssembler::xor_of(const Bit& a, const Bit& b) {
  // NOR(NOR(a, b), NOR(not a, not b)) where complements are at hand, else NOT of the four-gate XNOR.
  if (has_complement(a) || has_complement(b)) return nor(nor(a, b), and_of(a, b));
  const Bit neither = nor(a, b);
  return nor(nor(nor(a, neither), nor(b, neither)));
}

void NorAssembler::full_add(Bit& p, const Bit& a, Bit& c) {
  const Bit g1 = nor(p, a);
  const Bit g4 = nor(nor(p, g1), nor(a, g1));  // p xnor a
  const Bit g5 = nor(g4, c);
  Bit sum = nor(nor(g4, g5), nor(c, g5));
  c = nor(g1, g5);
  p = std::move(sum);
}

void NorAssembler::full_subtract(Bit& p, const Bit& a, Bit& c) {
  // not(not p + a + c): the carry of that sum is the borrow.
  Bit q = nor(p);
  full_add(q, a, c);
  p = nor(q);
}

void NorAssembler::half_add(Bit& p, Bit& c) {
  Bit carry = nor(complement(p), complement(c));
  p = nor(nor(p, c), carry);
  c = std::move(carry);
}

void NorAssembler::half_subtract(Bit& p, Bit& c) {
  Bit borrow = nor(p, complement(c));
  Bit both = nor(complement(p), complement(c));
  p = nor(nor(p, c), both);
  c = std::move(borrow);
}

Bit NorAssembler::any(ConstBits bits) {
  if (has_search_ && bits.size() > 4) {
    Gate zero = when_zero(bits);
    Bit some = constant(true);
    assign(zero, some, false);
    return some;
  }
  return Assembler::any(bits);
}

Gate NorAssembler::when(std::vector<Term> terms) {
  Gate gate;
  gate.id = next_gate_++;
  if (has_search_) {
    for (const Term& term : terms) gate.key.push_back({term.bit->row(), term.value});
    return gate;
  }
  // 1 where all terms hold: NOR of what fails.
  Bit fails;
  for (const Term& term : terms) {
    Bit wrong = term.value ? complement(*term.bit) : borrowed(term.bit->row());
    if (fails.row() == no_row)
      fails = std::move(wrong);
    else
      fails = or_of(fails, wrong);
  }
  gate.condition = nor(fails);
  return gate;
}

void NorAssembler::open(Gate& gate) {
  if (open_gate_ == gate.id) return;
  emit_search(gate);
  open_gate_ = gate.id;
}

Bit NorAssembler::choose(const Bit& c, const Bit& s, const Bit& p) { return nor(nor(s, complement(c)), nor(p, c)); }

void NorAssembler::assign(Gate& gate, Bits d, std::span<const Bit* const> s) {
  if (!picks_lanes(gate)) {
    for (std::size_t i = 0; i < d.size(); ++i) d[i] = choose(gate.condition, *s[i], d[i]);
    return;
  }
  // The lanes of the gate: set the destination rows at once, then NOT the complement of each source into its row.
  std::vector<Row> rows;
  for (std::size_t i = 0; i < d.size(); ++i) {
    own(d[i]);
    forget_inverse(d[i]);
    complement(*s[i]);
    rows.push_back(d[i].row());
  }
  open(gate);
  emit_rows(StepKind::set, rows, true);
  for (std::size_t i = 0; i < d.size(); ++i) emit({.kind = StepKind::nor, .masked = true, .d = d[i].row(), .a = inverse_row(*s[i])});
}

void NorAssembler::assign(Gate& gate, Bit& d, bool value) {
  if (picks_lanes(gate)) {
    own(d);
    forget_inverse(d);
    open(gate);
    const Row row = d.row();
    emit_rows(value ? StepKind::set : StepKind::reset, std::span(&row, 1), true);
  } else if (value) {
    d = or_of(d, gate.condition);
  } else {
    d = nor(complement(d), gate.condition);
  }
}

void NorAssembler::or_into(Gate& gate, Bit& p, const Bit& a) {
  const Bit condition = bit_of(gate);
  p = or_of(p, and_of(a, condition));
}

Bit NorAssembler::add(Gate& gate, Bits p, ConstBits a) {
  const Bit condition = bit_of(gate);
  Bit c = constant(false);
  for (std::size_t i = 0; i < p.size(); ++i) i < a.size() ? full_add(p[i], and_of(a[i], condition), c) : half_add(p[i], c);
  return c;
}

void NorAssembler::decrement(Gate& gate, Bits p) { decrement(p, bit_of(gate)); }

Bit NorAssembler::bit_of(Gate& gate) {
  if (!picks_lanes(gate)) return copy(gate.condition);
  // A row of the key itself where it is the condition.
  if (gate.key.size() == 1) return gate.key.front().bit ? nor(nor(borrowed(gate.key.front().row))) : nor(borrowed(gate.key.front().row));
  Bit bit = constant(false);
  assign(gate, bit, true);
  return bit;
}

void NorAssembler::write_copy(const Bit& d, const Bit& a) {
  const Row row = d.row();
  complement(a);
  emit_rows(StepKind::set, std::span(&row, 1), false);
  emit({.kind = StepKind::nor, .d = row, .a = inverse_row(a)});
}

void NorAssembler::result(ConstBits word) {
  std::vector<Row> rows;
  for (std::size_t i = 0; i < word.size(); ++i) {
    complement(word[i]);
    rows.push_back(static_cast<Row>(program_.d_first() + i));
  }
  // In batches, as everywhere.
  for (std::size_t first = 0; first < rows.size(); first += batch_) {
    const std::size_t size = std::min(batch_, rows.size() - first);
    emit_rows(StepKind::set, std::span(rows).subspan(first, size), false);
    for (std::size_t i = first; i < first + size; ++i) emit({.kind = StepKind::nor, .d = rows[i], .a = inverse_row(word[i])});
  }
}

}  // namespace spinvp::pim
