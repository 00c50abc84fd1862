// `spinvp memory`: what is asked, what is answered, what is refused.
#include <catch2/catch.hpp>

#include <fstream>
#include <sstream>

#include "program.h"
#include "tests/unit/technology/import_samples.h"

using namespace spinvp::test;
namespace samples = spinvp::technology::test;
using Json = nlohmann::json;

namespace {

Outcome memory(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "memory");
  return spinvp::test::spinvp(arguments);
}

std::string text(const std::vector<std::string>& arguments) {
  const Outcome outcome = memory(arguments);
  INFO(outcome.err);
  CHECK(outcome.status == 0);
  return outcome.out;
}

Json document(std::vector<std::string> arguments) {
  arguments.emplace_back("--json");
  const Outcome outcome = memory(arguments);
  INFO(outcome.err);
  CHECK(outcome.status == 0);
  CHECK(outcome.err.empty());
  return Json::parse(outcome.out);
}

const std::vector<std::string> figures{"area_mm2", "read_ns", "write_ns", "read_pj", "write_pj", "leakage_mw", "read_gbps", "write_gbps"};

}  // namespace

TEST_CASE("A macro of each technology has every key of the contract, and sources for its constants") {
  for (const char* tech : {"sram", "stt", "sot"}) {
    const Json j = document({"--tech", tech, "--capacity", "1MiB"});
    INFO(j.dump(1));
    CHECK(j["tech"] == tech);
    CHECK(j["capacity_bytes"] == 1 << 20);
    CHECK(j["word_bits"] == 512);
    CHECK(j["node_nm"] == 22);
    CHECK(j["temperature_k"] == 350);
    CHECK(j["transistors"] == "lop");
    for (const std::string& key : figures) CHECK(j[key] > 0);
    const bool sram = std::string(tech) == "sram";
    CHECK(j["retention_s"].is_null() == sram);
    CHECK(j["thermal_stability"].is_null() == sram);
    // Which leakage was used, the constant that decides most.
    CHECK(j["sram_leakage"] == (sram ? Json("node") : Json()));
    CHECK_FALSE(j["constants"].empty());
    for (const Json& constant : j["constants"]) {
      const std::string source = constant["source"];
      CHECK((source.starts_with("published:") || source.starts_with("derived:") || source.starts_with("assumed:")));
    }
    // A word a cycle.
    CHECK(j["read_gbps"].get<double>() * j["read_cycle_ns"].get<double>() == Approx(64));
    // The parts sum up to the whole.
    for (const char* key : {"area_mm2", "read_ns", "write_ns", "read_pj", "write_pj", "leakage_mw"}) {
      double sum = 0;
      for (const auto& [part, value] : j["parts"][key].items()) sum += value.get<double>();
      INFO(key);
      CHECK(sum == Approx(j[key].get<double>()).epsilon(1e-6));
    }
  }
}

TEST_CASE("Options reach the array: capacity, word, node, temperature, transistors, leakage preset") {
  const Json base = document({"--tech", "sram", "--capacity", "1MiB"});
  const auto with = [&](const char* option, const char* value, const char* key) {
    return document({"--tech", "sram", "--capacity", "1MiB", option, value})[key].get<double>() / base[key].get<double>();
  };
  CHECK(document({"--tech", "sram", "--capacity", "4MiB"})["area_mm2"] > base["area_mm2"]);
  CHECK(with("--word-bits", "64", "read_pj") < 0.5);
  CHECK(with("--node", "45nm", "area_mm2") > 3);
  CHECK(with("--temperature", "300K", "leakage_mw") < 1);
  CHECK(with("--transistors", "hp", "leakage_mw") > 10);
  CHECK(with("--sram-leakage", "scope", "leakage_mw") < 1);
  CHECK(document({"--tech", "sram", "--capacity", "1MiB", "--sram-leakage", "scope"})["sram_leakage"] == "scope");
  CHECK(document({"--tech", "sram", "--capacity", "1MiB", "--node", "22"})["area_mm2"] == base["area_mm2"]);
}

TEST_CASE("People see the figures, what they are made of, the leakage preset and the sources") {
  const std::string page = text({"--tech", "sram", "--capacity", "1MiB"});
  for (const char* word : {"sram of 1MiB", "area", "read bandwidth", "what it is made of", "SRAM leakage node: derived:", "retention", "published:"}) {
    INFO(word);
    CHECK(page.find(word) != std::string::npos);
  }
}

