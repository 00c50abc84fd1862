#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <numeric>
#include <vector>

#include "models/abi/counter_hash.h"
#include "models/core/error.h"
#include "tests/reference/transformer_double.h"
#include "workloads/training/language_reference.h"

using namespace spinvp;
using namespace spinvp::workloads;

namespace {

constexpr LayerPolicies npu = {ArithmeticPolicy::npu(), ArithmeticPolicy::npu()};
constexpr LayerPolicies mixed = {ArithmeticPolicy::npu(), ArithmeticPolicy::pim()};

}  // namespace

TEST_CASE(
    "Loss and gradients of the language model agree with finite differences of an independent network in double precision, with one arithmetic and with two") {
  constexpr std::size_t sentences = 2;
  const Text text = write_text({.train_count = sentences, .test_count = 1});
  const WordBatch batch = word_batch(text.train, text.length, 0, sentences);
  const reference::TransformerShape shape{.blocks = 2, .kinds = 16, .causal = true};
  for (const LayerPolicies& policies : {npu, mixed}) {
    LanguageReference network(policies, 1, sentences);
    // Gains of 1 and shifts of 0 would hide a factor that is missing: every parameter gets a value of its own.
    for (std::size_t i = 0; i < SPINVP_LANGUAGE_PARAMETERS; ++i)
      network.parameters()[i] += 0.1f * (static_cast<float>(spinvp_counter_hash(7, i) >> 40) / 8388608.0f - 1.0f);
    const float loss = network.gradients_of(batch);
    std::vector<double> parameters(network.parameters().begin(), network.parameters().end());
    CHECK(static_cast<double>(loss) == Approx(reference::transformer_loss(parameters, batch.tokens, batch.labels, shape)).epsilon(1e-6));

    // Every 31st parameter and the last ones: the shortest tensors have 32, the head's bias at the end 16. Errors as for the single block (test_transformer_reference.cpp).
    constexpr double step = 1e-6;
    for (std::size_t index = 0; index < SPINVP_LANGUAGE_PARAMETERS; index += index + 31 < SPINVP_LANGUAGE_HEAD_BIAS_OFFSET ? 31 : 1) {
      const double at = parameters[index];
      parameters[index] = at + step;
      const double above = reference::transformer_loss(parameters, batch.tokens, batch.labels, shape);
      parameters[index] = at - step;
      const double below = reference::transformer_loss(parameters, batch.tokens, batch.labels, shape);
      parameters[index] = at;
      INFO("parameter " << index);
      CHECK(static_cast<double>(network.gradients()[index]) == Approx((above - below) / (2 * step)).epsilon(1e-4).margin(3e-7));
    }
  }
}

TEST_CASE("A position of the language model sees nothing of what follows it") {
  LanguageReference network(npu, 1, 1);
  const Text text = write_text({.train_count = 1, .test_count = 1});
  WordBatch batch = word_batch(text.train, text.length, 0, 1);
  const auto logits = network.forward(batch.tokens);
  const std::vector<float> before(logits.begin(), logits.end());
  for (std::size_t changed = 1; changed < text.length; ++changed) {
    auto tokens = batch.tokens;
    tokens[changed] ^= 1;
    const auto after = network.forward(tokens);
    const std::size_t untouched = changed * SPINVP_LANGUAGE_TOKENS;
    CHECK(std::equal(before.begin(), before.begin() + static_cast<long>(untouched), after.begin()));
    CHECK_FALSE(std::equal(before.begin() + static_cast<long>(untouched), before.end(), after.begin() + static_cast<long>(untouched)));
  }
}

TEST_CASE("By default the language model learns what only attention can tell: near the least possible loss, and far from what the last word alone allows") {
  const Text text = write_text();
  const auto result = train_language(text, npu);
  REQUIRE(result.losses.size() == SPINVP_LANGUAGE_DEFAULT_STEPS);
  const double last = std::accumulate(result.losses.end() - 20, result.losses.end(), 0.0) / 20 / std::log(2.0);
  CHECK(last < language_best.bits + 0.15);
  CHECK(last > language_best.bits - 0.05);  // a mean over 20 batches of 128 words: some hundredths of a bit
  CHECK(result.accuracy > 0.65);            // of 0.6875; 0.3125 without context
  const LayerPolicies swapped = {mixed[1], mixed[0]};
  CHECK(train_language(text, npu, {.steps = 2}).fingerprint != train_language(text, mixed, {.steps = 2}).fingerprint);
  CHECK(train_language(text, swapped, {.steps = 2}).fingerprint != train_language(text, mixed, {.steps = 2}).fingerprint);
}

TEST_CASE("A batch of no sentences is refused, and a batch behind the last sentence begins again") {
  CHECK_THROWS_AS(LanguageReference(npu, 1, 0), core::InputError);
  const Text text = write_text({.train_count = 3, .test_count = 1});
  const WordBatch batch = word_batch(text.train, text.length, 2, 2);
  CHECK(std::equal(batch.tokens.begin() + 16, batch.tokens.end(), text.train.begin()));
  CHECK(std::equal(batch.labels.begin(), batch.labels.begin() + 16, text.train.begin() + 2 * 17 + 1));
}
