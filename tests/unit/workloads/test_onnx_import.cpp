// Models in ONNX's format: what is understood, in which opset, and what is refused with node and reason.
#include <unistd.h>

#include <catch2/catch.hpp>
#include <fstream>

#include "graph_support.h"
#include "onnx_model.h"
#include "workloads/graph/values.h"
#include "workloads/import/import.h"

using namespace spinvp;
using namespace spinvp::workloads;
using namespace spinvp::workloads::test;

namespace {

using Ints = std::vector<std::int64_t>;

Graph imported(const OnnxModel& made, const ImportOptions& options = {}) { return import_onnx(made.bytes(), "m.onnx", options); }
std::string refused(const OnnxModel& made, const ImportOptions& options = {}) {
  return refusal([&] { (void)imported(made, options); });
}
bool has(const std::string& line, const std::string& part) {
  INFO(line);
  return line.find(part) != std::string::npos;
}

// A convolution, ReLU and a dense layer behind a flattening written as shape arithmetic, as exporters write it.
OnnxModel small(int opset = 13) {
  OnnxModel m(opset);
  m.input("x", {0, 3, 8, 8}).weight("w", {4, 3, 3, 3}).weight("b", {4}).weight("fc", {10, 144}).whole("zero", {0}, true).whole("minus", {-1});
  m.node("Conv", "conv", {"x", "w", "b"}, {"c"}).attribute("kernel_shape", Ints{3, 3});
  m.node("Relu", "relu", {"c"}, {"r"});
  m.node("Shape", "shape", {"r"}, {"s"});
  m.node("Gather", "first", {"s", "zero"}, {"n"}).attribute("axis", 0);
  if (opset < 13) {
    m.node("Unsqueeze", "row", {"n"}, {"n1"}).attribute("axes", Ints{0});
  } else {
    m.whole("axes", {0}).node("Unsqueeze", "row", {"n", "axes"}, {"n1"});
  }
  m.node("Concat", "target", {"n1", "minus"}, {"t"}).attribute("axis", 0);
  m.node("Reshape", "flat", {"r", "t"}, {"f"});
  m.node("Gemm", "dense", {"f", "fc"}, {"y"}).attribute("transB", 1);
  m.output("y");
  return m;
}

}  // namespace

TEST_CASE("Shape arithmetic is computed at import, in every opset's spelling") {
  for (const int opset : {7, 11, 13, 18}) {
    const Graph g = imported(small(opset), {.batch = 5});
    INFO(opset);
    CHECK(shape_named(g, "y") == Shape{5, 10});
    CHECK(tensor_named(g, "t").role == Role::constant);
    CHECK(values_of(tensor_named(g, "t"))->whole == Ints{5, -1});
    // Shape, Gather, Unsqueeze and Concat are gone.
    CHECK(g.order().size() == 4);
    // 4 x 27 + 4 + 1440; the shapes are no parameters.
    CHECK(g.parameters() == 108 + 4 + 1440);
    // 36 positions x 4 x 27 and 144 x 10 for each image.
    CHECK(macs_of(g) == 5u * (36 * 4 * 27 + 1440));
  }
}

TEST_CASE("The batch is 1 where the file leaves it open and nobody sets it") { CHECK(shape_named(imported(small()), "c") == Shape{1, 4, 6, 6}); }

TEST_CASE("A batch that the file fixes at 1 can be set unless a Reshape fixes it too") {
  const auto fixed = [](std::int64_t rows) {
    OnnxModel m;
    m.input("x", {1, 2, 8}).whole("shape", {rows, 16}).node("Relu", "relu", {"x"}, {"r"}).node("Reshape", "flat", {"r", "shape"}, {"f"}).output("f");
    return m;
  };
  CHECK(shape_named(imported(fixed(-1), {.batch = 3}), "f") == Shape{3, 16});
  CHECK(has(refused(fixed(1), {.batch = 3}), "node 'flat' (Reshape, opset 13): 3x2x8 does not fit into shape 1x16"));
  OnnxModel absorbing;
  absorbing.input("x", {1, 8}).whole("shape", {1, -1}).node("Reshape", "flat", {"x", "shape"}, {"f"}).output("f");
  CHECK(has(refused(absorbing, {.batch = 3}), "node 'flat' (Reshape, opset 13): its shape fixes the batch at 1"));
  OnnxModel other;
  other.input("x", {128, 8}).node("Relu", "relu", {"x"}, {"r"}).output("r");
  CHECK(has(refused(other, {.batch = 3}), "the first extent of input 'x' is fixed"));
  CHECK(shape_named(imported(other, {.batch = 128}), "r") == Shape{128, 8});
}

