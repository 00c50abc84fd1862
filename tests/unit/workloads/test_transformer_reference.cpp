#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <cmath>
#include <numeric>
#include <vector>

#include "models/abi/counter_hash.h"
#include "models/core/error.h"
#include "tests/reference/transformer_double.h"
#include "workloads/training/matrix_product.h"
#include "workloads/training/transformer_operators.h"
#include "workloads/training/transformer_reference.h"

using namespace spinvp;
using namespace spinvp::workloads;

namespace {

std::vector<float> some_floats(std::size_t count, std::uint64_t seed) {
  std::vector<float> values(count);
  for (std::size_t i = 0; i < count; ++i) values[i] = static_cast<float>(spinvp_counter_hash(seed, i) >> 40) / 8388608.0f - 1.0f;
  return values;
}

TransformerTraining steps(std::size_t count) {
  TransformerTraining training;
  training.steps = count;
  return training;
}

}  // namespace

TEST_CASE("Loss and gradients of the transformer block agree with finite differences of an independent network in double precision") {
  constexpr std::size_t sequences = 2;
  const SequenceBatch batch = sequence_batch(1, SPINVP_TRANSFORMER_SEQUENCE_STREAM, 0, sequences);
  for (const ArithmeticPolicy& policy : {ArithmeticPolicy::npu(), ArithmeticPolicy::pim()}) {
    TransformerReference network(policy, 1, sequences);
    // Gains of 1 and shifts of 0 would hide a factor that is missing: every parameter gets a value of its own.
    const auto moved = some_floats(SPINVP_TRANSFORMER_PARAMETERS, 7);
    for (std::size_t i = 0; i < moved.size(); ++i) network.parameters()[i] += 0.1f * moved[i];
    const float loss = network.gradients_of(batch);

    std::vector<double> parameters(network.parameters().begin(), network.parameters().end());
    CHECK(static_cast<double>(loss) == Approx(reference::transformer_loss(parameters, batch.tokens, batch.labels)).epsilon(1e-6));

    // 24 parameters of each of the 16 tensors. A central difference over 2e-6 is off by the third derivative times 1e-12 and by rounding of
    // 1e-16 / 1e-6; fp32 gradients, which are sums of up to 3072 terms of size 0.01, by some 1e-7.
    constexpr double step = 1e-6;
    constexpr std::array<std::size_t, 17> borders{
        0, 256, 768, 800, 832, 3904, 4000, 5024, 5056, 5088, 5120, 7168, 7232, 9280, 9312, 9568, SPINVP_TRANSFORMER_PARAMETERS};
    for (std::size_t tensor = 0; tensor + 1 < borders.size(); ++tensor) {
      const std::size_t size = borders[tensor + 1] - borders[tensor];
      for (std::size_t i = 0; i < std::min<std::size_t>(size, 24); ++i) {
        const std::size_t index = borders[tensor] + (size <= 24 ? i : spinvp_counter_hash(tensor, i) % size);
        const double at = parameters[index];
        parameters[index] = at + step;
        const double above = reference::transformer_loss(parameters, batch.tokens, batch.labels);
        parameters[index] = at - step;
        const double below = reference::transformer_loss(parameters, batch.tokens, batch.labels);
        parameters[index] = at;
        INFO("parameter " << index);
        CHECK(static_cast<double>(network.gradients()[index]) == Approx((above - below) / (2 * step)).epsilon(1e-4).margin(3e-7));
      }
    }
  }
}

TEST_CASE("Products formed at once share out the lanes by the number of all their outputs") {
  // 8 x 16 x 16 outputs fill 2 of 4 subarrays: two groups of 16 terms. A product alone would have four groups of 8.
  const auto policy = ArithmeticPolicy::pim(4096, 1024);
  constexpr ProductShape shape{16, 16, 32};
  const auto a = some_floats(8 * 512, 1), b = some_floats(8 * 512, 2);
  std::vector<float> c(8 * 256);
  batched_product(policy, 8, shape, a, b, c);
  std::size_t wrong = 0;
  for (std::size_t n = 0; n < 8; ++n)
    for (std::size_t row = 0; row < 16; ++row)
      for (std::size_t column = 0; column < 16; ++column) {
        float total = 0;
        for (std::size_t group = 0; group < 2; ++group) {
          float partial = 0;
          for (std::size_t k = group * 16; k < (group + 1) * 16; ++k) {
            const float product = a[n * 512 + row * 32 + k] * b[n * 512 + k * 16 + column];
            partial = partial + product;
          }
          total = total + partial;
        }
        wrong += c[n * 256 + row * 16 + column] != total;
      }
  CHECK(wrong == 0);
}

