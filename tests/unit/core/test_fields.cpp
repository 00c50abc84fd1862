#include <catch2/catch.hpp>

#include "models/core/fields.h"

using namespace spinvp::core;
using namespace spinvp::core::literals;

namespace {

struct Example {
  bool enabled = true;
  std::uint64_t depth = 16;
  Bytes size{64ull << 20};
  double factor = 0.5;
  std::string policy = "first";
  Time quantum = 10_us;
  Frequency clock = 1_GHz;
  static const Schema& schema() {
    static const Schema schema = Schema::of<Example>()
                                     .field("enabled", &Example::enabled, {.text = "works"})
                                     .field("depth", &Example::depth, {.least = 1, .most = 256, .text = "entries"})
                                     .field("size", &Example::size, {.least = 1024, .most = 4294967296.0, .text = "bytes"})
                                     .field("factor", &Example::factor, {.text = "any number"})
                                     .field("policy", &Example::policy, {.choices = {"first", "best"}, .text = "which"})
                                     .field("quantum", &Example::quantum, {.least = 1, .most = 1000, .unit = "us", .text = "time"})
                                     .field("cpu.clock", &Example::clock, {.least = 1, .text = "of the hart"});
    return schema;
  }
};

const FieldInfo& field(const char* name) { return *Example::schema().find(name); }

// The parsed value as YAML text, or the problem in brackets.
std::string round_trip(const char* name, std::string_view text) {
  std::string problem;
  const auto value = parse(field(name), text, problem);
  return value ? to_text(field(name), *value) : "[" + problem + "]";
}
bool refuses(const char* name, std::string_view text) {
  std::string problem;
  return !parse(field(name), text, problem) && !problem.empty();
}

}  // namespace

TEST_CASE("Defaults come from the config's own members") {
  const std::vector<std::pair<const char*, const char*>> expected = {{"enabled", "true"}, {"depth", "16"},     {"size", "64MiB"},    {"factor", "0.5"},
                                                                     {"policy", "first"}, {"quantum", "10us"}, {"cpu.clock", "1GHz"}};
  REQUIRE(Example::schema().fields().size() == expected.size());
  for (const auto& [name, text] : expected) CHECK(to_text(field(name), field(name).default_value) == text);
  CHECK(Example::schema().find("nothing") == nullptr);
}

TEST_CASE("Values over the defaults reach the typed config, the others keep theirs") {
  std::string problem;
  FieldValues values;
  values["quantum"] = *parse(field("quantum"), "250us", problem);
  values["policy"] = *parse(field("policy"), "best", problem);
  values["size"] = *parse(field("size"), "2KiB", problem);
  const auto config = Example::schema().make<Example>(values);
  CHECK(config.quantum.in(1_us) == Approx(250));
  CHECK(config.policy == "best");
  CHECK(config.size.value == 2048);
  CHECK(config.depth == 16);
}

TEST_CASE("Counts are whole numbers in decimal, hexadecimal or with an exponent") {
  CHECK(round_trip("depth", "64") == "64");
  CHECK(round_trip("depth", "0x40") == "64");
  CHECK(round_trip("depth", "1e2") == "100");
  CHECK(round_trip("depth", "1_0") == "10");
  for (const char* bad : {"", "-1", "1.5", "0x", "12a", "_", "0", "257", "1e9", "nan", "inf", "1 2"}) {
    INFO(bad);
    CHECK(refuses("depth", bad));
  }
}

TEST_CASE("Bytes take binary units and must be whole") {
  CHECK(parse_bytes("64MiB") == 64ull << 20);
  CHECK(parse_bytes("1.5KiB") == 1536);
  CHECK(parse_bytes("4096") == 4096);
  CHECK(parse_bytes("0x1000") == 4096);
  CHECK(parse_bytes("2 GiB") == 2ull << 30);
  CHECK_FALSE(parse_bytes("0.3B"));
  CHECK_FALSE(parse_bytes("64MB"));
  CHECK_FALSE(parse_bytes("-1KiB"));
  CHECK_FALSE(parse_bytes("99999999TiB"));
  CHECK_FALSE(parse_bytes("infKiB"));
  CHECK_FALSE(parse_bytes("KiB"));
  CHECK(refuses("size", "512"));
  CHECK(refuses("size", "8GiB"));
  CHECK(bytes_text(1536) == "1536B");
  CHECK(bytes_text(3ull << 30) == "3GiB");
}

