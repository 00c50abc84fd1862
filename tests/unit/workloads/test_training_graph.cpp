// Training graphs: what they hold, in which order, what is refused.
#include <catch2/catch.hpp>

#include <map>
#include <set>

#include "graph_support.h"
#include "training_support.h"
#include "workloads/graph/operator_rules.h"
#include "workloads/networks/shipped.h"

using namespace spinvp;
using namespace spinvp::workloads;
using namespace spinvp::workloads::test;

namespace {

std::size_t nodes_of(const Graph& graph, const std::string& type) {
  std::size_t count = 0;
  for (const NodeId id : graph.order()) count += graph.node(id).type == type ? 1 : 0;
  return count;
}

// Multiply-accumulates of a training step, from the inference graph alone: each product once forward, once for each operand that a weight moves. A convolution's data gradient forms
// its sums at every input position, where the forward pass has one for each output position.
std::uint64_t expected_macs(const Graph& graph) {
  std::vector<bool> differs;
  for (const Tensor& t : graph.tensors()) differs.push_back(t.role == Role::parameter);
  std::uint64_t sum = 0;
  for (const NodeId id : graph.order()) {
    const Node& node = graph.node(id);
    const std::uint64_t macs = work_of(graph, node).macs;
    bool any = false;
    for (const auto& input : node.inputs) any = any || (input && differs[index(*input)]);
    for (const auto& output : node.outputs)
      if (output) differs[index(*output)] = any;
    if (macs == 0) continue;
    sum += macs;
    for (std::size_t i = 0; i < 2; ++i) {
      if (!differs[index(*node.inputs[i])]) continue;
      const Shape &x = graph.tensor(*node.inputs[0]).type.shape, &y = graph.tensor(*node.outputs[0]).type.shape;
      const bool data = i == 0 && node.type == "Conv";
      sum += data ? macs / elements({y.begin() + 2, y.end()}) * elements({x.begin() + 2, x.end()}) : macs;
    }
  }
  return sum;
}

}  // namespace

TEST_CASE("Every network that ships makes a training graph whose multiply-accumulates are those of three passes") {
  for (const ShippedNetwork& network : shipped_networks()) {
    INFO(network.name);
    const Graph graph = import_network(std::string(network.name), {.batch = 2});
    const TrainingGraph training = make_training_graph(graph);
    CHECK(macs_of(training.graph) == expected_macs(graph));
    CHECK(training.gradients.size() ==
          static_cast<std::size_t>(std::count_if(graph.tensors().begin(), graph.tensors().end(), [](const Tensor& t) { return t.role == Role::parameter; })));
  }
}

TEST_CASE("Multiply-accumulates of training in closed form") {
  const auto both = [](const char* name) {
    const Graph graph = import_network(name, {.batch = 1});
    return std::pair{macs_of(graph), macs_of(make_training_graph(graph).graph)};
  };
  // Embeddings come first: every product has two gradients.
  for (const char* name : {"bert-base", "gpt2-small", "transformer-base"}) {
    INFO(name);
    const auto [forward, training] = both(name);
    CHECK(training == 3 * forward);
  }
  // Padded 3 x 3 convolutions keep the extents; the first one, of 224 x 224 x 64 x 27, has no data gradient.
  const auto [vgg_forward, vgg] = both("vgg16");
  CHECK(vgg == 3 * vgg_forward - 224ull * 224 * 64 * 27);
  // The dense part begins with 13 x 512.
  const auto [dlrm_forward, dlrm] = both("dlrm-small");
  CHECK(dlrm == 3 * dlrm_forward - 13ull * 512);
  // conv1 has no data gradient; that of conv2 has 12 x 12 positions for 10 channels of 20 x 25 terms.
  const auto [lenet_forward, lenet] = both("lenet-paper");
  CHECK(lenet == 2 * lenet_forward + 144ull * 10 * 500 + 16000 + 500);
}

TEST_CASE("Nodes stand in the order in which they run, forward, then backward with updates") {
  for (const char* text : {perceptron, convolutional, transformer}) {
    const TrainingGraph training =
        make_training_graph(network(text, 4), {.optimiser = Optimiser::adam, .mixed_precision = true, .activations = Activations::recompute});
    const Graph& graph = training.graph;
    std::map<TensorId, NodeId> renewed_by;
    // Of tied weights, too, there is one update.
    for (const Replacement& r : training.replacements) CHECK(renewed_by.emplace(r.stored, *graph.tensor(r.value).producer).second);
    bool backward = false;
    for (std::size_t i = 0; i < graph.order().size(); ++i) {
      REQUIRE(index(graph.order()[i]) == i);
      const Node& node = graph.node(graph.order()[i]);
      CHECK_FALSE(node.layer.empty());
      CHECK(node.rules != nullptr);
      backward = backward || node.phase != Phase::forward;
      CHECK((node.phase == Phase::forward) == !backward);
      for (const auto& input : node.inputs) {
        if (!input) continue;
        const auto producer = graph.tensor(*input).producer;
        if (producer) CHECK(index(*producer) < i);
        // What a new value has taken the place of is not read any more.
        const auto renewal = renewed_by.find(*input);
        if (renewal != renewed_by.end()) CHECK(index(renewal->second) >= i);
      }
    }
  }
}

