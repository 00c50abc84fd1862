// Binary BCH codes that correct t wrong bits of 512 data bits: length 1023 over GF(2^10), shortened; 10 t check bits (Lin and Costello, Error Control Coding, chapter 6).
//
// Generator g(x): the product of the minimal polynomials of alpha, alpha^3 (and alpha^5). Systematic: check bits are d(x) x^r mod g(x), check bit j the coefficient of x^j, data bit i
// that of x^(r + i). Decoding: remainder of the word; syndromes S_1 .. S_2t of the remainder; the locator polynomial (Berlekamp, Massey); its roots among the positions that the
// shortened word has. Fewer roots than the degree says: more than t bits are wrong.
#include <algorithm>
#include <array>
#include <bit>
#include <cassert>

#include "models/memory/ecc.h"
#include "models/memory/galois_field.h"

namespace spinvp::memory {

namespace {

constexpr unsigned word_bits = 512, degree = 10, most_wrong = 3;
constexpr std::uint32_t primitive = 0x409;  // x^10 + x^3 + 1

unsigned levels(std::uint64_t inputs) { return inputs <= 1 ? 0 : static_cast<unsigned>(std::bit_width(inputs - 1)); }

class Bch : public EccCodec {
 public:
  explicit Bch(unsigned t) : EccCodec(t == 2 ? "dec" : "tec", word_bits, degree * t, t, t), field_(degree, primitive) {
    assert(t == 2 || t == 3);
    std::uint64_t generator = 1;
    for (unsigned odd = 1; odd < 2 * t; odd += 2) generator = multiply_polynomials(generator, field_.minimal_polynomial(odd));
    assert(std::bit_width(generator) == check_bits() + 1);
    mask_ = (std::uint64_t{1} << check_bits()) - 1;
    for (std::uint64_t byte = 0; byte < 256; ++byte) {
      std::uint64_t remainder = byte << (check_bits() - 8);
      for (int bit = 0; bit < 8; ++bit) {
        remainder <<= 1;
        if ((remainder >> check_bits()) != 0) remainder ^= generator;
      }
      shifted_[byte] = remainder;
    }
  }

  [[nodiscard]] std::uint64_t encode(const std::uint8_t* data) const override {
    std::uint64_t remainder = 0;
    for (unsigned byte = word_bits / 8; byte-- > 0;) remainder = ((remainder << 8) & mask_) ^ shifted_[(remainder >> (check_bits() - 8)) ^ data[byte]];
    return remainder;
  }

  [[nodiscard]] Decoded decode(const std::uint8_t* data, std::uint64_t check) const override {
    const std::uint64_t remainder = encode(data) ^ check;
    if (remainder == 0) return {};
    const Locator locator = locate(remainder);
    Decoded result{Decoded::Outcome::uncorrectable, 0, {}};
    if (locator.degree > corrects()) return result;
    std::array<unsigned, most_wrong> exponents{};
    const unsigned roots = roots_of(locator, exponents);
    if (roots != locator.degree) return result;
    result.outcome = Decoded::Outcome::corrected;
    result.wrong = roots;
    for (unsigned i = 0; i < roots; ++i) result.positions[i] = exponents[i] >= check_bits() ? exponents[i] - check_bits() : word_bits + exponents[i];
    std::sort(result.positions.begin(), result.positions.begin() + roots);
    return result;
  }

  [[nodiscard]] CodecGates gates() const override;

 private:
  struct Locator {
    std::array<std::uint32_t, 2 * most_wrong + 1> coefficients{};
    unsigned degree = 0;
  };
  GaloisField field_;
  std::uint64_t mask_ = 0;
  std::array<std::uint64_t, 256> shifted_{};  // byte(x) x^r mod g

  [[nodiscard]] std::uint32_t syndrome(std::uint64_t remainder, unsigned j) const {
    std::uint32_t sum = 0;
    for (; remainder != 0; remainder &= remainder - 1) sum ^= field_.power(std::uint64_t{j} * static_cast<unsigned>(std::countr_zero(remainder)));
    return sum;
  }

  // The shortest register that makes the syndromes (Massey 1969).
  [[nodiscard]] Locator locate(std::uint64_t remainder) const {
    const unsigned count = 2 * corrects();
    std::array<std::uint32_t, 2 * most_wrong> s{};
    for (unsigned j = 0; j < count; ++j) s[j] = j % 2 == 0 ? syndrome(remainder, j + 1) : field_.multiply(s[j / 2], s[j / 2]);
    Locator now;
    now.coefficients[0] = 1;
    auto before = now.coefficients;
    std::uint32_t before_discrepancy = 1;
    unsigned shift = 1;
    for (unsigned n = 0; n < count; ++n) {
      std::uint32_t discrepancy = s[n];
      for (unsigned i = 1; i <= now.degree; ++i) discrepancy ^= field_.multiply(now.coefficients[i], s[n - i]);
      if (discrepancy == 0) {
        ++shift;
        continue;
      }
      const auto kept = now.coefficients;
      const std::uint32_t factor = field_.divide(discrepancy, before_discrepancy);
      for (unsigned i = 0; i + shift < now.coefficients.size(); ++i) now.coefficients[i + shift] ^= field_.multiply(factor, before[i]);
      if (2 * now.degree <= n) {
        now.degree = n + 1 - now.degree;
        before = kept;
        before_discrepancy = discrepancy;
        shift = 1;
      } else {
        ++shift;
      }
    }
    return now;
  }

