// What a run writes: the same for equal runs, the same with and without direct memory access, and again from its own resolved configuration.
#include <algorithm>
#include <cmath>

#include <catch2/catch.hpp>

#include "program.h"

using namespace spinvp::test;

namespace {

void run(const std::vector<std::string>& options, const std::string& out) {
  std::vector<std::string> arguments = {"run", "--out", out};
  arguments.insert(arguments.end(), options.begin(), options.end());
  const Outcome outcome = spinvp::test::spinvp(arguments);
  INFO(outcome.err);
  REQUIRE(outcome.status == 0);
}

}  // namespace

TEST_CASE("hello prints its line, on stdout and in uart.log, and leaves four reports") {
  const Scratch scratch;
  const Outcome outcome = spinvp::test::spinvp({"run", "--app", "hello", "--out", scratch.path("out")});
  CHECK(outcome.status == 0);
  CHECK_FALSE(outcome.out.empty());
  CHECK(outcome.out == contents(scratch.path("out/uart.log")));
  for (const char* file : {"report.json", "uart.log", "resolved.yaml", "power.csv"}) CHECK(std::filesystem::exists(scratch.path("out") + "/" + file));
}

TEST_CASE("Equal runs give the same bytes, host times aside") {
  const Scratch scratch;
  for (const char* name : {"a", "b"}) run({"--app", "bringup"}, scratch.path(name));
  CHECK(comparable_report(scratch.path("a")) == comparable_report(scratch.path("b")));
  for (const char* file : {"/power.csv", "/uart.log", "/resolved.yaml"}) CHECK(contents(scratch.path("a") + file) == contents(scratch.path("b") + file));
}

TEST_CASE("A file that a field names is among the inputs, with its hash") {
  const Scratch scratch;
  const std::string file = scratch.file("small.json", R"({"memspec": {"memoryId": "small", "memoryType": "STT-MRAM",
  "memarchitecturespec": {"burstLength": 8, "dataRate": 2, "nbrOfBanks": 4, "nbrOfColumns": 1024, "nbrOfRanks": 1, "nbrOfRows": 4096, "width": 64, "nbrOfChannels": 1},
  "memtimingspec": {"tCK": 1e-9, "RCD": 10, "RP": 10, "RAS": 20, "RC": 30, "RL": 10, "WL": 8, "CCD": 4, "RRD": 5, "FAW": 25, "WR": 12, "RTP": 6, "WTR": 4}}})");
  run({"--app", "hello", "--set", "devices.dram.memspec=" + file, "--set", "devices.dram.size=128MiB"}, scratch.path("out"));
  const auto artifacts = report(scratch.path("out"))["artifacts"];
  const auto found = std::find_if(artifacts.begin(), artifacts.end(), [](const auto& a) { return a["role"] == "memspec"; });
  REQUIRE(found != artifacts.end());
  CHECK((*found)["path"] == file);
  CHECK((*found)["hash"].get<std::string>().starts_with("xxh3:"));
}

TEST_CASE("A run can overwrite its own folder") {
  const Scratch scratch;
  run({"--app", "bringup"}, scratch.path("out"));
  run({"--app", "hello"}, scratch.path("out"));
  CHECK(report(scratch.path("out"))["artifacts"][0]["path"] == "firmware/hello.elf");
}

TEST_CASE("Counts, times and energies are equal with direct memory access on and off") {
  const Scratch scratch;
  run({"--app", "bringup"}, scratch.path("on"));
  run({"--app", "bringup", "--set", "dmi=false"}, scratch.path("off"));
  nlohmann::json on = comparable_report(scratch.path("on")), off = comparable_report(scratch.path("off"));
  CHECK(on["config"]["dmi"] == true);
  CHECK(off["config"]["dmi"] == false);
  for (nlohmann::json* r : {&on, &off}) {
    r->erase("config");
    r->erase("artifacts");  // they hold the hash of resolved.yaml
  }
  for (const auto& [key, value] : on.items()) {
    INFO(key);
    CHECK(value == off[key]);
  }
  CHECK(contents(scratch.path("on/power.csv")) == contents(scratch.path("off/power.csv")));
  CHECK(contents(scratch.path("on/uart.log")) == contents(scratch.path("off/uart.log")));
}

TEST_CASE("The resolved configuration of a run gives the same run again") {
  const Scratch scratch;
  run({"--app", "hello", "--config", "small", "--set", "harts.clock=1.234567891GHz", "--set", "devices.pim.enabled=false"}, scratch.path("a"));
  run({"--app", "hello", "--config", scratch.path("a/resolved.yaml")}, scratch.path("b"));
  CHECK(contents(scratch.path("a/resolved.yaml")) == contents(scratch.path("b/resolved.yaml")));
  nlohmann::json a = comparable_report(scratch.path("a")), b = comparable_report(scratch.path("b"));
  for (nlohmann::json* r : {&a, &b}) r->erase("artifacts");  // the configuration is named as given
  CHECK(a == b);
}

TEST_CASE("Every cut of the energy sums to the total within 1e-12, and power.csv to the same") {
  const Scratch scratch;
  run({"--app", "bringup"}, scratch.path("out"));
  const nlohmann::json r = report(scratch.path("out"));
  const double total = r["totals"]["energy_j"], simulated = r["simulated_s"];
  REQUIRE(total > 0);
  double components = 0, activities = 0, regions = 0, region_times = 0;
  for (const auto& c : r["components"]) components += c["dynamic_j"].get<double>() + c["static_j"].get<double>();
  for (const auto& a : r["activities"]) activities += a.get<double>();
  for (const auto& x : r["regions"]) {
    regions += x["energy_j"].get<double>();
    region_times += x["time_s"].get<double>();
  }
  for (const double sum : {components, activities, regions}) CHECK(std::abs(sum - total) <= 1e-12 * total);
  CHECK(region_times == Approx(simulated).epsilon(1e-12));
  CHECK(r["totals"]["average_w"].get<double>() == Approx(total / simulated).epsilon(1e-12));
  CHECK(r["totals"]["peak_w"].get<double>() >= r["totals"]["average_w"].get<double>());

  std::istringstream csv(contents(scratch.path("out/power.csv")));
  std::string line;
  std::getline(csv, line);
  CHECK(line.starts_with("time_s,total_w,"));
  const double bin = 10e-6;
  double energy = 0;
  for (double time = 0, power = 0; std::getline(csv, line);) {
    REQUIRE(std::sscanf(line.c_str(), "%lf,%lf", &time, &power) == 2);
    energy += power * std::min(bin, simulated - time);
  }
  CHECK(energy == Approx(total).epsilon(1e-6));
}

TEST_CASE("Every constant has a source, and every file that went in or came out a hash") {
  const Scratch scratch;
  run({"--app", "bringup", "--config", "small"}, scratch.path("out"));
  const nlohmann::json r = report(scratch.path("out"));
  CHECK(r["constants"].size() > 10);
  for (const auto& c : r["constants"]) {
    INFO(c.dump());
    CHECK_FALSE(c["source"].get<std::string>().empty());
  }
  std::vector<std::string> paths;
  for (const auto& a : r["artifacts"]) {
    paths.push_back(a["path"]);
    CHECK(a["hash"].get<std::string>().starts_with("xxh3:"));
  }
  CHECK(paths == std::vector<std::string>{"firmware/bringup.elf", "small", "drawn digits", "uart.log", "power.csv", "resolved.yaml", "pim_wear.csv"});
}