TEST_CASE("A gradient is used up at once: the update follows the node that completes it") {
  const TrainingGraph training = make_training_graph(network(convolutional, 2));
  for (const Replacement& r : training.gradients) {
    const NodeId made = *training.graph.tensor(r.value).producer;
    REQUIRE(training.graph.tensor(r.value).consumers.size() == 1);
    const NodeId used = training.graph.tensor(r.value).consumers[0];
    CHECK(training.graph.node(used).type == "SgdUpdate");
    CHECK(index(used) - index(made) <= 4);  // a convolution's other gradients and updates may stand between
  }
}

TEST_CASE("The loss follows from the result, and a last softmax is absorbed") {
  const auto kind = [](const std::string& tail, const TrainingOptions& options = {}) {
    const std::string text = "input: {x: [$batch, 4]}\nlayers:\n- {linear: a, features: 3}\n" + tail;
    return make_training_graph(network(text.c_str(), 2), options);
  };
  CHECK(kind("").loss_kind == LossKind::cross_entropy);
  CHECK(kind("- Tanh\n").loss_kind == LossKind::mean_squared);
  CHECK(kind("- {linear: b, features: 1}\n").loss_kind == LossKind::mean_squared);
  const TrainingGraph absorbed = kind("- {Softmax: p, axis: -1}\n");
  CHECK(absorbed.loss_kind == LossKind::cross_entropy);
  CHECK(nodes_of(absorbed.graph, "Softmax") == 0);
  CHECK(absorbed.graph.tensor(absorbed.target).type == TensorType{ElementType::int32, {2}});
  CHECK(nodes_of(kind("- {Softmax: p, axis: 0}\n", {.loss = LossKind::mean_squared}).graph, "SoftmaxGradient") == 1);
  // Every position of a sequence is a row.
  const TrainingGraph rows = make_training_graph(network(transformer, 3));
  CHECK(rows.graph.tensor(rows.target).type.shape == Shape{18});
}

TEST_CASE("What the loss does not need is left out, and inputs without a weight before them get no gradient") {
  const char* text = "input: {x: [$batch, 4]}\nlayers:\n- {linear: a, features: 3}\n- {linear: more, features: 5, from: a}\noutput: [more, a]\n";
  // Forward and the weight gradient: none of the data.
  CHECK(nodes_of(make_training_graph(network(text, 2), {.result = "a"}).graph, "Gemm") == 2);
  CHECK(nodes_of(make_training_graph(network(text, 2), {.result = "more"}).graph, "Gemm") == 2 + 3);
}

TEST_CASE("An operator without a gradient is refused with the node and with those that have one") {
  const char* text = "input: {x: [$batch, 4]}\nlayers:\n- {linear: a, features: 3}\n- {ReduceProd: product, axes: [1]}\n";
  const std::string line = refusal([&] { (void)make_training_graph(network(text, 2)); });
  CHECK(line.find("node 'product' (ReduceProd): training knows no gradient of this operator; it knows those of Abs, Add, AveragePool") != std::string::npos);
  // The same node where no weight moves it is none of training's business.
  CHECK_NOTHROW(make_training_graph(network("input: {x: [$batch, 4]}\nlayers:\n- {ReduceProd: product, axes: [1]}\n- {linear: a, features: 3}\n", 2)));
}

TEST_CASE("Options and networks that cannot be trained are refused in one line") {
  const auto line = [](const char* text, const TrainingOptions& options = {}) {
    return refusal([&] { (void)make_training_graph(network(text, 2), options); });
  };
  CHECK(line(perceptron, {.rate = -1}) == "made.yaml: training: the rate must be at least 0");
  CHECK(line(perceptron, {.beta2 = 1}) == "made.yaml: training: momentum, beta1 and beta2 must lie in 0 to 1, without 1");
  CHECK(line(perceptron, {.loss_scale = 0}) == "made.yaml: training: the loss scale must be above 0");
  CHECK(line(perceptron, {.result = "no"}) == "made.yaml: training: the network has no output 'no', there are: down");
  CHECK(line("input: {x: [$batch, 4]}\nlayers:\n- {linear: a, features: 3}\n- {linear: b, features: 5, from: x}\noutput: [b, a]\n") ==
        "made.yaml: training: the last output 'a' does not depend on the weight 'b.weight'; allowed is an output that is named, or one last output of all "
        "layers");
  CHECK(line("input: {x: [$batch, 4]}\nlayers:\n- Relu\n").find("no weight moves the result") != std::string::npos);
  CHECK(line("input: {x: [$batch, 2, 5, 5]}\nlayers:\n- {conv: c, filters: 2, kernel: 1}\n- {max_pool: p, kernel: 2, ceil: true}\n").find("ceil_mode") !=
        std::string::npos);
  CHECK(line("input: {x: [$batch, 2, 6, 6]}\nlayers:\n- {conv: c, filters: 2, kernel: 1}\n- {max_pool: p, kernel: 2, ceil: true}\n").empty());
}

