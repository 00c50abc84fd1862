// `spinvp run --network`: a network under firmware, against the host reference of its graph, and its phantom against its real run.
#include <bit>
#include <catch2/catch.hpp>
#include <cstring>
#include <set>

#include "tests/system/program.h"
#include "workloads/datasets/digits.h"
#include "workloads/datasets/network_inputs.h"
#include "workloads/graph/sparsity.h"
#include "workloads/import/import.h"
#include "workloads/reference/training_run.h"

namespace spinvp::test {
namespace {

using namespace workloads;

constexpr const char* mlp = R"(# Two layers and a normalisation
source: "made for this test"
input: {image: [$batch, 1, 28, 28]}
layers:
- Flatten
- {linear: fc1, features: 24}
- {layer_norm: norm}
- Gelu
- {linear: fc2, features: 10}
)";

constexpr const char* drops = R"(# Two hidden layers that drop
source: "made for this test"
input: {image: [$batch, 1, 28, 28]}
layers:
- Flatten
- {linear: fc1, features: 150}
- Relu
- {Dropout: drop1}
- {linear: fc2, features: 100}
- Tanh
- {Dropout: drop2}
- {linear: fc3, features: 10}
)";

// Nothing in it sums over 8 channels.
constexpr const char* narrow = R"(# Two small layers
source: "made for this test"
input: {x: [$batch, 4]}
layers:
- {linear: fc1, features: 4}
- {linear: fc2, features: 3}
)";

nlohmann::json run(const Scratch& scratch, const std::string& network, std::vector<std::string> more) {
  const std::string out = scratch.path("out");
  std::vector<std::string> arguments{"run", "-q", "--network", network, "--out", out};
  arguments.insert(arguments.end(), more.begin(), more.end());
  const Outcome outcome = spinvp(arguments);
  INFO(outcome.err << outcome.out);
  REQUIRE(outcome.status == 0);
  return report(out);
}

// The losses of a training on the host: the same graph, start values and inputs, none of the NPU's code.
std::vector<float> reference_losses(const std::string& network, std::uint64_t batch, std::uint64_t steps, TrainingOptions options,
                                    const Sparsity& sparsity = {}, const std::vector<spinvp_program_precision>& precision = {}) {
  options.rate = 0.01;
  const Graph inference = import_network(network, {.batch = batch, .keep_weights = true});
  TrainingGraph training = make_training_graph(inference, options);
  mark_sparse(training.graph, sparsity);
  const Dataset digits = draw_digits();
  const NetworkInputs values(training.graph, 1, &digits, Split::train, steps);
  const Feed labels = values.labels(training.target, 10);
  std::vector<Feed> inputs;
  for (const TensorId input : training.inputs) inputs.push_back(values.input(input));
  TrainingRun<float> host(training, 1);
  host.set_precision(precision);
  std::vector<float> losses;
  for (std::uint64_t step = 0; step < steps; ++step) {
    for (const Feed& feed : inputs) {
      const std::uint64_t size = feed.bytes.size() / feed.count;
      REQUIRE(machine_bytes(training.graph.tensor(feed.tensor).type.element) == 4);
      std::vector<float> batch_values(size / 4);
      std::memcpy(batch_values.data(), feed.bytes.data() + step % feed.count * size, size);
      host.values().set(feed.tensor, batch_values);
    }
    const std::uint64_t size = labels.bytes.size() / labels.count;
    std::vector<std::int32_t> words(size / 4);
    std::memcpy(words.data(), labels.bytes.data() + step % labels.count * size, size);
    host.values().set_whole(training.target, {words.begin(), words.end()});
    losses.push_back(host.step());
  }
  return losses;
}

void check_equal_bits(const nlohmann::json& report, const std::vector<float>& expected) {
  const auto losses = report["training"]["loss"].get<std::vector<float>>();
  REQUIRE(losses.size() == expected.size());
  for (std::size_t step = 0; step < losses.size(); ++step) {
    INFO("step " << step << ": " << losses[step] << ", expected " << expected[step]);
    REQUIRE(std::bit_cast<std::uint32_t>(losses[step]) == std::bit_cast<std::uint32_t>(expected[step]));
  }
}

}  // namespace

