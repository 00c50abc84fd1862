// Our own form of a network: layers in a row, names, blocks, sizes; and what is refused with its place.
#include <catch2/catch.hpp>

#include "graph_support.h"
#include "workloads/import/import.h"

using namespace spinvp;
using namespace spinvp::workloads;
using namespace spinvp::workloads::test;

namespace {

Graph imported(const std::string& text, const ImportOptions& options = {}) { return import_yaml(text, "n.yaml", options); }
std::string refused(const std::string& text, const ImportOptions& options = {}) {
  return refusal([&] { (void)imported(text, options); });
}

}  // namespace

TEST_CASE("Layers follow each other, `from` names others, ONNX's operators go by their names") {
  const Graph g = imported(
      "input: {image: [$batch, 2, 8, 8]}\n"
      "layers:\n"
      "- {conv: a, filters: 4, kernel: [3, 1], pad: [1, 0], bias: false}\n"
      "- Relu\n"
      "- {conv: b, filters: 4, kernel: 1, from: a}\n"
      "- {Add: sum, from: [Relu, b]}\n"
      "- {LeakyRelu: leaky, alpha: 0.1}\n"
      "- {max_pool: pool, kernel: 2}\n"
      "- Flatten\n"
      "- {linear: head, features: 5}\n",
      {.batch = 3});
  CHECK(g.name == "n");
  CHECK(shape_named(g, "sum") == Shape{3, 4, 8, 8});
  CHECK(shape_named(g, "head") == Shape{3, 5});
  // 4 x 2 x 3; 4 x 4 + 4; 64 x 5 + 5.
  CHECK(g.parameters() == 24 + 20 + 325);
  CHECK(g.outputs().size() == 1);
}

TEST_CASE("Blocks repeat with settings, see their input and the names around them") {
  const Graph g = imported(
      "input: {x: [$batch, $length, 8], other: [$batch, $length, 8]}\n"
      "sizes: {length: 6}\n"
      "blocks:\n"
      "  inner:\n"
      "  - {linear: mix, features: $width, bias: false}\n"
      "  outer:\n"
      "  - {inner: deep, width: $width}\n"
      "  - {Add: sum, from: [deep, $in]}\n"
      "  - {Mul: scaled, from: [sum, other]}\n"
      "layers:\n"
      "- {outer: stage, width: 8, repeat: 3}\n"
      "- {linear: head, features: 2, from: stage}\n",
      {.sizes = {{"length", 4}}});
  CHECK(shape_named(g, "stage.2.scaled") == Shape{1, 4, 8});
  CHECK(node_named(g, "stage.1.deep.mix").type == "MatMul");
  CHECK(g.parameters() == 3 * 64 + 16 + 2);
}

TEST_CASE("Tied weights count once and make their product all the same") {
  const Graph g = imported(
      "input: {token: {shape: [$batch, 5], element: int64}}\n"
      "layers:\n"
      "- {embedding: words, rows: 100, width: 8}\n"
      "- {linear: head, weights: words, bias: false}\n");
  CHECK(g.parameters() == 800);
  CHECK(macs_of(g) == 5 * 8 * 100);
  CHECK(shape_named(g, "head") == Shape{1, 5, 100});
}

TEST_CASE("What is wrong is refused with its place") {
  const std::string top = "input: {x: [1, 4]}\nlayers:\n";
  CHECK(refused(top + "- {linear: a}\n") == "n.yaml:3:3: layer 'a' (linear): 'features' is missing, it is needed");
  CHECK(refused(top + "- {linear: a, features: 2, colour: 3}\n") ==
        "n.yaml:3:3: layer 'a' (linear): 'colour' is no setting of it, allowed are bias, features, weights");
  CHECK(refused(top + "- {linear: a, features: two}\n") == "n.yaml:3:3: layer 'a' (linear): 'features' must be a whole number");
  CHECK(refused(top + "- {linear: a, features: $two}\n") == "n.yaml:3:3: layer 'a' (linear): '$two' stands for nothing here, there are $batch");
  CHECK(refused(top + "- {Relu: a, from: b}\n") == "n.yaml:3:19: there is no layer or input 'b' above");
  CHECK(refused(top + "- {linear: a, features: 2}\n- {linear: a, features: 2}\n") == "n.yaml:4:3: a second layer or input is called 'a', allowed is one");
  CHECK(refused(top + "- {linear: a, features: 2, features: 3}\n") == "n.yaml:3:28: the key 'features' stands twice in this map, allowed is once");
  CHECK(refused(top + "- {wobble: a}\n").starts_with("n.yaml:3:3: layer 'a' (wobble): unknown kind of layer; there are average_pool, "));
  CHECK(refused(top + "- {conv: a, filters: 2, kernel: 3}\n").starts_with("n.yaml:3:3: layer 'a' (conv): its input is 1x4, at least 3 dimensions"));
  CHECK(refused(top + "- {matmul: a, from: [x, x]}\n").starts_with("n.yaml:3:3: node 'a' (MatMul): operands 1x4 and 1x4 disagree"));
  CHECK(refused("input: {x: [1, 4]}\nlayers: [\n").starts_with("n.yaml:3:1: not YAML"));
  CHECK(refused("layers: []\n").starts_with("n.yaml:1:1: 'input' is missing"));
  CHECK(refused("inputs: {x: [1]}\n").starts_with("n.yaml:1:1: there is no key 'inputs', allowed are"));
  CHECK(refused(top + "- Relu\n", {.batch = 2}) == "n.yaml:1:1: no input has $batch among its extents, so --batch changes nothing");
  CHECK(refused(top + "- Relu\n", {.sizes = {{"length", 3}}}).find("has no size 'length', there are: none") != std::string::npos);
}

TEST_CASE("Blocks that hold themselves end in a refusal, not in the stack") {
  const std::string line = refused("input: {x: [1, 4]}\nblocks:\n  a:\n  - {a: again}\nlayers:\n- {a: first}\n");
  CHECK(line.find("blocks stand in blocks deeper than 16") != std::string::npos);
  CHECK(refused("input: {x: [1, 4]}\nblocks:\n  a:\n  - {b: again, repeat: 1000}\n  b:\n  - {c: again, repeat: 1000}\n  c:\n  - Relu\nlayers:\n- {a: first}\n")
            .find("more than 100000 layers") != std::string::npos);
}

TEST_CASE("A network is found by its ending or among those that ship") {
  CHECK(refusal([] { (void)import_network("resnet"); }).find("no network of that name (nearest is 'resnet18')") != std::string::npos);
  CHECK(refusal([] { (void)import_network("/nowhere/x.onnx"); }).find("/nowhere/x.onnx: cannot be read") != std::string::npos);
}