TEST_CASE("Quantities take any unit of their dimension, a bare number the field's unit") {
  CHECK(round_trip("quantum", "10us") == "10us");
  CHECK(round_trip("quantum", "0.1ms") == "100us");
  CHECK(round_trip("quantum", "25") == "25us");
  CHECK(round_trip("cpu.clock", "500MHz") == "500MHz");
  CHECK(round_trip("cpu.clock", "32768") == "32.768kHz");
  for (const char* bad : {"10GHz", "10uss", "us", "", "999ns", "1001us", "inf", "nan", "-5us", "1e999s"}) {
    INFO(bad);
    CHECK(refuses("quantum", bad));
  }
  CHECK(refuses("cpu.clock", "inf"));
  CHECK(refuses("cpu.clock", "infinityGHz"));
}

TEST_CASE("A limit itself is inside, whatever the rounding of its unit") {
  CHECK(round_trip("quantum", "1us") == "1us");
  CHECK(round_trip("quantum", "1ms") == "1ms");
  CHECK(round_trip("quantum", "0.001ms") == "1us");
}

TEST_CASE("Numbers without limits are still numbers") {
  CHECK(round_trip("factor", "-3.25") == "-3.25");
  CHECK(round_trip("factor", "1e300") == "1e+300");
  for (const char* bad : {"inf", "-inf", "nan", "infinity", "1x", "", "0x10", "true"}) {
    INFO(bad);
    CHECK(refuses("factor", bad));
  }
}

TEST_CASE("A refused value's message names the field, the value and what is allowed") {
  CHECK(round_trip("depth", "300") == "[depth: '300' is not allowed: a whole number from 1 to 256]");
  CHECK(round_trip("size", "1") == "[size: '1' is not allowed: a number of bytes (64MiB) from 1KiB to 4GiB]");
  CHECK(round_trip("policy", "worst") == "[policy: 'worst' is not allowed: one of first, best]");
  CHECK(round_trip("quantum", "0") == "[quantum: '0' is not allowed: a time (10us) from 1us to 1ms]");
  CHECK(round_trip("enabled", "yes") == "[enabled: 'yes' is not allowed: true or false]");
}

TEST_CASE("Quantities print with the largest unit that gives a number of at least one") {
  CHECK(quantity_text(3.9e-12, "energy") == "3.9pJ");
  CHECK(quantity_text(1e-9, "time") == "1ns");
  CHECK(quantity_text(5e-13, "time") == "0.5ps");
  CHECK(quantity_text(350, "temperature") == "350K");
  CHECK(quantity_text(0, "time") == "0s");
  CHECK(quantity_text(-2e-3, "voltage") == "-2mV");
  CHECK(quantity_text(2.5e-6, "area") == "2.5mm2");
}

TEST_CASE("The nearest right name is found for a slip, and none for something else") {
  const std::vector<std::string> names = {"quantum", "depth", "memory.banks"};
  CHECK(nearest("quantm", names) == "quantum");
  CHECK(nearest("memory.bank", names) == "memory.banks");
  CHECK(nearest("dpeth", names) == "");  // two slips in a short word
  CHECK(nearest("zebra", names).empty());
}

TEST_CASE("a number with a unit is the nearest double to what it says") {
  CHECK(parse_quantity("22nm", "length", "") == 22e-9);
  CHECK(parse_quantity("7nm", "length", "") == 7e-9);
  CHECK(parse_quantity("2.3ns", "time", "") == 2.3e-9);
  CHECK(parse_quantity("3.9pJ", "energy", "") == 3.9e-12);
  CHECK(parse_quantity("0.3fJ", "energy", "") == 0.3e-15);
  CHECK(parse_quantity("110um2", "area", "") == 110e-12);
  CHECK(parse_quantity("350K", "temperature", "") == 350);
}
