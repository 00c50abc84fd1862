// Multiplication, addition and conversion as the papers' procedures can be executed: triangular truncated product in two buffers, alignment by search, truncation,
// underflow to zero, no special values. The values are defined in float_value.h.
#include "models/pim/float_parts.h"
#include "models/pim/float_programs.h"
#include "models/pim/integer_programs.h"

namespace spinvp::pim {

namespace {

// Zero, or the largest number, where the exponent left its range. `field` is signed and wider than the format's; it is cut to its width.
void limit(Assembler& as, FloatFormat format, Word& field, Bits mantissa) {
  const unsigned bits = format.exponent_bits;
  Gate zero = as.when_zero(field);
  as.assign(zero, mantissa, false);
  const Bit& negative = field.back();
  if (field.size() > bits + std::size_t{1}) {
    const Bit large = as.any(ConstBits(field).subspan(bits, field.size() - bits - 1));
    Gate beyond = as.when({Term{&negative, false}, Term{&large, true}});
    as.assign(beyond, mantissa, true);
    as.assign(beyond, Bits(field).first(bits), true);
  }
  Gate below = as.when(negative);
  as.assign(below, mantissa, false);
  as.assign(below, Bits(field).first(bits), false);
  field.resize(bits);
}

// A zero operand: exponent field 0, whatever its mantissa holds.
Gate when_zero_number(Assembler& as, const FloatFields& x) { return as.when_zero(x.exponent); }

}  // namespace

Word published_multiply(Assembler& as, FloatFormat format, ConstBits a, ConstBits b, bool scalar) {
  const FloatFields x(format, a), y(format, b);
  const unsigned m = format.mantissa_bits, exponent_bits = format.exponent_bits;
  as.section("product of the significands");
  Bit one = as.constant(true);
  Word sx = Assembler::alias(x.mantissa);
  sx.push_back(Assembler::alias(one));

  // Column m of the product is bit 0 of the buffer. Bit i of b adds the top i + 1 bits of a: partial products below column m are never formed.
  Word live = as.constant(0, m + 2);
  if (scalar) {
    for (unsigned i = 0; i <= m; ++i) as.guarded_add(static_cast<std::uint8_t>(i), Bits(live).first(i + 2), ConstBits(sx).subspan(m - i));
  } else {
    live.resize(1);
    for (unsigned i = 0; i <= m; ++i) {
      // Ping-pong: the live buffer is copied into the other one, a is added there in the lanes whose bit is one, and the buffers change roles.
      Word other = as.in_place() ? as.copy(ConstBits(live)) : std::move(live);
      const ConstBits part = ConstBits(sx).subspan(m - i);
      Bit carry;
      if (i == m) {
        carry = as.add(Bits(other), part, as.constant(false));  // the hidden bit of b
      } else {
        Gate gate = as.when(y.mantissa[i]);
        carry = as.add(gate, Bits(other), part);
      }
      other.push_back(std::move(carry));
      live = std::move(other);
    }
  }

  as.section("exponents");
  // field = ex + ey - bias + top, with -bias = 1 - 2^(Ne - 1).
  Word field = widened(as, x.exponent, exponent_bits + 2);
  as.add(Bits(field), y.exponent, as.constant(true));
  as.decrement(Bits(field).subspan(exponent_bits - 1), as.constant(true));
  as.increment(field, as.copy(live.back()));
  as.section("normalisation");
  FloatResult r;
  r.mantissa = as.copy(ConstBits(live).subspan(1, m));
  Gate low = as.when(live.back(), false);
  as.assign(low, Bits(r.mantissa), ConstBits(live).first(m));
  as.section("range, zeros and sign");
  limit(as, format, field, r.mantissa);
  r.exponent = std::move(field);
  r.sign = as.xor_of(*x.sign, *y.sign);
  for (const FloatFields* fields : {&x, &y}) {
    Gate zero = when_zero_number(as, *fields);
    as.assign(zero, Bits(r.mantissa), false);
    as.assign(zero, Bits(r.exponent), false);
  }
  return std::move(r).packed();
}

Word published_add(Assembler& as, FloatFormat format, ConstBits a, ConstBits b, bool subtract, bool align_by_search) {
  const FloatFields x(format, a), y(format, b);
  const unsigned m = format.mantissa_bits, exponent_bits = format.exponent_bits;
  Bit sign_y = subtract ? as.inverse(*y.sign) : as.copy(*y.sign);
  const Bit opposite = as.xor_of(*x.sign, sign_y);

  as.section("classes of the operands");
  // Significands; a zero's is zero.
  Word sum = as.copy(x.mantissa), smaller = as.copy(y.mantissa);
  for (const auto& [fields, word] : {std::pair{&x, &sum}, std::pair{&y, &smaller}}) {
    word->push_back(as.constant(true));
    Gate zero = when_zero_number(as, *fields);
    as.assign(zero, Bits(*word), false);
  }
  as.section("distance and order");
  Word field = as.copy(x.exponent), distance;
  const Bit swapped = integer_less(as, x.exponent, y.exponent, &distance);
  Gate swap = as.when(swapped);
  as.assign(swap, Bits(field), y.exponent);
  {
    const Word first = as.copy(ConstBits(sum));
    as.assign(swap, Bits(sum), ConstBits(smaller));
    as.assign(swap, Bits(smaller), ConstBits(first));
  }
  Bit sign = as.copy(*x.sign);
  as.assign(swap, sign, sign_y);
  as.xor_into(Bits(distance), swapped);
  as.increment(distance, as.copy(swapped));

  as.section("alignment");
  if (align_by_search) {
    smaller = align_by_searches(as, smaller, distance);
  } else {
    Bit lost = as.constant(false);
    shift_down_sticky(as, smaller, distance, lost);
  }
  as.section("sum of the significands");
  as.xor_into(Bits(smaller), opposite);
  Bit carry = as.add(Bits(sum), smaller, as.copy(opposite));
  Bit negative = as.inverse(carry);
  as.and_into(negative, opposite);
  as.xor_into(Bits(sum), negative);
  as.increment(sum, as.copy(negative));
  as.xor_into(sign, negative);
  Bit top = as.inverse(opposite);
  as.and_into(top, carry);
  sum.push_back(std::move(top));

  as.section("normalisation");
  Gate nothing = as.when_zero(sum);
  const Bit zero = as.bit_of(nothing);
  // field = exponent + 1 where the top bit is set.
  while (field.size() < std::max(exponent_bits, bits_for(m + 2)) + std::size_t{2}) field.push_back(as.constant(false));
  normalise(as, sum, field, bits_for(m + 1));
  as.increment(field, as.constant(true));
  as.section("range, zeros and sign");
  FloatResult r;
  for (unsigned i = 1; i <= m; ++i) r.mantissa.push_back(std::move(sum[i]));
  limit(as, format, field, r.mantissa);
  r.exponent = std::move(field);
  r.sign = std::move(sign);
  Gate is_zero = as.when(zero);
  as.assign(is_zero, Bits(r.exponent), false);
  as.assign(is_zero, Bits(r.mantissa), false);
  Gate cancelled = as.when({Term{&zero, true}, Term{&opposite, true}});
  as.assign(cancelled, r.sign, false);
  return std::move(r).packed();
}

Word published_convert(Assembler& as, FloatFormat from, FloatFormat to, ConstBits a) {
  const FloatFields x(from, a);
  const int rebase = to.bias() - from.bias();
  const unsigned bits = std::max(from.exponent_bits, to.exponent_bits) + 2;
  FloatResult r;
  for (unsigned i = 0; i < to.mantissa_bits; ++i) {
    const int at = static_cast<int>(from.mantissa_bits) - static_cast<int>(to.mantissa_bits) + static_cast<int>(i);
    r.mantissa.push_back(at < 0 ? as.constant(false) : as.copy(x.mantissa[static_cast<std::size_t>(at)]));
  }
  Word field = widened(as, x.exponent, bits);
  as.add(Bits(field), as.constant(static_cast<std::uint64_t>(rebase) & ones(bits), bits), as.constant(false));
  limit(as, to, field, r.mantissa);
  r.exponent = std::move(field);
  r.sign = as.copy(*x.sign);
  Gate zero = when_zero_number(as, x);
  as.assign(zero, Bits(r.exponent), false);
  as.assign(zero, Bits(r.mantissa), false);
  return std::move(r).packed();
}

}  // namespace spinvp::pim