TEST_CASE("A layer norm's rows have mean 0 and variance 1 before gain and shift") {
  constexpr std::size_t rows = 5, width = 32;
  const auto x = some_floats(rows * width, 3);
  const std::vector<float> gain(width, 2.0f), shift(width, 0.5f);
  std::vector<float> normalized(rows * width), inverse(rows), y(rows * width);
  layer_norm_forward(width, 0.0f, x, gain, shift, {normalized, inverse}, y);
  for (std::size_t row = 0; row < rows; ++row) {
    double sum = 0, squares = 0;
    for (std::size_t c = row * width; c < (row + 1) * width; ++c) {
      sum += static_cast<double>(normalized[c]);
      squares += static_cast<double>(normalized[c]) * static_cast<double>(normalized[c]);
      CHECK(y[c] == 2.0f * normalized[c] + 0.5f);  // doubling is exact
    }
    // 32 values of size 1, each with a few roundings of 6e-8.
    CHECK(std::fabs(sum / width) < 1e-6);
    CHECK(squares / width == Approx(1.0).epsilon(1e-6));
  }
}

TEST_CASE("A softmax of equal scores is uniform, and its rows add up to one") {
  std::vector<float> x(16, 3.0f);
  const auto others = some_floats(16, 4);
  x.insert(x.end(), others.begin(), others.end());
  softmax_forward(16, 0.25f, x);
  for (std::size_t i = 0; i < 16; ++i) CHECK(x[i] == 0.0625f);
  CHECK(static_cast<double>(std::accumulate(x.begin() + 16, x.end(), 0.0f)) == Approx(1.0).epsilon(1e-6));
}

TEST_CASE("Sequences depend on seed, stream and index alone, and the label is the most frequent token") {
  const SequenceBatch batch = sequence_batch(1, SPINVP_TRANSFORMER_SEQUENCE_STREAM, 0, 200);
  const SequenceBatch later = sequence_batch(1, SPINVP_TRANSFORMER_SEQUENCE_STREAM, 100, 100);
  CHECK(std::equal(later.tokens.begin(), later.tokens.end(), batch.tokens.begin() + 1600));
  CHECK(sequence_batch(2, SPINVP_TRANSFORMER_SEQUENCE_STREAM, 0, 200).tokens != batch.tokens);
  CHECK(sequence_batch(1, SPINVP_TRANSFORMER_TEST_STREAM, 0, 200).tokens != batch.tokens);
  std::array<int, 8> labels{};
  for (std::size_t n = 0; n < 200; ++n) {
    const auto first = batch.tokens.begin() + static_cast<std::ptrdiff_t>(16 * n);
    const auto seen = [&](int token) { return std::count(first, first + 16, token); };
    const int label = batch.labels[16 * n];
    for (int token = 0; token < 8; ++token) CHECK((seen(token) < seen(label) || (seen(token) == seen(label) && token >= label)));
    ++labels.at(static_cast<std::size_t>(label));
  }
  CHECK(*std::min_element(labels.begin(), labels.end()) > 0);
}

TEST_CASE("The default training of the transformer block more than halves the loss and gets 85 % right") {
  const auto result = train_transformer(ArithmeticPolicy::pim());
  REQUIRE(result.losses.size() == SPINVP_TRANSFORMER_DEFAULT_STEPS);
  const double first = std::accumulate(result.losses.begin(), result.losses.begin() + 10, 0.0);
  const double last = std::accumulate(result.losses.end() - 10, result.losses.end(), 0.0);
  CHECK(last < 0.5 * first);
  CHECK(result.accuracy > 0.85);
}

TEST_CASE("The same training of the transformer block gives the same bits again, and another seed other ones") {
  const auto once = train_transformer(ArithmeticPolicy::pim(), steps(3));
  CHECK(train_transformer(ArithmeticPolicy::pim(), steps(3)).losses == once.losses);
  TransformerTraining other = steps(3);
  other.seed = 2;
  CHECK(train_transformer(ArithmeticPolicy::pim(), other).losses != once.losses);
}

TEST_CASE("An empty batch of sequences is refused") { CHECK_THROWS_AS(TransformerReference(ArithmeticPolicy::pim(), 1, 0), core::InputError); }
