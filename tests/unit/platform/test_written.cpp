// The YAML reader: what is refused, and at which line and column it says so.
#include <catch2/catch.hpp>

#include "models/core/error.h"
#include "platform/config/written.h"

using namespace spinvp;
using platform::read_option;
using platform::read_yaml;
using platform::ValueKind;

namespace {

std::string complaint(const std::string& yaml) {
  try {
    read_yaml(yaml, "f.yaml");
  } catch (const core::InputError& error) {
    REQUIRE(error.status() == core::ExitStatus::bad_input);
    REQUIRE(std::string(error.what()).find('\n') == std::string::npos);
    return error.what();
  }
  return "accepted";
}

}  // namespace

TEST_CASE("A file becomes settings with their keys, values and places, lines and columns counted from 1") {
  const auto layer = read_yaml("seed: 7\nharts:\n  cycles: {load: 3}\n", "f.yaml");
  REQUIRE(layer.settings.size() == 2);
  CHECK(layer.settings[0].path() == "seed");
  CHECK(layer.settings[0].value == "7");
  CHECK(layer.settings[0].where.text() == "f.yaml:1:7");
  CHECK(layer.settings[1].path() == "harts.cycles.load");
  CHECK(layer.settings[1].path(2) == "harts.cycles");
  CHECK(layer.settings[1].keys[1].where.text() == "f.yaml:3:3");
  CHECK(layer.settings[1].where.text() == "f.yaml:3:18");
}

TEST_CASE("A quoted value is the same as a plain one, and an empty file says nothing") {
  CHECK(read_yaml("a: '1'\nb: \"x: y\"\n", "f").settings[1].value == "x: y");
  CHECK(read_yaml("", "f").settings.empty());
  CHECK(read_yaml("# only a comment\n", "f").settings.empty());
  CHECK(read_yaml("{}\n", "f").settings.empty());
}

TEST_CASE("Nothing, lists and empty maps are kept apart from texts") {
  const auto layer = read_yaml("a:\nb: [1, {c: 2}]\nd: {}\ne: ~\n", "f");
  REQUIRE(layer.settings.size() == 4);
  CHECK(layer.settings[0].kind == ValueKind::nothing);
  CHECK(layer.settings[1].kind == ValueKind::sequence);
  CHECK(layer.settings[2].kind == ValueKind::empty_map);
  CHECK(layer.settings[3].kind == ValueKind::nothing);
}

TEST_CASE("A key that stands twice is refused where it stands the second time, at the top and inside") {
  CHECK(complaint("seed: 1\nseed: 2\n") == "f.yaml:2:1: the key 'seed' stands twice in this map, first at line 1; allowed is once");
  CHECK(complaint("harts:\n  count: 1\n  clock: 1GHz\n  count: 2\n") ==
        "f.yaml:4:3: the key 'count' stands twice in this map, first at line 2; allowed is once");
  CHECK(complaint("a: {x: 1}\nb: {x: 1}\n") == "accepted");
}

TEST_CASE("The merge key is refused") { CHECK(complaint("a: &x {b: 1}\nc:\n  <<: *x\n").starts_with("f.yaml:3:3: the merge key '<<' is not supported")); }

TEST_CASE("Aliases stand for what they name, also whole maps") {
  const auto layer = read_yaml("a: &x {b: 1}\nc: *x\nd: &y 5\ne: *y\n", "f");
  REQUIRE(layer.settings.size() == 4);
  CHECK(layer.settings[1].path() == "c.b");
  CHECK(layer.settings[1].value == "1");
  CHECK(layer.settings[3].value == "5");
}

TEST_CASE("An alias inside its own value and aliases that multiply without end are refused") {
  CHECK(complaint("a: &x {b: *x}\n") == "f.yaml:1:11: this alias stands inside the value that it names");
  std::string bomb = "a0: &a0 {x: 1, y: 1}\n";
  for (int i = 1; i < 20; ++i)
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " {x: *a" + std::to_string(i - 1) + ", y: *a" + std::to_string(i - 1) + "}\n";
  CHECK(complaint(bomb).find("more than 100000 settings") != std::string::npos);
}

TEST_CASE("Syntax errors carry their line and column") {
  CHECK(complaint("a: [1,\n").starts_with("f.yaml:2:1: not YAML: "));
  CHECK(complaint("a: 1\n b: 2\n").starts_with("f.yaml:2:3: not YAML: "));
  CHECK(complaint("a: \"x").starts_with("f.yaml:1:6: not YAML: "));
  CHECK(complaint("a: *nobody\n").starts_with("f.yaml:1:4: not YAML: "));
}

TEST_CASE("Keys that are no texts, dotted keys, tags, second documents and files that are no maps are refused") {
  CHECK(complaint("[a]: 1\n") == "f.yaml:1:1: a key must be a text");
  CHECK(complaint("harts.count: 1\n") == "f.yaml:1:1: the key 'harts.count' holds a dot: nest the keys instead");
  CHECK(complaint("a: !!int 1\n").starts_with("f.yaml:1:4: the tag 'tag:yaml.org,2002:int' is not allowed"));
  CHECK(complaint("a: 1\n---\nb: 2\n") == "f.yaml:2:1: a second document begins here; allowed is one");
  CHECK(complaint("- a\n") == "f.yaml:1:1: the file must be a map of keys and values");
  CHECK(complaint("word\n") == "f.yaml:1:1: the file must be a map of keys and values");
}

TEST_CASE("Bytes that are no YAML at all end in one line as well") {
  for (const std::string& junk :
       {std::string("\x7f"
                    "ELF\x02\x01",
                    6),
        std::string("\x00\x01\x02", 3), std::string("%YAML 9.9\n---\na: 1\n"), std::string(5000, '['), std::string(5000, '{'), std::string("\t- x")})
    CHECK(complaint(junk).starts_with("f.yaml:"));
}

TEST_CASE("An option on the command line is one setting, shown as it was given") {
  const auto layer = read_option("devices.uart0.base=0x10=1");
  REQUIRE(layer.settings.size() == 1);
  CHECK(layer.settings[0].path() == "devices.uart0.base");
  CHECK(layer.settings[0].value == "0x10=1");
  CHECK(layer.settings[0].where.text() == "--set devices.uart0.base=0x10=1");
  for (const char* wrong : {"seed", "=1"}) {
    try {
      read_option(wrong);
      FAIL("accepted");
    } catch (const core::InputError& error) {
      CHECK(error.status() == core::ExitStatus::usage);
    }
  }
}

TEST_CASE("A file that is not there or is a folder cannot be read") {
  CHECK_THROWS_AS(platform::read_yaml_file("no/such/file.yaml"), core::FileError);
  CHECK_THROWS_AS(platform::read_yaml_file("."), core::FileError);
}
