// The operator graph: shapes and products of each family of operators, order, what is refused.
#include <catch2/catch.hpp>

#include "graph_support.h"
#include "workloads/graph/inference.h"
#include "workloads/graph/operator_rules.h"
#include "workloads/graph/shape.h"
#include "workloads/import/graph_builder.h"

using namespace spinvp;
using namespace spinvp::workloads;
using namespace spinvp::workloads::test;

namespace {

using Ints = std::vector<std::int64_t>;

// A graph of one node over parameters and inputs of given shapes.
struct OneNode {
  Graph graph;
  GraphBuilder builder{graph};
  std::vector<TensorId> inputs;
  Attributes attributes;

  OneNode() { graph.source = "made"; }
  OneNode(const OneNode&) = delete;  // the builder knows its graph by reference
  OneNode& operator=(const OneNode&) = delete;
  OneNode& input(Shape shape) {
    inputs.push_back(builder.input("i" + std::to_string(inputs.size()), {ElementType::float32, std::move(shape)}));
    return *this;
  }
  OneNode& weight(Shape shape) {
    inputs.push_back(builder.parameter("w" + std::to_string(inputs.size()), std::move(shape)));
    return *this;
  }
  OneNode& constant(Ints values) {
    const auto count = static_cast<std::int64_t>(values.size());
    inputs.push_back(builder.constant("c" + std::to_string(inputs.size()), whole_values(ElementType::int64, {count}, std::move(values))));
    return *this;
  }
  OneNode& set(const std::string& name, Attribute value) {
    attributes.set(name, std::move(value));
    return *this;
  }
  Shape shape(const std::string& type) {
    builder.where = "made";
    const TensorId output = builder.node("node", type, inputs, attributes);
    complete_graph(graph);
    return graph.tensor(output).type.shape;
  }
  NodeWork work(const std::string& type) {
    (void)shape(type);
    return work_of(graph, node_named(graph, "node"));
  }
};

}  // namespace

TEST_CASE("A convolution's output rounds down, pads and dilates as ONNX says") {
  // floor((224 + 2*3 - 7) / 2) + 1 = 112
  CHECK(OneNode().input({1, 3, 224, 224}).weight({64, 3, 7, 7}).set("strides", Ints{2, 2}).set("pads", Ints{3, 3, 3, 3}).shape("Conv") ==
        Shape{1, 64, 112, 112});
  // A window of 3 with dilation 2 covers 5: 10 - 5 + 1.
  CHECK(OneNode().input({1, 1, 10, 10}).weight({1, 1, 3, 3}).set("dilations", Ints{2, 2}).shape("Conv") == Shape{1, 1, 6, 6});
  // floor((56 - 1) / 2) + 1 = 28, and SCALE-Sim's ceil((56 - 1 + 2) / 2) = 29.
  CHECK(OneNode().input({1, 1, 56, 56}).weight({1, 1, 1, 1}).set("strides", Ints{2, 2}).shape("Conv") == Shape{1, 1, 28, 28});
  CHECK(OneNode().input({1, 1, 56, 56}).weight({1, 1, 1, 1}).set("strides", Ints{2, 2}).set("output_size", std::string("scale_sim")).shape("Conv") ==
        Shape{1, 1, 29, 29});
  // SAME: ceil(28 / 3); pads on one side only.
  CHECK(OneNode().input({1, 1, 28, 28}).weight({1, 1, 5, 5}).set("strides", Ints{3, 3}).set("auto_pad", std::string("SAME_UPPER")).shape("Conv") ==
        Shape{1, 1, 10, 10});
  CHECK(OneNode().input({1, 1, 8}).weight({1, 1, 3}).set("pads", Ints{2, 0}).shape("Conv") == Shape{1, 1, 8});
}

TEST_CASE("A convolution is one product for each group, over the positions of all images") {
  // 2 images of 14 x 14 positions; 256 / 4 filters; 128 / 4 channels x 9.
  const NodeWork work = OneNode().input({2, 128, 14, 14}).weight({256, 32, 3, 3}).set("group", std::int64_t{4}).set("pads", Ints{1, 1, 1, 1}).work("Conv");
  CHECK(work.products == std::vector<MatrixProduct>{{4, 392, 64, 288}});
  CHECK(work.macs == 4u * 392 * 64 * 288);
  CHECK(work.input_bytes == 4u * 2 * 128 * 14 * 14);
  CHECK(work.weight_bytes == 4u * 256 * 32 * 9);
  CHECK(work.output_bytes == 4u * 2 * 256 * 14 * 14);
}

