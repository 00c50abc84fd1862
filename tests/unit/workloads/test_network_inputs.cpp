// What flows into networks: the data set's images where they fit, values of the seed elsewhere.
#include <catch2/catch.hpp>
#include <cstring>

#include "workloads/datasets/digits.h"
#include "workloads/datasets/network_inputs.h"
#include "workloads/import/import.h"

namespace spinvp::workloads {
namespace {

TensorId input_of(const Graph& graph, const std::string& name) {
  for (std::size_t i = 0; i < graph.tensors().size(); ++i)
    if (graph.tensors()[i].role == Role::input && graph.tensors()[i].name == name) return TensorId{static_cast<std::uint32_t>(i)};
  FAIL("no input " << name);
  return {};
}

template <typename T>
std::vector<T> values_of(const Feed& feed) {
  std::vector<T> values(feed.bytes.size() / sizeof(T));
  std::memcpy(values.data(), feed.bytes.data(), feed.bytes.size());
  return values;
}

}  // namespace

TEST_CASE("A network of 28 x 28 images takes the data set's, batch by batch in stored order, with their labels") {
  const Dataset digits = draw_digits();
  Graph graph = import_network("lenet-paper", {.batch = 32});
  const TensorId image = input_of(graph, "image");
  const TensorId label = graph.add_tensor({.name = "label", .type = {ElementType::int32, {32}}, .role = Role::input});
  const NetworkInputs inputs(graph, 1, &digits, Split::train, 1000);
  REQUIRE(inputs.takes_images(image));
  const Feed images = inputs.input(image), labels = inputs.labels(label, 10);
  // 4,096 images are 128 batches of 32; the 129th step starts again.
  CHECK(images.count == 128);
  CHECK(labels.count == 128);
  CHECK(values_of<float>(images) == float_images(digits.train_images));
  const auto as_bytes = values_of<std::int32_t>(labels);
  CHECK(std::vector<std::uint8_t>(as_bytes.begin(), as_bytes.end()) == digits.train_labels);
  // A run of three steps needs three batches.
  CHECK(NetworkInputs(graph, 1, &digits, Split::test, 3).input(image).count == 3);
  // More images at once than there are: drawn instead.
  CHECK_FALSE(NetworkInputs(import_network("lenet-paper", {.batch = 513}), 1, &digits, Split::test, 1).takes_images(image));
}

TEST_CASE("Other inputs are drawn from seed and name: reals in (-1, 1], words below the rows of the table that they index") {
  const Graph graph = import_network("gpt2-small", {.batch = 2, .sizes = {{"sequence", 64}}});
  for (std::size_t i = 0; i < graph.tensors().size(); ++i) {
    const Tensor& tensor = graph.tensors()[i];
    if (tensor.role != Role::input || tensor.type.shape != Shape{2, 64}) continue;  // the words, not their positions
    const TensorId id{static_cast<std::uint32_t>(i)};
    const auto words = values_of<std::int32_t>(NetworkInputs(graph, 7, nullptr, Split::train, 2).input(id));
    REQUIRE(words.size() == 2 * 2 * 64);
    // 50,257 rows; 256 draws all below 10,000 have a chance of 0.2^256.
    CHECK(*std::min_element(words.begin(), words.end()) >= 0);
    CHECK(*std::max_element(words.begin(), words.end()) < 50257);
    CHECK(*std::max_element(words.begin(), words.end()) >= 10000);
    CHECK(words == values_of<std::int32_t>(NetworkInputs(graph, 7, nullptr, Split::train, 2).input(id)));
    CHECK(words != values_of<std::int32_t>(NetworkInputs(graph, 8, nullptr, Split::train, 2).input(id)));
  }
  const Graph images = import_network("resnet18", {.batch = 1});
  const auto pixels = values_of<float>(NetworkInputs(images, 1, nullptr, Split::test, 1).input(input_of(images, "image")));
  REQUIRE(pixels.size() == 3 * 224 * 224);
  double sum = 0, squares = 0;
  for (const float p : pixels) {
    REQUIRE((p > -1 && p <= 1));
    sum += p, squares += static_cast<double>(p) * p;
  }
  // Mean 0, variance 1/3, within five standard deviations of 150,528 draws (0.0015 and 0.00077).
  CHECK(std::abs(sum / 150528) < 0.0075);
  CHECK(std::abs(squares / 150528 - 1.0 / 3) < 0.004);
}

TEST_CASE("What is drawn stays below the bytes allowed for a tensor, but for one batch") {
  const Graph graph = import_network("resnet18", {.batch = 1});
  const TensorId image = input_of(graph, "image");
  const std::uint64_t size = 3 * 224 * 224 * 4;
  CHECK(NetworkInputs(graph, 1, nullptr, Split::train, 100, true, 5 * size + 1).input(image).count == 5);
  const Feed phantom = NetworkInputs(graph, 1, nullptr, Split::train, 100, false, 1).input(image);
  CHECK(phantom.count == 1);
  CHECK(phantom.bytes.empty());
}

}  // namespace spinvp::workloads