TEST_CASE("Other open extents are set by name") {
  OnnxModel m;
  m.input("x", {2, 0}, "sequence").node("Relu", "relu", {"x"}, {"r"}).output("r");
  CHECK(has(refused(m), "dimension 1 of input 'x' is open ('sequence'), --size sequence=EXTENT sets it"));
  CHECK(shape_named(imported(m, {.sizes = {{"sequence", 7}}}), "r") == Shape{2, 7});
  CHECK(has(refused(m, {.sizes = {{"length", 7}, {"sequence", 7}}}), "has no open dimension 'length', there are: sequence"));
}

TEST_CASE("An unknown operator is refused with node, operator, opset and what is supported, or charged as a pass") {
  OnnxModel m(15);
  m.input("x", {1, 6})
      .node("Relu", "relu", {"x"}, {"r"})
      .node("FancyThing", "odd", {"r"}, {"o"})
      .attribute("depth", 2)
      .node("Relu", "last", {"o"}, {"y"})
      .output("y");
  const std::string line = refused(m);
  CHECK(has(line, "m.onnx: node 'odd' (FancyThing, opset 15): unknown operator"));
  CHECK(has(line, "supported are Constant, Abs, Add,"));
  CHECK(line.find('\n') == std::string::npos);
  const Graph g = imported(m, {.allow_unknown = true});
  CHECK(shape_named(g, "y") == Shape{1, 6});
  const NodeWork work = work_of(g, node_named(g, "odd"));
  CHECK(work.products.empty());
  CHECK(work.elements == 6);
  // What the file says of its output is taken.
  m.states("o", {1, 3});
  CHECK(shape_named(imported(m, {.allow_unknown = true}), "y") == Shape{1, 3});
  OnnxModel other;
  other.input("x", {1, 6}).node("Relu", "relu", {"x"}, {"r"}).output("r");
  other.graph().mutable_node(0)->set_domain("com.example");
  CHECK(has(refused(other), "node 'relu' (com.example.Relu): unknown operator"));
}

TEST_CASE("An operator is known in the opsets whose meaning we know") {
  CHECK(has(refused(OnnxModel(6).input("x", {1}).node("Relu", "relu", {"x"}, {"r"}).output("r")), "opset 6, allowed are 7 and up"));
  CHECK(has(refused(OnnxModel(99).input("x", {1}).node("Relu", "relu", {"x"}, {"r"}).output("r")),
            "node 'relu' (Relu, opset 99): its meaning is known in opsets 7 to"));
  OnnxModel norm(16);
  norm.input("x", {1, 4}).weight("s", {4}).node("LayerNormalization", "norm", {"x", "s"}, {"y"}).output("y");
  CHECK(has(refused(norm), "its meaning is known in opsets 17 to"));
}