  // Exponents e of the word for which the locator is 0 at alpha^-e (Chien).
  unsigned roots_of(const Locator& locator, std::array<unsigned, most_wrong>& exponents) const {
    unsigned found = 0;
    const unsigned order = field_.order();
    std::array<unsigned, most_wrong + 1> log{};
    std::array<bool, most_wrong + 1> there{};
    for (unsigned i = 1; i <= locator.degree; ++i) {
      there[i] = locator.coefficients[i] != 0;
      if (there[i]) log[i] = field_.logarithm(locator.coefficients[i]);
    }
    for (unsigned e = 0; e < bits() && found < locator.degree; ++e) {
      std::uint32_t sum = 1;
      for (unsigned i = 1; i <= locator.degree; ++i) {
        if (!there[i]) continue;
        sum ^= field_.power(log[i]);
        log[i] = log[i] >= i ? log[i] - i : log[i] + order - i;
      }
      if (sum == 0) exponents[found++] = e;
    }
    return found;
  }
};

CodecGates Bch::gates() const {
  const unsigned r = check_bits(), t = corrects();
  CodecGates g;
  // Ones of the map from data to check bits, by row.
  std::vector<unsigned> row(r);
  std::array<std::uint8_t, word_bits / 8> data{};
  for (unsigned i = 0; i < word_bits; ++i) {
    data[i / 8] = static_cast<std::uint8_t>(1u << (i % 8));
    for (std::uint64_t column = encode(data.data()); column != 0; column &= column - 1) ++row[static_cast<unsigned>(std::countr_zero(column))];
    data[i / 8] = 0;
  }
  unsigned longest = 0;
  for (const unsigned ones : row) g.encode.exclusive_or += ones - 1, longest = std::max(longest, ones);
  g.encode.exclusive_or_levels = levels(longest);
  g.check = g.encode;  // encoded again and compared
  g.check.exclusive_or += r;
  g.check.exclusive_or_levels = levels(longest + 1);
  g.check.and_or = r - 1;
  g.check.and_or_levels = levels(r);

  // Syndromes S_1, S_3 (S_5) from the remainder: the ones of a map of r bits to 10 t. Powers of two are linear and taken into what follows.
  std::uint64_t ones = 0;
  unsigned syndrome_levels = 0;
  for (unsigned j = 1; j < 2 * t; j += 2) {
    std::array<unsigned, degree> syndrome_row{};
    for (unsigned i = 0; i < r; ++i)
      for (std::uint32_t element = field_.power(std::uint64_t{j} * i); element != 0; element &= element - 1)
        ++syndrome_row[static_cast<unsigned>(std::countr_zero(element))];
    for (const unsigned n : syndrome_row) ones += n - 1, syndrome_levels = std::max(syndrome_levels, levels(n));
  }
  // The locator without a division (Peterson): t = 2: S1, S1^2, S1^3 + S3, one product. t = 3: D = S1^3 + S3, D S1, S1^2 S3 + S5, D^2 + S1 (S1^2 S3 + S5): four products, two in a row. A
  // product of two elements modulo a trinomial: m^2 and, m^2 - 1 exclusive or gates (Mastrovito), 1 + ceil(log2 m) + 1 levels.
  const unsigned products = t == 2 ? 1 : 4, sums = t == 2 ? 1 : 3, in_a_row = t == 2 ? 1 : 2;
  g.correct.and_or = std::uint64_t{products} * degree * degree;
  g.correct.exclusive_or = ones + std::uint64_t{products} * (degree * degree - 1) + std::uint64_t{sums} * degree;
  g.correct.and_or_levels = in_a_row;
  g.correct.exclusive_or_levels = syndrome_levels + in_a_row * (levels(degree) + 1) + 1;

  // The search for roots, all data positions at once: t coefficients times constants and a sum of t + 1 elements; zero over 10 bits inverts the bit.
  unsigned search_levels = 0;
  for (unsigned e = r; e < bits(); ++e)
    for (unsigned bit = 0; bit < degree; ++bit) {
      unsigned inputs = 1;
      for (unsigned i = 1; i <= t; ++i)
        for (unsigned in = 0; in < degree; ++in) inputs += (field_.multiply(1u << in, field_.power(std::uint64_t{i} * (field_.order() - e))) >> bit) & 1u;
      g.correct.exclusive_or += inputs - 1;
      search_levels = std::max(search_levels, levels(inputs));
    }
  g.correct.and_or += std::uint64_t{word_bits} * (degree - 1);
  g.correct.exclusive_or += word_bits;
  g.correct.and_or_levels += levels(degree);
  g.correct.exclusive_or_levels += search_levels + 1;
  return g;
}

}  // namespace

std::unique_ptr<EccCodec> make_bch(unsigned t) { return std::make_unique<Bch>(t); }

}  // namespace spinvp::memory
