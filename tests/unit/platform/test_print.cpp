// A checked configuration comes back from its own YAML bit by bit, and the schema file in the tree is the one that the program prints.
#include <catch2/catch.hpp>

#include "platform/config/json_schema.h"
#include "platform/config/print.h"
#include "platform/config/shipped.h"
#include "platform/report/files.h"

using namespace spinvp;

namespace {

platform::PlatformConfig resolved(const std::string& yaml) {
  auto config = platform::resolve({platform::read_yaml(platform::find_shipped_config("default")->text, "default.yaml"), platform::read_yaml(yaml, "f.yaml")});
  if (!config) FAIL(config.error().front());
  return *config;
}

void check_equal(const platform::PlatformConfig& a, const platform::PlatformConfig& b) {
  const auto same = [](const auto& left, const auto& right) {
    REQUIRE(left.size() == right.size());
    for (std::size_t i = 0; i < left.size(); ++i) {
      INFO(left[i].path);
      CHECK(left[i].path == right[i].path);
      CHECK(left[i].value == right[i].value);  // doubles included: exactly
    }
  };
  same(a.fields, b.fields);
  CHECK(a.removed == b.removed);
  REQUIRE(a.devices.size() == b.devices.size());
  for (std::size_t i = 0; i < a.devices.size(); ++i) {
    CHECK(a.devices[i].name == b.devices[i].name);
    same(a.devices[i].fields, b.devices[i].fields);
  }
}

}  // namespace

TEST_CASE("The resolved default configuration is read back as the same one") {
  const auto config = resolved("");
  check_equal(config, resolved(platform::to_yaml(config)));
  check_equal(config, resolved(platform::to_yaml(config, true)));
}

TEST_CASE("Quantities are printed as people write them, in the unit that shows them best") {
  const std::string yaml = platform::to_yaml(resolved("devices: {onchip: {model: {node: 7nm}, read_latency: 2.3ns}}\n"));
  for (const char* word : {"node: 7nm\n", "read_latency: 2.3ns\n"}) CHECK(yaml.find(word) != std::string::npos);
  // No digits that only a double has.
  for (const char* digits : {"99999", "0000000000"}) {
    const std::size_t at = yaml.find(digits);
    INFO(yaml.substr(at == std::string::npos ? 0 : at - std::min<std::size_t>(at, 60), 100));
    CHECK(at == std::string::npos);
  }
}

TEST_CASE("Odd values, removed and added devices survive the way through resolved YAML") {
  const auto config = resolved(
      "seed: 4294967295\nquantum: 12.345678901234567us\npower_bin: 0.3333333333333333ms\nharts: {clock: 1.2345678901234567GHz, energy: {simple: "
      "19.999999999999996pJ}}\n"
      "interconnect: {length: 3.3333333333333335mm}\n"
      "devices:\n  npu: {enabled: false}\n  uart1: {type: ns16550a, base: 0x11000000, clock: 3.6864MHz}\n  dram: {size: 12345KiB}\n");
  const std::string yaml = platform::to_yaml(config);
  check_equal(config, resolved(yaml));
  CHECK(platform::to_yaml(resolved(yaml)) == yaml);
}

TEST_CASE("Every value that a field can take as a text is quoted where YAML would read it otherwise") {
  core::FieldInfo field{"note", core::FieldKind::text, "", {}, core::FieldValue(std::string()), nullptr};
  for (const char* text : {"plain", "", "true", "12", "a: b", "# no", "- x", "*x", "two\nlines", "\"q\""}) {
    platform::PlatformConfig config;
    config.fields.push_back({"note", &field, core::FieldValue(std::string(text))});
    const auto layer = platform::read_yaml(platform::to_yaml(config), "f");
    REQUIRE(layer.settings.at(0).path() == "note");
    CHECK(layer.settings[0].kind == platform::ValueKind::scalar);
    CHECK(layer.settings[0].value == text);
  }
}

TEST_CASE("The report's copy of the configuration keeps numbers as numbers and quantities with their units") {
  const auto json = platform::to_json(resolved("harts: {count: 2}\ndevices: {npu: {enabled: false}}\n"));
  CHECK(json["harts"]["count"] == 2);
  CHECK(json["dmi"] == true);
  CHECK(json["quantum"] == "10us");
  CHECK(json["devices"]["uart0"]["base"] == "0x10000000");
  CHECK(json["devices"]["dram"]["size"] == "2GiB");
  CHECK(json["devices"]["npu"]["enabled"] == false);
}

TEST_CASE("The schema beside the shipped configurations is what the program prints") {
  const std::string stored = platform::read_file(std::string(SPINVP_CONFIGS_FOLDER) + "/spinvp.schema.json");
  INFO("to renew it: spinvp config --schema > platform/configs/spinvp.schema.json");
  CHECK((stored == platform::config_json_schema().dump(2) + "\n"));
}

TEST_CASE("The schema knows every field of the default configuration and refuses others") {
  const auto schema = platform::config_json_schema();
  CHECK(schema["properties"]["harts"]["properties"]["count"]["maximum"] == 8.0);
  CHECK(schema["properties"]["harts"]["additionalProperties"] == false);
  CHECK(schema["definitions"]["onchip_memory"]["properties"]["technology"]["enum"].size() == 3);
  CHECK(schema["properties"]["devices"]["properties"]["uart0"]["else"]["$ref"] == "#/definitions/ns16550a");
  CHECK(schema["definitions"]["any device"]["required"] == nlohmann::ordered_json::array({"type"}));
}
