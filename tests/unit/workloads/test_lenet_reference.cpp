#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <vector>

#include "models/abi/counter_hash.h"
#include "models/core/error.h"
#include "tests/reference/lenet_double.h"
#include "workloads/datasets/digits.h"
#include "workloads/training/lenet_reference.h"

using namespace spinvp;
using namespace spinvp::workloads;

namespace {

const Dataset& digits() {
  static const Dataset set = draw_digits();
  return set;
}

LenetTrainingOptions steps(std::size_t count) {
  LenetTrainingOptions options;
  options.steps = count;
  return options;
}

}  // namespace

TEST_CASE("Loss and gradients agree with finite differences of an independent network in double precision") {
  constexpr std::size_t images = 2;
  for (const ArithmeticPolicy& policy : {ArithmeticPolicy::npu(), ArithmeticPolicy::pim()}) {
    LenetReference network(policy, 1, images);
    const Batch batch = training_batch(digits(), 0, images);
    const float loss = network.gradients_of(batch.images, batch.labels);

    std::vector<double> parameters(network.parameters().begin(), network.parameters().end());
    const std::vector<double> pixels(batch.images.begin(), batch.images.end());
    CHECK(static_cast<double>(loss) == Approx(reference::lenet_loss(parameters, pixels, batch.labels)).epsilon(1e-6));

    // 40 parameters of each of the eight tensors (all of a smaller one). A central difference over 2e-6 is off by the third derivative
    // times 1e-12 and by rounding of 1e-16 / 1e-6; fp32 gradients of size 0.1 by some 1e-7.
    constexpr double step = 1e-6;
    const std::size_t borders[] = {0, 250, 260, 5260, 5280, 21280, 21330, 21830, 21840};
    for (std::size_t tensor = 0; tensor < 8; ++tensor) {
      const std::size_t size = borders[tensor + 1] - borders[tensor];
      for (std::size_t i = 0; i < std::min<std::size_t>(size, 40); ++i) {
        const std::size_t index = borders[tensor] + (size <= 40 ? i : spinvp_counter_hash(tensor, i) % size);
        const double at = parameters[index];
        parameters[index] = at + step;
        const double above = reference::lenet_loss(parameters, pixels, batch.labels);
        parameters[index] = at - step;
        const double below = reference::lenet_loss(parameters, pixels, batch.labels);
        parameters[index] = at;
        INFO("parameter " << index);
        CHECK(static_cast<double>(network.gradients()[index]) == Approx((above - below) / (2 * step)).epsilon(1e-4).margin(2e-7));
      }
    }
  }
}

TEST_CASE("An update takes rate times gradient off every parameter") {
  LenetReference network(ArithmeticPolicy::pim(), 1, 4);
  const Batch batch = training_batch(digits(), 0, 4);
  (void)network.gradients_of(batch.images, batch.labels);
  const std::vector<float> before(network.parameters().begin(), network.parameters().end());
  network.update(0.5f);
  std::size_t wrong = 0;
  for (std::size_t i = 0; i < before.size(); ++i) wrong += network.parameters()[i] != before[i] - 0.5f * network.gradients()[i];  // halving is exact
  CHECK(wrong == 0);
}

TEST_CASE("Batches follow each other in stored order and wrap at the end of the training set") {
  const Batch first = training_batch(digits(), 0);
  const Batch second_round = training_batch(digits(), 4096 / 32);
  CHECK(first.images == second_round.images);
  CHECK(first.labels == second_round.labels);
  const Dataset small = draw_digits({5, 3, 1, {}});
  const Batch wrapped = training_batch(small, 1, 4);  // images 4, 0, 1, 2
  for (std::size_t i = 0; i < 4; ++i) CHECK(wrapped.labels[i] == small.train_labels[(4 + i) % 5]);
  CHECK(wrapped.images[784] == pixel_value(small.train_images[0]));
}

TEST_CASE("A test set that is no whole number of batches is counted once") {
  Dataset small = draw_digits({32, 40, 1, {}});
  LenetReference network(ArithmeticPolicy::npu(), 1);
  // Whatever the network answers, labels that are its own answers make all 40 correct, and 40 wrong labels none.
  std::vector<std::size_t> alone(10);
  for (std::uint8_t label = 0; label < 10; ++label) {
    std::fill(small.test_labels.begin(), small.test_labels.end(), label);
    alone[label] = count_correct(network, small);
  }
  std::size_t total = 0;
  for (const std::size_t count : alone) total += count;
  CHECK(total == 40);  // each image has exactly one answer
}

TEST_CASE("The same training gives the same bits again, and another seed other ones") {
  const auto once = train_lenet(digits(), ArithmeticPolicy::npu(), steps(3));
  const auto again = train_lenet(digits(), ArithmeticPolicy::npu(), steps(3));
  CHECK(once.losses == again.losses);
  CHECK(once.parameters == again.parameters);
  LenetTrainingOptions other = steps(3);
  other.seed = 2;
  CHECK(train_lenet(digits(), ArithmeticPolicy::npu(), other).losses != once.losses);
}

TEST_CASE("The two policies round differently") {
  const auto npu = train_lenet(digits(), ArithmeticPolicy::npu(), steps(2));
  const auto pim = train_lenet(digits(), ArithmeticPolicy::pim(), steps(2));
  CHECK(npu.parameters != pim.parameters);
}

TEST_CASE("A short training lowers the loss from that of guessing") {
  const auto result = train_lenet(digits(), ArithmeticPolicy::npu(), steps(30));
  CHECK(static_cast<double>(result.losses.front()) == Approx(std::log(10.0)).margin(0.3));
  CHECK(result.losses.back() < 0.8f * result.losses.front());
}

TEST_CASE("The main job reaches 96 % under both policies, and their losses agree to 2e-4 at each step") {
  const auto npu = train_lenet(digits(), ArithmeticPolicy::npu());
  const auto pim = train_lenet(digits(), ArithmeticPolicy::pim());
  CHECK(npu.accuracy() >= 0.96);
  CHECK(pim.accuracy() >= 0.96);
  REQUIRE(npu.losses.size() == pim.losses.size());
  float furthest = 0.0f;
  for (std::size_t i = 0; i < npu.losses.size(); ++i) furthest = std::max(furthest, std::fabs(npu.losses[i] - pim.losses[i]));
  CHECK(furthest < 2e-4f);
}

TEST_CASE("An empty batch or data set is refused") {
  CHECK_THROWS_AS(LenetReference(ArithmeticPolicy::npu(), 1, 0), core::InputError);
  CHECK_THROWS_AS(train_lenet(Dataset{}, ArithmeticPolicy::npu()), core::InputError);
}
