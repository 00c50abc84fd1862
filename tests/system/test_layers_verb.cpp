// `spinvp layers`: the fold law for every layer, the keys of its document, what is refused.
#include <algorithm>
#include <catch2/catch.hpp>
#include <sstream>

#include "program.h"

using namespace spinvp::test;
using Json = nlohmann::json;

namespace {

Outcome layers(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "layers");
  return spinvp::test::spinvp(arguments);
}

Json document(std::vector<std::string> arguments) {
  arguments.emplace_back("--json");
  const Outcome outcome = layers(std::move(arguments));
  INFO(outcome.err);
  REQUIRE(outcome.status == 0);
  CHECK(outcome.err.empty());
  return Json::parse(outcome.out);
}

const char* const convolutions =
    "Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, Strides,\n"
    "Conv1,224,224,7,7,3,64,2,\n"
    "Conv3_s,56,56,1,1,64,128,2,\n"
    "FC,1,1,1,1,512,1000,1,\n";

}  // namespace

TEST_CASE("Compute cycles are folds x cycles per fold, in every dataflow and at every array") {
  const Scratch scratch;
  const std::string file = scratch.file("t.csv", convolutions);
  // Outputs of ceil((H - R + stride) / stride): 110 x 110, 29 x 29, 1.
  const long shapes[][3] = {{12100, 64, 147}, {841, 128, 64}, {1, 1000, 512}};
  for (const std::string dataflow : {"os", "ws", "is"})
    for (const auto& [rows, columns] : {std::pair{8L, 8L}, {32L, 32L}, {16L, 128L}, {256L, 256L}}) {
      const Json j = document({file, "--array", std::to_string(rows) + "x" + std::to_string(columns), "--dataflow", dataflow});
      REQUIRE(j["layers"].size() == 3);
      long total = 0;
      for (std::size_t i = 0; i < 3; ++i) {
        const auto [m, n, k] = shapes[i];
        // What lies on rows and columns, and what streams past.
        const long on_rows = dataflow == "os" ? m : k, on_columns = dataflow == "is" ? m : n, streams = dataflow == "os" ? k : dataflow == "ws" ? m : n;
        const long folds = ((on_rows + rows - 1) / rows) * ((on_columns + columns - 1) / columns);
        const long cycles = folds * ((dataflow == "os" ? rows : 2 * rows) + columns + streams - 2);
        CHECK(j["layers"][i]["compute_cycles"] == cycles);
        CHECK(j["layers"][i]["macs"] == m * n * k);
        CHECK(j["layers"][i]["utilisation"].get<double>() ==
              Approx(static_cast<double>(m * n * k) / static_cast<double>(cycles * rows * columns)).epsilon(1e-12));
        total += cycles;
      }
      CHECK(j["total_cycles"] == total);
    }
}

TEST_CASE("Pipelined folds: a layer's first fold takes its full time, the others their stream or the array's rows, whichever is longer") {
  const Scratch scratch;
  const std::string file = scratch.file("t.csv", convolutions);
  const Json j = document({file, "--array", "32x32", "--fold-cost", "pipelined"});
  CHECK(j["fold_cost"] == "pipelined");
  // Output stationary: 379 x 2, 27 x 4 and 1 x 32 folds that stream 147, 64 and 512.
  CHECK(j["layers"][0]["compute_cycles"] == (32 + 32 + 147 - 2) + (379 * 2 - 1) * 147);
  CHECK(j["layers"][1]["compute_cycles"] == (32 + 32 + 64 - 2) + (27 * 4 - 1) * 64);
  CHECK(j["layers"][2]["compute_cycles"] == (32 + 32 + 512 - 2) + (1 * 32 - 1) * 512);
  CHECK(document({file})["fold_cost"] == "exact");
}

