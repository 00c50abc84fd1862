// Error-correcting codes of a memory's words: really encoded, really decoded.
//
//   name    code                    data  check  overhead  corrects            detects for sure
//   none    -                         64      0         -  -                   -
//   secded  Hsiao (72, 64)            64      8    12.5 %  1 wrong bit         2
//   dec     BCH (532, 512), t = 2    512     20     3.9 %  2                   2
//   tec     BCH (542, 512), t = 3    512     30     5.9 %  3                   3
//
// The BCH codes guard whole words of 512 bits, what one access of a macro moves: their check bits cost a third of those on 64 bits, and the weaker rate of 512 bits that share t corrections
// is stated (word_failure). More wrong bits than a code corrects are either seen (uncorrectable) or taken for another pattern and "corrected" into a third word: the decoder
// cannot know, the memory counts it as miscorrected.
//
// Bits: data bit i is bit i % 8 of byte i / 8; position data_bits + j is check bit j.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace spinvp::memory {

struct Decoded {
  enum class Outcome { clean, corrected, uncorrectable };
  Outcome outcome = Outcome::clean;
  unsigned wrong = 0;                      // of a corrected word
  std::array<unsigned, 3> positions = {};  // of its wrong bits, ascending
};

// The codec as gates of two inputs, and the longest path as levels of each kind. No gate is shared between outputs: an upper bound of what a synthesis tool leaves.
struct CodecGates {
  struct Stage {
    std::uint64_t exclusive_or = 0, and_or = 0;
    unsigned exclusive_or_levels = 0, and_or_levels = 0;
  };
  Stage encode;   // data to check bits
  Stage check;    // word read to "clean"
  Stage correct;  // from there to corrected data
};

class EccCodec {
 public:
  virtual ~EccCodec() = default;
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] unsigned data_bits() const { return data_bits_; }
  [[nodiscard]] unsigned data_bytes() const { return data_bits_ / 8; }
  [[nodiscard]] unsigned check_bits() const { return check_bits_; }
  [[nodiscard]] unsigned bits() const { return data_bits_ + check_bits_; }
  // Wrong bits a word that are always corrected, and always at least detected.
  [[nodiscard]] unsigned corrects() const { return corrects_; }
  [[nodiscard]] unsigned detects() const { return detects_; }

  // The check bits of data_bytes() bytes.
  [[nodiscard]] virtual std::uint64_t encode(const std::uint8_t* data) const = 0;
  [[nodiscard]] virtual Decoded decode(const std::uint8_t* data, std::uint64_t check) const = 0;
  [[nodiscard]] virtual CodecGates gates() const = 0;

 protected:
  EccCodec(std::string name, unsigned data_bits, unsigned check_bits, unsigned corrects, unsigned detects)
      : name_(std::move(name)), data_bits_(data_bits), check_bits_(check_bits), corrects_(corrects), detects_(detects) {}

 private:
  std::string name_;
  unsigned data_bits_, check_bits_, corrects_, detects_;
};

// "none", "secded", "dec", "tec".
const std::vector<std::string>& codec_names();
// Throws core::InputError for another name.
std::unique_ptr<EccCodec> make_codec(const std::string& name);

std::unique_ptr<EccCodec> make_secded();
// t = 2 or 3.
std::unique_ptr<EccCodec> make_bch(unsigned t);

// Inverts the bit at `position` of a word.
void flip_bit(const EccCodec& codec, std::uint8_t* data, std::uint64_t& check, unsigned position);
// Applies what a corrected outcome says.
void correct(const EccCodec& codec, const Decoded& decoded, std::uint8_t* data, std::uint64_t& check);

// Probability that more than `corrects` of `bits` independent bits are wrong, each with probability p: the binomial's upper tail. In plain arithmetic.
double word_failure(unsigned bits, unsigned corrects, double p);

}  // namespace spinvp::memory
