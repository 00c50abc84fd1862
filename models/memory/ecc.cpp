#include "models/memory/ecc.h"

#include <fmt/format.h>

#include "models/core/error.h"

namespace spinvp::memory {

namespace {

class NoCode : public EccCodec {
 public:
  NoCode() : EccCodec("none", 64, 0, 0, 0) {}
  [[nodiscard]] std::uint64_t encode(const std::uint8_t*) const override { return 0; }
  [[nodiscard]] Decoded decode(const std::uint8_t*, std::uint64_t) const override { return {}; }
  [[nodiscard]] CodecGates gates() const override { return {}; }
};

}  // namespace

const std::vector<std::string>& codec_names() {
  static const std::vector<std::string> names = {"none", "secded", "dec", "tec"};
  return names;
}

std::unique_ptr<EccCodec> make_codec(const std::string& name) {
  if (name == "none") return std::make_unique<NoCode>();
  if (name == "secded") return make_secded();
  if (name == "dec") return make_bch(2);
  if (name == "tec") return make_bch(3);
  throw core::InputError(fmt::format("ecc: '{}' is not allowed: one of {}", name, fmt::join(codec_names(), ", ")));
}

void flip_bit(const EccCodec& codec, std::uint8_t* data, std::uint64_t& check, unsigned position) {
  if (position < codec.data_bits())
    data[position / 8] = static_cast<std::uint8_t>(data[position / 8] ^ (1u << (position % 8)));
  else
    check ^= std::uint64_t{1} << (position - codec.data_bits());
}

void correct(const EccCodec& codec, const Decoded& decoded, std::uint8_t* data, std::uint64_t& check) {
  for (unsigned i = 0; i < decoded.wrong; ++i) flip_bit(codec, data, check, decoded.positions[i]);
}

double word_failure(unsigned bits, unsigned corrects, double p) {
  if (p <= 0 || corrects >= bits) return 0;
  if (p >= 1) return 1;
  // The term of i = corrects + 1, then each next by its ratio; all are positive, so nothing cancels.
  double term = 1;
  for (unsigned i = 0; i <= corrects; ++i) term *= p * (bits - i) / (i + 1);
  for (unsigned i = 0; i < bits - corrects - 1; ++i) term *= 1 - p;
  double sum = 0;
  for (unsigned i = corrects + 1; i <= bits; ++i) {
    sum += term;
    term *= p / (1 - p) * (bits - i) / (i + 1);
  }
  return sum;
}

}  // namespace spinvp::memory
