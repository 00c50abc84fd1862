// Training of the main job's LeNet on the host, step by step: the reference that the NPU's and the PIM's runs must equal bit for
// bit, and the quick way to try a learning rate. Shapes and parameter layout: models/abi/lenet_init.h; the order of every sum:
// arithmetic_policy.h and reference_operators.h.
//
// A step: batch -> conv1 -> max-pool -> ReLU -> conv2 -> max-pool -> ReLU -> fc1 -> ReLU -> fc2 -> softmax cross-entropy (mean over
// the batch), back through all of it, then w -= rate * dw for every parameter. All gradients are taken before any update.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "models/abi/lenet_init.h"
#include "workloads/datasets/dataset.h"
#include "workloads/training/arithmetic_policy.h"

namespace spinvp::workloads {

class LenetReference {
 public:
  // Parameters at their start values for `seed`. Throws core::InputError when the batch is 0.
  LenetReference(const ArithmeticPolicy& policy, std::uint32_t seed, std::size_t batch = SPINVP_LENET_BATCH);

  // `images`: batch * 784 floats. Returns the logits, batch * 10; valid until the next call.
  std::span<const float> forward(std::span<const float> images);
  // Forward, loss, and all gradients; parameters unchanged. Returns the mean loss.
  float gradients_of(std::span<const float> images, std::span<const std::uint8_t> labels);
  void update(float rate);

  [[nodiscard]] std::size_t batch() const { return batch_; }
  [[nodiscard]] std::span<float> parameters() { return parameters_; }
  [[nodiscard]] std::span<const float> parameters() const { return parameters_; }
  [[nodiscard]] std::span<const float> gradients() const { return gradients_; }  // same layout as the parameters

  // What the layers left behind at the last pass, for tests that look inside. A name with d in front is the gradient of it.
  struct Activations {
    std::vector<float> image, conv1, pool1, relu1, conv2, pool2, relu2, fc1, relu3, logits;
    std::vector<float> dconv1, dpool1, drelu1, dconv2, dpool2, drelu2, dfc1, drelu3, dlogits;
    std::vector<std::uint8_t> winner1, winner2;
  };
  [[nodiscard]] const Activations& activations() const { return act_; }

 private:
  ArithmeticPolicy policy_;
  std::size_t batch_;
  std::vector<float> parameters_;
  std::vector<float> gradients_;
  Activations act_;
};

// What step `step` of training sees: the images (step * batch + i) mod train_count, i = 0 .. batch - 1, in stored order.
struct Batch {
  std::vector<float> images;
  std::vector<std::uint8_t> labels;
};
[[nodiscard]] Batch training_batch(const Dataset& data, std::size_t step, std::size_t batch = SPINVP_LENET_BATCH);

// The defaults are those of the main job (how they were chosen: workloads/README.md).
struct LenetTrainingOptions {
  std::size_t steps = SPINVP_LENET_DEFAULT_STEPS;
  float learning_rate = SPINVP_LENET_DEFAULT_LEARNING_RATE;
  std::uint32_t seed = 1;
  std::size_t batch = SPINVP_LENET_BATCH;
};

struct TrainingResult {
  std::vector<float> losses;  // one a step, before its update
  std::size_t correct = 0, tested = 0;
  std::vector<float> parameters;
  [[nodiscard]] double accuracy() const { return tested == 0 ? 0.0 : static_cast<double>(correct) / static_cast<double>(tested); }
};

// All steps, then the test. `after_step` (optional) sees the step and its loss. Throws core::InputError when the data set lacks
// images to train or to test with.
[[nodiscard]] TrainingResult train_lenet(const Dataset& data, const ArithmeticPolicy& policy, const LenetTrainingOptions& options = {},
                                         const std::function<void(std::size_t step, float loss)>& after_step = {});

// How many test images are classified right. Batches of the training size, so that the lanes of a PIM are shared out as in training;
// the last batch is filled up from the start of the test set, and the surplus is not counted.
[[nodiscard]] std::size_t count_correct(LenetReference& network, const Dataset& data);

}  // namespace spinvp::workloads
