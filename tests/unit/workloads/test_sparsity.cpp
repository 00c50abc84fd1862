// Which products take an N:M pattern, and what the reference computes of them.
#include <catch2/catch.hpp>

#include <map>

#include "training_support.h"
#include "workloads/graph/sparsity.h"
#include "workloads/networks/shipped.h"

namespace spinvp::workloads::test {
namespace {

// By type of node: how many are marked, of how many.
using Marked = std::map<std::string, std::pair<int, int>>;
Marked marked(const Graph& graph) {
  Marked of;
  for (const NodeId id : graph.order()) {
    const Node& node = graph.node(id);
    const bool product =
        node.type == "Conv" || node.type == "ConvDataGradient" || node.type == "ConvWeightGradient" || node.type == "Gemm" || node.type == "MatMul";
    if (!product) continue;
    of[node.type].first += sparsity_of(node).dense() ? 0 : 1;
    ++of[node.type].second;
  }
  return of;
}

TrainingGraph sparse_training(const std::string& name, const Sparsity& sparsity) {
  TrainingGraph training = make_training_graph(import_network(name, {.batch = 2}));
  mark_sparse(training.graph, sparsity);
  return training;
}

}  // namespace

TEST_CASE("a pattern is none or N:M with N below M, nothing else") {
  CHECK(parse_sparsity("none") == Sparsity{});
  CHECK(parse_sparsity("2:8") == Sparsity{2, 8});
  CHECK(parse_sparsity("63:64") == Sparsity{63, 64});
  for (const char* wrong : {"", ":", "2", "2:0", "0:4", "4:4", "9:8", "1:65", "2:8 ", " 2:8", "2:8:1", "2;8", "99999999999999999999:8"})
    CHECK_FALSE(parse_sparsity(wrong));
}

TEST_CASE("in a training, convolutions with enough channels and their data gradients are pruned, weight gradients never") {
  // ResNet-18 has 20 convolutions; the first has 3 channels and no data gradient. Its classifier's Gemm and that one's data gradient are pruned, its weight gradient is not.
  CHECK(marked(sparse_training("resnet18", {2, 8}).graph) ==
        Marked{{"Conv", {19, 20}}, {"ConvDataGradient", {19, 19}}, {"ConvWeightGradient", {0, 20}}, {"Gemm", {2, 3}}});
  // Of MobileNet-v2's 52 convolutions 17 are depth-wise, and the first sees 3 channels.
  const Marked mobile = marked(sparse_training("mobilenet-v2", {2, 8}).graph);
  CHECK(mobile.at("Conv") == std::pair{34, 52});
  CHECK(mobile.at("ConvDataGradient") == std::pair{34, 51});
}

TEST_CASE("in a transformer the products of weights are pruned, those of activations with each other are not") {
  const Graph transformer_graph = network(transformer, 2);
  TrainingGraph training = make_training_graph(transformer_graph);
  mark_sparse(training.graph, {2, 4});
  for (const NodeId id : training.graph.order()) {
    const Node& node = training.graph.node(id);
    const bool attention = node.layer.find("scores") != std::string::npos || node.layer.find("context") != std::string::npos;
    if (attention) CHECK(sparsity_of(node).dense());
  }
  // Two layers of four products and the tied head: forward and data gradient of each.
  int sparse = 0;
  for (const auto& [type, count] : marked(training.graph)) sparse += count.first;
  CHECK(sparse == 2 * (2 * 4 + 1));
}

TEST_CASE("the reference leaves out what is pruned: a product by weights of 1:2, by hand") {
  Graph graph;
  graph.source = "test";
  GraphBuilder builder(graph);
  const TensorId x = builder.input("x", {ElementType::float32, {2, 3}}), w = builder.parameter("w", {3, 2});
  Node node{.name = "product", .type = "Gemm", .where = "test", .attributes = {}, .inputs = {x, w}};
  node.outputs = {graph.add_tensor({.name = "y"})};
  const TensorId y = *node.outputs[0];
  graph.add_node(std::move(node));
  graph.add_output(y);
  complete_graph(graph);
  REQUIRE(mark_sparse(graph, {1, 2}) == 1);
  Interpreter<float> run(graph);
  const float infinity = INFINITY;
  // Column 0 keeps k = 1 and 2, column 1 keeps k = 0 (of equals the first) and 2.
  run.set(x, {infinity, 1, 2, 3, 4, 5});
  run.set(w, {1, 2, -3, -2, 10, 20});
  run.run();
  CHECK(run.real(y) == std::vector<float>{-3 + 20, infinity, -12 + 50, 6 + 100});
}

}  // namespace spinvp::workloads::test
