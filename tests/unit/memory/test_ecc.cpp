// Codes against what they guarantee, heavier patterns against the share of syndromes that look correctable, and word failures against the binomial.
#include <catch2/catch.hpp>

#include <cmath>
#include <set>
#include <vector>

#include "models/core/error.h"
#include "models/core/random_bits.h"
#include "models/memory/ecc.h"
#include "models/memory/ecc_cost.h"
#include "models/memory/galois_field.h"

using namespace spinvp;
using namespace spinvp::memory;
using namespace spinvp::core::literals;

namespace {

using Outcome = Decoded::Outcome;

struct Word {
  std::vector<std::uint8_t> data;
  std::uint64_t check = 0;
  friend bool operator==(const Word&, const Word&) = default;
};

Word word_of(const EccCodec& codec, std::uint64_t seed) {
  Word word{std::vector<std::uint8_t>(codec.data_bytes()), 0};
  for (std::size_t i = 0; i < word.data.size(); ++i) word.data[i] = static_cast<std::uint8_t>(core::random_bits(seed, i));
  word.check = codec.encode(word.data.data());
  return word;
}

void flip(const EccCodec& codec, Word& word, std::initializer_list<unsigned> positions) {
  for (const unsigned position : positions) flip_bit(codec, word.data.data(), word.check, position);
}

// Distinct positions drawn from (seed, i).
std::vector<unsigned> drawn_positions(const EccCodec& codec, unsigned count, std::uint64_t seed) {
  std::set<unsigned> positions;
  for (std::uint64_t i = 0; positions.size() < count; ++i) positions.insert(static_cast<unsigned>(core::random_bits(seed, i) % codec.bits()));
  return {positions.begin(), positions.end()};
}

struct Verdicts {
  double corrected = 0, miscorrected = 0, uncorrectable = 0, clean = 0;
};

Verdicts try_patterns(const EccCodec& codec, unsigned wrong, unsigned trials, std::uint64_t seed) {
  const Word right = word_of(codec, 1);
  Verdicts v;
  for (unsigned trial = 0; trial < trials; ++trial) {
    Word word = right;
    for (const unsigned p : drawn_positions(codec, wrong, core::random_bits(seed, trial))) flip_bit(codec, word.data.data(), word.check, p);
    const Decoded decoded = codec.decode(word.data.data(), word.check);
    correct(codec, decoded, word.data.data(), word.check);
    if (decoded.outcome == Outcome::clean) v.clean += 1;
    if (decoded.outcome == Outcome::uncorrectable) v.uncorrectable += 1;
    if (decoded.outcome == Outcome::corrected) (word == right ? v.corrected : v.miscorrected) += 1;
  }
  return v;
}

double binomial(double n, unsigned k) {
  double c = 1;
  for (unsigned i = 0; i < k; ++i) c *= (n - i) / (i + 1);
  return c;
}

}  // namespace

TEST_CASE("the field of 1024 elements is one: every element but 0 is a power of alpha and has an inverse") {
  const GaloisField field(10, 0x409);
  std::set<std::uint32_t> seen;
  for (unsigned i = 0; i < field.order(); ++i) seen.insert(field.power(i));
  CHECK(seen.size() == 1023);
  std::size_t wrong = 0;
  for (std::uint32_t a = 1; a < 1024; ++a) wrong += field.multiply(a, field.divide(1, a)) != 1 || field.power(field.logarithm(a)) != a ? 1 : 0;
  // Distributive, with long multiplication modulo x^10 + x^3 + 1 as the reference of a product.
  for (std::uint64_t i = 0; i < 2000; ++i) {
    const auto a = static_cast<std::uint32_t>(core::random_bits(1, i) % 1024), b = static_cast<std::uint32_t>(core::random_bits(2, i) % 1024);
    std::uint64_t product = multiply_polynomials(a, b);
    for (unsigned bit = 19; bit >= 10; --bit)
      if (((product >> bit) & 1u) != 0) product ^= std::uint64_t{0x409} << (bit - 10);
    wrong += product != field.multiply(a, b) ? 1 : 0;
  }
  CHECK(wrong == 0);
  // Lin and Costello, Appendix B, m = 10: minimal polynomials of alpha and alpha^3: x^10+x^3+1, x^10+x^3+x^2+x+1.
  CHECK(field.minimal_polynomial(1) == 0x409);
  CHECK(field.minimal_polynomial(3) == 0x40f);
}

TEST_CASE("a word without errors is clean, and the codes have the sizes of the table") {
  const struct {
    const char* name;
    unsigned bits, data;
  } rows[] = {{"none", 64, 64}, {"secded", 72, 64}, {"dec", 532, 512}, {"tec", 542, 512}};
  for (const auto& row : rows) {
    const auto codec = make_codec(row.name);
    CHECK(codec->bits() == row.bits);
    CHECK(codec->data_bits() == row.data);
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
      const Word word = word_of(*codec, seed);
      CHECK(codec->decode(word.data.data(), word.check).outcome == Outcome::clean);
    }
  }
  CHECK_THROWS_AS(make_codec("parity"), core::InputError);
}

