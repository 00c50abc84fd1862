#include "workloads/datasets/toy_language.h"

#include <fmt/format.h>

#include "models/abi/counter_hash.h"
#include "models/core/error.h"

namespace spinvp::workloads {
namespace {

enum Kind : std::uint8_t { name, verb, object, link };
constexpr std::uint8_t but = 1;

std::uint8_t token(Kind kind, std::uint8_t number) { return static_cast<std::uint8_t>(4 * kind + number); }

// Of eight equal shares "and" has four, "but" two.
std::uint8_t drawn_link(std::uint64_t bits) {
  constexpr std::uint8_t shares[8] = {0, 0, 0, 0, but, but, 2, 3};
  return shares[bits % 8];
}

std::vector<std::uint8_t> sentences(const TextOptions& options, std::size_t count, std::uint64_t stream) {
  std::vector<std::uint8_t> text;
  text.reserve(count * (options.length + 1));
  for (std::size_t i = 0; i < count; ++i) {
    const auto sentence = write_sentence(options.length + 1, spinvp_counter_hash(stream, i));
    text.insert(text.end(), sentence.begin(), sentence.end());
  }
  return text;
}

}  // namespace

std::vector<std::uint8_t> write_sentence(std::size_t words, std::uint64_t stream) {
  std::vector<std::uint8_t> sentence;
  std::uint8_t topic = 0, said = 0;
  for (std::size_t i = 0; i < words; ++i) {
    const std::uint64_t bits = spinvp_counter_hash(stream, i) >> 32;
    switch (static_cast<Kind>(i % 4)) {
      case name:
        if (i == 0)
          topic = bits % 4;
        else if (said == but)
          topic = (topic + 1) % 4;
        sentence.push_back(token(name, topic));
        break;
      case verb:
        said = bits % 4;
        sentence.push_back(token(verb, said));
        break;
      case object: sentence.push_back(token(object, (topic + said) % 4)); break;
      case link:
        said = drawn_link(bits);
        sentence.push_back(token(link, said));
        break;
    }
  }
  return sentence;
}

Text write_text(const TextOptions& options) {
  for (const std::size_t count : {options.train_count, options.test_count})
    if (count == 0 || count > 1'000'000) throw core::InputError(fmt::format("text: {} sentences asked for, allowed are 1 to 1000000", count));
  if (options.length == 0 || options.length > 1024)
    throw core::InputError(fmt::format("text: sentences of {} words asked for, allowed are 1 to 1024", options.length));
  const std::uint64_t stream = spinvp_counter_hash(options.seed, 0);
  return {
      options.length, sentences(options, options.train_count, spinvp_counter_hash(stream, 3)),
      sentences(options, options.test_count, spinvp_counter_hash(stream, 4)),
      fmt::format("toy language written by the project, seed {}: {} sentences to train, {} to test", options.seed, options.train_count, options.test_count)};
}

}  // namespace spinvp::workloads
