#include "workloads/training/lenet_reference.h"

#include <algorithm>
#include <string>

#include "models/core/error.h"
#include "workloads/training/reference_operators.h"

namespace spinvp::workloads {
namespace {

constexpr std::size_t channels1 = SPINVP_LENET_CONV1_CHANNELS;
constexpr std::size_t channels2 = SPINVP_LENET_CONV2_CHANNELS;
constexpr std::size_t side1 = SPINVP_LENET_CONV1_SIDE;
constexpr std::size_t side2 = SPINVP_LENET_CONV2_SIDE;
constexpr std::size_t classes = SPINVP_LENET_CLASSES;

constexpr ConvolutionShape conv1_shape(std::size_t batch) { return {batch, 1, SPINVP_LENET_IMAGE_SIDE, channels1, SPINVP_LENET_KERNEL}; }
constexpr ConvolutionShape conv2_shape(std::size_t batch) { return {batch, channels1, SPINVP_LENET_POOL1_SIDE, channels2, SPINVP_LENET_KERNEL}; }
constexpr DenseShape fc1_shape(std::size_t batch) { return {batch, SPINVP_LENET_FC1_INPUTS, SPINVP_LENET_FC1_OUTPUTS}; }
constexpr DenseShape fc2_shape(std::size_t batch) { return {batch, SPINVP_LENET_FC1_OUTPUTS, classes}; }

// A layer's weights and bias inside an array laid out as the parameters are.
template <typename Float>
struct Layer {
  std::span<Float> weight, bias;
};

template <typename Float>
Layer<Float> layer(std::span<Float> all, std::size_t weight, std::size_t bias, std::size_t end) {
  return {all.subspan(weight, bias - weight), all.subspan(bias, end - bias)};
}

template <typename Float>
struct Layers {
  explicit Layers(std::span<Float> all)
      : conv1(layer(all, SPINVP_LENET_CONV1_WEIGHT_OFFSET, SPINVP_LENET_CONV1_BIAS_OFFSET, SPINVP_LENET_CONV2_WEIGHT_OFFSET)),
        conv2(layer(all, SPINVP_LENET_CONV2_WEIGHT_OFFSET, SPINVP_LENET_CONV2_BIAS_OFFSET, SPINVP_LENET_FC1_WEIGHT_OFFSET)),
        fc1(layer(all, SPINVP_LENET_FC1_WEIGHT_OFFSET, SPINVP_LENET_FC1_BIAS_OFFSET, SPINVP_LENET_FC2_WEIGHT_OFFSET)),
        fc2(layer(all, SPINVP_LENET_FC2_WEIGHT_OFFSET, SPINVP_LENET_FC2_BIAS_OFFSET, SPINVP_LENET_PARAMETERS)) {}
  Layer<Float> conv1, conv2, fc1, fc2;
};

Batch batch_of(std::span<const std::uint8_t> images, std::span<const std::uint8_t> labels, std::size_t first, std::size_t size) {
  Batch batch{std::vector<float>(size * image_pixels), std::vector<std::uint8_t>(size)};
  for (std::size_t i = 0; i < size; ++i) {
    const std::size_t index = (first + i) % labels.size();
    const auto image = images.subspan(index * image_pixels, image_pixels);
    std::transform(image.begin(), image.end(), batch.images.begin() + static_cast<std::ptrdiff_t>(i * image_pixels), pixel_value);
    batch.labels[i] = labels[index];
  }
  return batch;
}

}  // namespace

LenetReference::LenetReference(const ArithmeticPolicy& policy, std::uint32_t seed, std::size_t batch)
    : policy_(policy), batch_(batch), parameters_(SPINVP_LENET_PARAMETERS), gradients_(SPINVP_LENET_PARAMETERS) {
  if (batch == 0) throw core::InputError("training: a batch of 0 images, at least 1 is needed");
  for (std::uint32_t i = 0; i < SPINVP_LENET_PARAMETERS; ++i) parameters_[i] = spinvp_lenet_initial_parameter(seed, i);
  const std::size_t conv1 = batch * channels1 * side1 * side1;
  const std::size_t conv2 = batch * channels2 * side2 * side2;
  const std::size_t hidden = batch * SPINVP_LENET_FC1_OUTPUTS;
  for (auto* tensor : {&act_.conv1, &act_.dconv1}) tensor->resize(conv1);
  for (auto* tensor : {&act_.pool1, &act_.relu1, &act_.dpool1, &act_.drelu1}) tensor->resize(conv1 / 4);
  for (auto* tensor : {&act_.conv2, &act_.dconv2}) tensor->resize(conv2);
  for (auto* tensor : {&act_.pool2, &act_.relu2, &act_.dpool2, &act_.drelu2}) tensor->resize(conv2 / 4);
  for (auto* tensor : {&act_.fc1, &act_.relu3, &act_.dfc1, &act_.drelu3}) tensor->resize(hidden);
  for (auto* tensor : {&act_.logits, &act_.dlogits}) tensor->resize(batch * classes);
  act_.winner1.resize(conv1 / 4);
  act_.winner2.resize(conv2 / 4);
}

std::span<const float> LenetReference::forward(std::span<const float> images) {
  const Layers<const float> p(parameters_);
  act_.image.assign(images.begin(), images.end());
  convolution_forward(policy_, conv1_shape(batch_), act_.image, p.conv1.weight, p.conv1.bias, act_.conv1);
  max_pool_forward(batch_ * channels1, side1, act_.conv1, act_.pool1, act_.winner1);
  relu_forward(act_.pool1, act_.relu1);
  convolution_forward(policy_, conv2_shape(batch_), act_.relu1, p.conv2.weight, p.conv2.bias, act_.conv2);
  max_pool_forward(batch_ * channels2, side2, act_.conv2, act_.pool2, act_.winner2);
  relu_forward(act_.pool2, act_.relu2);
  dense_forward(policy_, fc1_shape(batch_), act_.relu2, p.fc1.weight, p.fc1.bias, act_.fc1);
  relu_forward(act_.fc1, act_.relu3);
  dense_forward(policy_, fc2_shape(batch_), act_.relu3, p.fc2.weight, p.fc2.bias, act_.logits);
  return act_.logits;
}

float LenetReference::gradients_of(std::span<const float> images, std::span<const std::uint8_t> labels) {
  const Layers<const float> p(parameters_);
  const Layers<float> d(gradients_);
  forward(images);
  const float loss = softmax_cross_entropy(batch_, classes, act_.logits, labels, act_.dlogits);

  dense_weight_gradient(policy_, fc2_shape(batch_), act_.relu3, act_.dlogits, d.fc2.weight);
  bias_gradient(policy_, batch_, classes, 1, act_.dlogits, d.fc2.bias);
  dense_data_gradient(policy_, fc2_shape(batch_), act_.dlogits, p.fc2.weight, act_.drelu3);
  relu_backward(act_.relu3, act_.drelu3, act_.dfc1);

  dense_weight_gradient(policy_, fc1_shape(batch_), act_.relu2, act_.dfc1, d.fc1.weight);
  bias_gradient(policy_, batch_, SPINVP_LENET_FC1_OUTPUTS, 1, act_.dfc1, d.fc1.bias);
  dense_data_gradient(policy_, fc1_shape(batch_), act_.dfc1, p.fc1.weight, act_.drelu2);
  relu_backward(act_.relu2, act_.drelu2, act_.dpool2);
  max_pool_backward(batch_ * channels2, side2, act_.dpool2, act_.winner2, act_.dconv2);

  convolution_weight_gradient(policy_, conv2_shape(batch_), act_.relu1, act_.dconv2, d.conv2.weight);
  bias_gradient(policy_, batch_, channels2, side2 * side2, act_.dconv2, d.conv2.bias);
  convolution_data_gradient(policy_, conv2_shape(batch_), act_.dconv2, p.conv2.weight, act_.drelu1);
  relu_backward(act_.relu1, act_.drelu1, act_.dpool1);
  max_pool_backward(batch_ * channels1, side1, act_.dpool1, act_.winner1, act_.dconv1);

  convolution_weight_gradient(policy_, conv1_shape(batch_), act_.image, act_.dconv1, d.conv1.weight);
  bias_gradient(policy_, batch_, channels1, side1 * side1, act_.dconv1, d.conv1.bias);
  return loss;
}

void LenetReference::update(float rate) { gradient_descent(policy_, rate, gradients_, parameters_); }

Batch training_batch(const Dataset& data, std::size_t step, std::size_t batch) { return batch_of(data.train_images, data.train_labels, step * batch, batch); }

TrainingResult train_lenet(const Dataset& data, const ArithmeticPolicy& policy, const LenetTrainingOptions& options,
                           const std::function<void(std::size_t step, float loss)>& after_step) {
  if (data.train_count() == 0 || data.test_count() == 0)
    throw core::InputError("training: " + std::to_string(data.train_count()) + " images to train and " + std::to_string(data.test_count()) +
                           " to test, at least 1 of each is needed");
  LenetReference network(policy, options.seed, options.batch);
  TrainingResult result;
  for (std::size_t step = 0; step < options.steps; ++step) {
    const Batch batch = training_batch(data, step, options.batch);
    const float loss = network.gradients_of(batch.images, batch.labels);
    network.update(options.learning_rate);
    result.losses.push_back(loss);
    if (after_step) after_step(step, loss);
  }
  result.correct = count_correct(network, data);
  result.tested = data.test_count();
  result.parameters.assign(network.parameters().begin(), network.parameters().end());
  return result;
}

std::size_t count_correct(LenetReference& network, const Dataset& data) {
  std::size_t correct = 0;
  for (std::size_t first = 0; first < data.test_count(); first += network.batch()) {
    const Batch batch = batch_of(data.test_images, data.test_labels, first, network.batch());
    const auto answers = largest_of_rows(network.batch(), classes, network.forward(batch.images));
    const std::size_t counted = std::min(network.batch(), data.test_count() - first);
    for (std::size_t i = 0; i < counted; ++i) correct += answers[i] == batch.labels[i];
  }
  return correct;
}

}  // namespace spinvp::workloads