TEST_CASE("Pooling windows may round up, but none starts in the padding behind the input") {
  // floor((112 + 2 - 3) / 2) + 1 = 56.
  CHECK(OneNode().input({1, 4, 112, 112}).set("kernel_shape", Ints{3, 3}).set("strides", Ints{2, 2}).set("pads", Ints{1, 1, 1, 1}).shape("MaxPool") ==
        Shape{1, 4, 56, 56});
  // (6 - 3) / 2 = 1.5: one window more when rounding up.
  CHECK(OneNode().input({1, 1, 6}).set("kernel_shape", Ints{3}).set("strides", Ints{2}).shape("MaxPool") == Shape{1, 1, 2});
  CHECK(OneNode().input({1, 1, 6}).set("kernel_shape", Ints{3}).set("strides", Ints{2}).set("ceil_mode", std::int64_t{1}).shape("MaxPool") == Shape{1, 1, 3});
  // Extent 3, pads 1 and 1, window 2, stride 2: ceil(3/2) + 1 = 3, but the third window would start at 4 = 3 + 1.
  CHECK(OneNode()
            .input({1, 1, 3})
            .set("kernel_shape", Ints{2})
            .set("strides", Ints{2})
            .set("pads", Ints{1, 1})
            .set("ceil_mode", std::int64_t{1})
            .shape("AveragePool") == Shape{1, 1, 2});
  CHECK(OneNode().input({2, 7, 5, 6}).shape("GlobalAveragePool") == Shape{2, 7, 1, 1});
}

TEST_CASE("A matrix product stacks as NumPy does; one right matrix makes one tall product") {
  CHECK(OneNode().input({2, 5, 3}).weight({3, 7}).work("MatMul").products == std::vector<MatrixProduct>{{1, 10, 7, 3}});
  CHECK(OneNode().input({4, 2, 5, 3}).input({2, 3, 7}).work("MatMul").products == std::vector<MatrixProduct>{{8, 5, 7, 3}});
  CHECK(OneNode().input({4, 2, 5, 3}).input({2, 3, 7}).shape("MatMul") == Shape{4, 2, 5, 7});
  CHECK(OneNode().input({3}).weight({3, 7}).shape("MatMul") == Shape{7});
  CHECK(OneNode().input({5, 3}).weight({3}).shape("MatMul") == Shape{5});
  CHECK(OneNode().input({6, 4}).weight({8, 4}).weight({8}).set("transB", std::int64_t{1}).work("Gemm").products == std::vector<MatrixProduct>{{1, 6, 8, 4}});
}

TEST_CASE("Shapes of what moves, reduces and reshapes") {
  CHECK(OneNode().input({2, 3, 4}).shape("Transpose") == Shape{4, 3, 2});
  CHECK(OneNode().input({2, 3, 4}).set("perm", Ints{0, 2, 1}).shape("Transpose") == Shape{2, 4, 3});
  CHECK(OneNode().input({2, 3, 4}).constant({0, -1}).shape("Reshape") == Shape{2, 12});
  CHECK(OneNode().input({2, 3, 4}).shape("Flatten") == Shape{2, 12});
  CHECK(OneNode().input({2, 3, 4}).set("axes", Ints{-1}).set("keepdims", std::int64_t{0}).shape("ReduceMean") == Shape{2, 3});
  CHECK(OneNode().input({2, 3, 4}).shape("ReduceMean") == Shape{1, 1, 1});
  CHECK(OneNode().input({2, 3, 4}).input({2, 5, 4}).set("axis", std::int64_t{1}).shape("Concat") == Shape{2, 8, 4});
  CHECK(OneNode().input({2, 1, 4}).input({3, 1}).shape("Add") == Shape{2, 3, 4});
  CHECK(OneNode().weight({10, 8}).input({2, 3}).shape("Gather") == Shape{2, 3, 8});
  CHECK(OneNode().input({1, 3, 1}).shape("Squeeze") == Shape{3});
  CHECK(OneNode().input({3}).set("axes", Ints{0, -1}).shape("Unsqueeze") == Shape{1, 3, 1});
  CHECK(OneNode().input({2, 3}).constant({0, 1, 0, 2}).shape("Pad") == Shape{2, 6});
  // 9, 7, 5, 3, 1; and 2, 4 from the end.
  CHECK(OneNode().input({10}).constant({9}).constant({-100}).constant({0}).constant({-2}).shape("Slice") == Shape{5});
  CHECK(OneNode().input({4, 10}).constant({-3}).constant({100}).constant({1}).shape("Slice") == Shape{4, 3});
}

TEST_CASE("A pass is charged by its largest tensor, and reads of a table only what it takes") {
  const NodeWork gather = OneNode().weight({1000, 8}).input({2, 3}).work("Gather");
  CHECK(gather.products.empty());
  CHECK(gather.weight_bytes == 4u * 2 * 3 * 8);
  CHECK(gather.output_bytes == 4u * 2 * 3 * 8);
  const NodeWork add = OneNode().input({4, 8}).weight({8}).work("Add");
  CHECK(add.elements == 32);
  CHECK(add.input_bytes == 128);
  CHECK(add.weight_bytes == 32);
  CHECK(OneNode().input({2, 6}).constant({3, 4}).work("Reshape").output_bytes == 0);
}

TEST_CASE("Running statistics, settings and scalars are no parameters") {
  OneNode one;
  (void)one.input({1, 5, 2, 2}).weight({5}).weight({5}).weight({5}).weight({5}).shape("BatchNormalization");
  CHECK(one.graph.parameters() == 10);
  CHECK(tensor_named(one.graph, "w3").role == Role::statistics);
}

