// Whole training on the host reference: it learns, and the ways of doing it agree bit for bit where they must.
#include <catch2/catch.hpp>

#include "graph_support.h"
#include "models/abi/lenet_init.h"
#include "training_support.h"
#include "workloads/datasets/digits.h"
#include "workloads/training/lenet_reference.h"
#include "workloads/training/node_writer.h"

using namespace spinvp;
using namespace spinvp::workloads;
using namespace spinvp::workloads::test;

namespace {

struct Learned {
  std::vector<float> losses;
  std::vector<std::vector<float>> stored;  // at the end, those of the inference graph
};

Learned learn(const char* text, std::uint64_t batch, std::size_t steps, const TrainingOptions& options, std::int64_t classes) {
  const TrainingGraph training = make_training_graph(network(text, batch), options);
  TrainingRun<float> run(training, 1);
  set_inputs(run, training, Draw(4), classes);
  Learned learned{losses_of(run, steps), {}};
  for (const StoredTensor& stored : training.stored)
    if (stored.start != StoredTensor::Start::rounded) learned.stored.push_back(run.values().real(stored.tensor));
  return learned;
}

}  // namespace

TEST_CASE("A perceptron, a convolutional network and a transformer learn a batch by heart, with every optimiser and precision") {
  struct Row {
    const char* text;
    std::uint64_t batch;
    std::int64_t classes;
  };
  for (const Row& row : {Row{perceptron, 8, 3}, Row{convolutional, 8, 4}, Row{transformer, 4, 6}})
    for (const Optimiser optimiser : {Optimiser::sgd, Optimiser::momentum, Optimiser::adam})
      for (const bool mixed : {false, true}) {
        INFO(row.text << static_cast<int>(optimiser) << mixed);
        const double rate = optimiser == Optimiser::sgd ? 0.2 : optimiser == Optimiser::momentum ? 0.05 : 0.01;
        const auto losses =
            learn(row.text, row.batch, 60, {.optimiser = optimiser, .rate = rate, .mixed_precision = mixed, .loss_scale = mixed ? 256.0 : 1.0}, row.classes)
                .losses;
        CHECK(losses.back() < 0.5f * losses.front());
      }
}

TEST_CASE("Recomputed activations have the bits of kept ones, and so has all of training") {
  for (const bool mixed : {false, true})
    for (const char* text : {convolutional, transformer}) {
      TrainingOptions options{.optimiser = Optimiser::adam, .mixed_precision = mixed};
      const Learned kept = learn(text, 3, 4, options, 4);
      options.activations = Activations::recompute;
      REQUIRE(make_training_graph(network(text, 3), options).segments > 1);
      const Learned again = learn(text, 3, 4, options, 4);
      CHECK(kept.losses == again.losses);
      CHECK(kept.stored == again.stored);
    }
}

TEST_CASE("A loss scale that is a power of two changes no bit") {
  // Gradients and their scaled forms differ in the exponent alone, and 2^10 is far from its ends.
  for (const bool mixed : {false, true}) {
    const Learned plain = learn(transformer, 2, 4, {.mixed_precision = mixed}, 6),
                  scaled = learn(transformer, 2, 4, {.mixed_precision = mixed, .loss_scale = 1024}, 6);
    CHECK(plain.losses == scaled.losses);
    CHECK(plain.stored == scaled.stored);
  }
}

TEST_CASE("Single precision stays near double precision") {
  // A transformer of two layers: some 50 roundings of 2^-24 follow each other from input to loss, each grown by sums of at most 48 terms: 50 x 48 x 6e-8 = 1.4e-4 at worst, of
  // gradients relative to the largest of their tensor.
  const TrainingGraph training = make_training_graph(network(transformer, 2));
  TrainingRun<float> single(training, 2);
  TrainingRun<double> twice(training, 2);
  set_inputs(single, training, Draw(6), 6);
  set_inputs(twice, training, Draw(6), 6);
  CHECK(static_cast<double>(single.gradients()) == Approx(twice.gradients()).epsilon(1.4e-4));
  for (const Replacement& r : training.gradients) {
    const auto& a = single.values().real(r.value);
    const auto& b = twice.values().real(r.value);
    double largest = 0, apart = 0;
    for (std::size_t i = 0; i < b.size(); ++i) {
      largest = std::max(largest, std::fabs(b[i]));
      apart = std::max(apart, std::fabs(static_cast<double>(a[i]) - b[i]));
    }
    CHECK(apart <= 1.4e-4 * largest);
  }
}