TEST_CASE("Cores share a layer: whole folds, the longest part counts, and the partition can be named") {
  const Scratch scratch;
  const std::string file = scratch.file("t.csv", convolutions);
  const auto cycles = [&](std::vector<std::string> more) {
    more.insert(more.begin(), {file, "--array", "32x32"});
    std::vector<long> all;
    const Json answer = document(more);
    for (const auto& layer : answer["layers"]) all.push_back(layer["compute_cycles"].get<long>());
    return all;
  };
  // Outputs 12100 x 64, 841 x 128, 1 x 1000: 379 x 2, 27 x 4 and 1 x 32 folds. Four cores: 379 x 2 in 190 x 1, 27 x 1, 1 x 8.
  const std::vector<long> one = cycles({}), four = cycles({"--cores", "4"});
  const std::vector<long> fold = {32 + 32 + 147 - 2, 32 + 32 + 64 - 2, 32 + 32 + 512 - 2};
  CHECK(one == std::vector<long>{379 * 2 * fold[0], 27 * 4 * fold[1], 32 * fold[2]});
  CHECK(four == std::vector<long>{190 * fold[0], 27 * fold[1], 8 * fold[2]});
  // By channels: 16 of 64 still take a fold of 32 columns.
  const Json channels = document({file, "--array", "32x32", "--cores", "4", "--partition", "channels"});
  CHECK(channels["layers"][0]["compute_cycles"] == 379 * fold[0]);
  CHECK(channels["cores"] == 4);
  CHECK(channels["partition"] == "channels");
  CHECK(channels["layers"][0]["utilisation"].get<double>() == Approx(12100.0 * 64 * 147 / (379.0 * static_cast<double>(fold[0]) * 32 * 32 * 4)));
}

TEST_CASE("The document has the keys of the contract, and passes stand apart from layers") {
  const Json j = document({"lenet-paper", "--array", "32x32", "--batch", "2"});
  CHECK(j["parameters"] == 21840);
  CHECK(j["batch"] == 2);
  CHECK(j["total_macs"] == 2 * 480500);
  REQUIRE(j["layers"].size() == 4);
  const Json& conv = j["layers"][0];
  CHECK(conv["name"] == "conv1");
  // fp32: two images of 28 x 28, ten filters of 25 and their biases, two outputs of 10 x 24 x 24.
  CHECK(conv["input_bytes"] == 4 * 2 * 784);
  CHECK(conv["weight_bytes"] == 4 * 260);
  CHECK(conv["output_bytes"] == 4 * 2 * 5760);
  CHECK(conv["products"] == Json::parse(R"([{"count": 1, "m": 1152, "n": 10, "k": 25}])"));
  // Two poolings and three ReLUs; Flatten moves nothing.
  CHECK(j["passes"].size() == 5);
}

TEST_CASE("A network for people: a line a layer, a sum, the passes by kind") {
  const Outcome outcome = layers({"resnet18"});
  CHECK(outcome.status == 0);
  CHECK(outcome.out.find("resnet18: 11689512 parameters; array 128x128, dataflow os, memory never late") != std::string::npos);
  CHECK(outcome.out.find("layer4.1.conv2") != std::string::npos);
  CHECK(outcome.out.find("BatchNormalization") != std::string::npos);
  CHECK(outcome.out.find("layer4.1.bn2") == std::string::npos);
  CHECK(layers({"resnet18", "-v"}).out.find("layer4.1.bn2") != std::string::npos);
}

TEST_CASE("A size of the network can be changed") {
  const auto macs = [](const char* size) { return document({"gpt2-small", "--size", size})["total_macs"].get<double>(); };
  CHECK(macs("sequence=1024") > 4 * macs("sequence=256"));
}

TEST_CASE("Wrong usage, wrong input and missing files have their statuses and one line") {
  const Scratch scratch;
  const auto refuses = [](std::vector<std::string> arguments, int status, const std::string& part) {
    const Outcome outcome = layers(std::move(arguments));
    INFO(outcome.err);
    CHECK(outcome.status == status);
    CHECK(outcome.error_lines() == 1);
    CHECK(outcome.err.find(part) != std::string::npos);
  };
  refuses({}, 64, "NETWORK");
  refuses({"lenet5", "--array", "32"}, 64, "--array 32: rows and columns are needed, as 32x32");
  refuses({"lenet5", "--array", "0x8"}, 64, "allowed are whole numbers from 1 to 4096");
  refuses({"lenet5", "--dataflow", "rs"}, 64, "--dataflow");
  refuses({"lenet5", "--batch", "-1"}, 64, "--batch");
  refuses({"lenet5", "--cores", "17"}, 64, "--cores 17: allowed are whole numbers from 1 to 16");
  refuses({"lenet5", "--partition", "columns"}, 64, "--partition");
  refuses({"lenet5", "--batch", "3", "--cores", "4", "--partition", "batch"}, 65, "partition batch: 3 images do not divide by 4 cores");
  refuses({"lenet5", "--size", "sequence"}, 64, "must be name=extent");
  refuses({"lenet5", "--size", "sequence=3"}, 65, "has no size 'sequence'");
  refuses({"lenet6"}, 65, "nearest is 'lenet5'");
  refuses({scratch.path("absent.onnx")}, 74, "absent.onnx: cannot be read");
  refuses({scratch.file("bad.onnx", std::string(2000, '\x5a'))}, 65, "bad.onnx: no ONNX model");
  refuses({scratch.file("bad.yaml", "input: {x: [1, 4]}\nlayers:\n- {wobble: a}\n")}, 65, "bad.yaml:3:3: layer 'a' (wobble): unknown kind of layer");
}

