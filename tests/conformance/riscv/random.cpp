#include "random.h"

namespace spinvp::conformance {
namespace {

using u64 = std::uint64_t;

u64 fraction(Random& random, unsigned bits) {
  const u64 mask = (u64{1} << bits) - 1;
  switch (random.below(6)) {
    case 0: return 0;
    case 1: return mask;
    case 2: return random.next() & random.next() & random.next() & mask;
    case 3: return (random.next() | random.next() | random.next()) & mask;
    case 4: return u64{1} << random.below(bits);
    default: return random.next() & mask;
  }
}

u64 exponent(Random& random, unsigned bits, unsigned fraction_bits) {
  const unsigned last = (1u << bits) - 1, bias = last / 2;
  switch (random.below(8)) {
    case 0: return 0;
    case 1: return last;
    case 2: return 1 + random.below(3);
    case 3: return last - 1 - random.below(3);
    case 4: return bias / 2 + random.below(4);                                           // squares come near the least number
    case 5: return bias + bias / 2 + random.below(4);                                    // and near the greatest
    case 6: return bias + random.below(2 * fraction_bits + 10) - (bits == 8 ? 20 : 40);  // about the integers
    default: return bias - fraction_bits / 2 + random.below(fraction_bits);              // aligned within each other's fractions
  }
}

u64 pattern(Random& random, unsigned exponent_bits, unsigned fraction_bits) {
  const u64 sign = random.next() >> 63;
  return sign << (exponent_bits + fraction_bits) | exponent(random, exponent_bits, fraction_bits) << fraction_bits | fraction(random, fraction_bits);
}

}  // namespace

u64 integer_operand(Random& random) {
  switch (random.below(8)) {
    case 0: return static_cast<u64>(static_cast<std::int64_t>(random.between(-4, 4)));
    case 1: return (u64{1} << random.below(64)) + static_cast<u64>(static_cast<std::int64_t>(random.between(-1, 1)));
    case 2: return static_cast<u64>(static_cast<std::int64_t>(static_cast<std::int32_t>(random.next())));
    case 3: return random.next() & 0xffffffff;
    case 4: return random.next() & random.next() & random.next();
    case 5: return random.next() | random.next() | random.next();
    case 6: return ~u64{0} << random.below(64);
    default: return random.next();
  }
}

std::uint32_t single_operand(Random& random) { return static_cast<std::uint32_t>(pattern(random, 8, 23)); }
u64 double_operand(Random& random) { return pattern(random, 11, 52); }

u64 float_register(Random& random) {
  const u64 single = single_operand(random);
  switch (random.below(16)) {
    case 0: return single | (random.next() & ~u64{0xffffffff});
    case 1:
    case 2:
    case 3:
    case 4:
    case 5:
    case 6:
    case 7: return 0xffffffff00000000 | single;
    default: return double_operand(random);
  }
}

}  // namespace spinvp::conformance
