// Writes micro-programs: the operations on bits and words that procedures are written in, and that each logic family turns into its own row steps.
//
// A Bit is a row that holds one bit of a value in every lane; it gives its row back when it dies. A Word is Bits, least significant first. Bits of an operand are
// borrowed: they are read, never written; an operation that would change one works on a copy. `x_into(p, ...)` replaces p, and a family decides whether
// that happens in the row itself (SOT writes its result over an operand) or in a new row (a NOR cannot).
//
// A Gate is a condition by lane. Families with a match latch find the lanes with one search and drive those alone; the others compute a condition bit and choose
// with logic. assign(gate, ...) and add(gate, ...) hide which.
#pragma once

#include <initializer_list>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <vector>

#include "models/pim/micro_program.h"

namespace spinvp::pim {

class Assembler;

class Bit {
 public:
  Bit() = default;
  Bit(Bit&& other) noexcept { swap(other); }
  Bit& operator=(Bit&& other) noexcept {
    Bit gone(std::move(other));
    swap(gone);
    return *this;
  }
  Bit(const Bit&) = delete;
  Bit& operator=(const Bit&) = delete;
  ~Bit();

  [[nodiscard]] Row row() const { return row_; }
  [[nodiscard]] bool borrowed() const { return owner_ == nullptr; }

 private:
  friend class Assembler;
  Bit(Assembler* owner, Row row) : owner_(owner), row_(row) {}
  void swap(Bit& other) noexcept {
    std::swap(owner_, other.owner_);
    std::swap(row_, other.row_);
    std::swap(inverse_, other.inverse_);
    std::swap(inverse_owner_, other.inverse_owner_);
  }
  Assembler* owner_ = nullptr;  // none: borrowed
  Row row_ = no_row;
  // A family may keep the complement beside a bit, as long as neither changes.
  mutable Assembler* inverse_owner_ = nullptr;
  mutable Row inverse_ = no_row;
};

using Word = std::vector<Bit>;
using Bits = std::span<Bit>;
using ConstBits = std::span<const Bit>;

// A bit and the value that it must have.
struct Term {
  const Bit* bit;
  bool value;
};

// Lanes where all terms hold, as found when the gate is first used. The bits of its terms may change only after the last time that another gate came between.
class Gate {
 public:
  Gate() = default;
  Gate(Gate&&) = default;
  Gate& operator=(Gate&&) = default;

 private:
  friend class Assembler;
  friend class SearchingAssembler;
  friend class NorAssembler;
  std::uint64_t id = 0;
  std::vector<KeyedRow> key;  // families with a match latch
  Bit condition;              // the others: 1 where the gate is open
  std::uint64_t version = 0;  // of the key's rows when it was first opened
};

class Assembler {
 public:
  struct Windows {
    Row a = 0, b = 0, d = 0;  // rows
    bool reads_d = false;
  };
  Assembler(std::string name, Windows windows, unsigned most_rows);
  virtual ~Assembler() = default;
  Assembler(const Assembler&) = delete;
  Assembler& operator=(const Assembler&) = delete;

  // The operands, borrowed.
  [[nodiscard]] Word operand_a() const { return borrow(0, program_.a_rows); }
  [[nodiscard]] Word operand_b() const { return borrow(program_.b_first(), program_.b_rows); }
  [[nodiscard]] Word operand_d() const { return borrow(program_.d_first(), program_.d_rows); }
  // What follows belongs to this part of the procedure. `group` stands before the names until the next group().
  void section(const std::string& part) { program_.sections.push_back({static_cast<std::uint32_t>(program_.steps.size()), group_ + part}); }
  void group(std::string group) { group_ = std::move(group); }
  // A borrowed view of a bit, which must outlive it.
  [[nodiscard]] static Bit alias(const Bit& bit) { return Bit(nullptr, bit.row()); }
  [[nodiscard]] static Word alias(ConstBits bits);
  // Whether x_into writes over an operand's row (else results land in new rows).
  [[nodiscard]] virtual bool in_place() const { return true; }
  // Whether one search can compare a whole key.
  [[nodiscard]] virtual bool searches_words() const { return false; }
  // Copies the result to the destination: the last thing a program does.
  virtual void result(ConstBits word);
  // Ends the program. It passed check().
  MicroProgram finish();