TEST_CASE("Weights start as their use asks for, whatever the optimiser and precision") {
  const Graph graph = network(convolutional, 2);
  const TrainingGraph plain = make_training_graph(graph), mixed = make_training_graph(graph, {.optimiser = Optimiser::adam, .mixed_precision = true});
  const auto start = [](const TrainingGraph& training, const std::string& name) {
    for (const StoredTensor& stored : training.stored)
      if (training.graph.tensor(stored.tensor).name == name) return start_values(training, stored, 3);
    throw std::runtime_error("no " + name);
  };
  CHECK(start(plain, "first_norm.scale") == std::vector<float>(6, 1.0f));
  CHECK(start(plain, "first_norm.shift") == std::vector<float>(6, 0.0f));
  CHECK(start(plain, "first_norm.mean") == std::vector<float>(6, 0.0f));
  CHECK(start(plain, "first_norm.variance") == std::vector<float>(6, 1.0f));
  CHECK(start(plain, "first.bias") == std::vector<float>(6, 0.0f));
  // Kaiming: uniform up to sqrt(6 / (2 x 3 x 3)), so a variance of a third of the bound's square; of 108 values it is met within 30 %.
  const auto weights = start(plain, "first.weight");
  double squares = 0;
  for (const float w : weights) {
    CHECK(std::fabs(w) <= std::sqrt(6.0f / 18));
    squares += static_cast<double>(w) * static_cast<double>(w);
  }
  CHECK(squares / static_cast<double>(weights.size()) == Approx(2.0 / 18).epsilon(0.3));
  CHECK(start(mixed, "first.weight.master") == weights);
  const auto rounded = start(mixed, "first.weight");
  for (std::size_t i = 0; i < weights.size(); ++i) CHECK(std::fabs(rounded[i] - weights[i]) <= std::fabs(weights[i]) * 0x1p-8f);
  CHECK(start(mixed, "first.weight.first_moment") == std::vector<float>(108, 0.0f));
  CHECK(start(plain, "stage.0.conv.weight") != start(plain, "stage.1.conv.weight"));
}

TEST_CASE("Mixed precision narrows activations, gradients and weights, and nothing else") {
  const TrainingGraph training =
      make_training_graph(network(convolutional, 2), {.optimiser = Optimiser::momentum, .mixed_precision = true, .loss_scale = 1024});
  const Graph& graph = training.graph;
  std::set<TensorId> single = {training.loss, training.target};
  for (const TensorId id : training.inputs) single.insert(id);
  for (const StoredTensor& stored : training.stored)
    if (graph.tensor(stored.tensor).role == Role::statistics) single.insert(stored.tensor);
  for (const Replacement& r : training.replacements)
    if (single.contains(r.stored)) single.insert(r.value);
  for (const NodeId id : graph.order()) {
    const Node& node = graph.node(id);
    for (std::size_t i = 0; i < node.outputs.size(); ++i) {
      if (!node.outputs[i]) continue;
      const Tensor& t = graph.tensor(*node.outputs[i]);
      if (!is_floating(t.type.element)) continue;
      const bool statistics = node.type == "BatchNormalizationTraining" && i > 0;
      const bool loss = node.layer == "loss";
      INFO(node.name << ' ' << i);
      if (!loss) CHECK((t.type.element == ElementType::float32) == (statistics || single.contains(*node.outputs[i])));
    }
  }
  CHECK(nodes_of(graph, "Cast") == 3);  // the image, the logits, their gradient
}

TEST_CASE("Recomputation keeps less, in as few segments as a budget asks for") {
  const Graph graph = import_network("resnet50", {.batch = 1});
  const TrainingGraph kept = make_training_graph(graph), again = make_training_graph(graph, {.activations = Activations::recompute});
  CHECK(kept.segments == 1);
  CHECK(again.segments > 2);
  CHECK(again.stashed_bytes < kept.stashed_bytes / 2);
  const auto automatic = [&](std::uint64_t bytes) { return make_training_graph(graph, {.activations = Activations::automatic, .activation_bytes = bytes}); };
  CHECK(automatic(kept.stashed_bytes).segments == 1);
  const TrainingGraph tight = automatic(kept.stashed_bytes - 1);
  CHECK(tight.segments > 1);
  CHECK(tight.segments <= again.segments);
  // Forward products are formed at most once more.
  CHECK(macs_of(again.graph) > macs_of(kept.graph));
  CHECK(macs_of(again.graph) <= macs_of(kept.graph) + macs_of(graph));
}

TEST_CASE("A file cannot name what only training makes") {
  const std::string line = refusal([] { (void)network("input: {x: [$batch, 4]}\nlayers:\n- {SoftmaxGradient: s, from: [x, x]}\n", 2); });
  CHECK(line.find("unknown kind of layer") != std::string::npos);
}