TEST_CASE("A comparison goes over technologies and powers of two, as table, CSV and document") {
  const std::vector<std::string> asked{"--compare", "sram,stt,sot", "--capacity", "1MiB..4MiB"};
  const std::string table = text(asked);
  for (const char* word : {"tech", "capacity", "4MiB", "sot: cell sot-2t", "SRAM leakage node"}) CHECK(table.find(word) != std::string::npos);
  auto csv_arguments = asked;
  csv_arguments.emplace_back("--csv");
  std::istringstream csv(text(csv_arguments));
  std::string header, line;
  std::getline(csv, header);
  CHECK(header.starts_with("tech,capacity_bytes,word_bits,node_nm,"));
  CHECK(header.ends_with("area_mm2,read_ns,write_ns,read_pj,write_pj,leakage_mw,retention_s,thermal_stability,read_gbps,write_gbps"));
  unsigned rows = 0;
  while (std::getline(csv, line)) {
    ++rows;
    CHECK(std::count(line.begin(), line.end(), ',') == std::count(header.begin(), header.end(), ','));
  }
  CHECK(rows == 9);
  const Json j = document(asked);
  REQUIRE(j["compare"].size() == 9);
  CHECK(j["compare"][8]["tech"] == "sot");
  CHECK(j["compare"][8]["capacity_bytes"] == 4 << 20);
}

TEST_CASE("A cell file makes a macro; its oddities are warned of with file and line") {
  const Scratch scratch;
  const std::string file = scratch.file("made.cell", samples::mram_cell + "-Colour: blue\n");
  const Outcome outcome = memory({"--tech", "stt", "--capacity", "1MiB", "--cell", file});
  CHECK(outcome.status == 0);
  CHECK(outcome.err == file + ":23: warning: unknown key 'Colour' is ignored\n");
  const Json stt = document({"--tech", "stt", "--capacity", "1MiB", "--cell", file});
  CHECK(stt["cell"] == "made.cell");
  CHECK(stt["warnings"][0]["where"] == file + ":23");
  CHECK(document({"--tech", "sot", "--capacity", "1MiB", "--cell", file})["tech"] == "sot");
  // The pulse of 4 ns is in the write.
  CHECK(stt["write_ns"] > 4);
  const Outcome wrong = memory({"--tech", "sram", "--capacity", "1MiB", "--cell", file});
  CHECK(wrong.status == 65);
  const Outcome broken = memory({"--tech", "stt", "--cell", scratch.file("b.cell", samples::mram_cell + "-CellArea (F^2): -3\n")});
  CHECK(broken.status == 65);
  CHECK(broken.error_lines() == 1);
  CHECK(broken.err.find("b.cell:23: CellArea is -3, allowed is") != std::string::npos);
  CHECK(memory({"--tech", "stt", "--cell", scratch.path("absent.cell")}).status == 74);
}

TEST_CASE("A configuration file asks, options ask over it") {
  const Scratch scratch;
  const std::string file = scratch.file("made.cfg", samples::config);
  const Json j = document({"--tech", "stt", "--request", file});
  CHECK(j["capacity_bytes"] == 4 << 20);
  CHECK(j["word_bits"] == 256);
  CHECK(j["transistors"] == "lop");
  CHECK(document({"--tech", "stt", "--request", file, "--word-bits", "512", "--capacity", "1MiB"})["word_bits"] == 512);
  CHECK(j["cell"] == "stt-aggressive");
  CHECK(j["warnings"][1]["text"].get<std::string>().starts_with("MemoryCellInputFile 'cells/mram.cell' is not there"));
  // A cell beside the configuration is taken, wherever the program runs.
  CHECK(scratch.file("near.cell", samples::mram_cell).ends_with("near.cell"));
  const std::string with_cell = scratch.file("near.cfg", "-Capacity (MB): 1\n-MemoryCellInputFile: near.cell\n");
  CHECK(document({"--tech", "stt", "--request", with_cell})["cell"] == "near.cell");
  CHECK(document({"--tech", "stt", "--request", with_cell, "--cell", "stt-default"})["cell"] == "stt-default");
  CHECK(memory({"--tech", "sram", "--request", with_cell}).status == 65);
  CHECK(memory({"--tech", "stt", "--request", scratch.file("w.cfg", "-Capacity (GB): 1\n")}).status == 65);
}

TEST_CASE("A device makes the cell: its own write and its own retention") {
  const Json hot = document({"--tech", "sot", "--capacity", "1MiB", "--device", "sot-perpendicular", "--temperature", "380K"});
  const Json cold = document({"--tech", "sot", "--capacity", "1MiB", "--device", "sot-perpendicular", "--temperature", "300K"});
  CHECK(cold["device"] == "sot-perpendicular");
  CHECK(cold["thermal_stability"] > hot["thermal_stability"]);
  CHECK(cold["retention_s"] > hot["retention_s"]);
  // Longer pulses take less current; 2 ns stand for the write where 1 ns stood.
  const Json slow = document({"--tech", "sot", "--capacity", "1MiB", "--device", "sot-perpendicular", "--temperature", "300K", "--pulse", "2ns"});
  CHECK(slow["write_ns"].get<double>() == Approx(cold["write_ns"].get<double>() + 1).margin(0.3));
}