TEST_CASE("A network trained on the NPU has the bits of the host reference, in fp32 and in bf16, with each optimiser") {
  const Scratch scratch;
  const std::string small = scratch.file("mlp.yaml", mlp);
  struct Row {
    std::string network, optimiser, precision;
    TrainingOptions options;
  };
  const std::vector<Row> rows = {
      {"lenet-paper", "sgd", "fp32", {}},
      {"lenet-paper", "momentum", "bf16", {.optimiser = Optimiser::momentum, .mixed_precision = true, .loss_scale = 1024}},
      {small, "adam", "fp32", {.optimiser = Optimiser::adam}},
      {small, "adam", "bf16", {.optimiser = Optimiser::adam, .mixed_precision = true, .loss_scale = 1024}},
  };
  for (const Row& row : rows) {
    INFO(row.network << " " << row.optimiser << " " << row.precision);
    const auto r = run(scratch, row.network,
                       {"--mode", "training", "--batch", "8", "--steps", "4", "--data", "real", "--set", "network.optimiser=" + row.optimiser, "--set",
                        "network.precision=" + row.precision});
    check_equal_bits(r, reference_losses(row.network, 8, 4, row.options));
  }
}

TEST_CASE(
    "A network trained with N:M sparse weights has the bits of the host reference, and its phantom takes the same time, traffic and energy, and less than "
    "dense") {
  const Scratch scratch;
  const std::string small = scratch.file("mlp.yaml", mlp);
  struct Row {
    std::string network, pattern;
    Sparsity sparsity;
  };
  for (const Row& row : {Row{"lenet5", "2:8", {2, 8}}, Row{"lenet5", "2:4", {2, 4}}, Row{small, "1:4", {1, 4}}}) {
    INFO(row.network << " " << row.pattern);
    const auto of = [&](const std::string& data, const std::string& pattern, const std::string& steps) {
      return run(scratch, row.network,
                 {"--mode", "training", "--batch", "8", "--steps", steps, "--data", data, "--set", "network.sparsity=" + pattern, "--set",
                  "devices.npu.sparse_group=8"});
    };
    const auto several = of("real", row.pattern, "3"), real = of("real", row.pattern, "1"), phantom = of("phantom", row.pattern, "1"),
               dense = of("real", "none", "1");
    check_equal_bits(several, reference_losses(row.network, 8, 3, {}, row.sparsity));
    CHECK(real["kernels"] == phantom["kernels"]);
    CHECK(phantom["components"]["npu"]["dynamic_j"] == real["components"]["npu"]["dynamic_j"]);
    CHECK(real["simulated_s"].get<double>() < dense["simulated_s"].get<double>());
    CHECK(real["activities"]["multiply-accumulate"].get<double>() < dense["activities"]["multiply-accumulate"].get<double>());
    CHECK(real["training"]["loss"] != dense["training"]["loss"]);
  }
}

TEST_CASE("A network trained with regular dropout has the bits of the host reference, and its phantom takes the same time, traffic and energy") {
  const Scratch scratch;
  const std::string network = scratch.file("drops.yaml", drops);
  for (const auto& [pattern, dropout] : {std::pair{"row", RegularDropout{2, 1}}, {"row", RegularDropout{3, 1}}, {"tile", RegularDropout{2, 32}}}) {
    INFO(pattern << " " << dropout.period);
    const auto of = [&](const std::string& data, const std::string& steps) {
      return run(scratch, network,
                 {"--mode", "training", "--batch", "8", "--steps", steps, "--data", data, "--set", std::string("network.dropout=") + pattern, "--set",
                  "network.dropout_period=" + std::to_string(dropout.period)});
    };
    // More steps than phases: firmware moves them on and round.
    check_equal_bits(of("real", "5"), reference_losses(network, 8, 5, {.dropout = dropout}));
    const auto real = of("real", "1"), phantom = of("phantom", "1");
    CHECK(real["kernels"] == phantom["kernels"]);
    CHECK(phantom["components"]["npu"]["dynamic_j"] == real["components"]["npu"]["dynamic_j"]);
  }
}