TEST_CASE("Nodes are ordered by what they need, whatever the order they came in") {
  Graph graph;
  const TensorId x = graph.add_tensor({.name = "x", .type = {ElementType::float32, {4}}, .role = Role::input});
  const TensorId a = graph.add_tensor({.name = "a"}), b = graph.add_tensor({.name = "b"});
  graph.add_node({.name = "second", .type = "Relu", .inputs = {a}, .outputs = {b}});
  graph.add_node({.name = "first", .type = "Relu", .inputs = {x}, .outputs = {a}});
  complete_graph(graph);
  REQUIRE(graph.order().size() == 2);
  CHECK(graph.node(graph.order()[0]).name == "first");
}

TEST_CASE("A cycle is refused, naming a node that lies on it") {
  Graph graph;
  graph.source = "file";
  const TensorId x = graph.add_tensor({.name = "x", .type = {ElementType::float32, {4}}, .role = Role::input});
  const TensorId a = graph.add_tensor({.name = "a"}), b = graph.add_tensor({.name = "b"}), c = graph.add_tensor({.name = "c"});
  graph.add_node({.name = "behind", .type = "Relu", .inputs = {b}, .outputs = {c}});
  graph.add_node({.name = "one", .type = "Add", .inputs = {x, b}, .outputs = {a}});
  graph.add_node({.name = "two", .type = "Relu", .inputs = {a}, .outputs = {b}});
  const std::string line = refusal([&] { complete_graph(graph); });
  INFO(line);
  CHECK((line.starts_with("file: node 'one' (Add): stands on a cycle") || line.starts_with("file: node 'two' (Relu): stands on a cycle")));
}

TEST_CASE("What does not fit is refused, naming the node and both shapes") {
  const auto line = [](OneNode& one, const std::string& type) { return refusal([&] { (void)one.shape(type); }); };
  CHECK(line(OneNode().input({2, 3}).weight({4, 5}), "MatMul") ==
        "made: node 'node' (MatMul): operands 2x3 and 4x5 disagree, the columns of the first must be the rows of the second");
  CHECK(line(OneNode().input({2, 3}).input({2, 4}), "Add") == "made: node 'node' (Add): shapes 2x3 and 2x4 disagree, extents must be equal or 1");
  CHECK(line(OneNode().input({1, 3, 8, 8}).weight({4, 2, 3, 3}), "Conv").find("input 1x3x8x8 and weights 4x2x3x3 disagree for 1 group") != std::string::npos);
  CHECK(line(OneNode().input({1, 3, 2, 2}).weight({4, 3, 3, 3}), "Conv").find("a window of 3 does not fit into 2") != std::string::npos);
  CHECK(line(OneNode().input({2, 3}).constant({5, -1}), "Reshape").find("2x3 does not fit into shape 5x-1") != std::string::npos);
  CHECK(line(OneNode().input({2, 3}).set("slope", 0.5), "LeakyRelu") == "made: node 'node' (LeakyRelu): attribute 'slope' is not known, allowed are alpha");
}

TEST_CASE("Extents beyond 64-bit arithmetic are refused, not computed") {
  const std::int64_t large = 1 << 20;
  // Outputs of 2^40 are allowed, 2^41 are not.
  CHECK(OneNode().input({large, 1}).weight({1, large}).work("MatMul").macs == 1ull << 40);
  CHECK(refusal([&] {
          (void)OneNode().input({2 * large, 1}).weight({1, large}).shape("MatMul");
        }).find("is too large, allowed are 2^40 elements") != std::string::npos);
  CHECK(checked_elements({large, large}) == 1ull << 40);
  CHECK_FALSE(checked_elements({large, large, 2}));
  CHECK_FALSE(checked_elements({std::int64_t{1} << 62, 4}));
  CHECK_FALSE(checked_elements({-1}));
}

TEST_CASE("Every operator of the list has rules") {
  for (const char* name : {"Conv",
                           "Gemm",
                           "MatMul",
                           "Add",
                           "Mul",
                           "Sub",
                           "Div",
                           "Relu",
                           "LeakyRelu",
                           "Gelu",
                           "Erf",
                           "Sigmoid",
                           "Tanh",
                           "Softmax",
                           "Concat",
                           "Split",
                           "Slice",
                           "Reshape",
                           "BatchNormalization",
                           "LayerNormalization",
                           "MaxPool",
                           "AveragePool",
                           "Flatten",
                           "Transpose",
                           "Squeeze",
                           "Unsqueeze",
                           "Gather",
                           "Clip",
                           "Pad",
                           "ReduceMean",
                           "Pow",
                           "Sqrt",
                           "Identity",
                           "Dropout",
                           "Cast",
                           "Shape",
                           "GlobalAveragePool"}) {
    INFO(name);
    const OperatorRules* rules = find_operator(name);
    REQUIRE(rules != nullptr);
    CHECK(rules->infer != nullptr);
  }
}