  // --- bits ---
  virtual Bit constant(bool value) = 0;
  virtual Bit copy(const Bit& a) = 0;
  virtual Bit inverse(const Bit& a);
  virtual void invert(Bit& p) = 0;
  virtual void and_into(Bit& p, const Bit& a) = 0;
  virtual void or_into(Bit& p, const Bit& a) = 0;
  virtual void xor_into(Bit& p, const Bit& a) = 0;
  virtual Bit and_of(const Bit& a, const Bit& b);
  virtual Bit or_of(const Bit& a, const Bit& b);
  virtual Bit xor_of(const Bit& a, const Bit& b);
  // (p, c) = sum and carry of p + a + c; a is kept.
  virtual void full_add(Bit& p, const Bit& a, Bit& c) = 0;
  // (p, c) = difference and borrow of p - a - c; a is kept.
  virtual void full_subtract(Bit& p, const Bit& a, Bit& c) = 0;
  // (p, c) = sum and carry of p + c; difference and borrow of p - c.
  virtual void half_add(Bit& p, Bit& c) = 0;
  virtual void half_subtract(Bit& p, Bit& c) = 0;

  // --- words ---
  Word constant(std::uint64_t value, unsigned bits);
  Word copy(ConstBits a);
  void xor_into(Bits p, const Bit& a);
  // p += a + c, p -= a + c; a may be shorter (upper bits zero). Returns the carry (borrow) out.
  virtual Bit add(Bits p, ConstBits a, Bit c);
  virtual Bit subtract(Bits p, ConstBits a, Bit c);
  // p += c, p -= c.
  virtual Bit increment(Bits p, Bit c);
  virtual Bit decrement(Bits p, Bit c);
  // The OR of all bits (of none: 0).
  virtual Bit any(ConstBits bits);

  // --- gates ---
  virtual Gate when(std::vector<Term> terms) = 0;
  Gate when(const Bit& bit, bool value = true) { return when({Term{&bit, value}}); }
  Gate when_zero(ConstBits bits);
  Gate when_equal(ConstBits bits, std::uint64_t value);
  // d = s in the lanes of the gate; constants likewise.
  virtual void assign(Gate& gate, Bits d, std::span<const Bit* const> s) = 0;
  virtual void assign(Gate& gate, Bit& d, bool value) = 0;
  void assign(Gate& gate, Bits d, ConstBits s);
  void assign(Gate& gate, Bit& d, const Bit& s);
  virtual void or_into(Gate& gate, Bit& p, const Bit& a) = 0;
  // p += a, p -= c in the lanes of the gate. Returns the carry out, 0 in the other lanes.
  virtual Bit add(Gate& gate, Bits p, ConstBits a) = 0;
  virtual void decrement(Gate& gate, Bits p) = 0;
  void assign(Gate& gate, Bits d, bool value);
  // p += a where bit `guard` of the shared scalar is one. Rows of p keep their names.
  virtual void guarded_add(std::uint8_t guard, Bits p, ConstBits a);
  // 1 in the lanes of the gate, 0 in the others.
  virtual Bit bit_of(Gate& gate) = 0;

  // Shifts by `distance` places toward the least significant end (down) or the most significant one (up); zeros follow. Ungated: rows change their name only.
  void shift_down(Gate& gate, Bits p, unsigned distance);
  void shift_up(Gate& gate, Bits p, unsigned distance);

  // Steps emitted until the guard changes are skipped where bit `guard` of the shared scalar is zero.
  void set_guard(std::uint8_t guard) {
    guard_ = guard;
    guard_changed();
  }

