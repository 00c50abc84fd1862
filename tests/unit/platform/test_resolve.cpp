// From settings to a checked configuration: layers, and every kind of wrong setting with its place and its remedy.
#include <algorithm>

#include <catch2/catch.hpp>

#include "models/core/error.h"
#include "platform/config/platform_config.h"
#include "platform/config/shipped.h"

using namespace spinvp;
using platform::read_yaml;

namespace {

std::vector<platform::Layer> with_default(std::vector<platform::Layer> layers) {
  layers.insert(layers.begin(), read_yaml(platform::find_shipped_config("default")->text, "default.yaml"));
  return layers;
}

std::vector<std::string> problems(const std::string& yaml) {
  const auto config = platform::resolve(with_default({read_yaml(yaml, "f.yaml")}));
  return config ? std::vector<std::string>() : config.error();
}

// The only problem.
std::string problem(const std::string& yaml) {
  const auto all = problems(yaml);
  if (all.empty()) return "accepted";
  INFO(all.back());
  CHECK(all.size() == 1);
  CHECK(all[0].find('\n') == std::string::npos);
  return all[0];
}

platform::PlatformConfig accepted(const std::string& yaml) {
  auto config = platform::resolve(with_default({read_yaml(yaml, "f.yaml")}));
  if (!config) FAIL(config.error().front());
  return *config;
}

const platform::DeviceConfig* device(const platform::PlatformConfig& config, const std::string& name) {
  const auto found = std::find_if(config.devices.begin(), config.devices.end(), [&](const auto& d) { return d.name == name; });
  return found == config.devices.end() ? nullptr : &*found;
}

}  // namespace

TEST_CASE("The default SoC has the contract's memory map and numbers") {
  const auto config = accepted("");
  struct Row {
    const char *name, *type;
    std::uint64_t base, irq;
  };
  for (const Row& row : std::vector<Row>{{"rom", "rom", 0x1000, 0},
                                         {"finisher", "sifive_test", 0x100000, 0},
                                         {"clint", "clint", 0x2000000, 0},
                                         {"plic", "plic", 0xc000000, 0},
                                         {"uart0", "ns16550a", 0x10000000, 10},
                                         {"npu", "npu", 0x10010000, 32},
                                         {"pim", "pim", 0x10020000, 33},
                                         {"dma", "dma", 0x10030000, 34},
                                         {"power", "power_manager", 0x10040000, 35},
                                         {"markers", "markers", 0x10050000, 0},
                                         {"dram", "dram", 0x80000000, 0},
                                         {"onchip", "onchip_memory", 0x2000000000, 0}}) {
    INFO(row.name);
    const auto* d = device(config, row.name);
    REQUIRE(d != nullptr);
    CHECK(d->placement.type == row.type);
    CHECK(d->placement.base == row.base);
    CHECK(d->placement.irq == row.irq);
  }
  CHECK(config.harts.count == 1);
  CHECK(config.hart.clock.si() == 1e9);
  CHECK(config.hart.quantum.si() == Approx(10e-6));
  CHECK(config.hart.dmi);
  CHECK(std::get<std::uint64_t>(device(config, "dram")->values.at("size")) == 2ull << 30);
  CHECK(std::get<std::uint64_t>(device(config, "onchip")->values.at("size")) == 64ull << 20);
  CHECK(std::get<std::string>(device(config, "onchip")->values.at("technology")) == "sot");
}

TEST_CASE("All shipped configurations are right") {
  for (const auto& shipped : platform::shipped_configs()) {
    INFO(shipped.name);
    CHECK(problems(shipped.text).empty());
    CHECK(shipped.text.starts_with("# yaml-language-server: $schema="));
    CHECK_FALSE(shipped.about().empty());
  }
}