TEST_CASE("Fusion and residency change the time of a training, and no bit of it") {
  const Scratch scratch;
  const std::vector<std::string> common = {"--mode", "training", "--batch", "4", "--steps", "3", "--data", "real"};
  const auto with = [&](const std::string& setting) {
    std::vector<std::string> arguments = common;
    arguments.insert(arguments.end(), {"--set", setting});
    return run(scratch, "lenet5", arguments);
  };
  const auto both = run(scratch, "lenet5", common), unfused = with("network.fusion=false"), away = with("network.residency=false"),
             recomputed = with("network.activations=recompute");
  for (const auto* other : {&unfused, &away, &recomputed}) CHECK((*other)["training"] == both["training"]);
  CHECK(unfused["kernels"].size() > both["kernels"].size());
  CHECK(away["simulated_s"].get<double>() > both["simulated_s"].get<double>());
  const auto dram_bytes = [](const nlohmann::json& r) {
    double bytes = 0;
    for (const auto& k : r["kernels"]) bytes += k["dram_read_bytes"].get<double>() + k["dram_write_bytes"].get<double>();
    return bytes;
  };
  CHECK(dram_bytes(away) > dram_bytes(both));
}

TEST_CASE("Cores change the time of a training, and no bit of it; its phantom costs the same, and each core is area") {
  const Scratch scratch;
  const auto on = [&](const char* cores, const char* data) {
    return run(scratch, "lenet5",
               {"--mode", "training", "--batch", "16", "--steps", "2", "--data", data, "--set", std::string("devices.npu.cores=") + cores, "--set",
                "devices.npu.rows=16", "--set", "devices.npu.columns=16"});
  };
  const auto one = on("1", "real"), four = on("4", "real"), phantom = on("4", "phantom");
  CHECK(four["training"] == one["training"]);
  CHECK(four["kernels"] == phantom["kernels"]);
  CHECK(four["simulated_s"].get<double>() < one["simulated_s"].get<double>());
  const auto sum = [](const nlohmann::json& r, const char* key) {
    double all = 0;
    for (const auto& k : r["kernels"]) all += k[key].get<double>();
    return all;
  };
  CHECK(sum(four, "macs") == sum(one, "macs"));
  CHECK(sum(four, "compute_cycles") < sum(one, "compute_cycles") / 2);
  CHECK(four["components"]["npu"]["area_mm2"].get<double>() == Approx(4 * one["components"]["npu"]["area_mm2"].get<double>()));
  CHECK(four["components"]["npu"]["counters"].contains("core3_waiting_cycles"));
  CHECK(!one["components"]["npu"]["counters"].contains("core0_waiting_cycles"));
}

TEST_CASE("A phantom run takes the time, the traffic and the energy of the real one, kernel by kernel, and has no loss") {
  const Scratch scratch;
  for (const std::string mode : {"inference", "training"})
    for (const std::string& network : {std::string("lenet-paper"), scratch.file("mlp.yaml", mlp)}) {
      INFO(mode << " of " << network);
      const auto of = [&](const std::string& data) { return run(scratch, network, {"--mode", mode, "--batch", "16", "--steps", "1", "--data", data}); };
      const auto real = of("real"), phantom = of("phantom");
      // Each kernel starts and ends at the same picosecond and moves the same bytes.
      CHECK(real["kernels"] == phantom["kernels"]);
      CHECK(phantom["components"]["npu"]["counters"] == real["components"]["npu"]["counters"]);
      CHECK(phantom["components"]["npu"]["dynamic_j"] == real["components"]["npu"]["dynamic_j"]);
      CHECK((phantom["training"].is_null() || phantom["training"]["loss"].empty() || phantom["training"]["loss"].is_null()));
    }
}