TEST_CASE("The main job's LeNet trains to the same bits as a graph and as the reference that was written for it") {
  constexpr std::size_t steps = 4;
  const Dataset digits = draw_digits();
  const TrainingGraph training =
      make_training_graph(import_network("lenet-paper", {.batch = 32}), {.rate = static_cast<double>(SPINVP_LENET_DEFAULT_LEARNING_RATE)});
  LenetReference reference(ArithmeticPolicy::npu(), 1);
  TrainingRun<float> run(training, 1);

  // Where each weight lies in the reference; those of linear layers are [inputs][outputs] in the graph.
  struct Place {
    const char* name;
    std::size_t offset, outputs, inputs;
  };
  const Place places[] = {{"conv1.weight", SPINVP_LENET_CONV1_WEIGHT_OFFSET, 0, 250},  {"conv1.bias", SPINVP_LENET_CONV1_BIAS_OFFSET, 0, 10},
                          {"conv2.weight", SPINVP_LENET_CONV2_WEIGHT_OFFSET, 0, 5000}, {"conv2.bias", SPINVP_LENET_CONV2_BIAS_OFFSET, 0, 20},
                          {"fc1.weight", SPINVP_LENET_FC1_WEIGHT_OFFSET, 50, 320},     {"fc1.bias", SPINVP_LENET_FC1_BIAS_OFFSET, 0, 50},
                          {"fc2.weight", SPINVP_LENET_FC2_WEIGHT_OFFSET, 10, 50},      {"fc2.bias", SPINVP_LENET_FC2_BIAS_OFFSET, 0, 10}};
  const auto from_reference = [&](const Place& p) {
    std::vector<float> values(p.outputs == 0 ? p.inputs : p.outputs * p.inputs);
    for (std::size_t i = 0; i < values.size(); ++i)
      values[i] = reference.parameters()[p.offset + (p.outputs == 0 ? i : i % p.outputs * p.inputs + i / p.outputs)];
    return values;
  };
  const auto tensor = [&](const Place& p) {
    for (const StoredTensor& stored : training.stored)
      if (training.graph.tensor(stored.tensor).name == p.name) return stored.tensor;
    throw std::runtime_error(p.name);
  };
  for (const Place& p : places) run.values().set(tensor(p), from_reference(p));

  for (std::size_t step = 0; step < steps; ++step) {
    const Batch batch = training_batch(digits, step);
    run.values().set(training.inputs.at(0), batch.images);
    run.values().set_whole(training.target, {batch.labels.begin(), batch.labels.end()});
    const float loss = reference.gradients_of(batch.images, batch.labels);
    reference.update(SPINVP_LENET_DEFAULT_LEARNING_RATE);
    CHECK(run.step() == loss);
  }
  for (const Place& p : places) {
    INFO(p.name);
    CHECK(run.values().real(tensor(p)) == from_reference(p));
  }
}

TEST_CASE("Optimisers of a constant gradient follow their closed forms") {
  constexpr double rate = 0.125, g = 0.75, start = 2;
  const auto trained = [&](const TrainingOptions& options, int steps) {
    // The loss is (w - t)^2 with the target moved along, so that its gradient 2 (w - t) stays g.
    const TrainingGraph training = make_training_graph(network("input: {x: [$batch, 1]}\nlayers:\n- {linear: w, features: 1, bias: false}\n", 1), options);
    TrainingRun<double> run(training, 1);
    const TensorId w = training.gradients.at(0).stored;
    run.values().set(w, {start});
    run.values().set(training.inputs.at(0), {1.0});
    for (int t = 0; t < steps; ++t) {
      run.values().set(training.target, {run.values().real(w)[0] - g / 2});
      (void)run.step();
    }
    return run.values().real(w)[0];
  };
  for (const int t : {1, 2, 7, 20}) {
    CHECK(trained({.rate = rate}, t) == Approx(start - t * rate * g).epsilon(1e-12));
    // v_t = g (1 - mu^t) / (1 - mu); w_t = w_0 - rate g (t - mu (1 - mu^t) / (1 - mu)) / (1 - mu).
    const double mu = 0.5, sum = (t - mu * (1 - std::pow(mu, t)) / (1 - mu)) / (1 - mu);
    CHECK(trained({.optimiser = Optimiser::momentum, .rate = rate, .momentum = mu}, t) == Approx(start - rate * g * sum).epsilon(1e-12));
    // Corrected moments are g and g^2 at every step: each goes rate g / (g + epsilon). The scalars of a step are rounded to single precision.
    CHECK(trained({.optimiser = Optimiser::adam, .rate = rate, .epsilon = 1e-3}, t) == Approx(start - t * rate * g / (g + 1e-3)).epsilon(1e-6));
  }
}

TEST_CASE("A label outside the classes and an input without values are refused") {
  const TrainingGraph training = make_training_graph(network(perceptron, 2));
  TrainingRun<float> run(training, 1);
  CHECK(refusal([&] { (void)run.step(); }).find("node 'up' (Gemm): its input 'x' has no values") != std::string::npos);
  set_inputs(run, training, Draw(1), 3);
  run.values().set_whole(training.target, {0, 3});
  CHECK(refusal([&] { (void)run.step(); }).find("label 3 of 3 classes") != std::string::npos);
}
