// Multiplication, addition and conversion with the values of IEEE 754: special values, signed zeros, subnormal numbers, round to nearest even or toward zero.
#include "models/pim/float_parts.h"
#include "models/pim/float_programs.h"
#include "models/pim/integer_programs.h"

namespace spinvp::pim {

namespace {

// What an operand is, one bit each.
struct Classes {
  Bit hidden;         // the exponent field is not zero
  Bit mantissa_some;  // the mantissa is not zero
  Classes(Assembler& as, const FloatFields& x) : hidden(as.any(x.exponent)), mantissa_some(as.any(x.mantissa)) {}
};

// Significand with the hidden bit on top, as views.
Word significand(const FloatFields& x, const Bit& hidden) {
  Word word = Assembler::alias(x.mantissa);
  word.push_back(Assembler::alias(hidden));
  return word;
}

// The exponent of a subnormal number is that of field 1: the lowest bit of the field, or not hidden.
Bit lowest_exponent_bit(Assembler& as, const FloatFields& x, const Bit& hidden) {
  Bit low = as.inverse(hidden);
  as.or_into(low, x.exponent[0]);
  return low;
}

struct SpecialFlags {
  Bit infinite, invalid;
  explicit SpecialFlags(Assembler& as) : infinite(as.constant(false)), invalid(as.constant(false)) {}
  // NaN counts as infinite too: both have all ones in the exponent.
  void add(Assembler& as, const FloatFields& x, const Classes& classes) {
    const std::uint64_t all = ones(static_cast<unsigned>(x.exponent.size()));
    mark(as, as.when_equal(x.exponent, all), infinite);
    std::vector<Term> terms{{&classes.mantissa_some, true}};
    for (const Bit& bit : x.exponent) terms.push_back({&bit, true});
    mark(as, as.when(std::move(terms)), invalid);
  }
};

void put_specials(Assembler& as, FloatResult& r, SpecialFlags& flags) {
  Gate infinite = as.when(flags.infinite);
  as.assign(infinite, Bits(r.exponent), true);
  as.assign(infinite, Bits(r.mantissa), false);
  Gate invalid = as.when(flags.invalid);
  as.assign(invalid, r.mantissa.back(), true);
  as.assign(invalid, r.sign, false);
}

// Where F is negative: shifts the significand down until F is 0.
void denormalise(Assembler& as, Bits significand, Word& f, Bit& sticky) {
  const Bit negative = as.copy(f.back());
  // -F = not F + 1: one place, then by the bits of not F.
  Word distance;
  for (std::size_t i = 0; i + 1 < f.size(); ++i) {
    distance.push_back(as.inverse(f[i]));
    as.and_into(distance.back(), negative);
  }
  shift_down_sticky(as, significand, ConstBits(&negative, 1), sticky);
  shift_down_sticky(as, significand, distance, sticky);
  Gate gate = as.when(negative);
  as.assign(gate, Bits(f), false);
}

// Rounds and packs. `significand`: Nm + 1 bits and a guard bit below; F >= 0.
FloatResult round_and_pack(Assembler& as, const FloatArithmetic& arithmetic, Word significand, Word f, const Bit& sticky) {
  const unsigned exponent_bits = arithmetic.format.exponent_bits;
  FloatResult r;
  Bit hidden = std::move(significand.back());
  for (std::size_t i = 1; i + 1 < significand.size(); ++i) r.mantissa.push_back(std::move(significand[i]));
  Bit carry;
  if (arithmetic.rounding == Rounding::nearest_even) {
    // Up where the guard bit is set and something below it, or the number is odd.
    carry = as.or_of(sticky, r.mantissa.front());
    as.and_into(carry, significand.front());
    carry = as.increment(r.mantissa, std::move(carry));
  } else {
    carry = as.constant(false);
  }
  as.full_add(f.front(), hidden, carry);
  as.increment(Bits(f).subspan(1), std::move(carry));
  // Beyond the largest field: infinity, or the largest finite number.
  const Bit beyond = as.any(ConstBits(f).subspan(exponent_bits));
  Gate gate = as.when(beyond);
  f.resize(exponent_bits);
  as.assign(gate, Bits(f), true);
  Gate overflow = as.when_equal(f, ones(exponent_bits));
  const bool nearest = arithmetic.rounding == Rounding::nearest_even;
  as.assign(overflow, Bits(r.mantissa), !nearest);
  if (!nearest) as.assign(overflow, f.front(), false);
  r.exponent = std::move(f);
  return r;
}

}  // namespace

Word ieee_multiply(Assembler& as, const FloatArithmetic& arithmetic, ConstBits a, ConstBits b, bool scalar) {
  const FloatFormat format = arithmetic.format;
  const unsigned width = format.mantissa_bits + 1, exponent_bits = format.exponent_bits;
  const FloatFields x(format, a), y(format, b);
  as.section("classes of the operands");
  const Classes of_x(as, x), of_y(as, y);

  as.section("product of the significands");
  Word product = scalar ? integer_multiply_by_scalar(as, significand(x, of_x.hidden), width)
                        : integer_multiply(as, significand(x, of_x.hidden), significand(y, of_y.hidden));

  // F = ex + ey - bias, so that field = F + 1 where the product's top bit is set. -bias = 1 - 2^(Ne - 1). Wide enough for the shifts below.
  const bool both_subnormal_vanish = format.bias() > static_cast<int>(format.mantissa_bits) + 2;
  const unsigned stages = bits_for(both_subnormal_vanish ? width : 2 * width - 1);
  const unsigned f_bits = std::max(exponent_bits + 2, bits_for(static_cast<std::uint64_t>(format.bias()) + (1u << stages)) + 1);
  as.section("exponents");
  Word f = widened(as, x.exponent.subspan(1), f_bits - 1);
  f.insert(f.begin(), lowest_exponent_bit(as, x, of_x.hidden));
  Word ey = Assembler::alias(y.exponent);
  ey.front() = lowest_exponent_bit(as, y, of_y.hidden);
  as.add(Bits(f), ey, as.constant(true));
  as.decrement(Bits(f).subspan(exponent_bits - 1), as.constant(true));

  as.section("normalisation");
  normalise(as, product, f, stages);
  // Nm + 1 bits and a guard bit; the rest is sticky.
  const std::size_t below = product.size() - width - 1;
  Bit sticky = as.any(ConstBits(product).first(below));
  product.erase(product.begin(), product.begin() + static_cast<std::ptrdiff_t>(below));
  as.section("subnormal results");
  denormalise(as, product, f, sticky);
  as.section("rounding");
  FloatResult r = round_and_pack(as, arithmetic, std::move(product), std::move(f), sticky);
  as.section("sign and special values");
  r.sign = as.xor_of(*x.sign, *y.sign);

  Bit zero = as.constant(false);
  for (const auto& [fields, classes] : {std::pair{&x, &of_x}, std::pair{&y, &of_y}})
    mark(as, as.when({Term{&classes->hidden, false}, Term{&classes->mantissa_some, false}}), zero);
  Gate is_zero = as.when(zero);
  as.assign(is_zero, Bits(r.exponent), false);
  SpecialFlags flags(as);
  flags.add(as, x, of_x);
  flags.add(as, y, of_y);
  mark(as, as.when({Term{&flags.infinite, true}, Term{&zero, true}}), flags.invalid);
  put_specials(as, r, flags);
  return std::move(r).packed();
}

Word ieee_add(Assembler& as, const FloatArithmetic& arithmetic, ConstBits a, ConstBits b, bool subtract, bool align_by_search) {
  const FloatFormat format = arithmetic.format;
  constexpr unsigned extra = 2;  // bits kept below the significand during alignment, beside the sticky bit
  const FloatFields x(format, a), y(format, b);
  as.section("classes of the operands");
  const Classes of_x(as, x), of_y(as, y);
  Bit sign_y = subtract ? as.inverse(*y.sign) : as.copy(*y.sign);
  const Bit opposite = as.xor_of(*x.sign, sign_y);

  as.section("distance and order");
  // The larger exponent, the distance, and which operand it is.
  Word f = as.copy(x.exponent.subspan(1));
  f.insert(f.begin(), lowest_exponent_bit(as, x, of_x.hidden));
  Word ey = Assembler::alias(y.exponent);
  ey.front() = lowest_exponent_bit(as, y, of_y.hidden);
  Word distance;
  const Bit swapped = integer_less(as, f, ey, &distance);
  Gate swap = as.when(swapped);
  as.assign(swap, Bits(f), ConstBits(ey));
  const Word sx = significand(x, of_x.hidden), sy = significand(y, of_y.hidden);
  Word sum = as.copy(sx), smaller = as.copy(sy);
  as.assign(swap, Bits(sum), ConstBits(sy));
  as.assign(swap, Bits(smaller), ConstBits(sx));
  Bit sign = as.copy(*x.sign);
  as.assign(swap, sign, sign_y);
  as.xor_into(Bits(distance), swapped);
  as.increment(distance, as.copy(swapped));

  as.section("alignment");
  // With `extra` bits below.
  for (Word* word : {&sum, &smaller})
    for (unsigned i = 0; i < extra; ++i) word->insert(word->begin(), as.constant(false));
  Bit sticky = as.constant(false);
  if (align_by_search) {
    // What falls out is what the shifted copy lacks: it is collected from the unshifted one, by the same searches.
    Word aligned = as.constant(0, static_cast<unsigned>(smaller.size()));
    const Bit some = as.any(smaller);
    Bit unmatched = as.constant(true);
    for (std::size_t k = 0; k < smaller.size() && bits_for(k) <= distance.size(); ++k) {
      const Bit out = as.any(ConstBits(smaller).first(k));
      Gate gate = as.when_equal(distance, k);
      as.assign(gate, Bits(aligned).first(smaller.size() - k), ConstBits(smaller).subspan(k));
      as.assign(gate, sticky, out);
      as.assign(gate, unmatched, false);
    }
    Gate far = as.when(unmatched);
    as.or_into(far, sticky, some);
    smaller = std::move(aligned);
  } else {
    shift_down_sticky(as, smaller, distance, sticky);
  }

  as.section("sum of the significands");
  // sum = larger +- smaller. A difference borrows one more where something fell out: carry in = opposite and not sticky.
  as.xor_into(Bits(smaller), opposite);
  Bit carry = as.inverse(sticky);
  as.and_into(carry, opposite);
  carry = as.add(Bits(sum), smaller, std::move(carry));
  // Same signs: the carry is the top bit. Opposite: no carry means negative, which happens at distance 0 alone, where nothing lies below the significand.
  Bit negative = as.inverse(carry);
  as.and_into(negative, opposite);
  as.xor_into(Bits(sum).subspan(extra), negative);
  as.increment(Bits(sum).subspan(extra), as.copy(negative));
  as.xor_into(sign, negative);
  Bit top = as.inverse(opposite);
  as.and_into(top, carry);
  sum.push_back(std::move(top));

  as.section("normalisation");
  Gate nothing = as.when_zero(sum);
  const Bit zero = as.bit_of(nothing);
  // Up until the top bit is set, but not below F = 0.
  for (unsigned k = bits_for(sum.size() - 1); k-- > 0;) {
    const unsigned places = 1u << k;
    if (places >= sum.size() || k >= f.size()) continue;
    Gate low = as.when_zero(ConstBits(f).subspan(k));
    const Bit blocked = as.bit_of(low);
    std::vector<Term> terms{{&blocked, false}};
    for (std::size_t i = sum.size() - places; i < sum.size(); ++i) terms.push_back({&sum[i], false});
    Gate gate = as.when(std::move(terms));
    as.decrement(gate, Bits(f).subspan(k));
    as.shift_up(gate, sum, places);
  }
  as.section("rounding");
  f.push_back(as.constant(false));
  const Bit rest = [&] {
    Bit bits = as.any(ConstBits(sum).first(extra));
    as.or_into(bits, sticky);
    return bits;
  }();
  sum.erase(sum.begin(), sum.begin() + extra);
  FloatResult r = round_and_pack(as, arithmetic, std::move(sum), std::move(f), rest);
  r.sign = std::move(sign);

  as.section("sign and special values");
  Gate is_zero = as.when(zero);
  as.assign(is_zero, Bits(r.exponent), false);
  Gate cancelled = as.when({Term{&zero, true}, Term{&opposite, true}});
  as.assign(cancelled, r.sign, false);
  SpecialFlags flags(as);
  flags.add(as, x, of_x);
  flags.add(as, y, of_y);
  std::vector<Term> both{{&opposite, true}};
  for (const FloatFields* fields : {&x, &y})
    for (const Bit& bit : fields->exponent) both.push_back({&bit, true});
  mark(as, as.when(std::move(both)), flags.invalid);
  put_specials(as, r, flags);
  return std::move(r).packed();
}

Word ieee_convert(Assembler& as, FloatFormat from, const FloatArithmetic& to, ConstBits a) {
  const FloatFormat format = to.format;
  const FloatFields x(from, a);
  const Classes of_x(as, x);
  const unsigned width = format.mantissa_bits + 1, from_width = from.mantissa_bits + 1;

  // F = field - 1 in the target, of a significand whose top bit is set.
  const int rebase = format.bias() - from.bias();
  const unsigned reach = static_cast<unsigned>(std::abs(rebase)) + (1u << from.exponent_bits) + 2 * from_width;
  const unsigned f_bits = std::max(bits_for(reach) + 1, format.exponent_bits + 2);
  Word f = widened(as, x.exponent.subspan(1), f_bits - 1);
  f.insert(f.begin(), lowest_exponent_bit(as, x, of_x.hidden));
  const Word offset = as.constant(static_cast<std::uint64_t>(rebase - 1) & ones(f_bits), f_bits);
  as.add(Bits(f), offset, as.constant(false));

  // The significand with at least a guard bit below the target's.
  Word sig = significand(x, of_x.hidden);
  Word word;
  for (std::size_t i = sig.size(); i < width + std::size_t{1}; ++i) word.push_back(as.constant(false));
  for (const Bit& bit : sig) word.push_back(as.copy(bit));
  normalise(as, word, f, bits_for(from_width - 1));
  const std::size_t below = word.size() - width - 1;
  Bit sticky = as.any(ConstBits(word).first(below));
  word.erase(word.begin(), word.begin() + static_cast<std::ptrdiff_t>(below));
  denormalise(as, word, f, sticky);
  FloatResult r = round_and_pack(as, to, std::move(word), std::move(f), sticky);
  r.sign = as.copy(*x.sign);

  Gate zero = as.when({Term{&of_x.hidden, false}, Term{&of_x.mantissa_some, false}});
  as.assign(zero, Bits(r.exponent), false);
  SpecialFlags flags(as);
  flags.add(as, x, of_x);
  put_specials(as, r, flags);
  return std::move(r).packed();
}

}  // namespace spinvp::pim
