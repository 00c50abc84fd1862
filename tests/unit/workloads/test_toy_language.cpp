#include <array>
#include <catch2/catch.hpp>
#include <cmath>
#include <map>
#include <string>
#include <vector>

#include "models/core/error.h"
#include "workloads/datasets/toy_language.h"

using namespace spinvp;
using namespace spinvp::workloads;

namespace {

using Sentence = std::string;  // a character a word

// All sentences of two clauses and a name, each with its probability, written out from the rules of toy_language.h by loops over what is drawn.
std::map<Sentence, double> all_sentences() {
  constexpr std::array<double, 4> link_share = {0.5, 0.25, 0.125, 0.125};
  std::map<Sentence, double> all;
  for (unsigned name = 0; name < 4; ++name)
    for (unsigned drawn = 0; drawn < 256; ++drawn) {
      const unsigned verb1 = drawn % 4, link1 = drawn / 4 % 4, verb2 = drawn / 16 % 4, link2 = drawn / 64;
      const unsigned name2 = (name + (link1 == 1 ? 1 : 0)) % 4, name3 = (name2 + (link2 == 1 ? 1 : 0)) % 4;
      Sentence sentence;
      for (const unsigned token : {name, 4 + verb1, 8 + (name + verb1) % 4, 12 + link1, name2, 4 + verb2, 8 + (name2 + verb2) % 4, 12 + link2, name3})
        sentence.push_back(static_cast<char>(token));
      all[sentence] += 1.0 / 64 * link_share.at(link1) * link_share.at(link2);
    }
  return all;
}

// Bits and share of right answers of the best predictor of all words but the first that knows context(sentence, place).
template <typename Context>
LanguageBound best_with(const Context& context) {
  LanguageBound bound{0, 0};
  constexpr std::size_t predicted = 8;
  for (std::size_t place = 1; place <= predicted; ++place) {
    std::map<Sentence, std::map<char, double>> next;
    for (const auto& [sentence, probability] : all_sentences()) next[context(sentence, place)][sentence[place]] += probability;
    for (const auto& [known, words] : next) {
      double total = 0, largest = 0;
      for (const auto& [word, probability] : words) {
        total += probability;
        largest = std::max(largest, probability);
      }
      bound.accuracy += largest / predicted;
      for (const auto& [word, probability] : words) bound.bits -= probability * std::log2(probability / total) / predicted;
    }
  }
  return bound;
}

}  // namespace

TEST_CASE("What the toy language can be predicted to is what counting all of its sentences gives, with the whole context and with the last word alone") {
  const auto all = best_with([](const Sentence& sentence, std::size_t place) { return sentence.substr(0, place); });
  CHECK(all.bits == Approx(language_best.bits).epsilon(1e-12));
  CHECK(all.accuracy == Approx(language_best.accuracy).epsilon(1e-12));
  const auto last = best_with([](const Sentence& sentence, std::size_t place) { return Sentence(1, sentence[place - 1]); });
  CHECK(last.bits == Approx(language_best_without_context.bits).epsilon(1e-12));
  CHECK(last.accuracy == Approx(language_best_without_context.accuracy).epsilon(1e-12));
}

TEST_CASE("The written sentences are sentences of the language, in its proportions, and depend on seed, set and index alone") {
  const auto allowed = all_sentences();
  const Text text = write_text({.length = 8, .train_count = 4000, .test_count = 100});
  REQUIRE(text.train_count() == 4000);
  REQUIRE(text.test_count() == 100);
  std::array<double, 16> seen{};
  for (std::size_t i = 0; i < text.train_count(); ++i) {
    const Sentence sentence(text.train.begin() + static_cast<long>(9 * i), text.train.begin() + static_cast<long>(9 * (i + 1)));
    REQUIRE(allowed.contains(sentence));
    for (const char word : sentence) ++seen.at(static_cast<std::size_t>(word));
  }
  // Of 8,000 links and 8,000 verbs: a share of 1/2 has a standard deviation of 45, one of 1/8 of 30; five of them.
  CHECK(seen[12] == Approx(4000).margin(225));
  CHECK(seen[13] == Approx(2000).margin(195));
  CHECK(seen[14] == Approx(1000).margin(150));
  CHECK(seen[15] == Approx(1000).margin(150));
  for (std::size_t verb = 4; verb < 8; ++verb) CHECK(seen[verb] == Approx(2000).margin(195));

  const Text longer = write_text({.length = 8, .train_count = 5000, .test_count = 100});
  CHECK(std::equal(text.train.begin(), text.train.end(), longer.train.begin()));
  CHECK(longer.test == text.test);
  CHECK(write_text({.length = 8, .train_count = 4000, .test_count = 100, .seed = 2}).train != text.train);
  CHECK(std::vector(text.train.begin(), text.train.begin() + 900) != text.test);
}

TEST_CASE("A text without sentences or words, or with absurdly many, is refused") {
  CHECK_THROWS_AS(write_text({.train_count = 0}), core::InputError);
  CHECK_THROWS_AS(write_text({.test_count = 1'000'001}), core::InputError);
  CHECK_THROWS_AS(write_text({.length = 0}), core::InputError);
  CHECK_THROWS_AS(write_text({.length = 1025}), core::InputError);
}