TEST_CASE("every wrong bit is corrected, by every code") {
  for (const char* name : {"secded", "dec", "tec"}) {
    const auto codec = make_codec(name);
    const Word right = word_of(*codec, 3);
    std::size_t failed = 0;
    for (unsigned p = 0; p < codec->bits(); ++p) {
      Word word = right;
      flip(*codec, word, {p});
      const Decoded decoded = codec->decode(word.data.data(), word.check);
      failed += decoded.outcome != Outcome::corrected || decoded.wrong != 1 || decoded.positions[0] != p ? 1 : 0;
      correct(*codec, decoded, word.data.data(), word.check);
      failed += word == right ? 0 : 1;
    }
    INFO(name);
    CHECK(failed == 0);
  }
}

TEST_CASE("every pair of wrong bits is corrected by dec (and a third of them tried with tec), and seen by secded") {
  for (const char* name : {"secded", "dec", "tec"}) {
    const auto codec = make_codec(name);
    // A code is linear: the verdict depends on the pattern alone, so data of zeros stand for all.
    Word word{std::vector<std::uint8_t>(codec->data_bytes()), 0};
    std::size_t failed = 0;
    const unsigned step = codec->corrects() == 3 ? 3 : 1;  // tec's pairs are within its reach: a third of them
    for (unsigned a = 0; a < codec->bits(); a += step)
      for (unsigned b = a + 1; b < codec->bits(); ++b) {
        flip(*codec, word, {a, b});
        const Decoded decoded = codec->decode(word.data.data(), word.check);
        flip(*codec, word, {a, b});
        if (codec->corrects() >= 2)
          failed += decoded.outcome != Outcome::corrected || decoded.wrong != 2 || decoded.positions[0] != a || decoded.positions[1] != b ? 1 : 0;
        else
          failed += decoded.outcome != Outcome::uncorrectable ? 1 : 0;
      }
    INFO(name);
    CHECK(failed == 0);
  }
}

TEST_CASE("tec corrects three wrong bits wherever they are") {
  const auto codec = make_codec("tec");
  const Verdicts v = try_patterns(*codec, 3, 30000, 5);
  CHECK(v.corrected == 30000);
  // And every triple within the first 40 positions and the check bits' first 20: neighbours are no special case.
  Word word{std::vector<std::uint8_t>(codec->data_bytes()), 0};
  std::size_t failed = 0;
  const auto position = [&](unsigned i) { return i < 25 ? i : codec->data_bits() + i - 25; };
  for (unsigned a = 0; a < 45; ++a)
    for (unsigned b = a + 1; b < 45; ++b)
      for (unsigned c = b + 1; c < 45; ++c) {
        flip(*codec, word, {position(a), position(b), position(c)});
        const Decoded d = codec->decode(word.data.data(), word.check);
        flip(*codec, word, {position(a), position(b), position(c)});
        failed +=
            d.outcome != Outcome::corrected || d.wrong != 3 || d.positions[0] != position(a) || d.positions[1] != position(b) || d.positions[2] != position(c);
      }
  CHECK(failed == 0);
}

TEST_CASE("one more wrong bit than a BCH code corrects is taken for another pattern as often as syndromes look correctable") {
  // A pattern of t + 1 is taken for one of t where the two make a code word of the least weight, 2 t + 1. There are about C(n, 2 t + 1) / 2^r of those (the share of random words
  // that are code words), each holds C(2 t + 1, t + 1) patterns: by pattern C(n - t - 1, t) / 2^r.
  for (const unsigned t : {2u, 3u}) {
    const auto codec = make_bch(t);
    const double n = codec->bits(), syndromes = std::ldexp(1.0, static_cast<int>(codec->check_bits()));
    const double share = binomial(n - t - 1, t) / syndromes;
    const unsigned trials = 40000;
    const Verdicts v = try_patterns(*codec, t + 1, trials, 7);
    INFO("t = " << t << ": expected " << trials * share << ", miscorrected " << v.miscorrected);
    CHECK(v.corrected == 0);
    CHECK(v.clean == 0);  // the distance is 2 t + 1
    CHECK(std::abs(v.miscorrected - trials * share) < 4 * std::sqrt(trials * share * (1 - share)) + 0.02 * trials * share);
  }
}