TEST_CASE("Tuning shows its frontier, its margins and the macro with the tuned device") {
  const Json j = document({"--tune", "--tech", "sot", "--capacity", "1MiB", "--retention", "1s", "--ecc", "secded", "--failure", "1e-12"});
  const Json& tune = j["tune"];
  CHECK(tune["feasible"] == true);
  CHECK(tune["retention_s"] == 1);
  CHECK(tune["stored_word_bits"] == 72);
  CHECK(tune["margins"]["retention_failure"] <= tune["margins"]["retention_allowed"]);
  CHECK_FALSE(tune["frontier"].empty());
  CHECK(j["macro"]["thermal_stability"] > 0);
  CHECK(j["macro"]["write_ns"] > tune["chosen"]["pulse_ns"]);
  const std::string page = text({"--tune", "--tech", "sot", "--capacity", "1MiB"});
  for (const char* word : {"pulse ns", "margins of the chosen design", "the macro with it", "published:"}) CHECK(page.find(word) != std::string::npos);
  // A bank of 64 bytes a word at 1000 GB/s has 64 ps for everything.
  const Json missed = document({"--tune", "--tech", "sot", "--capacity", "1MiB", "--bandwidth", "1000GB/s"});
  CHECK(missed["tune"]["feasible"] == false);
  CHECK(missed["macro"].is_null());
  CHECK(missed["tune"]["shortfalls"][0]["constraint"] == "pulse");
  CHECK(missed["tune"]["pulse_limit_ns"] == 0);  // nothing is left, not less than nothing
}

TEST_CASE("A result of another tool is shown with its warnings, or refused with its line") {
  const Scratch scratch;
  const std::string result = scratch.file("run.txt", samples::cache_result);
  const Outcome outcome = memory({"--import", result});
  CHECK(outcome.status == 0);
  CHECK(outcome.err.starts_with(result + ":28: warning: a cache"));
  CHECK(outcome.out.find("NVSim result: 1 design") != std::string::npos);
  CHECK(memory({"-q", "--import", result}).err.empty());
  const Json j = document({"--import", result});
  CHECK(j["format"] == "NVSim result");
  CHECK(j["designs"][0]["tech"] == "stt");
  for (const std::string& key : figures) CHECK(j["designs"][0][key] > 0);
  CHECK(j["warnings"][0]["where"] == result + ":28");
  CHECK(document({"--import", result, "--tech", "sot"})["designs"][0]["tech"] == "sot");
  const std::string table = scratch.file("t.csv", samples::explorer_header + samples::explorer_stt);
  CHECK(text({"--import", table, "--csv"}).find("\nmade 2MiB 22nm ReadEDP,stt,MRAM,2097152,64,22,") != std::string::npos);
  const Outcome broken = memory({"--import", scratch.file("b.txt", samples::sram_result.substr(0, 900))});
  CHECK(broken.status == 65);
  CHECK(broken.error_lines() == 1);
  CHECK(memory({"--import", scratch.file("n.txt", "nothing\n")}).status == 65);
  CHECK(memory({"--import", scratch.path("absent")}).status == 74);
}

TEST_CASE("The tables of agreement and validation are printed, and are what they say") {
  const Json j = document({"--validate"});
  // Six figures of six macros.
  CHECK(j["agreement"].size() == 36);
  CHECK(j["agreement_own_search"].size() == 36);
  CHECK(j["validation"].size() >= 10);
  for (const char* table : {"agreement", "agreement_own_search", "validation"})
    for (const Json& row : j[table]) {
      CHECK(row["ratio"].get<double>() == Approx(row["ours"].get<double>() / row["published"].get<double>()));
      CHECK(row["inside"] == (row["ratio"] >= row["least"] && row["ratio"] <= row["most"]));
    }
  const std::string page = text({"--validate"});
  for (const char* word : {"agreement with an array tool", "validation against published macros", "worst, upper bounds aside: ", "[1] "})
    CHECK(page.find(word) != std::string::npos);
}