TEST_CASE("A training under a schedule of precisions has the bits of the host reference on both sides of a switch, and its phantom costs the same") {
  const Scratch scratch;
  const std::string schedule = "0%:4/6 50%:8/12 80%:16/16";
  // Five steps: from 0, from ceil(2.5) = 3, from 4 on.
  const std::vector<spinvp_program_precision> rows = {{0, 4, 6}, {3, 8, 12}, {4, 16, 16}};
  const auto of = [&](const std::string& data, const std::string& precision, const std::string& with) {
    return run(scratch, "lenet5",
               {"--mode", "training", "--batch", "8", "--steps", "5", "--data", data, "--set", "devices.npu.mac_granule=4", "--set",
                "network.precision_schedule=" + with, "--set", "network.precision=" + precision});
  };
  const auto real = of("real", "fp32", schedule);
  check_equal_bits(real, reference_losses("lenet5", 8, 5, {}, {}, rows));
  check_equal_bits(of("real", "bf16", "0%:4/8 40%:8/8"),
                   reference_losses("lenet5", 8, 5, {.mixed_precision = true, .loss_scale = 1024}, {}, {{0, 4, 8}, {2, 8, 8}}));
  const auto phantom = of("phantom", "fp32", schedule);
  // Between steps the hart reports a loss, or none: later steps begin at other times, and meet refreshes of the DRAM elsewhere.
  const auto work = [](nlohmann::json kernels) {
    for (auto& k : kernels)
      for (const char* by_time : {"start_s", "end_s", "stall_cycles", "energy_j"}) k.erase(by_time);
    return kernels;
  };
  CHECK(work(real["kernels"]) == work(phantom["kernels"]));
  CHECK(real["components"]["npu"]["dynamic_j"] == phantom["components"]["npu"]["dynamic_j"]);
  // Narrow products take less of both.
  const auto whole = of("phantom", "fp32", "");
  CHECK(phantom["simulated_s"].get<double>() < whole["simulated_s"].get<double>());
  CHECK(phantom["activities"]["multiply-accumulate"].get<double>() < whole["activities"]["multiply-accumulate"].get<double>());
}

TEST_CASE("An inference with compressed weights reads fewer bytes of DRAM, says what it costs in accuracy, and costs its phantom the same") {
  const Scratch scratch;
  const std::vector<std::string> compressed = {"--set", "devices.npu.rebuild_lanes=128", "--set", "network.weight_compression.slice=3"};
  const auto of = [&](const std::string& data, bool with) {
    std::vector<std::string> arguments = {"--batch", "1", "--data", data};
    if (with) arguments.insert(arguments.end(), compressed.begin(), compressed.end());
    return run(scratch, "lenet5", arguments);
  };
  const auto plain = of("real", false), real = of("real", true), phantom = of("phantom", true);
  CHECK(real["kernels"] == phantom["kernels"]);
  CHECK(real["components"]["npu"]["dynamic_j"] == phantom["components"]["npu"]["dynamic_j"]);
  CHECK(real["activities"]["weight rebuilding"].get<double>() > 0);
  const auto read = [](const nlohmann::json& r) {
    double bytes = 0;
    for (const auto& k : r["kernels"]) bytes += k["dram_read_bytes"].get<double>();
    return bytes;
  };
  // lenet5 has 61,000 weights of 4 bytes; 2 of 4 pieces with 3 coefficients of 4 bits take 4 bytes for 12 of them.
  CHECK(read(real) < 0.3 * read(plain));
  std::vector<std::string> arguments = {"run", "--network", "lenet5", "--batch", "1", "--out", scratch.path("out")};
  arguments.insert(arguments.end(), compressed.begin(), compressed.end());
  CHECK(spinvp(arguments).err.find("relative error 0.") != std::string::npos);
}