TEST_CASE("secded takes three wrong bits for one as often as three columns sum to a column") {
  // All C(72, 3) = 59,640 patterns: the syndrome has an odd number of ones, which is a column or one of the 56 of weight 5 or 8 of weight 7 that are none. Counted over the columns alone.
  const auto codec = make_codec("secded");
  Word word{std::vector<std::uint8_t>(8), 0};
  std::vector<unsigned> columns;
  for (unsigned p = 0; p < 72; ++p) {
    flip(*codec, word, {p});
    columns.push_back(static_cast<unsigned>(codec->encode(word.data.data()) ^ word.check));
    flip(*codec, word, {p});
  }
  const std::set<unsigned> known(columns.begin(), columns.end());
  REQUIRE(known.size() == 72);
  unsigned expected = 0, miscorrected = 0, quiet = 0;
  for (unsigned a = 0; a < 72; ++a)
    for (unsigned b = a + 1; b < 72; ++b)
      for (unsigned c = b + 1; c < 72; ++c) {
        expected += known.contains(columns[a] ^ columns[b] ^ columns[c]) ? 1 : 0;
        flip(*codec, word, {a, b, c});
        const Decoded d = codec->decode(word.data.data(), word.check);
        flip(*codec, word, {a, b, c});
        miscorrected += d.outcome == Outcome::corrected ? 1 : 0;
        quiet += d.outcome == Outcome::clean ? 1 : 0;
      }
  CHECK(quiet == 0);
  CHECK(miscorrected == expected);
  // Hsiao's paper gives about 56 % for codes of this size; a syndrome drawn among the 128 odd ones would be a column in 72 / 128.
  CHECK(miscorrected / 59640.0 == Approx(72.0 / 128).margin(0.02));
}

TEST_CASE("the probability that a word fails is the binomial's tail, as the fact sheet's table has it") {
  // Two digits, as printed there.
  const struct {
    unsigned bits, corrects;
    double at[3];
  } rows[] = {{72, 1, {2.5e-5, 2.6e-7, 2.6e-9}},
              {79, 2, {7.9e-8, 7.9e-11, 7.9e-14}},
              {523, 1, {1.3e-3, 1.4e-5, 1.4e-7}},
              {532, 2, {2.4e-5, 2.5e-8, 2.5e-11}},
              {542, 3, {3.4e-7, 3.5e-11, 3.6e-15}}};
  for (const auto& row : rows)
    for (int i = 0; i < 3; ++i) CHECK(word_failure(row.bits, row.corrects, std::pow(10.0, -4 - i)) == Approx(row.at[i]).epsilon(0.03));
  // Exact: 1 - (1 - p)^2 of two bits, and nothing left to fail.
  CHECK(word_failure(2, 0, 0.25) == Approx(1 - 0.75 * 0.75).epsilon(1e-14));
  CHECK(word_failure(3, 3, 0.5) == 0);
}

TEST_CASE("words drawn at a raw error rate fail as often as the binomial says") {
  for (const char* name : {"secded", "dec", "tec"}) {
    const auto codec = make_codec(name);
    const double p = codec->bits() > 100 ? 4e-3 : 1e-2;
    const unsigned trials = 20000;
    const Word right = word_of(*codec, 2);
    double failed = 0;
    std::uint64_t drawn = 0;
    for (unsigned trial = 0; trial < trials; ++trial) {
      Word word = right;
      for (unsigned b = 0; b < codec->bits(); ++b)
        if (core::random_unit(11, drawn++) <= p) flip_bit(*codec, word.data.data(), word.check, b);
      const Decoded decoded = codec->decode(word.data.data(), word.check);
      correct(*codec, decoded, word.data.data(), word.check);
      failed += word == right ? 0 : 1;
    }
    const double expected = trials * word_failure(codec->bits(), codec->corrects(), p);
    INFO(name << ": expected " << expected << ", failed " << failed);
    CHECK(std::abs(failed - expected) < 4 * std::sqrt(expected));
  }
}

TEST_CASE("a codec's gates are those of its parity check, and its cost follows from them") {
  const auto secded = make_codec("secded");
  // 208 ones in the data columns, 26 a row: 8 x 25 gates encode, 8 x 26 check.
  CHECK(secded->gates().encode.exclusive_or == 200);
  CHECK(secded->gates().check.exclusive_or == 208);
  // About half of the 512 x 10 t entries of a BCH parity matrix are ones; each row saves one gate.
  for (const unsigned t : {2u, 3u}) {
    const double entries = 512.0 * 10 * t, ones = static_cast<double>(make_bch(t)->gates().encode.exclusive_or) + 10 * t;
    CHECK(ones == Approx(entries / 2).epsilon(0.1));
  }
  const EccCost cost = cost_of(*secded, "45nm");
  // 0.03 pJ / 8 for a full adder of 2 x 1.596 + 3 x 0.798 um2, of which one exclusive-or gate is 1.596: 1.071 fJ.
  CHECK(cost.encode_energy.in(1_fJ) == Approx(200 * 0.03e3 / 8 * 1.596 / 5.586).epsilon(1e-12));
  // Five levels of two FO4 of 16.2 ps.
  CHECK(cost.encode.in(1_ps) == Approx(162));
  CHECK(cost.more_bits == 0.125);
  // Within what the fact sheet recalls: below 1 ns for SEC-DED, 1 to 3 ns for DEC.
  CHECK((cost.check + cost.correct).in(1_ns) < 1);
  const EccCost dec = cost_of(*make_codec("dec"), "45nm");
  CHECK((dec.check + dec.correct).in(1_ns) > 0.5);
  CHECK((dec.check + dec.correct).in(1_ns) < 3);
  CHECK_THROWS_AS(cost_of(*secded, "22nm"), core::InputError);
  CHECK(cost_of(*make_codec("none"), "45nm").area.si() == 0);
}