TEST_CASE("Settings that moved from attributes to inputs are understood in both places") {
  for (const bool as_input : {false, true}) {
    OnnxModel m(as_input ? 13 : 9);
    m.input("x", {1, 6, 4})
        .whole("starts", {1})
        .whole("ends", {100})
        .whole("axes", {1})
        .whole("sizes", {2, 3})
        .whole("pads", {0, 0, 0, 0, 0, 2})
        .whole("last", {2});
    if (as_input) {
      m.node("Slice", "slice", {"x", "starts", "ends", "axes"}, {"s"});
      m.node("Split", "split", {"s", "sizes"}, {"a", "b"}).attribute("axis", 1);
      m.node("Pad", "pad", {"b", "pads"}, {"p"});
    } else {
      m.node("Slice", "slice", {"x"}, {"s"}).attribute("starts", Ints{1}).attribute("ends", Ints{100}).attribute("axes", Ints{1});
      m.node("Split", "split", {"s"}, {"a", "b"}).attribute("axis", 1).attribute("split", Ints{2, 3});
      m.node("Pad", "pad", {"b"}, {"p"}).attribute("pads", Ints{0, 0, 0, 0, 0, 2});
    }
    m.node("ReduceMean", "mean", {"p"}, {"y"}).attribute("axes", Ints{2}).attribute("keepdims", 0).output("y");
    const Graph g = imported(m);
    CHECK(shape_named(g, "s") == Shape{1, 5, 4});
    CHECK(shape_named(g, "a") == Shape{1, 2, 4});
    CHECK(shape_named(g, "p") == Shape{1, 3, 6});
    CHECK(shape_named(g, "y") == Shape{1, 3});
  }
}

TEST_CASE("GELU by its parts is five passes and no parameter") {
  OnnxModel m;
  m.input("x", {2, 8});
  const auto scalar = [&](const char* name, float value) {
    auto& t = m.stored(name, {});
    t.set_data_type(1);
    t.add_float_data(value);
  };
  scalar("root", 1.41421356f);
  scalar("one", 1);
  scalar("half", 0.5f);
  m.node("Div", "d", {"x", "root"}, {"a"}).node("Erf", "e", {"a"}, {"b"}).node("Add", "p", {"b", "one"}, {"c"}).node("Mul", "m", {"x", "c"}, {"f"});
  m.node("Mul", "h", {"f", "half"}, {"y"}).output("y");
  const Graph g = imported(m);
  CHECK(g.parameters() == 0);
  CHECK(shape_named(g, "y") == Shape{2, 8});
  CHECK(g.order().size() == 5);
}

TEST_CASE("Weights may lie in the file, beside it, nowhere, or be inputs of the graph") {
  const std::filesystem::path folder = std::filesystem::temp_directory_path() / ("spinvp_test_onnx_" + std::to_string(getpid()));
  std::filesystem::create_directory(folder);
  OnnxModel m;
  m.input("x", {1, 2});
  auto& inside = m.stored("inside", {2, 2});
  inside.set_data_type(1);
  inside.set_raw_data(std::string("\0\0\x80\x3f\0\0\0\x40\0\0\x40\x40\0\0\x80\x40", 16));  // 1, 2, 3, 4
  auto& beside = m.stored("beside", {2, 2});
  beside.set_data_type(1);
  beside.set_data_location(onnx::TensorProto::EXTERNAL);
  const auto place = [&](const char* key, const std::string& value) {
    auto* entry = beside.add_external_data();
    entry->set_key(key);
    entry->set_value(value);
  };
  place("location", "weights.bin");
  place("offset", "4");
  place("length", "16");
  m.weight("nowhere", {2, 3}).input("given", {3, 5});
  m.node("MatMul", "a", {"x", "inside"}, {"1"}).node("MatMul", "b", {"1", "beside"}, {"2"}).node("MatMul", "c", {"2", "nowhere"}, {"3"});
  m.node("MatMul", "d", {"3", "given"}, {"y"}).output("y");
  const auto at = [&] { return import_onnx(m.bytes(), folder / "m.onnx", {.keep_weights = true}); };

  Graph g = at();  // without the file beside: shapes alone
  CHECK(g.parameters() == 4 + 4 + 6 + 15);
  CHECK(values_of(tensor_named(g, "inside"))->real == std::vector<double>{1, 2, 3, 4});
  CHECK(tensor_named(g, "beside").values == nullptr);
  CHECK(tensor_named(g, "given").role == Role::parameter);
  CHECK(tensor_named(g, "x").role == Role::input);

  std::ofstream(folder / "weights.bin", std::ios::binary) << std::string(4, 'x') + std::string(12, '\0') + std::string("\0\0\x80\x3f", 4);
  CHECK(values_of(tensor_named(at(), "beside"))->real == std::vector<double>{0, 0, 0, 1});
  std::ofstream(folder / "weights.bin", std::ios::binary) << "short";
  CHECK(has(refusal([&] { (void)at(); }), "initializer 'beside' has its values at byte 4 of 'weights.bin', which ends at 5"));
  beside.mutable_external_data(0)->set_value("../secret");
  CHECK(has(refusal([&] { (void)at(); }), "allowed are files in the folder of the model"));
  std::filesystem::remove_all(folder);
}