TEST_CASE("Every network that ships runs as a phantom, inference and training, where the DRAM holds it") {
  const Scratch scratch;
  for (const std::string network : {"alexnet", "resnet18", "mobilenet-v2", "transformer-base"})
    for (const std::string mode : {"inference", "training"}) {
      INFO(network << " " << mode);
      const auto r = run(scratch, network, {"--mode", mode, "--data", "phantom"});
      CHECK(r["simulated_s"].get<double>() > 0);
      double macs = 0;
      for (const auto& k : r["kernels"]) macs += k["macs"].get<double>();
      CHECK(macs > 1e8);
    }
}

TEST_CASE("An ONNX model with its weights classifies the test images as the host does: 8 of 8 that it was trained for") {
  const Scratch scratch;
  const std::string out = scratch.path("out");
  const Outcome outcome = spinvp({"run", "--network", SPINVP_TUTORIAL_FOLDER "/digits.onnx", "--batch", "8", "--out", out});
  REQUIRE(outcome.status == 0);
  const Dataset digits = draw_digits();
  for (std::size_t i = 0; i < 8; ++i) {
    const std::string line = "result " + std::to_string(i) + ": class " + std::to_string(digits.test_labels[i]) + " of 10";
    INFO(line);
    CHECK(outcome.out.find(line) != std::string::npos);
  }
  bool found = false;
  const nlohmann::json r = report(out);
  for (const auto& artifact : r["artifacts"]) found = found || artifact["path"].get<std::string>().ends_with("digits.onnx");
  CHECK(found);
}

TEST_CASE("A network that cannot be run is refused with one line") {
  const Scratch scratch;
  const auto refuses = [&](std::vector<std::string> arguments, int status, const std::string& words) {
    arguments.insert(arguments.begin(), {"run", "-q", "--out", scratch.path("out")});
    const Outcome outcome = spinvp(arguments);
    INFO(outcome.err);
    CHECK(outcome.status == status);
    CHECK(outcome.error_lines() == 1);
    CHECK(outcome.err.find(words) != std::string::npos);
  };
  refuses({"--mode", "training"}, 64, "--mode belongs to a network");
  refuses({"--data", "phantom"}, 64, "--data belongs to a network");
  refuses({"--network", "lenet-paper", "--size", "sequence"}, 64, "must be name=extent");
  refuses({"--network", "resnet19"}, 65, "nearest is 'resnet18'");
  refuses({"--network", scratch.file("broken.onnx", "no model")}, 65, "broken.onnx");
  refuses({"--network", "lenet5", "--set", "network.sparsity=9:8"}, 65, "network.sparsity: '9:8' is not allowed: none, or N:M");
  refuses({"--network", "lenet5", "--set", "network.sparsity=2:8"}, 65, "network.sparsity: '2:8' is not allowed: devices.npu.sparse_group is 0");
  refuses({"--network", scratch.file("narrow.yaml", narrow), "--set", "network.sparsity=2:8", "--set", "devices.npu.sparse_group=8"}, 65,
          "no product of weights in");
  refuses({"--network", "lenet5", "--mode", "training", "--set", "network.dropout=row"}, 65,
          "network.dropout: 'row' is not allowed: lenet5 has no Dropout node");
  refuses({"--network", "lenet5", "--mode", "training", "--set", "network.dropout=row", "--set", "network.dropout_period=1"}, 65, "dropout_period");
  refuses({"--network", "dlrm-small", "--data", "phantom"}, 65, "DRAM");
  refuses({"--network", "lenet-paper", "--set", "devices.npu.enabled=false"}, 65, "no device of type npu");
  refuses({"--network", "lenet-paper", "--app", "hello"}, 64, "--app hello does not run networks");
  refuses({"--app", "runner"}, 64, "--app runner needs a network");
  refuses({"--network", "lenet-paper", "--set", "devices.onchip.enabled=false"}, 65, "lie in no memory");
  refuses({"--network", "resnet18", "--data", "phantom", "--set", "devices.onchip.size=1MiB"}, 65, "lie in no memory");
  refuses({"--network", "lenet-paper", "--batch", "3", "--set", "devices.npu.cores=2", "--set", "devices.npu.partition=batch"}, 65,
          "layer conv1, conv_forward: partition batch: 3 images do not divide by 2 cores; allowed are multiples of 2, or partition auto");
  refuses({"--network", "resnet18", "--data", "phantom", "--dataset", scratch.path("")}, 65, "takes no 28 x 28 images");
  refuses({"--network", "lenet-paper", "--set", "network.precision_schedule=0%:8/8"}, 65, "mac_granule");
  refuses({"--network", "lenet-paper", "--set", "devices.npu.mac_granule=4", "--set", "network.precision_schedule=50%:8/8"}, 65, "must begin at 0%");
  refuses({"--network", "lenet-paper", "--set", "devices.npu.mac_granule=4", "--set", "network.precision=bf16", "--set", "network.precision_schedule=0%:16/16"},
          65, "16 bits; allowed");
  const std::vector<std::string> slice = {"--network", "lenet-paper", "--set", "network.weight_compression.slice=3"};
  const auto with = [&](std::vector<std::string> more) {
    more.insert(more.begin(), slice.begin(), slice.end());
    return more;
  };
  refuses(slice, 65, "rebuild_lanes");
  refuses(with({"--set", "devices.npu.rebuild_lanes=8", "--mode", "training"}), 65, "a training changes its weights");
  refuses(with({"--set", "devices.npu.rebuild_lanes=8", "--set", "network.weight_compression.rank=4"}), 65, "allowed are 1 to 3");
  refuses(with({"--set", "devices.npu.rebuild_lanes=8", "--set", "network.weight_compression.kept=5"}), 65, "5 of a group of 4");
  const std::string head = "# Odd\nsource: made for this test\ninput: {x: [$batch, 8]}\nlayers:\n";
  refuses({"--network", scratch.file("empty.yaml", head + "- {Slice: cut, starts: [0], ends: [0], axes: [1]}\n- Relu\n")}, 65, "without elements");
}