TEST_CASE("What memory does not know is wrong usage, in one line that says what is allowed") {
  struct Row {
    std::vector<std::string> arguments;
    std::string says;
  };
  for (const Row& row :
       std::vector<Row>{{{"--tech", "papyrus"}, "allowed are sram, stt, sot"},
                        {{}, "--tech sram, stt or sot"},
                        {{"--compare", "sram,clay"}, "allowed are sram, stt, sot"},
                        {{"--tech", "sot", "--compare", "sot"}, "--tech or --compare"},
                        {{"--tech", "sot", "--capacity", "much"}, "64MiB"},
                        {{"--tech", "sot", "--capacity", "4MiB..1MiB"}, "powers of two"},
                        {{"--tech", "sot", "--capacity", "3MiB"}, "powers of two"},
                        {{"--tech", "sot", "--node", "22s"}, "length"},
                        {{"--tech", "sot", "--node", "900nm"}, "nm"},
                        {{"--tech", "sot", "--temperature", "-3K"}, "temperature"},
                        {{"--tech", "sot", "--transistors", "triode"}, "lop"},
                        {{"--tech", "sot", "--target", "beauty"}, "read_edp"},
                        {{"--tech", "sram", "--sram-leakage", "free"}, "allowed are node"},
                        {{"--tech", "sot", "--device", "magnet"}, "wang-2018-p-sot"},
                        {{"--tech", "sram", "--device", "vgsot"}, "stt and sot"},
                        {{"--tech", "stt", "--device", "vgsot"}, "--tech stt"},
                        {{"--tech", "sot", "--cell", "stt-aggressive"}, "--tech sot"},
                        {{"--compare", "sot,stt", "--cell", "sot-nvsim"}, "one technology"},
                        {{"--tune", "--tech", "sram"}, "stt or sot"},
                        {{"--tune", "--tech", "sot", "--goal", "glory"}, "energy-delay"},
                        {{"--tune", "--tech", "sot", "--ecc", "luck"}, "secded"},
                        {{"--tune", "--tech", "sot", "--failure", "nan"}, "number"},
                        {{"--tune", "--tech", "sot", "--bandwidth", "fast"}, "16GB/s"},
                        {{"--tune", "--tech", "sot", "--csv"}, "--csv"},
                        {{"--tech", "sot", "--pulse", "2ns"}, "--pulse is of a device's write"},
                        {{"--tune", "--tech", "sot", "--pulse", "2ns"}, "--pulse does not go with --tune"},
                        {{"--tech", "sot", "--supply", "1V"}, "--device"},
                        {{"--tech", "sot", "--failure", "1e-6"}, "--device"},
                        {{"--compare", "sot,stt", "--sram-leakage", "scope"}, "--compare sram"},
                        {{"--compare", "sram,"}, "--compare '': no such technology, allowed are sram, stt, sot"},
                        {{"--compare", "sram,stt", "--csv", "--json"}, "allowed is one of --csv and --json"},
                        {{"--validate", "--csv"}, "--csv does not go with --validate, allowed is it with a data sheet (--tech or --compare) or --import"},
                        {{"--validate", "--tech", "sot"}, "--tech does not go with --validate"},
                        {{"--validate", "--capacity", "1MiB"}, "--capacity does not go with --validate"},
                        {{"--import", "x.txt", "--node", "22nm"}, "--node does not go with --import"},
                        {{"--tech", "sot", "--capacity", ""}, "--capacity: allowed is no empty text"},
                        {{"--tech", "sot", "--temperature", "250K"}, "from 300K to 400K"},
                        {{"--tech", "sot", "--word-bits", "8192"}, "from 8 to 4096"},
                        {{"--tech", "sot", "--word-bits", "100"}, "a power of two from 8 to 4096"},
                        {{"--tech", "sot", "--goal", "energy"}, "--tune"},
                        {{"--tech", "sot", "--repair-leakage"}, "--import"},
                        {{"--tune", "--validate", "--tech", "sot"}, "--validate"}}) {
    const Outcome outcome = memory(row.arguments);
    INFO(outcome.err);
    INFO(row.says);
    CHECK(outcome.status == 64);
    CHECK(outcome.error_lines() == 1);
    CHECK(outcome.err.find(row.says) != std::string::npos);
    CHECK(outcome.out.empty());
  }
}

TEST_CASE("Cells, magnets and leakage presets are listed with their sources") {
  const auto list = [](const char* what) { return Json::parse(spinvp::test::spinvp({"list", what, "--json"}).out); };
  for (const char* what : {"cells", "magnets", "leakages"}) {
    const Json all = list(what);
    CHECK(all.size() > 3);
    for (const Json& one : all) CHECK_FALSE(one["about"].is_null());
  }
}

// To renew: put what `spinvp memory --validate` prints between the lines of the code block.
TEST_CASE("docs/fidelity.md holds the tables of agreement and validation") {
  std::ifstream file(SPINVP_DOCS_FOLDER "/fidelity.md");
  const std::string page{std::istreambuf_iterator<char>(file), {}}, printed = text({"--validate"});
  REQUIRE(printed.find("worst, upper bounds aside: ") != std::string::npos);
  CHECK(page.find("```text\n" + printed + "```\n") != std::string::npos);
}