TEST_CASE("A file names only what differs, and later layers win") {
  auto config = platform::resolve(with_default({read_yaml("quantum: 100ns\nharts: {count: 2}\n", "f.yaml"), platform::read_option("harts.count=3")}));
  REQUIRE(config.has_value());
  CHECK(config->harts.count == 3);
  CHECK(config->hart.quantum.si() == Approx(100e-9));
  CHECK(config->hart.clock.si() == 1e9);
  CHECK(config->devices.size() == accepted("").devices.size());
}

TEST_CASE("A bare number takes the field's unit") { CHECK(accepted("quantum: 5\n").hart.quantum.si() == Approx(5e-6)); }

TEST_CASE("enabled: false removes a device of the default SoC, and the configuration remembers it") {
  const auto config = accepted("devices: {npu: {enabled: false}}\n");
  CHECK(device(config, "npu") == nullptr);
  CHECK(config.removed == std::vector<std::string>{"npu"});
}

TEST_CASE("A device can be added and keeps its place behind the others") {
  const auto config = accepted("devices: {uart1: {base: 0x1100_0000, type: ns16550a, irq: 11}}\n");
  CHECK(config.devices.back().name == "uart1");
  CHECK(config.devices.back().placement.base == 0x11000000);
}

TEST_CASE("A device that changes its type keeps its place and loses the old type's fields") {
  const auto config = accepted("devices: {onchip: {type: dram, size: 1MiB}}\n");
  CHECK(device(config, "onchip")->placement.base == 0x2000000000);
  CHECK(device(config, "onchip")->values.count("technology") == 0);
  CHECK(problem("devices: {onchip: {type: dram, technology: sot}}\n").starts_with("f.yaml:1:32: unknown key 'technology'"));
}

TEST_CASE("An unknown key is shown where it stands, with the nearest right one and all that are allowed") {
  CHECK(problem("seeed: 1\n") ==
        "f.yaml:1:1: unknown key 'seeed'; nearest is 'seed'; allowed: seed, power_bin, pooling_unit, loss_unit, layer_units, tensors, network, quantum, dmi, "
        "transport, at, harts, "
        "interconnect, "
        "devices");
  CHECK(problem("harts:\n  cycles:\n    loads: 1\n").starts_with("f.yaml:3:5: unknown key 'loads'; nearest is 'load'; allowed in 'harts.cycles': alu, "));
  CHECK(problem("devices:\n  uart0: {irg: 3}\n").starts_with("f.yaml:2:11: unknown key 'irg'; nearest is 'irq'; allowed: type, base, irq, enabled, "));
  CHECK(problem("no_such_key: {a: 1, b: 2}\n").starts_with("f.yaml:1:1: unknown key 'no_such_key'"));
}

TEST_CASE("Values of the wrong type or out of range are shown where they stand, with what is allowed") {
  CHECK(problem("seed: many\n") == "f.yaml:1:7: seed: 'many' is not allowed: a whole number of at most 4294967295");
  CHECK(problem("harts: {count: 17}\n") == "f.yaml:1:16: count: '17' is not allowed: a whole number from 1 to 8");
  CHECK(problem("harts: {count: 0}\n").starts_with("f.yaml:1:16: "));
  CHECK(problem("dmi: yes\n") == "f.yaml:1:6: dmi: 'yes' is not allowed: true or false");
  CHECK(problem("quantum: 10ms2\n").starts_with("f.yaml:1:10: quantum: '10ms2' is not allowed: a time (10us) from 1ns to 1s"));
  CHECK(problem("quantum: 10MHz\n").starts_with("f.yaml:1:10: "));
  CHECK(problem("devices:\n  onchip:\n    technology: papyrus\n") == "f.yaml:3:17: technology: 'papyrus' is not allowed: one of sot, stt, sram");
  CHECK(problem("seed: [1]\n").starts_with("f.yaml:1:7: seed: a list is not allowed: "));
  CHECK(problem("seed:\n").find(": seed: nothing is not allowed: ") != std::string::npos);
}