TEST_CASE("An input whose batch is open is never taken for a weight") {
  OnnxModel m;
  m.input("q", {0, 4, 8})
      .input("k", {0, 8, 4})
      .input("w", {4, 3})
      .node("MatMul", "scores", {"q", "k"}, {"s"})
      .node("MatMul", "out", {"s", "w"}, {"y"})
      .output("y");
  const Graph g = imported(m, {.batch = 6});
  CHECK(tensor_named(g, "k").role == Role::input);
  CHECK(g.parameters() == 12);
  CHECK(work_of(g, node_named(g, "scores")).products == std::vector<MatrixProduct>{{6, 4, 4, 8}});
}

TEST_CASE("What disagrees is refused, naming the node") {
  OnnxModel wide;
  wide.input("x", {1, 4}).weight("w", {5, 2}).node("MatMul", "product", {"x", "w"}, {"y"}).output("y");
  CHECK(has(refused(wide), "m.onnx: node 'product' (MatMul, opset 13): operands 1x4 and 5x2 disagree"));
  OnnxModel stated;
  stated.input("x", {1, 4}).node("Relu", "relu", {"x"}, {"r"}).node("Relu", "relu2", {"r"}, {"y"}).output("y").states("r", {1, 5});
  CHECK(has(refused(stated), "node 'relu' (Relu, opset 13): its output 'r' is 1x4, the file declares 1x5"));
  OnnxModel cycle;
  cycle.input("x", {4}).node("Add", "one", {"x", "b"}, {"a"}).node("Relu", "two", {"a"}, {"b"}).output("b");
  CHECK(has(refused(cycle), "stands on a cycle"));
  OnnxModel missing;
  missing.input("x", {4}).node("Add", "sum", {"x", "ghost"}, {"a"}).output("a");
  CHECK(has(refused(missing), "node 'sum' (Add, opset 13): its input 'ghost' is neither made by a node nor an input nor an initializer"));
  OnnxModel twice;
  twice.input("x", {4}).node("Relu", "one", {"x"}, {"a"}).node("Relu", "two", {"x"}, {"a"}).output("a");
  CHECK(has(refused(twice), "node 'two' (Relu, opset 13): its output 'a' is made elsewhere too"));
  OnnxModel shaped;
  shaped.input("x", {4}).input("target", {1}, "N", 7).node("Reshape", "flat", {"x", "target"}, {"y"}).output("y");
  CHECK(has(refused(shaped), "node 'flat' (Reshape, opset 13): the values of input 'target' (int64 1) are not known at import"));
  OnnxModel few;
  few.input("x", {4}).stored("w", {4}).set_data_type(1);
  few.graph().mutable_initializer(0)->add_float_data(1);
  few.node("Add", "sum", {"x", "w"}, {"y"}).output("y");
  CHECK(has(refused(few), "initializer 'w' (float32 4) has 4 bytes of values, 16 are needed"));
}

TEST_CASE("A damaged file is refused in one line, however it is damaged") {
  const std::string whole = small().bytes();
  for (const std::string& bytes :
       {std::string(), std::string("hello"), std::string(2000, '\xAB'), whole.substr(0, whole.size() / 2), std::string("\0\0\0", 3)}) {
    const std::string line = refusal([&] { (void)import_onnx(bytes, "bad.onnx"); });
    CHECK(has(line, "bad.onnx: no ONNX model, or a damaged one"));
  }
  // Whatever byte is changed: a graph or one line.
  for (std::size_t i = 0; i < whole.size(); ++i) {
    std::string bytes = whole;
    bytes[i] = static_cast<char>(bytes[i] ^ (1 << i % 8));
    CHECK(refusal([&] { (void)import_onnx(bytes, "bad.onnx"); }).find('\n') == std::string::npos);
  }
}
