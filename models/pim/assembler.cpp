#include "models/pim/assembler.h"

#include <cassert>
#include <stdexcept>

#include <fmt/format.h>

namespace spinvp::pim {

Bit::~Bit() {
  if (inverse_owner_ != nullptr) inverse_owner_->release_row(inverse_);
  if (owner_ != nullptr) owner_->release_row(row_);
}

Assembler::Assembler(std::string name, Windows windows, unsigned most_rows) : most_rows_(most_rows) {
  program_.name = std::move(name);
  program_.a_rows = windows.a;
  program_.b_rows = windows.b;
  program_.d_rows = windows.d;
  program_.reads_d = windows.reads_d;
  next_row_ = program_.work_first();
}

Word Assembler::borrow(Row first, Row rows) const {
  Word word;
  for (Row i = 0; i < rows; ++i) word.push_back(Bit(nullptr, static_cast<Row>(first + i)));
  return word;
}

Word Assembler::alias(ConstBits bits) {
  Word word;
  for (const Bit& bit : bits) word.push_back(alias(bit));
  return word;
}

Row Assembler::take_row() {
  if (!free_.empty()) return free_.extract(free_.begin()).value();
  if (next_row_ >= most_rows_) throw std::length_error(fmt::format("{}: needs more than {} rows", program_.name, most_rows_));
  return next_row_++;
}

void Assembler::emit(Step step) {
  step.guard = guard_;
  const auto written = [this](Row row) {
    if (row >= versions_.size()) versions_.resize(row + std::size_t{1}, 0);
    ++versions_[row];
  };
  if (step.d != no_row) written(step.d);
  if (step.kind == StepKind::set || step.kind == StepKind::reset)
    for (const KeyedRow& entry : program_.list_of(step)) written(entry.row);
  program_.steps.push_back(step);
}

std::uint32_t Assembler::add_list(std::span<const KeyedRow> entries) {
  const auto at = static_cast<std::uint32_t>(program_.lists.size());
  program_.lists.insert(program_.lists.end(), entries.begin(), entries.end());
  return at;
}

void Assembler::emit_search(Gate& gate) {
  std::uint64_t version = 1;
  for (const KeyedRow& entry : gate.key) version += entry.row < versions_.size() ? versions_[entry.row] : 0;
  if (gate.version != 0 && gate.version != version) throw std::logic_error(program_.name + ": a gate is searched again after its rows changed");
  gate.version = version;
  const std::uint32_t list = add_list(gate.key);
  emit({.kind = StepKind::search, .list = list, .list_size = static_cast<std::uint32_t>(gate.key.size())});
}

void Assembler::emit_rows(StepKind kind, std::span<const Row> rows, bool masked) {
  std::vector<KeyedRow> entries;
  for (const Row row : rows) entries.push_back({row, kind == StepKind::set});
  const std::uint32_t list = add_list(entries);
  emit({.kind = kind, .masked = masked, .list = list, .list_size = static_cast<std::uint32_t>(entries.size())});
}

void Assembler::keep_inverse(const Bit& bit, Bit inverse) {
  assert(!inverse.borrowed());
  bit.inverse_owner_ = std::exchange(inverse.owner_, nullptr);
  bit.inverse_ = inverse.row_;
}

void Assembler::forget_inverse(const Bit& bit) {
  if (bit.inverse_owner_ != nullptr) bit.inverse_owner_->release_row(bit.inverse_);
  bit.inverse_owner_ = nullptr;
  bit.inverse_ = no_row;
}

void Assembler::result(ConstBits word) {
  assert(word.size() == program_.d_rows);
  for (std::size_t i = 0; i < word.size(); ++i) write_copy(borrowed(static_cast<Row>(program_.d_first() + i)), word[i]);
}

MicroProgram Assembler::finish() {
  program_.work_rows = static_cast<Row>(next_row_ - program_.work_first());
  if (const auto good = check(program_); !good) throw std::logic_error(good.error());
  return std::move(program_);
}

Bit Assembler::inverse(const Bit& a) {
  Bit p = copy(a);
  invert(p);
  return p;
}

Bit Assembler::and_of(const Bit& a, const Bit& b) {
  Bit p = copy(a);
  and_into(p, b);
  return p;
}

Bit Assembler::or_of(const Bit& a, const Bit& b) {
  Bit p = copy(a);
  or_into(p, b);
  return p;
}

Bit Assembler::xor_of(const Bit& a, const Bit& b) {
  Bit p = copy(a);
  xor_into(p, b);
  return p;
}

Word Assembler::constant(std::uint64_t value, unsigned bits) {
  Word word;
  for (unsigned i = 0; i < bits; ++i) word.push_back(constant(i < 64 && ((value >> i) & 1u) != 0));
  return word;
}

Word Assembler::copy(ConstBits a) {
  Word word;
  for (const Bit& bit : a) word.push_back(copy(bit));
  return word;
}

void Assembler::xor_into(Bits p, const Bit& a) {
  for (Bit& bit : p) xor_into(bit, a);
}

Bit Assembler::add(Bits p, ConstBits a, Bit c) {
  for (std::size_t i = 0; i < p.size(); ++i) i < a.size() ? full_add(p[i], a[i], c) : half_add(p[i], c);
  return c;
}

Bit Assembler::subtract(Bits p, ConstBits a, Bit c) {
  for (std::size_t i = 0; i < p.size(); ++i) i < a.size() ? full_subtract(p[i], a[i], c) : half_subtract(p[i], c);
  return c;
}

Bit Assembler::increment(Bits p, Bit c) {
  for (Bit& bit : p) half_add(bit, c);
  return c;
}

Bit Assembler::decrement(Bits p, Bit c) {
  for (Bit& bit : p) half_subtract(bit, c);
  return c;
}

Bit Assembler::any(ConstBits bits) {
  if (bits.empty()) return constant(false);
  if (bits.size() == 1) return copy(bits[0]);
  Bit p = or_of(bits[0], bits[1]);
  for (std::size_t i = 2; i < bits.size(); ++i) or_into(p, bits[i]);
  return p;
}

Gate Assembler::when_equal(ConstBits bits, std::uint64_t value) {
  std::vector<Term> terms;
  for (std::size_t i = 0; i < bits.size(); ++i) terms.push_back({&bits[i], i < 64 && ((value >> i) & 1u) != 0});
  return when(std::move(terms));
}

Gate Assembler::when_zero(ConstBits bits) { return when_equal(bits, 0); }

void Assembler::assign(Gate& gate, Bits d, ConstBits s) {
  std::vector<const Bit*> sources;
  for (const Bit& bit : s) sources.push_back(&bit);
  assign(gate, d, sources);
}

void Assembler::assign(Gate& gate, Bit& d, const Bit& s) {
  const Bit* const source = &s;
  assign(gate, Bits(&d, 1), std::span<const Bit* const>(&source, 1));
}

void Assembler::assign(Gate& gate, Bits d, bool value) {
  for (Bit& bit : d) assign(gate, bit, value);
}

void Assembler::guarded_add(std::uint8_t guard, Bits p, ConstBits a) {
  for (Bit& bit : p) own(bit);
  set_guard(guard);
  if (in_place()) {
    add(p, a, constant(false));
  } else {
    Word sum = alias(p);
    add(sum, a, constant(false));
    for (std::size_t i = 0; i < p.size(); ++i) write_copy(p[i], sum[i]);
  }
  set_guard(Step::no_guard);
}

void Assembler::shift_down(Gate& gate, Bits p, unsigned distance) {
  // Each place takes its source before that place itself changes.
  for (std::size_t i = 0; i < p.size(); ++i) i + distance < p.size() ? assign(gate, p[i], p[i + distance]) : assign(gate, p[i], false);
}

void Assembler::shift_up(Gate& gate, Bits p, unsigned distance) {
  for (std::size_t i = p.size(); i-- > 0;) i >= distance ? assign(gate, p[i], p[i - distance]) : assign(gate, p[i], false);
}

// --- SearchingAssembler ---

Gate SearchingAssembler::when(std::vector<Term> terms) {
  Gate gate;
  gate.id = next_gate_++;
  if (terms.size() <= search_rows_) {
    for (const Term& term : terms) gate.key.push_back({term.bit->row(), term.value});
    return gate;
  }
  // Wider than a search: reduced to one bit, which is 1 where some term fails.
  Bit fails;
  for (const Term& term : terms) {
    Bit wrong = term.value ? inverse(*term.bit) : copy(*term.bit);
    if (fails.row() == no_row)
      fails = std::move(wrong);
    else
      or_into(fails, wrong);
  }
  gate.key.push_back({fails.row(), false});
  gate.condition = std::move(fails);
  return gate;
}

void SearchingAssembler::open(Gate& gate) {
  if (open_gate_ == gate.id) return;
  emit_search(gate);
  open_gate_ = gate.id;
}

void SearchingAssembler::assign(Gate& gate, Bits d, std::span<const Bit* const> s) {
  for (Bit& bit : d) own(bit);
  const Masked masked(*this, gate);
  for (std::size_t i = 0; i < d.size(); ++i) write_copy(d[i], *s[i]);
}

void SearchingAssembler::assign(Gate& gate, Bit& d, bool value) {
  own(d);
  const Masked masked(*this, gate);
  write_constant(d, value);
}

void SearchingAssembler::or_into(Gate& gate, Bit& p, const Bit& a) {
  own(p);
  const Masked masked(*this, gate);
  or_into(p, a);
}

Bit SearchingAssembler::add(Gate& gate, Bits p, ConstBits a) {
  for (Bit& bit : p) own(bit);
  Bit c = constant(false);
  const Masked masked(*this, gate);
  return add(p, a, std::move(c));
}

void SearchingAssembler::decrement(Gate& gate, Bits p) {
  for (Bit& bit : p) own(bit);
  Bit c = constant(true);
  const Masked masked(*this, gate);
  decrement(p, std::move(c));
}

Bit SearchingAssembler::bit_of(Gate& gate) {
  Bit bit = constant(false);
  assign(gate, bit, true);
  return bit;
}

Bit SearchingAssembler::any(ConstBits bits) {
  if (bits.size() < 3 || bits.size() > search_rows_) return Assembler::any(bits);
  // One search finds the lanes where all are zero.
  Gate zero = when_zero(bits);
  Bit some = constant(true);
  assign(zero, some, false);
  return some;
}

}  // namespace spinvp::pim