TEST_CASE("A sparsity that is no pattern is refused where it stands, with what is allowed") {
  for (const std::string wrong : {"2:0", "9:8", "8:8", "0:8", "x", "2:", ":8", "2:8:4", "-2:8", "2:65"}) {
    INFO(wrong);
    CHECK(problem("network:\n  sparsity: '" + wrong + "'\n") ==
          "f.yaml:2:13: network.sparsity: '" + wrong + "' is not allowed: none, or N:M (2:8) with N at least 1 and below M, and M at most 64");
  }
  CHECK(accepted("network:\n  sparsity: 2:8\n").network.sparsity == "2:8");
}

TEST_CASE("A map in place of a value and a value in place of a map are refused") {
  CHECK(problem("seed: {a: 1}\n").starts_with("f.yaml:1:8: 'seed' takes a value, not a map: "));
  CHECK(problem("harts: 3\n").starts_with("f.yaml:1:8: 'harts' must be a map; allowed in it: count, clock, "));
  CHECK(problem("devices: 3\n").starts_with("f.yaml:1:10: 'devices' must be a map"));
  CHECK(problem("devices: {uart0: 3}\n").starts_with("f.yaml:1:18: device 'uart0' must be a map"));
  CHECK(problems("harts:\ndevices:\n  uart0:\n").empty());
}

TEST_CASE("Device types that do not exist, devices without a type or a base, and bad names are refused") {
  CHECK(problem("devices: {uart1: {type: ns16650a, base: 0x1, fifo: 3}}\n")
            .starts_with("f.yaml:1:25: there is no device type 'ns16650a'; nearest is 'ns16550a'; allowed: "));
  CHECK(problem("devices: {uart: {irq: 3}}\n").starts_with("f.yaml:1:11: device 'uart' has no type; nearest is 'uart0'; allowed types: "));
  CHECK(problem("devices: {extra: {type: markers}}\n") == "f.yaml:1:11: device 'extra' has no base; allowed: an address (0x10000000)");
  CHECK(problem("devices: {Extra: {type: markers, base: 1}}\n").starts_with("f.yaml:1:11: 'Extra' cannot be a device's name"));
  CHECK(problem("devices: {hart0: {type: markers, base: 1}}\n").starts_with("f.yaml:1:11: 'hart0' cannot be a device's name"));
}

TEST_CASE("Two devices cannot share an interrupt number") {
  CHECK(problem("devices: {dma: {irq: 10}}\n") == "f.yaml:1:22: irq 10 of 'dma' is taken by 'uart0'; allowed is a number of its own, or 0");
}

TEST_CASE("All problems of a file are found, in its order") {
  const auto all = problems("seed: x\nharts: {count: y}\nqantum: 1\n");
  REQUIRE(all.size() == 3);
  CHECK(all[0].starts_with("f.yaml:1:7"));
  CHECK(all[1].starts_with("f.yaml:2:16"));
  CHECK(all[2].starts_with("f.yaml:3:1"));
}

TEST_CASE("Options on the command line are checked like files and shown as they were given") {
  const auto complaint = [](const char* option) {
    try {
      platform::ConfigRequest request;
      request.assignments = {option};
      platform::load_config(request);
    } catch (const core::InputError& error) {
      return std::string(error.what());
    }
    return std::string("accepted");
  };
  CHECK(complaint("no.such.path=1").starts_with("--set no.such.path=1: unknown key 'no'; "));
  CHECK(complaint("harts.count=0").starts_with("--set harts.count=0: count: '0' is not allowed"));
  CHECK(complaint("seed.=3").starts_with("--set seed.=3: 'seed' takes a value, not a map"));
  CHECK(complaint("devices.npu.enabled=false") == "accepted");
}

TEST_CASE("The name of a shipped configuration stands for it, any other is a file") {
  platform::ConfigRequest request;
  request.config = "small";
  CHECK(std::get<std::string>(device(platform::load_config(request), "onchip")->values.at("technology")) == "sram");
  request.config = "smal";
  CHECK_THROWS_AS(platform::load_config(request), core::FileError);
}
