// A language of 16 tokens that the project makes itself, so that a small language model has a text whose least possible loss is known exactly.
//
// A sentence is a chain of clauses of four words, NAME VERB OBJECT LINK, each word one of four of its kind (tokens 0-3, 4-7, 8-11, 12-15):
//   NAME    what the sentence talks of: the first one uniform; later ones the name before, or its successor (mod 4) behind the link "but" (13)
//   VERB    uniform
//   OBJECT  agrees with both: its number is (name + verb) mod 4
//   LINK    "and" 1/2, "but" 1/4, the other two 1/8 each
//
// So half of all words follow from those before them: an object from its clause's name and verb, a name from the name before it and the link between. Who sees the last word
// alone, and where it stands, knows nothing of them: names stay uniform from clause to clause, so given the verb the object is uniform, and given the link the name.
// What the other half costs nobody can avoid: 2 bits a verb, 7/4 bits a link.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace spinvp::workloads {

inline constexpr std::size_t language_tokens = 16;

// A word's predictions, as a mean over the four kinds: bits that the best predictor needs, and the share it gets right.
struct LanguageBound {
  double bits, accuracy;
};
inline constexpr LanguageBound language_best = {(2 + 0 + 1.75 + 0) / 4, (0.25 + 1 + 0.5 + 1) / 4};
inline constexpr LanguageBound language_best_without_context = {(2 + 2 + 1.75 + 2) / 4,
                                                                (0.25 + 0.25 + 0.5 + 0.25) / 4};  // from the last word and its place alone

// Sentences of `length` + 1 words, so that each of the first `length` has a successor, one behind the other.
struct Text {
  std::size_t length = 0;
  std::vector<std::uint8_t> train, test;
  [[nodiscard]] std::size_t train_count() const { return train.size() / (length + 1); }
  [[nodiscard]] std::size_t test_count() const { return test.size() / (length + 1); }
  std::string note;  // one line for the log and the report
};

struct TextOptions {
  std::size_t length = 16, train_count = 4096, test_count = 256;
  std::uint64_t seed = 1;
};

// A sentence is a function of (seed, set, index). Throws core::InputError when a count or the length is 0, a count above one million, or a length above 1024.
[[nodiscard]] Text write_text(const TextOptions& options = {});

// A sentence of `words` words; equal streams give equal sentences.
[[nodiscard]] std::vector<std::uint8_t> write_sentence(std::size_t words, std::uint64_t stream);

}  // namespace spinvp::workloads