TEST_CASE("An unknown operator is refused, or listed as a pass that is not known") {
  const Scratch scratch;
  const std::string file =
      scratch.file("odd.yaml", "input: {x: [1, 4]}\nlayers:\n- {linear: a, features: 8}\n- {Wobble: odd, depth: 3}\n- {linear: b, features: 2}\n");
  CHECK(layers({file}).status == 65);
  const Json j = document({file, "--allow-unknown"});
  CHECK(j["layers"].size() == 2);
  REQUIRE(j["passes"].size() == 1);
  CHECK(j["passes"][0]["name"] == "odd");
  CHECK(j["passes"][0]["known"] == false);
  CHECK(j["passes"][0]["elements"] == 8);
}

TEST_CASE("The page about networks shows what the program prints, and its example is a network") {
  const std::string page = contents(std::string(SPINVP_DOCS_FOLDER) + "/networks.md");
  const Outcome outcome = layers({"lenet-paper", "--array", "32x32"});
  std::string shown;
  std::istringstream lines(outcome.out);
  for (std::string line; std::getline(lines, line);) shown += (line.empty() ? "" : "    ") + line + '\n';
  CHECK(page.find("    $ build/spinvp layers lenet-paper --array 32x32\n" + shown) != std::string::npos);
  const std::size_t begin = page.find("```yaml\n") + 8;
  const Scratch scratch;
  const Json j = document({scratch.file("example.yaml", page.substr(begin, page.find("```", begin) - begin)), "--batch", "2"});
  // A table of 1000 x 32, used twice; four times 32 x 128 + 128 + 128 x 32 + 32 and two vectors of the norm.
  CHECK(j["parameters"] == 32000 + 4 * (4096 + 128 + 4096 + 32 + 64));
}

TEST_CASE("What layers ask of memories, in a training step too: rows with phases, sums, banks, a knee") {
  const Json j = document(
      {"lenet-paper", "--batch", "64", "--traffic", "--mode", "training", "--onchip", "64MiB,1MiB,1MiB..4MiB", "--tech", "sot", "--bank-size", "2MiB"});
  const Json& traffic = j["traffic"];
  CHECK(traffic["mode"] == "training");
  CHECK(traffic["onchip_bytes"] == Json::parse("[1048576, 2097152, 4194304, 67108864]"));
  REQUIRE(traffic["phases"].size() == 3);
  for (std::size_t c = 0; c < 4; ++c) {
    long sum = 0, rows = 0;
    for (const Json& phase : traffic["phases"]) sum += phase["dram_bytes"][c].get<long>();
    for (const Json& row : traffic["layers"]) rows += row["dram_bytes"][c].get<long>();
    CHECK(traffic["total_dram_bytes"][c] == sum);
    CHECK(rows == sum);
  }
  CHECK(traffic["array"]["compute_cycles"] == j["total_cycles"]);
  REQUIRE(traffic["banks"].size() == 1);
  CHECK(traffic["banks"][0]["technology"] == "sot");
  CHECK(traffic["banks"][0]["bank_bytes"] == 2 << 20);
  // 64 MiB of tensors and 8 of scratch in banks of 2 MiB.
  CHECK(traffic["banks"][0]["banks"][3] == 36);
  CHECK(traffic["knee"]["floor_bytes"].get<long>() >= traffic["compulsory_bytes"].get<long>());
  // Without --traffic: the products of the step.
  CHECK(document({"lenet-paper", "--batch", "64", "--mode", "training"})["total_macs"].get<long>() >
        2 * document({"lenet-paper", "--batch", "64"})["total_macs"].get<long>());
  // Half the bytes in bf16.
  CHECK(2 * document({"lenet-paper", "--precision", "bf16"})["layers"][0]["input_bytes"].get<long>() ==
        document({"lenet-paper"})["layers"][0]["input_bytes"].get<long>());
}

