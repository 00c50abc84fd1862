// NOR logic of memristor crossbars, shared by the families `nor` and `aritpim`: an output row is set first, then NOR pulls it to 0 where an input is 1.
//
// `batch`: output rows that one initialisation sets at once (a NOR's output may be any of the rows set before it).
#pragma once

#include <algorithm>

#include "models/pim/assembler.h"

namespace spinvp::pim {

class NorAssembler : public Assembler {
 public:
  NorAssembler(std::string name, Windows windows, unsigned most_rows, std::size_t batch, bool has_search)
      : Assembler(std::move(name), windows, most_rows), batch_(batch), has_search_(has_search) {}
  using Assembler::add;
  using Assembler::assign;
  using Assembler::constant;
  using Assembler::copy;
  using Assembler::decrement;
  using Assembler::or_into;
  using Assembler::when;
  using Assembler::xor_into;

  [[nodiscard]] bool in_place() const override { return false; }
  [[nodiscard]] bool searches_words() const override { return has_search_; }
  Bit constant(bool value) override;
  Bit copy(const Bit& a) override { return nor(complement(a)); }
  Bit inverse(const Bit& a) override { return nor(a); }
  void invert(Bit& p) override { p = nor(p); }
  Bit and_of(const Bit& a, const Bit& b) override { return nor(complement(a), complement(b)); }
  Bit or_of(const Bit& a, const Bit& b) override;
  Bit xor_of(const Bit& a, const Bit& b) override;
  void and_into(Bit& p, const Bit& a) override { p = and_of(p, a); }
  void or_into(Bit& p, const Bit& a) override { p = or_of(p, a); }
  void xor_into(Bit& p, const Bit& a) override { p = xor_of(p, a); }
  void full_add(Bit& p, const Bit& a, Bit& c) override;
  void full_subtract(Bit& p, const Bit& a, Bit& c) override;
  void half_add(Bit& p, Bit& c) override;
  void half_subtract(Bit& p, Bit& c) override;
  Bit any(ConstBits bits) override;

  Gate when(std::vector<Term> terms) override;
  void assign(Gate& gate, Bits d, std::span<const Bit* const> s) override;
  void assign(Gate& gate, Bit& d, bool value) override;
  void or_into(Gate& gate, Bit& p, const Bit& a) override;
  Bit add(Gate& gate, Bits p, ConstBits a) override;
  void decrement(Gate& gate, Bits p) override;
  Bit bit_of(Gate& gate) override;
  void result(ConstBits word) override;

 protected:
  void write_copy(const Bit& d, const Bit& a) override;
  void guard_changed() override;

 private:
  std::size_t batch_;
  bool has_search_;
  std::vector<Row> ready_;  // set, and not yet used
  std::uint64_t open_gate_ = 0;

  Bit fresh();  // a row that was set
  Bit nor(const Bit& a) { return nor_rows(a.row(), no_row); }
  Bit nor(const Bit& a, const Bit& b) { return nor_rows(a.row(), b.row()); }
  Bit nor_rows(Row a, Row b);
  // The complement kept beside a bit; computed when first asked for.
  Bit complement(const Bit& a);
  [[nodiscard]] static bool has_complement(const Bit& a) { return inverse_row(a) != no_row; }
  [[nodiscard]] bool picks_lanes(const Gate& gate) const { return !gate.key.empty(); }
  void open(Gate& gate);
  // (p and not c) or (s and c), as NOR(NOR(s, not c), NOR(p, c)).
  Bit choose(const Bit& c, const Bit& s, const Bit& p);
};

}  // namespace spinvp::pim
