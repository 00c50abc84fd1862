// The verbs that describe: help, version, lists, schema, defaults, registers, check.
#include <catch2/catch.hpp>

#include "program.h"

using namespace spinvp::test;

namespace {

Outcome good(const std::vector<std::string>& arguments) {
  Outcome outcome = spinvp::test::spinvp(arguments);
  INFO(outcome.err);
  CHECK(outcome.status == 0);
  CHECK_FALSE(outcome.out.empty());
  CHECK(outcome.err.empty());
  return outcome;
}

}  // namespace

TEST_CASE("The program alone prints its help, and each verb has one") {
  CHECK(good({}).out == good({"--help"}).out);
  for (const char* verb : {"run", "check", "pim", "list", "config", "registers", "reproduce"})
    CHECK(good({verb, "--help"}).out.find("Usage: ") != std::string::npos);
  CHECK(good({"--version"}).out.starts_with("spinvp "));
}

TEST_CASE("Lists name apps, configurations, technologies and devices, as lines or as JSON") {
  CHECK(good({"list", "apps"}).out.find("hello ") != std::string::npos);
  CHECK(good({"list", "configs"}).out.find("small  ") != std::string::npos);
  CHECK(good({"list", "devices"}).out.find("onchip_memory  ") != std::string::npos);
  CHECK(good({"list", "technologies"}).out.find("sot") != std::string::npos);
  CHECK(good({"list", "families"}).out.find("sot      SOT-MRAM") != std::string::npos);
  CHECK(nlohmann::json::parse(good({"list", "devices", "--json"}).out)[0]["name"] == "clint");
  CHECK(good({"--json", "list", "apps"}).out == good({"list", "apps", "--json"}).out);
}

TEST_CASE("The schema is JSON, the defaults are a configuration that passes its own check") {
  CHECK(nlohmann::json::parse(good({"config", "--schema"}).out)["properties"]["devices"].is_object());
  const Scratch scratch;
  const std::string file = scratch.file("defaults.yaml", good({"config", "--defaults"}).out);
  CHECK(good({"check", file}).out.find("ok") != std::string::npos);
  CHECK(nlohmann::json::parse(good({"config", "--defaults", "--json"}).out)["devices"]["uart0"]["irq"] == 10);
}

TEST_CASE("check names every problem of a file") {
  const Scratch scratch;
  const std::string file = scratch.file("bad.yaml", "seed: x\nharts: {count: 0}\n");
  const Outcome outcome = spinvp::test::spinvp({"check", file});
  CHECK(outcome.status == 65);
  CHECK(outcome.error_lines() == 2);
  CHECK(nlohmann::json::parse(spinvp::test::spinvp({"check", file, "--json"}).out)["problems"].size() == 2);
}

TEST_CASE("Registers come as a C header, as SVD and as a page") {
  CHECK(good({"registers", "--format", "c"}).out.find("#define UART0_BASE 0x10000000u") != std::string::npos);
  CHECK(good({"registers", "--format", "svd"}).out.find("<device schemaVersion=\"1.3\"") != std::string::npos);
  CHECK(good({"registers", "--format", "markdown"}).out.starts_with("# Registers"));
}
