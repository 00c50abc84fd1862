// `spinvp reproduce`: the contract's keys, the memory claims against simulations, and the page of docs/fidelity.md that it printed.
#include <algorithm>
#include <map>

#include <catch2/catch.hpp>

#include "program.h"

using namespace spinvp::test;

namespace {

nlohmann::json document_of(const std::string& what) {
  const Outcome outcome = spinvp::test::spinvp({"reproduce", what, "--json", "-q"});
  CHECK(outcome.status == 0);
  CHECK(outcome.err.empty());
  return nlohmann::json::parse(outcome.out);
}

void check_contract(const nlohmann::json& document) {
  CHECK(document["schema"] == "spinvp-reproduce/1");
  for (const auto& claim : document["claims"]) {
    for (const char* key : {"source", "claim", "regime", "boundary", "published", "computed", "low", "high", "assumptions", "spread"})
      CHECK(claim.contains(key));
    const std::string boundary = claim["boundary"];
    CHECK((boundary == "device" || boundary == "supply" || boundary == "array" || boundary == "chip" || boundary == "system"));
    CHECK(claim["computed"].is_number());
    CHECK(claim["low"].get<double>() <= claim["computed"].get<double>());
    CHECK(claim["high"].get<double>() >= claim["computed"].get<double>());
    CHECK(!claim["assumptions"].empty());
    CHECK(claim["spread"].is_object());
  }
  for (const auto& constant : document["constants"]) {
    INFO(constant.dump());
    const std::string source = constant["source"];
    CHECK((source.starts_with("published:") || source.starts_with("derived:") || source.starts_with("assumed:")));
  }
}

}  // namespace

TEST_CASE("reproduce gives one document whose claims have the contract's keys, and all is pim and memory with the abstracts' factors") {
  const auto pim = document_of("pim"), all = document_of("all");
  const std::size_t of_pim = pim["claims"].size();
  CHECK(of_pim > 100);
  REQUIRE(all["claims"].size() > of_pim + 100);
  check_contract(pim);
  check_contract(all);
  for (const char* key : {"claims", "verdict", "constants"})
    for (std::size_t i = 0; i < pim[key].size(); ++i) CHECK(all[key][i] == pim[key][i]);
  std::map<std::string, nlohmann::json> published;
  for (std::size_t i = of_pim; i < all["claims"].size(); ++i) {
    const auto& claim = all["claims"][i];
    const auto [known, fresh] = published.try_emplace(claim["claim"], claim["published"]);
    CHECK((fresh || known->second == claim["published"]));
  }
  CHECK(published.size() == 9);
  CHECK(published.at("energy of vision training, SRAM / SOT") == 8);
  CHECK(published.at("latency of vision training, SRAM / SOT") == 9);
  CHECK(published.at("energy of language training, SRAM / SOT") == 8);
  CHECK(published.at("latency of language training, SRAM / SOT") == 4.5);
  CHECK(published.at("area at equal capacity, SOT / SRAM") == 0.5);
  // The abstract names none.
  for (const auto& [name, value] : published)
    if (name.find("inference") != std::string::npos) CHECK(value.is_null());
}

// The settings of a point make the simulator run it. Counts are the same but for descriptors, programs and feeds; time leaves out firmware, row misses and bank conflicts, the DRAM's energy the
// activates of rows that close each other: docs/memory-system.md has the table.
TEST_CASE("The closed forms of the memory claims agree with simulations of the same points: bytes within 5 %, time within 10 %, energy within 10 %") {
  const Scratch scratch;
  const auto document = document_of("memory");
  struct Row {
    std::string network, mode, regime, side;
  };
  for (const Row& row : {Row{"resnet18", "training", "equal capacity", "sram"}, Row{"resnet18", "training", "equal capacity", "sot"},
                         Row{"resnet18", "training", "naive SRAM", "sram"}, Row{"transformer-base", "inference", "equal area", "sot"},
                         Row{"mobilenet-v2", "inference", "mixed flavours", "sram"}}) {
    INFO(row.network << ' ' << row.mode << ", " << row.regime << ", " << row.side);
    const auto& points = document["points"];
    const auto found = std::find_if(points.begin(), points.end(),
                                    [&](const auto& p) { return p["network"] == row.network && p["mode"] == row.mode && p["regime"] == row.regime; });
    REQUIRE(found != points.end());
    const auto& model = (*found)[row.side];
    std::vector<std::string> arguments = {"run", "-q",      "--network", row.network, "--mode",  row.mode, "--batch",
                                          "16",  "--steps", "1",         "--data",    "phantom", "--out",  scratch.path("out")};
    for (const std::string setting : model["settings"]) arguments.insert(arguments.end(), {"--set", setting});
    const Outcome outcome = spinvp::test::spinvp(arguments);
    INFO(outcome.err);
    REQUIRE(outcome.status == 0);
    const auto r = report(scratch.path("out"));
    std::map<std::string, double> sum;
    for (const auto& kernel : r["kernels"]) {
      if (kernel["unit"] != "npu") continue;
      for (const char* key : {"macs", "dram_read_bytes", "dram_write_bytes", "onchip_read_bytes", "onchip_write_bytes"}) sum[key] += kernel[key].get<double>();
      sum["time_ms"] += 1e3 * (kernel["end_s"].get<double>() - kernel["start_s"].get<double>());
    }
    const auto near = [&](const char* key, double simulated, double share) {
      INFO(key << ": model " << model[key] << ", simulated " << simulated);
      CHECK(model[key].get<double>() == Approx(simulated).epsilon(share));
    };
    CHECK(model["macs"].get<double>() == sum["macs"]);
    for (const char* key : {"dram_read_bytes", "dram_write_bytes", "onchip_read_bytes", "onchip_write_bytes"}) near(key, sum[key], 0.05);
    near("time_ms", sum["time_ms"], 0.10);
    const auto& c = r["components"];
    near("onchip_dynamic_mj", 1e3 * c["onchip"]["dynamic_j"].get<double>(), 0.05);
    near("onchip_static_mj", 1e3 * c["onchip"]["static_j"].get<double>(), 0.10);
    near("npu_dynamic_mj", 1e3 * c["npu"]["dynamic_j"].get<double>(), 0.01);
    near("links_mj", 1e3 * c["interconnect"]["dynamic_j"].get<double>(), 0.03);
    double chip = 0;
    for (const char* component : {"onchip", "npu", "interconnect", "dram"})
      chip += 1e3 * (c[component]["dynamic_j"].get<double>() + c[component]["static_j"].get<double>());
    near("energy_mj", chip, 0.10);
  }
}

TEST_CASE("An unknown headline is wrong usage") { CHECK(spinvp::test::spinvp({"reproduce", "everything"}).status == 64); }

// To renew: put what `spinvp reproduce pim` and `spinvp reproduce memory` print between the lines of their code blocks.
TEST_CASE("docs/fidelity.md holds what reproduce prints") {
  const std::string page = contents(SPINVP_DOCS_FOLDER "/fidelity.md");
  for (const char* what : {"pim", "memory"}) {
    const std::string printed = spinvp::test::spinvp({"reproduce", what}).out;
    REQUIRE(printed.find("\nVerdict\n") != std::string::npos);
    CHECK(page.find("```text\n" + printed + "```\n") != std::string::npos);
  }
}