TEST_CASE("Questions about memories that cannot be answered are refused in one line") {
  const Scratch scratch;
  const auto refuses = [](std::vector<std::string> arguments, int status, const std::string& part) {
    const Outcome outcome = layers(std::move(arguments));
    INFO(outcome.err);
    CHECK(outcome.status == status);
    CHECK(outcome.error_lines() == 1);
    CHECK(outcome.err.find(part) != std::string::npos);
  };
  refuses({"lenet5", "--traffic", "--onchip", "2MiB,,8MiB"}, 64, "--onchip 2MiB,,8MiB: '' is no size, allowed are sizes up to 1TiB as 2MiB,64MiB");
  refuses({"lenet5", "--traffic", "--onchip", ""}, 64, "--onchip: allowed is no empty text");
  refuses({"lenet5", "--traffic", "--onchip", "lots"}, 64, "'lots' is no size");
  refuses({"lenet5", "--traffic", "--onchip", "8MiB..2MiB"}, 64, "the smaller size first");
  refuses({"lenet5", "--traffic", "--onchip", "-1MiB"}, 64, "'-1MiB' is no size");
  refuses({"lenet5", "--traffic", "--tech", "sot,dram"}, 64, "--tech 'dram': no such technology, allowed are sram, stt, sot");
  refuses({"lenet5", "--traffic", "--tech", "sot,"}, 64, "--tech '': no such technology");
  refuses({"lenet5", "--traffic", "--bank-size", "3MiB"}, 64, "--bank-size 3MiB: allowed is a power of two from 16KiB to 512MiB");
  refuses({"lenet5", "--onchip", "2MiB"}, 64, "--onchip is about memories, allowed is it with --traffic");
  refuses({"lenet5", "--summary"}, 64, "--summary is about memories");
  refuses({"lenet5", "lenet-paper", "--traffic"}, 64, "one network, allowed are several with --summary");
  refuses({"lenet5", "--traffic", "--mode", "learning"}, 64, "--mode");
  refuses({"lenet5", "--traffic", "--optimiser", "adam"}, 64, "--optimiser is of a training, allowed is it with --mode training");
  const std::string topology = scratch.file("t.csv", convolutions);
  refuses({topology, "--traffic", "--mode", "training"}, 65, "t.csv");
  const std::string odd = scratch.file("odd.yaml", "input: {x: [1, 4]}\nlayers:\n- {linear: a, features: 8}\n- {Wobble: odd}\n");
  refuses({odd, "--traffic", "--mode", "training", "--allow-unknown"}, 65, "node 'odd'");
}

TEST_CASE("The page about demand shows what the program prints") {
  // A line without the blanks of its columns, which depend on the other networks.
  const auto words = [](const std::string& line) {
    std::istringstream text(line);
    std::string all;
    for (std::string word; text >> word;) all += word + ' ';
    return all;
  };
  std::vector<std::string> page;
  std::istringstream lines(contents(std::string(SPINVP_DOCS_FOLDER) + "/demand.md"));
  for (std::string line; std::getline(lines, line);) page.push_back(words(line));
  std::vector<std::vector<std::string>> questions;
  for (const char* mode : {"inference", "training"}) {
    questions.push_back({"lenet-paper", "resnet18", "--batch", "16", "--mode", mode});
    questions.push_back({"transformer-base", "--batch", "8", "--mode", mode});
  }
  for (std::vector<std::string> question : questions) {
    question.insert(question.end(), {"--traffic", "--summary", "--onchip", "2MiB,8MiB,32MiB,64MiB,256MiB"});
    std::istringstream printed(layers(question).out);
    std::size_t count = 0;
    for (std::string line; std::getline(printed, line); ++count) {
      INFO(line << ": tools/fill-demand.sh renews the page");
      CHECK(std::find(page.begin(), page.end(), words(line)) != page.end());
    }
    CHECK(count >= 2);
  }
}

TEST_CASE("The shipped networks are listed") {
  const Outcome outcome = spinvp::test::spinvp({"list", "networks"});
  CHECK(outcome.status == 0);
  for (const char* name :
       {"lenet5", "lenet-paper", "alexnet", "vgg16", "resnet18", "resnet50", "mobilenet-v2", "bert-base", "gpt2-small", "transformer-base", "dlrm-small"})
    CHECK(outcome.out.find(name) != std::string::npos);
}