TEST_CASE("Tensors stay inside the on-chip memory that there is, whatever its size and the tiles' beginning") {
  const Scratch scratch;
  const auto dram_bytes = [&](std::vector<std::string> settings) {
    std::vector<std::string> arguments = {"--data", "phantom", "--batch", "4"};
    for (const std::string& setting : settings) arguments.insert(arguments.end(), {"--set", setting});
    double bytes = 0;
    const auto r = run(scratch, "resnet18", arguments);
    for (const auto& k : r["kernels"]) bytes += k["dram_read_bytes"].get<double>() + k["dram_write_bytes"].get<double>();
    return bytes;
  };
  const double least = dram_bytes({}), little = dram_bytes({"devices.onchip.size=16MiB"}), none = dram_bytes({"devices.onchip.size=8MiB"});
  CHECK(least < little);
  CHECK(little < none);
  CHECK(dram_bytes({"devices.npu.scratch_size=8000003"}) == Approx(least).epsilon(0.05));
}

TEST_CASE("A layer with a name too long for a marker keeps a region of its own") {
  const Scratch scratch;
  const std::string long_name(100, 'n');
  const std::string network = scratch.file("names.yaml", "# Names\nsource: made for this test\ninput: {x: [$batch, 8]}\nlayers:\n- {linear: " + long_name +
                                                             "1, features: 8}\n- {linear: " + long_name + "2, features: 8}\n");
  const auto r = run(scratch, network, {"--batch", "2"});
  std::set<std::string> layers;
  for (const auto& k : r["kernels"])
    if (k["name"] == "gemm") layers.insert(k["layer"].get<std::string>());
  CHECK(layers.size() == 2);
  for (const std::string& layer : layers) CHECK(layer.find("nnnn") != std::string::npos);
}

}  // namespace spinvp::test
