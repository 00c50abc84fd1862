// Trains the LeNet on the host and writes it as an ONNX model with its weights: docs/tutorials/digits.onnx comes from here.
//
//   spinvp-lenet-onnx digits.onnx [--steps 150]
#include <cstdio>
#include <fstream>
#include <span>

#include <CLI/CLI.hpp>

#include "models/core/error.h"
#include "tests/unit/workloads/onnx_model.h"
#include "workloads/datasets/digits.h"
#include "workloads/training/lenet_reference.h"

namespace {

using spinvp::workloads::test::OnnxModel;

void store(OnnxModel& model, const std::string& name, const std::vector<std::int64_t>& shape, std::span<const float> values) {
  auto& tensor = model.stored(name, shape);
  tensor.set_data_type(1);
  tensor.set_raw_data(values.data(), values.size_bytes());
}

OnnxModel model_of(std::span<const float> p) {
  OnnxModel m(13);
  m.graph().set_name("digits");
  m.model.set_producer_name("spinvp-lenet-onnx");
  m.input("image", {0, 1, 28, 28}, "batch");
  const auto part = [&](const char* name, const std::vector<std::int64_t>& shape, std::size_t offset, std::size_t count) {
    store(m, name, shape, p.subspan(offset, count));
  };
  part("conv1.weight", {10, 1, 5, 5}, SPINVP_LENET_CONV1_WEIGHT_OFFSET, 250);
  part("conv1.bias", {10}, SPINVP_LENET_CONV1_BIAS_OFFSET, 10);
  part("conv2.weight", {20, 10, 5, 5}, SPINVP_LENET_CONV2_WEIGHT_OFFSET, 5000);
  part("conv2.bias", {20}, SPINVP_LENET_CONV2_BIAS_OFFSET, 20);
  part("fc1.weight", {50, 320}, SPINVP_LENET_FC1_WEIGHT_OFFSET, 16000);
  part("fc1.bias", {50}, SPINVP_LENET_FC1_BIAS_OFFSET, 50);
  part("fc2.weight", {10, 50}, SPINVP_LENET_FC2_WEIGHT_OFFSET, 500);
  part("fc2.bias", {10}, SPINVP_LENET_FC2_BIAS_OFFSET, 10);
  using Sizes = std::vector<std::int64_t>;
  const auto pool = [&](const char* name, const char* from, const char* to) {
    m.node("MaxPool", name, {from}, {to}).attribute("kernel_shape", Sizes{2, 2}).attribute("strides", Sizes{2, 2});
  };
  m.node("Conv", "conv1", {"image", "conv1.weight", "conv1.bias"}, {"c1"}).attribute("kernel_shape", Sizes{5, 5});
  pool("pool1", "c1", "p1");
  m.node("Relu", "relu1", {"p1"}, {"r1"});
  m.node("Conv", "conv2", {"r1", "conv2.weight", "conv2.bias"}, {"c2"}).attribute("kernel_shape", Sizes{5, 5});
  pool("pool2", "c2", "p2");
  m.node("Relu", "relu2", {"p2"}, {"r2"});
  m.node("Flatten", "flatten", {"r2"}, {"f"});
  m.node("Gemm", "fc1", {"f", "fc1.weight", "fc1.bias"}, {"g1"}).attribute("transB", std::int64_t{1});
  m.node("Relu", "relu3", {"g1"}, {"r3"});
  m.node("Gemm", "fc2", {"r3", "fc2.weight", "fc2.bias"}, {"logits"}).attribute("transB", std::int64_t{1});
  m.output("logits");
  return m;
}

}  // namespace

// SystemC's library asks for it; nothing here simulates.
extern "C" int sc_main(int, char*[]) { return 1; }

int main(int argc, char** argv) {
  std::string file;
  spinvp::workloads::LenetTrainingOptions options;
  CLI::App app("trains the LeNet on drawn digits and writes it as an ONNX model");
  app.add_option("FILE", file)->required();
  app.add_option("--steps", options.steps);
  CLI11_PARSE(app, argc, argv);
  const auto result = spinvp::workloads::train_lenet(spinvp::workloads::draw_digits(), spinvp::workloads::ArithmeticPolicy::npu(), options);
  const std::string bytes = model_of(result.parameters).bytes();
  std::ofstream out(file, std::ios::binary);
  out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  if (!out.flush()) {
    std::fprintf(stderr, "%s: cannot be written\n", file.c_str());
    return 74;
  }
  std::printf("%s: %zu steps, test accuracy %.2f %%\n", file.c_str(), options.steps, 100 * result.accuracy());
  return 0;
}
