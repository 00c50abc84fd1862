// The networks that ship have the parameters and multiply-accumulates of their publications.
#include <catch2/catch.hpp>

#include "graph_support.h"
#include "workloads/import/import.h"
#include "workloads/networks/shipped.h"

using namespace spinvp;
using namespace spinvp::workloads;
using namespace spinvp::workloads::test;

namespace {

// Of a Transformer layer: four projections and two feed-forward layers for each token, and each token's two products with all `others` tokens.
constexpr std::uint64_t layer_macs(std::uint64_t tokens, std::uint64_t width, std::uint64_t inner, std::uint64_t others) {
  return tokens * (4 * width * width + 2 * width * inner) + 2 * tokens * others * width;
}

struct Row {
  const char* name;
  std::uint64_t parameters, macs;
};

}  // namespace

TEST_CASE("Parameters and multiply-accumulates equal the published totals") {
  // Exact totals; what is published is their rounding, asserted below.
  const std::uint64_t bert = 12 * layer_macs(512, 768, 3072, 512) + 768 * 768;               // and the pooler on one token
  const std::uint64_t gpt = 12 * layer_macs(1024, 768, 3072, 1024) + 1024ull * 768 * 50257;  // and the tied head
  const std::uint64_t encoder = 6 * layer_macs(128, 512, 2048, 128);
  // A decoder layer has a second attention: its queries and output for the target's tokens, its keys and values for the source's.
  const std::uint64_t decoder = encoder + 6ull * (4 * 128 * 512 * 512 + 2 * 128 * 128 * 512);
  const Row rows[] = {
      // 6 (25 + 1) + 16 (150 + 1) + 120 (400 + 1) + 84 x 121 + 10 x 85; 28^2 x 150 + 10^2 x 2400 + 48,000 + 10,080 + 840.
      {"lenet5", 61706, 416520},
      // 10 x 26 + 20 x 251 + 50 x 321 + 10 x 51: the papers' 21,840; 24^2 x 250 + 8^2 x 5000 + 16,000 + 500.
      {"lenet-paper", 21840, 480500},
      // torchvision: 61,100,840 and 0.71 G.
      {"alexnet", 61100840, 714188480},
      // 138,357,544 (Simonyan: 138 M) and 15.47 G.
      {"vgg16", 138357544, 15470264320},
      // 11,689,512 and 1.81 G.
      {"resnet18", 11689512, 1814073344},
      // 25,557,032 and 4.09 G, the stride in the 3 x 3 convolutions.
      {"resnet50", 25557032, 4089184256},
      // 3,504,872 and 0.30 G.
      {"mobilenet-v2", 3504872, 300774272},
      // (30,522 + 512 + 2) 768 + 2 x 768 + 12 (12 x 768^2 + 13 x 768) + 768 x 769: the published checkpoint's 109,482,240 (110 M in the paper).
      {"bert-base", 109482240, bert},
      // (50,257 + 1,024) 768 + 12 (12 x 768^2 + 13 x 768) + 2 x 768: the published checkpoint's 124,439,808.
      {"gpt2-small", 124439808, gpt},
      // 37,000 x 512 + 6 (4 x 512^2 + w + 4 x 512) + 6 (8 x 512^2 + w + 6 x 512), w = 2 x 512 x 2048 + 2048 + 512: 63.0 M; the paper rounds to 65 M.
      {"transformer-base", 63045632, encoder + decoder + 128ull * 512 * 37000},
      // 33,762,577 rows x 16 + 155,984 (bottom) + 320,001 (top): 540.7 M, the paper's 540 M. Bottom 155,136, interaction 27 x 27 x 16, top 367 x 512 + 512 x 256 + 256.
      {"dlrm-small", 540677217, 155136 + 27 * 27 * 16 + 319232},
  };
  CHECK(shipped_networks().size() == std::size(rows));
  for (const Row& row : rows) {
    INFO(row.name);
    const Graph graph = import_network(row.name);
    CHECK(graph.parameters() == row.parameters);
    CHECK(macs_of(graph) == row.macs);
    CHECK(macs_of(import_network(row.name, {.batch = 3})) == 3 * row.macs);
  }
}

TEST_CASE("The totals round to the published figures") {
  const auto published = [](const char* name, double parameters_m, double within_m, double macs_g) {
    INFO(name);
    const Graph graph = import_network(name);
    CHECK(static_cast<double>(graph.parameters()) / 1e6 == Approx(parameters_m).margin(within_m));
    if (macs_g > 0) CHECK(static_cast<double>(macs_of(graph)) / 1e9 == Approx(macs_g).margin(0.005));
  };
  published("resnet50", 25.56, 0.005, 4.09);
  published("vgg16", 138.36, 0.005, 15.47);
  published("alexnet", 61.1, 0.05, 0.71);
  published("mobilenet-v2", 3.50, 0.006, 0.30);
  published("bert-base", 109.5, 0.05, 0);
  published("gpt2-small", 124.4, 0.05, 0);
}

TEST_CASE("Every shipped network says where its shapes are published") {
  for (const ShippedNetwork& network : shipped_networks()) {
    INFO(network.name);
    CHECK_FALSE(network.about().empty());
    CHECK(network.text.find("\nsource: ") != std::string::npos);
  }
}
