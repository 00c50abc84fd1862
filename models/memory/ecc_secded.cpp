// SEC-DED (72, 64) after Hsiao (IBM J. Res. Dev. 14, 395, 1970): every column of the parity check has an odd number of ones, so one wrong bit gives an odd syndrome and two an even
// one: never confused. The columns of data bits are all 56 of weight 3 and the 8 rotations of one of weight 5: every check bit sums 26 data bits.
#include <array>
#include <bit>

#include "models/memory/ecc.h"

namespace spinvp::memory {

namespace {

constexpr unsigned word_bits = 64, parity_bits = 8;

std::array<std::uint8_t, word_bits + parity_bits> make_columns() {
  std::array<std::uint8_t, word_bits + parity_bits> columns{};
  unsigned found = 0;
  for (unsigned column = 0; column < 256; ++column)
    if (std::popcount(column) == 3) columns[found++] = static_cast<std::uint8_t>(column);
  for (int turn = 0; turn < 8; ++turn) columns[found++] = std::rotl(std::uint8_t{0x1f}, turn);
  for (unsigned row = 0; row < parity_bits; ++row) columns[found++] = static_cast<std::uint8_t>(1u << row);
  return columns;
}

class Secded : public EccCodec {
 public:
  Secded() : EccCodec("secded", word_bits, parity_bits, 1, 2), columns_(make_columns()) {
    for (unsigned byte = 0; byte < 8; ++byte)
      for (unsigned value = 0; value < 256; ++value)
        for (unsigned bit = 0; bit < 8; ++bit)
          if (((value >> bit) & 1u) != 0) sums_[byte][value] = static_cast<std::uint8_t>(sums_[byte][value] ^ columns_[8 * byte + bit]);
    position_.fill(no_position);
    for (unsigned i = 0; i < columns_.size(); ++i) position_[columns_[i]] = static_cast<std::uint8_t>(i);
  }

  [[nodiscard]] std::uint64_t encode(const std::uint8_t* data) const override {
    unsigned check = 0;
    for (unsigned byte = 0; byte < 8; ++byte) check ^= sums_[byte][data[byte]];
    return check;
  }

  [[nodiscard]] Decoded decode(const std::uint8_t* data, std::uint64_t check) const override {
    const std::uint64_t syndrome = encode(data) ^ check;
    if (syndrome == 0) return {};
    const std::uint8_t position = position_[syndrome];
    if (position == no_position) return {Decoded::Outcome::uncorrectable, 0, {}};
    return {Decoded::Outcome::corrected, 1, {position}};
  }

  [[nodiscard]] CodecGates gates() const override {
    CodecGates g;
    // A row sums 26 data bits with 25 gates, 5 levels; the syndrome adds its check bit.
    constexpr unsigned sum = 26;
    g.encode = {parity_bits * (sum - 1), 0, 5, 0};
    g.check = {parity_bits * sum, parity_bits - 1, 5, 3};  // 27 inputs are 5 levels too; an or over 8 bits
    // Each data bit: its column is matched by 7 gates of two inputs, 3 levels, and inverts the bit.
    g.correct = {word_bits, word_bits * (parity_bits - 1), 1, 3};
    return g;
  }

 private:
  static constexpr std::uint8_t no_position = 255;
  std::array<std::uint8_t, word_bits + parity_bits> columns_;
  std::array<std::array<std::uint8_t, 256>, 8> sums_{};
  std::array<std::uint8_t, 256> position_{};
};

}  // namespace

std::unique_ptr<EccCodec> make_secded() { return std::make_unique<Secded>(); }

}  // namespace spinvp::memory