 protected:
  Bit own_row() { return Bit(this, take_row()); }  // contents undefined
  Bit adopt(Row row) { return Bit(this, row); }
  // Row d = a, where d is owned or a row of the destination.
  virtual void write_copy(const Bit& d, const Bit& a) = 0;
  // Makes p a row that may be written.
  void own(Bit& p) {
    if (p.borrowed()) p = copy(p);
  }
  [[nodiscard]] Bit borrowed(Row row) const { return Bit(nullptr, row); }
  Row take_row();
  virtual void release_row(Row row) { free_.insert(row); }
  void emit(Step step);
  [[nodiscard]] bool guarded() const { return guard_ != Step::no_guard; }
  // A guarded segment may be skipped: what latches hold does not cross its ends.
  virtual void guard_changed() {}
  std::uint32_t add_list(std::span<const KeyedRow> entries);
  // Emits the search of a gate. A second search after its rows changed would find other lanes: a mistake in the program, std::logic_error.
  void emit_search(Gate& gate);
  void emit_rows(StepKind kind, std::span<const Row> rows, bool masked);
  MicroProgram program_;
  std::uint64_t next_gate_ = 1;
  // Complements kept beside a bit, for the families that want them.
  static Row& inverse_row(const Bit& bit) { return bit.inverse_; }
  void keep_inverse(const Bit& bit, Bit inverse);
  void forget_inverse(const Bit& bit);

 private:
  friend class Bit;
  [[nodiscard]] Word borrow(Row first, Row rows) const;
  std::set<Row> free_;
  std::vector<std::uint64_t> versions_;  // of each row, one more with each write
  Row next_row_;
  unsigned most_rows_;
  std::uint8_t guard_ = Step::no_guard;
  std::string group_;
};

// Families whose lanes can be picked by the match latch and whose writes land in the row itself: gates cost one search, then only their lanes are driven.
// `search_rows`: how many rows one search compares; wider conditions are first reduced to a bit.
class SearchingAssembler : public Assembler {
 public:
  SearchingAssembler(std::string name, Windows windows, unsigned most_rows, std::size_t search_rows)
      : Assembler(std::move(name), windows, most_rows), search_rows_(search_rows) {}
  using Assembler::assign;
  using Assembler::constant;
  using Assembler::copy;
  using Assembler::when;
  Bit constant(bool value) override {
    Bit p = own_row();
    write_constant(p, value);
    return p;
  }
  Bit copy(const Bit& a) override {
    Bit p = own_row();
    write_copy(p, a);
    return p;
  }
  Gate when(std::vector<Term> terms) override;
  void assign(Gate& gate, Bits d, std::span<const Bit* const> s) override;
  void assign(Gate& gate, Bit& d, bool value) override;
  void or_into(Gate& gate, Bit& p, const Bit& a) override;
  Bit add(Gate& gate, Bits p, ConstBits a) override;
  void decrement(Gate& gate, Bits p) override;
  Bit bit_of(Gate& gate) override;
  using Assembler::add;
  using Assembler::decrement;
  using Assembler::or_into;
  Bit any(ConstBits bits) override;
  [[nodiscard]] bool searches_words() const override { return search_rows_ > 64; }

 protected:
  void guard_changed() override { open_gate_ = 0; }
  // Searches unless the match latch holds this gate.
  void open(Gate& gate);
  // While it lives, the family's own bit operations drive the lanes of the gate alone. They must write in place.
  class Masked {
   public:
    Masked(SearchingAssembler& assembler, Gate& gate) : assembler_(assembler) {
      assembler.open(gate);
      assembler.masked_ = true;
    }
    ~Masked() { assembler_.masked_ = false; }
    Masked(const Masked&) = delete;
    Masked& operator=(const Masked&) = delete;

   private:
    SearchingAssembler& assembler_;
  };
  [[nodiscard]] bool masked() const { return masked_; }
  virtual void write_constant(const Bit& d, bool value) = 0;
  std::uint64_t open_gate_ = 0;

 private:
  std::size_t search_rows_;
  bool masked_ = false;
};

}  // namespace spinvp::pim
