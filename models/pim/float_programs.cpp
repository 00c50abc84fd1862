#include "models/pim/float_programs.h"

#include <fmt/format.h>

#include "models/pim/float_parts.h"
#include "models/pim/integer_programs.h"

namespace spinvp::pim {

namespace {

bool is_ieee(const FloatArithmetic& arithmetic) { return arithmetic.semantics == Semantics::ieee; }

// A word that can be compared as sign and magnitude: in `published`, the mantissa of a zero is cleared.
Word comparable(Assembler& as, const FloatArithmetic& arithmetic, ConstBits a) {
  if (is_ieee(arithmetic)) return Assembler::alias(a);
  Word word = as.copy(a);
  Gate zero = as.when_zero(FloatFields(arithmetic.format, a).exponent);
  as.assign(zero, Bits(word).first(arithmetic.format.mantissa_bits), false);
  return word;
}

Bit is_nan(Assembler& as, const FloatFields& x) {
  const Bit some = as.any(x.mantissa);
  std::vector<Term> terms{{&some, true}};
  for (const Bit& bit : x.exponent) terms.push_back({&bit, true});
  Gate gate = as.when(std::move(terms));
  return as.bit_of(gate);
}

Bit either_nan(Assembler& as, FloatFormat format, ConstBits a, ConstBits b) {
  Bit nan = is_nan(as, FloatFields(format, a));
  as.or_into(nan, is_nan(as, FloatFields(format, b)));
  return nan;
}

void put_nan(Assembler& as, FloatFormat format, Word& word, const Bit& nan) {
  Gate gate = as.when(nan);
  as.assign(gate, Bits(word), false);
  as.assign(gate, Bits(word).subspan(format.mantissa_bits - 1, format.exponent_bits + 1), true);
}

// 1 where a < b in the order -inf .. -0 < +0 .. +inf; `equal` gets 1 where the magnitudes are.
Bit below(Assembler& as, FloatFormat format, ConstBits a, ConstBits b, Bit& equal) {
  const std::size_t magnitude = format.bits() - 1;
  Word difference;
  Bit less = integer_less(as, a.first(magnitude), b.first(magnitude), &difference);
  equal = as.any(difference);
  as.invert(equal);
  // Both negative: the larger magnitude is the smaller number. Signs differ: the negative one is.
  const Bit &sign_a = a[magnitude], &sign_b = b[magnitude];
  const Bit opposite = as.xor_of(sign_a, sign_b);
  Bit result = as.xor_of(less, sign_a);
  Gate same = as.when({Term{&equal, true}, Term{&opposite, false}});
  as.assign(same, result, false);
  Gate differ = as.when(opposite);
  as.assign(differ, result, sign_a);
  return result;
}

Word run(Assembler& as, const ProgramRequest& q, bool align_by_search) {
  const FloatArithmetic& arithmetic = q.arithmetic;
  const bool ieee = is_ieee(arithmetic);
  const Word a = as.operand_a(), b = as.operand_b(), d = as.operand_d();
  const auto multiply = [&] { return ieee ? ieee_multiply(as, arithmetic, a, b, q.scalar) : published_multiply(as, arithmetic.format, a, b, q.scalar); };
  const auto add = [&](ConstBits x, ConstBits y, bool subtract) {
    return ieee ? ieee_add(as, arithmetic, x, y, subtract, align_by_search) : published_add(as, arithmetic.format, x, y, subtract, align_by_search);
  };
  switch (q.operation) {
    case FloatOperation::multiply: return multiply();
    case FloatOperation::add: return add(a, b, false);
    case FloatOperation::subtract: return add(a, b, true);
    case FloatOperation::multiply_accumulate: {
      as.group("multiply: ");
      const Word product = multiply();
      as.group("add: ");
      Word sum = add(d, product, false);
      as.group("");
      return sum;
    }
    case FloatOperation::compare: return float_compare(as, arithmetic, a, b);
    case FloatOperation::maximum: return float_maximum(as, arithmetic, a, b);
    case FloatOperation::relu: return float_relu(as, arithmetic, a);
  }
  return {};
}

}  // namespace

Word float_compare(Assembler& as, const FloatArithmetic& arithmetic, ConstBits a, ConstBits b) {
  const FloatFormat format = arithmetic.format;
  const Word x = comparable(as, arithmetic, a), y = comparable(as, arithmetic, b);
  const std::size_t magnitude = format.bits() - 1;
  Bit equal;
  Bit sign = below(as, format, x, y, equal);
  // Equal where the numbers are the same, and where both are zero.
  const Bit opposite = as.xor_of(x[magnitude], y[magnitude]), some = as.any(ConstBits(x).first(magnitude));
  Gate nonzero = as.when({Term{&opposite, true}, Term{&some, true}});
  as.assign(nonzero, equal, false);
  Word r = as.constant(format.one(), format.bits() - 1);
  r.push_back(std::move(sign));
  Gate zero = as.when(equal);
  as.assign(zero, Bits(r), false);
  if (is_ieee(arithmetic)) put_nan(as, format, r, either_nan(as, format, a, b));
  return r;
}

Word float_maximum(Assembler& as, const FloatArithmetic& arithmetic, ConstBits a, ConstBits b) {
  const FloatFormat format = arithmetic.format;
  const Word x = comparable(as, arithmetic, a), y = comparable(as, arithmetic, b);
  Bit equal;
  const Bit less = below(as, format, x, y, equal);
  Word r = as.copy(ConstBits(x));
  Gate gate = as.when(less);
  as.assign(gate, Bits(r), ConstBits(y));
  if (is_ieee(arithmetic)) put_nan(as, format, r, either_nan(as, format, a, b));
  return r;
}

Word float_relu(Assembler& as, const FloatArithmetic& arithmetic, ConstBits a) {
  const FloatFields x(arithmetic.format, a);
  Word r = as.copy(a);
  Gate negative = as.when(*x.sign);
  as.assign(negative, Bits(r), false);
  if (is_ieee(arithmetic)) {
    const Bit nan = is_nan(as, x);
    Gate gate = as.when(nan);
    as.assign(gate, Bits(r), false);
  } else {
    Gate zero = as.when_zero(x.exponent);
    as.assign(zero, Bits(r), false);
  }
  return r;
}

std::uint64_t scalar_guards(FloatFormat format, std::uint64_t scalar) {
  const std::uint64_t mantissa = scalar & format.mantissa_mask();
  const bool hidden = ((scalar >> format.mantissa_bits) & format.exponent_mask()) != 0;
  return mantissa | (hidden ? std::uint64_t{1} << format.mantissa_bits : 0);
}

MicroProgram float_program(const LogicFamily& family, const ProgramRequest& q) {
  const auto bits = static_cast<Row>(q.arithmetic.format.bits());
  const bool one_operand = q.operation == FloatOperation::relu;
  const AssemblerOptions options{fmt::format("{} {} {}", family.name, name_of(q.arithmetic.format), name_of(q.operation)),
                                 {bits, one_operand ? Row{0} : bits, bits, q.operation == FloatOperation::multiply_accumulate},
                                 q.most_rows,
                                 q.two_destinations};
  const auto as = family.assembler(options);
  const bool published = q.arithmetic.semantics == Semantics::published;
  const bool align_by_search = q.alignment == Alignment::search || (q.alignment == Alignment::automatic && published && as->searches_words());
  const Word word = run(*as, q, align_by_search);
  as->section("result to its rows");
  as->result(word);
  return as->finish();
}

MicroProgram convert_program(const LogicFamily& family, FloatFormat from, const FloatArithmetic& to, unsigned most_rows) {
  const AssemblerOptions options{fmt::format("{} {} to {}", family.name, name_of(from), name_of(to.format)),
                                 {static_cast<Row>(from.bits()), 0, static_cast<Row>(to.format.bits()), false},
                                 most_rows,
                                 false};
  const auto as = family.assembler(options);
  const Word a = as->operand_a();
  as->result(is_ieee(to) ? ieee_convert(*as, from, to, a) : published_convert(*as, from, to.format, a));
  return as->finish();
}

}  // namespace spinvp::pim
